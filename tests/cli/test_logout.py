"""``dockpass logout``: forgotten under every spelling, in every place, or an error that says where it still is."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from .written import pair

if TYPE_CHECKING:
    from dockpass.testing.registry import ScriptedRegistry

    Home = Any

HUB = "https://index.docker.io/v1/"


def entry(username: str = "foo") -> dict[str, str]:
    return {"auth": pair(username, "bar")}


def error(done: Any) -> str:
    """The one line that tells of an error."""
    (line,) = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    return str(line)


def removing(*names: str) -> str:
    return "".join(f"Removing login credentials for {name}\n" for name in names)


def test_a_login_is_forgotten(home: Home, registry: ScriptedRegistry) -> None:
    """No engine and no registry is needed for that."""
    home.log_in(registry.address)
    before = len(registry.requests)
    done = home.run("logout", registry.address)
    assert (done.code, done.out, done.err) == (0, removing(registry.address), "")
    assert home.config == {"auths": {}}
    assert len(registry.requests) == before


def test_nothing_was_kept(home: Home) -> None:
    """Exit code 0 as docker, and a line that says so."""
    done = home.run("logout", "reg.test")
    assert (done.code, done.out, done.err) == (0, removing("reg.test"), "Nothing was kept for reg.test\n")
    assert os.listdir(home.folder) == []
    done = home.run("logout", "-q", "reg.test")
    assert (done.code, done.out, done.err) == (0, removing("reg.test"), "")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["a", "b"], 1, "dockpass: 'dockpass logout' requires at most 1 argument\n\nUsage:  dockpass logout [OPTIONS] [SERVER]\n"),
        (["--nope"], 125, "unknown flag: --nope\n\nUsage:  dockpass logout [OPTIONS] [SERVER]\n"),
        (["--config"], 125, "flag needs an argument: --config\n"),
        (["--all", "reg.test"], 1, "Error: --all and a server were given\n  hint: give one of the two\n"),
        (["me:hunter2@reg.test"], 1, "Error: the server address holds a user name or password (before the @)\n"),
        (["reg test"], 1, "Error: the server address holds a space or a control character: 'reg test'\n"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], code: int, says: str, home: Home) -> None:
    home.write({"auths": {"reg.test": entry()}})
    done = home.run("logout", *words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(says)
    assert "hunter2" not in done.err
    assert home.auths == {"reg.test": entry()}


@pytest.mark.parametrize("place", ["before", "after"])
def test_config_names_the_folder(place: str, home: Home) -> None:
    home.write({"auths": {"reg.test": entry()}})
    folder = os.path.dirname(home.path)
    words = (
        ["--config", folder, "logout", "reg.test"] if place == "before" else ["logout", "reg.test", "--config", folder]
    )
    done = home.run(*words, DOCKER_CONFIG="/nowhere")
    assert (done.code, home.auths) == (0, {})


# Every spelling


@pytest.mark.parametrize(
    "typed", ["reg.test", "https://reg.test", "http://reg.test/v2/", "reg.test/team/app", "REG.test"]
)
def test_every_spelling_is_forgotten_by_every_spelling(typed: str, home: Home) -> None:
    others = {
        "other.test": entry(),
        "reg.test:5000": entry(),
        "sub.reg.test": entry(),
        "https://reg.test:8443": entry(),
    }
    ours = ["reg.test", "https://reg.test", "http://reg.test", "https://reg.test/v1/", "reg.test/v2", "REG.TEST"]
    home.write({"auths": {**dict.fromkeys(ours, entry()), **others}})
    done = home.run("logout", typed)
    assert done.code == 0, done
    assert home.auths == others


@pytest.mark.parametrize(
    "typed", ["", "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", HUB]
)
def test_docker_hub_is_forgotten_by_each_of_its_names(typed: str, home: Home) -> None:
    """And docker's two tokens of its login in the browser with it."""
    ours = [HUB, "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/", "registry.hub.docker.com"]
    ours += [f"{HUB}access-token", f"{HUB}refresh-token"]
    home.write({"auths": {**dict.fromkeys(ours, entry()), "hub.docker.com": entry()}})
    done = home.run("logout", *([typed] if typed else []))
    assert (done.code, done.out) == (0, removing({"": HUB, HUB: "index.docker.io"}.get(typed, typed)))
    assert home.auths == {"hub.docker.com": entry()}


def test_another_registry_does_not_touch_docker_hubs_tokens(home: Home) -> None:
    home.write({"auths": {"reg.test": entry(), f"{HUB}access-token": entry(), f"{HUB}refresh-token": entry()}})
    assert home.run("logout", "reg.test").code == 0
    assert list(home.auths) == [f"{HUB}access-token", f"{HUB}refresh-token"]


