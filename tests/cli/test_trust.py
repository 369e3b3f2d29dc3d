"""``dockpass trust``: who may issue the tokens of a registry."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    Home = Any

NOTHING = "No token server is remembered. Who may issue the tokens of a registry: dockpass trust SERVER\n"


def state(home: Home, name: str) -> str:
    return os.path.join(home.folder, ".local", "share", "dockpass", "state", name)


def test_nothing_is_remembered(home: Home) -> None:
    done = home.run("trust")
    assert (done.code, done.out, done.err) == (0, "", NOTHING)
    assert home.run("trust", "-q").err == ""
    done = home.run("trust", "--json")
    assert (done.code, json.loads(done.out), done.err) == (0, {"version": 1, "pins": []}, "")
    assert os.listdir(home.folder) == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["a.test", "b.test"], 1, "dockpass: 'dockpass trust' requires at most 1 argument\n\nUsage:  dockpass trust"),
        (["--fotget"], 125, "unknown flag: --fotget\n\n"),
        (["--token-host"], 125, "flag needs an argument: --token-host\n\n"),
        (["--forget"], 1, "Error: the registry is missing\n"),
        (["--token-host", "a.test"], 1, "Error: the registry is missing\n"),
        (["", "--forget"], 1, "Error: the registry is missing\n"),
        (["r.test", "--forget", "--token-host", "a.test"], 1, "Error: --token-host and --forget were given\n"),
        (["u:hunter2@r.test"], 1, "Error: the server address holds a user name or password (before the @)\n"),
        (
            ["r.test", "--token-host", "u:hunter2@a.test"],
            1,
            "Error: what was given as the token server is not a host: ",
        ),
        (["r.test", "--token-host", "169.254.169.254"], 1, "Error: no credentials are sent to 169.254.169.254: "),
    ],
)
def test_wrong_usage(words: list[str], code: int, says: str, home: Home) -> None:
    done = home.run("trust", *words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(says)
    assert "hunter2" not in done.err
    assert os.listdir(home.folder) == []


@pytest.mark.parametrize(
    ("server", "rows"),
    [
        ("r.example.com:5000", [("r.example.com", "own-host"), ("*.example.com", "same-domain")]),
        (
            "docker.io",
            [("registry-1.docker.io", "own-host"), ("auth.docker.io", "known-pair"), ("*.docker.io", "same-domain")],
        ),
        ("rg.fr-par.scw.cloud", [("rg.fr-par.scw.cloud", "own-host"), ("api.scaleway.com", "known-pair")]),
        ("alice.azurecr.io", [("alice.azurecr.io", "own-host")]),
        ("10.0.0.5:5000", [("10.0.0.5", "own-host")]),
    ],
)
def test_who_may_issue_the_tokens_of_a_registry(server: str, rows: list[tuple[str, str]], home: Home) -> None:
    done = home.run("trust", server, "--json")
    assert (done.code, done.err) == (0, "")
    answer = json.loads(done.out)
    assert [(each["host"], each["standing"]) for each in answer["token_hosts"]] == rows
    table = home.run("trust", server)
    assert [line.split()[0] for line in table.out.splitlines()[1:]] == [host for host, _standing in rows]
    assert (table.out.splitlines()[0].split(), table.err) == (["TOKEN", "SERVER", "WHY"], "")
    assert os.listdir(home.folder) == []


def test_a_host_is_remembered_shown_changed_and_forgotten(home: Home) -> None:
    done = home.run("trust", "r.test", "--token-host", "Auth.Elsewhere.Test")
    assert (done.code, done.out, done.err) == (0, "", "auth.elsewhere.test may issue the tokens of r.test.\n")
    assert home.run("trust", "https://R.test/v2/").out == (
        "TOKEN SERVER          WHY\n"
        "r.test                the registry itself, on any port\n"
        "*.r.test              of the same domain\n"
        "auth.elsewhere.test   you approved of it\n"
    )
    done = home.run("trust", "--token-host", "b.test:8443", "r.test", "--json")
    assert done.err == "b.test:8443 may issue the tokens of r.test, and no longer auth.elsewhere.test.\n"
    assert json.loads(done.out) == {
        "version": 1,
        "server": "r.test",
        "token_hosts": [
            {"host": "r.test", "standing": "own-host"},
            {"host": "*.r.test", "standing": "same-domain"},
            {"host": "b.test:8443", "standing": "pinned"},
        ],
    }
    assert home.run("trust", "docker.io", "--token-host", "b.test").code == 0
    assert home.run("trust").out == (
        "SERVER                        TOKEN SERVER\nhttps://index.docker.io/v1/   b.test\nr.test                        b.test:8443\n"
    )
    assert json.loads(home.run("trust", "--json").out) == {
        "version": 1,
        "pins": [
            {"server": "https://index.docker.io/v1/", "token_host": "b.test"},
            {"server": "r.test", "token_host": "b.test:8443"},
        ],
    }
    done = home.run("trust", "r.test", "--forget")
    assert (done.code, done.out) == (0, "")
    assert done.err == "b.test:8443 is no longer remembered as the token server of r.test.\n"
    done = home.run("trust", "r.test", "--forget")
    assert (done.code, done.err) == (0, "Nothing is remembered for r.test.\n")
    assert home.run("trust", "index.docker.io", "--forget").code == 0
    assert home.run("trust").err == NOTHING


def test_a_broken_file_is_named_and_the_others_are_shown(home: Home) -> None:
    for server in ("a.test", "b.test"):
        assert home.run("trust", server, "--token-host", "x.test").code == 0
    path = state(home, "a.test.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"server": "\x1b]0;x\x07"}')
    done = home.run("trust")
    assert (done.code, done.out) == (1, "SERVER   TOKEN SERVER\nb.test   x.test\n")
    assert done.err.startswith(f"Error: cannot use {path}: ")
    assert f"rm -- '{path}'" in done.err
    assert "\x1b" not in done.err
    done = home.run("trust", "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["pins"]) == (1, [{"server": "b.test", "token_host": "x.test"}])
    assert [error["id"] for error in answer["errors"]] == ["file-unreadable"]
    for words in (["a.test"], ["a.test", "--forget"], ["a.test", "--token-host", "y.test"]):
        done = home.run("trust", *words)
        assert (done.code, done.out) == (1, ""), words
        assert path in done.err
    assert json.loads(home.run("trust", "a.test", "--json").out)["error"]["id"] == "file-unreadable"
    # What the hint says mends it.
    os.remove(path)
    assert home.run("trust", "a.test", "--token-host", "y.test").code == 0


def test_something_in_the_way_is_named(home: Home) -> None:
    folder = os.path.dirname(state(home, ""))
    os.makedirs(os.path.dirname(folder), mode=0o700)
    with open(folder, "w", encoding="utf-8"):
        pass
    for words in ([], ["r.test"], ["r.test", "--token-host", "x.test"]):
        done = home.run("trust", *words)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: cannot use {folder}: it is a file, not a folder")


def test_no_registry_is_asked_and_no_other_file_is_read(home: Home) -> None:
    home.write("broken")
    assert home.run("trust", "closed.test:1").code == 0
    assert home.run("trust", "closed.test:1", "--token-host", "x.test").code == 0


def test_what_is_remembered_moves_with_the_vault(home: Home) -> None:
    elsewhere = os.path.join(home.folder, "elsewhere")
    assert home.run("trust", "r.test", "--token-host", "x.test", DOCKPASS_HOME=elsewhere).code == 0
    assert os.listdir(os.path.join(elsewhere, "state")) == ["r.test.json"]
    assert home.run("trust").out == ""
