from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dockpass
from dockpass.account import in_python as module
from dockpass.account.in_python import in_python


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (None, None),
        ("try again", "try again"),
        ("log in again - or not", "log in again - or not"),
        ("put it into ca.crt, or name it with --cacert", "put it into ca.crt, or name it with cacert="),
        ("put them there, or name them with --cert and --key", "put them there, or name them with cert= and key="),
        ("name its key's file, too: --key FILE", "name its key's file, too: key=FILE"),
        ("try again; --timeout SECONDS allows more", "try again; timeout=SECONDS allows more"),
        ("if you want it: --plain-http", "if you want it: plain_http=True"),
        ("leave out --plain-http, if you gave it", "leave out plain_http=True, if you gave it"),
        ("if so, say so: --token-host t.test:443", 'if so, say so: token_host="t.test:443"'),
        ("keep it elsewhere: --store NAME", "keep it elsewhere: store=NAME"),
        ("keep it in config.json: --store file.", 'keep it in config.json: store="file".'),
        ("the user name with -u and the password with --password-stdin", "the user name with username= and the password with secret="),
        # Whoever is told to run a command is told all of it.
        ("if it is right: dockpass trust r.test --token-host t.test", "if it is right: dockpass trust r.test --token-host t.test"),
        ("run: dockpass login --store file S, or --store pass; or --store age", 'run: dockpass login --store file S, or --store pass; or store="age"'),
        # Not ours.
        ("name them with --cert-dir", "name them with --cert-dir"),
        ("gpg --import KEYFILE", "gpg --import KEYFILE"),
    ],
)  # fmt: skip
def test_options_become_arguments(hint: str | None, said: str | None) -> None:
    assert in_python(hint) == said
    assert in_python(said) == said


def test_each_is_an_argument_of_a_login() -> None:
    assert set(module._ARGUMENTS.values()) <= inspect.signature(dockpass.login).parameters.keys()


@given(st.lists(st.sampled_from([*module._ARGUMENTS, "FILE", "a", ";", "dockpass", "", ".", "--x,"]) | st.text()))
def test_no_hint_is_too_odd(words: list[str]) -> None:
    said = in_python(" ".join(words))
    assert said is not None
    assert "dockpass" in words or not {*module._ARGUMENTS} & {word.rstrip(".,;:") for word in said.split(" ")}