def test_a_login_of_a_namespace_stays_and_is_named(home: Home) -> None:
    """It is podman's, and another one; but docker may use it for the whole registry."""
    home.write({"auths": {"reg.test": entry(), "reg.test/team": entry(), "reg.test.evil/team": entry()}})
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (0, removing("reg.test"))
    assert done.err == (
        "Warning: config.json still has a login for reg.test/team, which is another one, but docker may use it for all "
        "of reg.test: dockpass logout --all erases it too\n"
    )
    assert list(home.auths) == ["reg.test/team", "reg.test.evil/team"]


def test_a_broken_entry_is_removed_like_any_other(home: Home) -> None:
    home.write({"auths": {"reg.test": {"auth": "!!!"}, "other.test": {"auth": "???"}}})
    done = home.run("logout", "reg.test")
    assert done.code == 0
    assert home.auths == {"other.test": {"auth": "???"}}


def test_a_config_json_that_is_no_json_is_an_error(home: Home) -> None:
    home.write("{")
    done = home.run("logout", "reg.test")
    assert done.code == 1
    assert error(done).startswith(f"Error: cannot read {home.path}: line 1, column 2: ")
    with open(home.path, encoding="utf-8") as file:
        assert file.read() == "{"


def test_a_login_in_the_environment_is_not_ours_to_change_and_is_named(home: Home) -> None:
    home.write({"auths": {"reg.test": entry()}})
    value = json.dumps({"auths": {"reg.test": entry()}})
    done = home.run("logout", "reg.test", DOCKER_AUTH_CONFIG=value)
    assert done.code == 0
    assert done.err == (
        "Warning: DOCKER_AUTH_CONFIG still holds a login for reg.test: unset DOCKER_AUTH_CONFIG to be rid of it\n"
    )
    assert home.auths == {}


# Helpers


@pytest.mark.parametrize("route", [{"credsStore": "scripted"}, {"credHelpers": {"reg.test": "scripted"}}], ids=str)
def test_a_helper_is_told_to_forget_it_and_then_asked_again(route: dict[str, Any], home: Home) -> None:
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    helper.keep("other.test", "foo", "bar")
    home.write({**route, "auths": {"reg.test": {}, "other.test": {}}})
    done = home.run("logout", "reg.test")
    assert (done.code, done.out, done.err) == (0, removing("reg.test"), "")
    assert list(helper.kept) == ["other.test"]
    assert home.config == {**route, "auths": {"other.test": {}}}
    actions = [(call.action, call.stdin) for call in helper.calls if call.action in ("get", "erase")]
    assert actions[actions.index(("erase", "reg.test")) :] == [("erase", "reg.test"), ("get", "reg.test")]


def test_a_plain_entry_beside_a_helper_goes_too(home: Home) -> None:
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    home.write({"credsStore": "scripted", "auths": {"reg.test": entry()}})
    done = home.run("logout", "reg.test")
    assert (done.code, helper.kept, home.auths) == (0, {}, {})


def test_spellings_that_only_the_helper_knows_are_forgotten(home: Home) -> None:
    """docker's ``credsStore`` may hold what an older version, or another program, put there."""
    helper = home.helper()
    for key in ("reg.test", "https://reg.test/v1/", "http://reg.test", "other.test", "reg.test/team"):
        helper.keep(key, "foo", "bar")
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "reg.test")
    assert done.code == 0
    assert sorted(helper.kept) == ["other.test", "reg.test/team"]


def test_a_helper_that_cannot_list_is_asked_for_dockers_spellings(home: Home) -> None:
    helper = home.helper()
    helper.behave("list", output="not implemented\n", exit_code=1)
    for key in ("reg.test", "https://reg.test", "http://reg.test"):
        helper.keep(key, "foo", "bar")
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "reg.test")
    assert (done.code, done.err, helper.kept) == (0, "", {})


def test_docker_hub_and_its_tokens_in_a_helper(home: Home) -> None:
    helper = home.helper()
    for key in (HUB, f"{HUB}access-token", f"{HUB}refresh-token", "docker.io", "reg.test"):
        helper.keep(key, "foo", "bar")
    home.write({"credsStore": "scripted"})
    done = home.run("logout")
    assert (done.code, done.out) == (0, removing(HUB))
    assert list(helper.kept) == ["reg.test"]
    assert "Docker was not told, and its token stays good there" in done.err
    helper.keep(HUB, "foo", "bar")
    assert home.run("logout").err == ""


