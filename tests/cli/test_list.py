"""``dockpass list``: where one is logged in, as whom, and in which store."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.account.look_up import Entry
from dockpass.cli.list import table

if TYPE_CHECKING:
    from dockpass.testing.registry import ScriptedRegistry

    Home = Any

NOTHING = "You are logged in to no registry. Log in with: dockpass login SERVER\n"
LONG = "registry.with-a-rather-long-name.example.com:5000"


def entry(username: str = "foo") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:bar".encode()).decode()}


def error(done: Any) -> str:
    """The one line that tells of an error."""
    (line,) = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    return str(line)


def test_nobody_is_logged_in(home: Home) -> None:
    done = home.run("list")
    assert (done.code, done.out, done.err) == (0, "", NOTHING)
    assert home.run("list", "-q").err == ""
    done = home.run("list", "--json")
    assert (done.code, json.loads(done.out), done.err) == (0, {"version": 1, "logins": []}, "")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["reg.test"], 1, "dockpass: 'dockpass list' accepts no arguments\n\nUsage:  dockpass list [OPTIONS]\n"),
        (["--jsn"], 125, "unknown flag: --jsn\n\nUsage:  dockpass list [OPTIONS]\n"),
        (["--json=maybe"], 125, 'invalid argument "maybe" for "--json" flag'),
    ],
)
def test_wrong_usage(words: list[str], code: int, says: str, home: Home) -> None:
    done = home.run("list", *words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(says)


def test_logins_in_the_file_and_in_helpers(home: Home, registry: ScriptedRegistry) -> None:
    """Sorted by server. No secret is asked for."""
    helper = home.helper()
    home.write({"credHelpers": {"helped.test": "scripted"}})
    helper.keep("helped.test", "alice", "wonderland")
    home.log_in(registry.address)
    done = home.run("list")
    assert (done.code, done.err) == (0, "")
    width = len(registry.address)
    assert done.out == (
        f"{'SERVER'.ljust(width)}   USERNAME   STORE\n"
        f"{registry.address}   foo        file (plain text)\n"
        f"{'helped.test'.ljust(width)}   alice      scripted\n"
    )
    assert [call.action for call in helper.calls] == ["list"]


def test_a_program_gets_one_line_a_login_whatever_its_length(home: Home) -> None:
    home.write({"auths": {f"{LONG}.{LONG.partition(':')[0]}": entry("a-user-with-a-long-name@example.com")}})
    done = home.run("list")
    assert len(done.out.splitlines()) == 2
    assert max(map(len, done.out.splitlines())) > 120


def test_json_has_the_fields_it_promises(home: Home) -> None:
    helper = home.helper()
    helper.keep("helped.test", "alice", "wonderland")
    helper.keep("token.test", "<token>", "refresh")
    home.write(
        {
            "credsStore": "scripted",
            "auths": {
                "helped.test": {},
                "plain.test": entry(),
                "idle.test": {"auth": "Zm9vOg==", "identitytoken": "t"},
            },
            "credHelpers": {"idle.test": ""},
        }
    )
    done = home.run("list", "--json")
    assert (done.code, done.err) == (0, "")

    def login(server: str, username: str | None, store: str, *, plaintext: bool, hidden: str | None) -> dict[str, Any]:
        return {
            "server": server,
            "username": username,
            "store": store,
            "plaintext": plaintext,
            "shadowed_by": hidden,
            "expires_at": None,
        }

    answer = json.loads(done.out)
    assert answer == {
        "version": 1,
        "logins": [
            login("helped.test", "alice", "scripted", plaintext=False, hidden=None),
            login("idle.test", "foo", "file", plaintext=True, hidden=None),
            login("plain.test", "foo", "file", plaintext=True, hidden="docker-credential-scripted"),
            login("token.test", None, "scripted", plaintext=False, hidden=None),
        ],
    }
    assert [list(one) for one in answer["logins"]] == [list(answer["logins"][0])] * 4
    for secret in ("wonderland", "refresh", "bar", "Zm9v"):
        assert secret not in done.out


def test_what_hides_a_login_is_named(home: Home) -> None:
    helper = home.helper()
    helper.keep("one.test", "foo", "bar")
    home.write({"credHelpers": {"one.test": "scripted"}, "auths": {"one.test": entry("old"), "two.test": entry()}})
    value = json.dumps({"auths": {"two.test": entry("env"), "https://one.test": entry("env")}})
    done = home.run("list", DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1:] == [
        "https://one.test   env        DOCKER_AUTH_CONFIG (plain text)",
        "one.test           old        file (plain text), hidden by DOCKER_AUTH_CONFIG",
        "one.test           foo        scripted, hidden by DOCKER_AUTH_CONFIG",
        "two.test           env        DOCKER_AUTH_CONFIG (plain text)",
        "two.test           foo        file (plain text), hidden by DOCKER_AUTH_CONFIG",
    ]


def test_a_key_that_is_no_registry_is_hidden_by_itself_only(home: Home) -> None:
    home.write({"auths": {"http:": entry(), "reg.test/team": entry(), "reg.test": entry()}})
    value = json.dumps({"auths": {"http:": entry(), "reg.test/team": entry()}})
    done = home.run("list", "--json", DOCKER_AUTH_CONFIG=value)
    hidden = {one["server"]: one["shadowed_by"] for one in json.loads(done.out)["logins"] if one["store"] == "file"}
    assert hidden == {"http:": "DOCKER_AUTH_CONFIG", "reg.test/team": "DOCKER_AUTH_CONFIG", "reg.test": None}


def test_what_a_helper_keeps_for_others_is_not_listed(home: Home) -> None:
    """Neither docker nor dockpass would look there for it."""
    helper = home.helper()
    helper.keep("ours.test", "foo", "bar")
    helper.keep("theirs.test", "foo", "bar")
    home.write({"credHelpers": {"ours.test": "scripted"}})
    done = home.run("list", "--json")
    assert [one["server"] for one in json.loads(done.out)["logins"]] == ["ours.test"]


def test_a_store_that_the_environment_names(home: Home) -> None:
    helper = home.helper()
    helper.keep("kept.test", "foo", "bar")
    home.write({"auths": {"plain.test": entry()}})
    done = home.run("list", DOCKPASS_STORE="scripted")
    assert done.out.splitlines()[1:] == [
        "kept.test    foo        scripted",
        "plain.test   foo        file (plain text)",
    ]
    assert home.run("list", DOCKPASS_STORE="memory").out.splitlines()[1:] == [
        "plain.test   foo        file (plain text)",
    ]


@pytest.mark.parametrize(
    ("name", "says", "kind"),
    [
        ("gone", "the credential helper docker-credential-gone is not on PATH (credHelpers in ", "helper-missing"),
        ("../x", 'no credential helper can have the name "../x" (credHelpers in ', "unknown-store"),
        ("broken", "docker-credential-broken list failed (exit status 1): out of order", "helper-failed"),
        ("garbled", "docker-credential-garbled list ", "helper-garbled"),
    ],
)
def test_one_broken_store_does_not_hide_what_the_others_keep(name: str, says: str, kind: str, home: Home) -> None:
    home.helper("broken").behave("list", output="out of order\n", exit_code=1)
    home.helper("garbled").behave("list", output="hello\n")
    good = home.helper("good")
    good.keep("good.test", "foo", "bar")
    home.write(
        {"credsStore": "good", "credHelpers": {"bad.test": name, "plain.test": ""}, "auths": {"plain.test": entry()}}
    )
    done = home.run("list")
    assert done.code == 1
    assert done.out.splitlines()[1:] == [
        "good.test    foo        good",
        "plain.test   foo        file (plain text)",
    ]
    assert error(done).startswith(f"Error: {says}")
    assert "  hint: " in done.err
    done = home.run("list", "--json")
    assert (done.code, done.err) == (1, "")
    answer = json.loads(done.out)
    assert [one["server"] for one in answer["logins"]] == ["good.test", "plain.test"]
    (broken,) = answer["errors"]
    assert broken["id"] == kind
    assert broken["message"].startswith(says)
    assert set(broken) == {"id", "message", "hint"}


def test_nothing_but_a_broken_store(home: Home) -> None:
    """It is not known that nobody is logged in, so that is not said."""
    home.write({"credsStore": "gone"})
    done = home.run("list")
    assert (done.code, done.out) == (1, "")
    assert NOTHING not in done.err


@pytest.mark.parametrize("json_too", [False, True])
def test_a_broken_entry_is_named(json_too: bool, home: Home) -> None:
    home.write({"auths": {"bad.test": {"auth": "!!!"}, "good.test": entry()}})
    done = home.run("list", *(["--json"] if json_too else []), DOCKER_AUTH_CONFIG="nonsense")
    assert done.code == 0
    assert f'Warning: the entry "bad.test" in {home.path} cannot be used: its auth is not base64\n' in done.err
    assert "Warning: DOCKER_AUTH_CONFIG is not used: " in done.err
    assert "good.test" in done.out
    assert "bad.test" not in done.out


def test_a_config_json_that_is_no_json(home: Home) -> None:
    home.write("[]")
    done = home.run("list")
    assert (done.code, done.out) == (1, "")
    assert error(done).startswith(f"Error: cannot read {home.path}: line 1, column 1: ")
    done = home.run("list", "--json")
    assert (done.code, done.err) == (1, "")
    answer = json.loads(done.out)
    assert list(answer) == ["error"]
    assert answer["error"]["id"] == "config-malformed"
    assert answer["error"]["message"].startswith(f"cannot read {home.path}: ")
    assert answer["error"]["hint"]


def test_names_cannot_act_on_the_terminal(home: Home) -> None:
    home.write({"auths": {"reg.test/\x1b]0;owned\x07": entry("\x9b31mred")}})
    done = home.run("list")
    assert done.out.splitlines()[1] == "reg.test/\\x1b]0;owned\\x07   \\x9b31mred   file (plain text)"


def test_names_that_the_encoding_has_no_letters_for(home: Home) -> None:
    home.write({"auths": {"reg.test": entry("漢")}})
    done = home.run("list", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\u6f22" in done.out


@pytest.mark.parametrize("place", ["before", "after"])
def test_config_names_the_folder(place: str, home: Home) -> None:
    home.write({"auths": {"reg.test": entry()}})
    folder = f"{home.folder}/.docker"
    words = ["--config", folder, "list"] if place == "before" else ["list", "--config", folder]
    done = home.run(*words, DOCKER_CONFIG="/nowhere")
    assert "reg.test" in done.out


# The table at several widths: one below the other where it is too wide


def logins() -> list[Entry]:
    return [
        Entry(LONG, "foo", "file", plaintext=True, shadowed_by="docker-credential-pass"),
        Entry("漢.example", "ü漢字", "pass", plaintext=False),
        Entry("reg.test", "", "pass", plaintext=False),
    ]


@pytest.mark.parametrize("width", [200, 120, None])
def test_a_table_where_there_is_room(width: int | None) -> None:
    assert table(logins(), width) == (
        "SERVER                                              USERNAME   STORE\n"
        f"{LONG}   foo        file (plain text), hidden by docker-credential-pass\n"
        "漢.example                                          ü漢字      pass\n"
        "reg.test                                            -          pass"
    )


@pytest.mark.parametrize(("width", "break_"), [(40, "\n   "), (80, "")])
def test_one_below_the_other_where_there_is_none(width: int, break_: str) -> None:
    assert table(logins(), width) == (
        f"{LONG}\n  foo\n  file (plain text), hidden by{break_} docker-credential-pass\n"
        "漢.example\n  ü漢字\n  pass\n"
        "reg.test\n  -\n  pass"
    )


def test_a_small_table_fits_forty_columns() -> None:
    assert table([Entry("reg.test", "foo", "pass", plaintext=False)], 40) == (
        "SERVER     USERNAME   STORE\nreg.test   foo        pass"
    )