def test_docker_hubs_key_for_podman_may_have_a_helper_of_its_own(home: Home) -> None:
    helper = home.helper()
    helper.keep("docker.io", "foo", "bar")
    home.write({"credHelpers": {"docker.io": "scripted"}, "auths": {HUB: entry()}})
    done = home.run("logout")
    assert (done.code, helper.kept, home.auths) == (0, {}, {})


def test_a_helper_that_fails_is_an_error_in_its_own_words(home: Home) -> None:
    """And config.json still says that it has something, so that the next logout finds it."""
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    helper.behave("erase", output="the keychain is locked\n", exit_code=1)
    config = {"credsStore": "scripted", "auths": {"reg.test": {}}}
    home.write(config)
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (1, removing("reg.test"))
    assert error(done) == (
        "Error: docker-credential-scripted erase for reg.test failed (exit status 1): the keychain is locked"
    )
    assert "  hint: " in done.err
    assert home.config == config


def test_a_helper_that_fails_at_all_it_is_asked_says_so_once(home: Home) -> None:
    home.helper().behave("*", output="it is on fire\n", exit_code=1)
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (1, removing("reg.test"))
    assert error(done) == "Error: docker-credential-scripted erase for reg.test failed (exit status 1): it is on fire"


def test_a_helper_that_erases_but_cannot_say_what_else_it_has_makes_no_logout(home: Home) -> None:
    helper = home.helper()
    helper.behave("list", output="it is on fire\n", exit_code=1)
    helper.behave("get", output="smoke\n", exit_code=1)
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "reg.test")
    assert done.code == 1
    assert "docker-credential-scripted get for reg.test failed (exit status 1): smoke" in error(done)


def test_a_helper_that_may_have_another_spelling_makes_no_logout(home: Home) -> None:
    good = home.helper("good")
    good.keep("reg.test", "foo", "bar")
    home.helper("bad").behave("*", output="it is on fire\n", exit_code=1)
    home.write({"credHelpers": {"reg.test": "good"}, "credsStore": "bad"})
    done = home.run("logout", "reg.test")
    assert done.code == 1
    assert error(done) == "Error: docker-credential-bad get for https://reg.test failed (exit status 1): it is on fire"
    assert good.kept == {}


def test_a_helper_that_lies_is_found_out(home: Home) -> None:
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    helper.behave("erase", output="")
    home.write({"credsStore": "scripted", "auths": {"reg.test": {}}})
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (1, removing("reg.test"))
    assert error(done) == "Error: scripted says that it erased the login for reg.test, but still has it"
    assert (
        "  hint: erase it with the keychain's own program, or: printf %s 'reg.test' | docker-credential-scripted erase\n"
    ) in done.err


def test_a_helper_that_is_silent_where_there_is_nothing(home: Home) -> None:
    helper = home.helper()
    helper.behave("erase", silent_erase=True)
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (0, removing("reg.test"))


@pytest.mark.parametrize("where", ["credsStore", "credHelpers"])
def test_a_helper_that_is_not_there(where: str, home: Home) -> None:
    """Whether it has something cannot be known, so it is no success; the plain entry beside it is not the truth."""
    config: dict[str, Any] = {"auths": {"reg.test": {}}}
    config[where] = "gone" if where == "credsStore" else {"reg.test": "gone"}
    home.write(config)
    done = home.run("logout", "reg.test")
    assert (done.code, done.out) == (1, removing("reg.test"))
    assert error(done).startswith("Error: the credential helper docker-credential-gone is not on PATH (")
    assert home.config == config


def test_what_could_be_erased_is_erased_where_a_helper_fails(home: Home) -> None:
    good, bad = home.helper("good"), home.helper("bad")
    good.keep("reg.test", "foo", "bar")
    bad.keep("https://reg.test", "foo", "bar")
    bad.behave("erase", output="locked\n", exit_code=1)
    home.write({"credHelpers": {"reg.test": "good", "https://reg.test": "bad"}, "auths": {"http://reg.test": entry()}})
    done = home.run("logout", "reg.test")
    assert done.code == 1
    assert error(done) == "Error: docker-credential-bad erase for https://reg.test failed (exit status 1): locked"
    assert (good.kept, home.auths) == ({}, {})


def test_two_helpers_that_fail_are_both_named(home: Home) -> None:
    home.helper("one").behave("*", output="out of order\n", exit_code=1)
    home.helper("two").behave("*", output="locked\n", exit_code=1)
    home.write({"credHelpers": {"reg.test": "one", "https://reg.test": "two"}})
    done = home.run("logout", "reg.test")
    assert done.code == 1
    line = error(done)
    assert line.startswith("Error: the login for reg.test could not be erased everywhere: ")
    assert "docker-credential-one erase for reg.test failed (exit status 1): out of order" in line
    assert "docker-credential-two erase for https://reg.test failed (exit status 1): locked" in line


def test_a_login_is_found_where_the_environment_names_the_store(home: Home) -> None:
    """A store that config.json does not know of, and the plain entry beside it."""
    helper = home.helper()
    helper.keep("reg.test", "foo", "bar")
    home.write({"auths": {"reg.test": entry()}})
    done = home.run("logout", "reg.test", DOCKPASS_STORE="scripted")
    assert (done.code, helper.kept, home.auths) == (0, {}, {})


# --all


def test_all_forgets_every_login(home: Home) -> None:
    helper = home.helper()
    helper.keep("kept.test", "foo", "bar")
    plain = ["reg.test", "https://reg.test/v1/", "reg.test/team", HUB, f"{HUB}access-token", "http:"]
    home.write({"credHelpers": {"kept.test": "scripted"}, "auths": {"kept.test": {}, **dict.fromkeys(plain, entry())}})
    done = home.run("logout", "--all")
    assert done.code == 0
    assert done.out == removing("http:", HUB, f"{HUB}access-token", "reg.test", "kept.test", "reg.test/team")
    assert (helper.kept, home.auths) == ({}, {})


def test_all_where_nothing_is_kept(home: Home) -> None:
    done = home.run("logout", "--all")
    assert (done.code, done.out, done.err) == (0, "", "You were logged in to no registry\n")


def test_all_goes_on_where_one_fails(home: Home) -> None:
    bad = home.helper("bad")
    bad.keep("bad.test", "foo", "bar")
    bad.behave("erase", output="locked\n", exit_code=1)
    home.write(
        {
            "credHelpers": {"bad.test": "bad", "gone.test": "gone"},
            "auths": {"bad.test": {}, "a.test": entry(), "z.test": entry()},
        }
    )
    done = home.run("logout", "--all")
    assert (done.code, done.out) == (1, removing("a.test", "bad.test", "z.test"))
    line = error(done)
    assert line.startswith("Error: some logins could not be erased everywhere: ")
    assert "docker-credential-gone is not on PATH" in line
    assert "docker-credential-bad erase for bad.test failed (exit status 1): locked" in line
    assert list(home.auths) == ["bad.test"]


def test_all_names_what_is_in_the_environment_and_leaves_it(home: Home) -> None:
    home.write({"auths": {"reg.test": entry()}})
    value = json.dumps({"auths": {key: entry() for key in ("reg.test", "env.test", "https://env.test", "http:")}})
    done = home.run("logout", "--all", DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.out) == (0, removing("reg.test"))
    said = "Warning: DOCKER_AUTH_CONFIG still holds a login for {}: unset DOCKER_AUTH_CONFIG to be rid of it\n"
    assert done.err == said.format("reg.test") + said.format("env.test")
    assert home.auths == {}


def test_a_key_cannot_act_on_the_terminal(home: Home) -> None:
    home.write({"auths": {"reg.test/\x1b]0;owned\x07": entry()}})
    done = home.run("logout", "--all")
    assert (done.code, done.out) == (0, removing("reg.test/\\x1b]0;owned\\x07"))
    assert home.auths == {}


def test_a_key_cannot_act_on_a_shell(home: Home) -> None:
    """A hint is there to be copied."""
    helper = home.helper()
    key = "reg.test/'; echo owned; '"
    helper.keep(key, "foo", "bar")
    helper.behave("erase", output="")
    home.write({"credsStore": "scripted"})
    done = home.run("logout", "--all")
    assert done.code == 1
    (command,) = [line.partition(", or: ")[2] for line in done.err.splitlines() if line.startswith("  hint: ")]
    helper.behave("erase")
    done = home.execute(["/bin/sh", "-c", command], PATH=f"{home.tools}:/usr/bin:/bin")
    assert (done.code, done.out, helper.kept) == (0, "", {})


def test_output_that_cannot_be_written_stops_no_logout(home: Home) -> None:
    """But it is no success either."""
    home.write({"auths": {"reg.test": entry()}})
    with open("/dev/full", "wb") as full:
        done = home.execute(
            ["/bin/sh", "-c", f"exec {shlex.join(home.program)} logout reg.test >&0"], stdin=full.fileno()
        )
    assert done.code == 1
    assert error(done) == "Error: cannot write to standard output: no space left on device"
    assert home.auths == {}
