"""``dockpass login``, as scripts use it: no terminal, a registry on loopback, a home of its own."""

from __future__ import annotations

import base64
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.cli.main import main
from dockpass.stores import built_in
from dockpass.stores.memory import MemoryStore
from dockpass.testing.answers import Answer, error_answer, hang_up, json_answer, redirect, silence
from dockpass.testing.registry import ScriptedRegistry

from .written import pair

if TYPE_CHECKING:
    from dockpass.testing.answers import Script

    Home = Any

SUCCESS = (0, "Login Succeeded\n")
HUB = "https://index.docker.io/v1/"


def error(done: Any) -> str:
    """The one line that tells of an error."""
    (line,) = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    return str(line)


# The flags are checked before anything else is looked at


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["a", "b"], 1, "dockpass: 'dockpass login' requires at most 1 argument\n\nUsage:  dockpass login [OPTIONS] [SERVER]\n\nRun 'dockpass login --help' for more information\n", id="two servers"),
        pytest.param(["--nope"], 125, "unknown flag: --nope\n\nUsage:  dockpass login [OPTIONS] [SERVER]\n\nRun 'dockpass login --help' for more information\n", id="unknown flag"),
        pytest.param(["-Z"], 125, "unknown shorthand flag: 'Z' in -Z\n\n", id="unknown short flag"),
        pytest.param(["-u"], 125, "flag needs an argument: 'u' in -u\n\nUsage:", id="-u without value"),
        pytest.param(["--username"], 125, "flag needs an argument: --username\n\nUsage:", id="--username without value"),
        pytest.param(["--password-file"], 125, "flag needs an argument: --password-file\n", id="--password-file without value"),
        pytest.param(["--store"], 125, "flag needs an argument: --store\n", id="--store without value"),
        pytest.param(["--passwd", "x"], 125, "unknown flag: --passwd\n", id="nothing may be abbreviated"),
        pytest.param(["--password-stdin=perhaps"], 125, 'invalid argument "perhaps" for "--password-stdin" flag', id="a switch that is neither"),
        pytest.param(["-H", "a", "-H", "b"], 125, "specify only one -H\n", id="two hosts"),
        pytest.param(["-u", ""], 1, "Error: username is empty\n", id="empty user"),
        pytest.param(["-u", "foo", "-p", ""], 1, "Error: password is empty\n", id="empty password"),
        pytest.param(["-p", ""], 1, "Error: password is empty\n", id="empty password and no user"),
        pytest.param(["-u", "foo", "-p", "x", "--password-stdin"], 1, "Error: conflicting options: cannot specify both --password and --password-stdin\n", id="-p and --password-stdin"),
        pytest.param(["-u", "foo", "-p", "", "--password-stdin"], 1, "cannot specify both --password and --password-stdin\n", id="an empty -p and --password-stdin"),
        pytest.param(["--password-stdin"], 1, "Error: the --password-stdin option requires --username to be set\n", id="--password-stdin and no user"),
        pytest.param(["-p", "-"], 1, "Error: the --password-stdin option requires --username to be set\n", id="-p - and no user"),
        pytest.param(["--password-env", "X"], 1, "Error: the --password-env option requires --username to be set\n", id="--password-env and no user"),
        pytest.param(["--password-file", "x"], 1, "Error: the --password-file option requires --username to be set\n", id="--password-file and no user"),
        pytest.param(["-u", "foo", "-p", "x", "--password-env", "X"], 1, "cannot specify both --password and --password-env\n", id="-p and --password-env"),
        pytest.param(["-u", "foo", "--password-env", "X", "--password-file", "x"], 1, "cannot specify both --password-env and --password-file\n", id="--password-env and --password-file"),
        pytest.param(["-u", "foo", "--password-stdin", "--password-file", "x"], 1, "cannot specify both --password-file and --password-stdin\n", id="--password-stdin and --password-file"),
        pytest.param(["-u", "foo", "-p", "-", "--password-file", "x"], 1, "cannot specify both --password and --password-file\n", id="-p - and --password-file"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], home: Home) -> None:
    """With a config.json that cannot be read and a server that is none: the flags come first."""
    home.write("no JSON at all")
    folder = os.path.dirname(home.path)
    assert (
        main(["login", "--config", folder, *words, *(() if words == ["a", "b"] or code == 125 else ("x@y",))]) == code
    )
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err
    assert ("  hint: " in captured.err) == captured.err.startswith("Error: ")


def test_two_empty_words_are_two_servers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["login", "", ""]) == 1
    assert "requires at most 1 argument" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["docker.io"], [""]], ids=str)
def test_an_empty_server_is_docker_hub_and_that_is_said(words: list[str], home: Home) -> None:
    """In a script it is a variable that is not set. Without a terminal nothing is asked, and nobody is sent anything."""
    done = home.run("login", "-u", "foo", *words)
    assert error(done) == "Error: cannot perform an interactive login from a non-TTY device: the password is missing"
    says = "Warning: the server is empty, which means Docker Hub: if a variable stands in its place, it is not set\n"
    assert done.err.startswith(says) == (words == [""])


# Without a terminal


@pytest.mark.parametrize(
    ("words", "missing"), [([], "the user name"), (["-u", "foo"], "the password"), (["-p", "x"], "the user name")]
)
@pytest.mark.parametrize("kept", [False, True])
def test_no_question_is_asked_where_there_is_no_terminal(
    words: list[str], missing: str, kept: bool, home: Home, registry: ScriptedRegistry
) -> None:
    """What is kept is used only if neither a user nor a password is given."""
    if kept:
        home.log_in(registry.address)
    before = len(registry.requests)
    done = home.run("login", *words, registry.address)
    if kept and not words:
        assert (done.code, done.out) == SUCCESS
        return
    assert (done.code, done.out) == (1, "")
    assert error(done) == f"Error: cannot perform an interactive login from a non-TTY device: {missing} is missing"
    name = "foo" if "-u" in words else "NAME"
    assert f"  hint: dockpass login -u {name} --password-stdin {registry.address}\n" in done.err
    assert len(registry.requests) == before


@pytest.mark.parametrize(("username", "shown"), [("a.b-c", "a.b-c"), ("robot$team+ci", "NAME"), ("a b", "NAME")])
def test_a_user_name_that_a_shell_would_change_is_not_in_the_command(
    username: str, shown: str, home: Home, registry: ScriptedRegistry
) -> None:
    done = home.run("login", "-u", username, registry.address)
    assert f"  hint: dockpass login -u {shown} --password-stdin {registry.address}\n" in done.err


def test_closed_standard_streams_are_as_good_as_dev_null(home: Home, registry: ScriptedRegistry) -> None:
    words = f"{shlex.join(home.program)} login -u foo {registry.address}"
    done = home.execute(["/bin/sh", "-c", f"{words} -p bar >&- 2>&- <&-"])
    assert (done.code, done.out, done.err) == (0, "", "")
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}
    # What was closed is not taken for a file that was opened later.
    done = home.execute(["/bin/sh", "-c", f"{words} --password-stdin <&-"])
    assert (done.code, done.out) == (1, "")
    assert error(done) == "Error: password is empty"


# What a good login prints and keeps


def test_a_login_says_so_and_is_kept_in_config_json(home: Home, registry: ScriptedRegistry) -> None:
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar\n")
    assert (done.code, done.out) == SUCCESS
    assert done.err == (
        f"\nWARNING! Your credentials are stored unencrypted in '{home.path}'.\n"
        "Configure a credential helper to remove this warning. See\n"
        "https://docs.docker.com/go/credential-store/\n\n"
        f"To have it sealed in the vault instead: dockpass migrate {registry.address}\n"
    )
    with open(home.path, encoding="utf-8") as file:
        assert file.read() == (
            '{\n\t"auths": {\n\t\t"' + registry.address + '": {\n\t\t\t"auth": "Zm9vOmJhcg=="\n\t\t}\n\t}\n}'
        )
    assert stat.S_IMODE(os.stat(home.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(home.path)).st_mode) == 0o700


class Plain(MemoryStore):
    name = "plain"
    plaintext = True

    def __init__(self, **_how: object) -> None:
        super().__init__()


def test_another_plain_store_is_not_taken_for_config_json(
    home: Home, registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "a_plain_store", sys.modules[__name__])
    monkeypatch.setitem(built_in.STORES, "plain", ("a_plain_store", "Plain"))
    monkeypatch.setenv("PATH", str(home.folder))
    words = ["-u", "foo", "-p", "bar", "--store", "plain", registry.address]
    assert main(["login", "--config", os.path.dirname(home.path), *words]) == 0
    said = capsys.readouterr().err
    assert "\nWARNING! Your credentials are stored unencrypted in the store plain.\n" in said
    assert f"instead: dockpass migrate --from plain {registry.address}\n" in said
    assert home.path not in said


def test_the_same_login_again_writes_nothing_and_warns_of_nothing(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address)
    before = os.stat(home.path)
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out, done.err) == (*SUCCESS, "")
    after = os.stat(home.path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_quiet_prints_errors_only(home: Home, registry: ScriptedRegistry) -> None:
    """Standard output is what a script may wait for, and stays."""
    done = home.run("login", "-q", "-u", "foo", "-p", "bar", registry.address)
    assert (done.code, done.out, done.err) == (*SUCCESS, "")
    done = home.run("-q", "login", registry.address, DOCKER_AUTH_CONFIG="nonsense", DOCKER_HOST="tcp://x")
    assert (done.code, done.out, done.err) == (*SUCCESS, "")
    done = home.run("login", "--quiet", "-u", "foo", "-p", "wrong", registry.address)
    assert done.code == 1
    assert done.err.startswith("Error: ")


@pytest.mark.parametrize("place", ["before", "after"])
def test_config_names_the_folder(place: str, home: Home, registry: ScriptedRegistry) -> None:
    """It wins over DOCKER_CONFIG, and stands before or after the command."""
    folder = os.path.join(home.folder, "elsewhere")
    login = ["login", "-u", "foo", "--password-stdin", registry.address]
    words = ["--config", folder, *login] if place == "before" else [*login, f"--config={folder}"]
    done = home.run(*words, stdin=b"bar", DOCKER_CONFIG=os.path.join(home.folder, "ignored"))
    assert (done.code, done.out) == SUCCESS
    assert os.listdir(home.folder) == ["elsewhere"]
    assert home.places_of("bar") == ["elsewhere/config.json"]


def test_docker_config_names_the_folder(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address, DOCKER_CONFIG=os.path.join(home.folder, "elsewhere"))
    assert home.places_of("bar") == ["elsewhere/config.json"]


@pytest.mark.parametrize("words", [["-H", "tcp://me:hunter2@build:2376"], ["--context", "build"], ["-c", "build"]])
def test_an_engine_that_is_named_is_not_asked_and_one_line_says_so(
    words: list[str], home: Home, registry: ScriptedRegistry
) -> None:
    done = home.run("login", "-u", "foo", "--password-stdin", *words, registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert "is not asked: this version logs in to the registry directly.\n" in done.err
    assert "hunter2" not in done.err


def test_an_engine_may_be_named_by_config_json(home: Home, registry: ScriptedRegistry) -> None:
    home.write({"currentContext": "build"})
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert 'The Docker engine named by the context "build" (config.json) is not asked' in done.err
    done = home.run("login", "-H", "x", "-c", "y", registry.address)
    assert done.code == 1
    assert error(done) == "Error: conflicting options: cannot specify both --host and --context"


def test_dockers_options_for_its_engine_are_taken(home: Home, registry: ScriptedRegistry) -> None:
    options = ["-l", "debug", "--tls", "--tlsverify=false", "--tlscacert", "x", "--tlscert=x", "--tlskey", "x"]
    done = home.run(*options, "login", *options, "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS


def test_a_registry_that_asks_for_no_login(home: Home) -> None:
    with ScriptedRegistry(auth="none") as registry:
        done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert f"{registry.address} asks for no login, so the password may not have been checked\n" in done.err


def test_hints_on_docker_hub_only_where_a_password_is_asked_for(home: Home) -> None:
    done = home.run("login", "-u", "foo")
    assert done.code == 1
    assert "hub" not in done.err.lower()
    assert "  hint: dockpass login -u foo --password-stdin docker.io" in done.err


# What is kept already


def test_a_stored_login_is_used(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address)
    done = home.run("login", registry.address)
    assert (done.code, done.out) == SUCCESS
    assert done.err == (
        "Authenticating with existing credentials... [Username: foo]\n"
        f"To log in with another account: dockpass login -u NAME {registry.address}\n"
    )
    assert registry.requests[-1].basic == ("foo", "bar")


@pytest.mark.parametrize("spelling", ["https://{}/v1/", "http://{}", "{}/v2/"])
def test_a_login_stored_under_another_spelling_is_used(spelling: str, home: Home, registry: ScriptedRegistry) -> None:
    key = spelling.format(registry.address)
    home.write({"auths": {"other.test": {"auth": pair("x", "y")}, key: {"auth": pair("foo", "bar")}}})
    with open(home.path, "rb") as file:
        before = file.read()
    done = home.run("login", registry.address)
    assert (done.code, done.out) == SUCCESS
    with open(home.path, "rb") as file:
        assert file.read() == before


def test_stored_credentials_that_are_refused(home: Home, registry: ScriptedRegistry) -> None:
    """They stay: a registry may be wrong for a while, and who wants to be rid of them can log out."""
    home.log_in(registry.address)
    registry.users["foo"] = "changed"
    before = home.config
    done = home.run("login", registry.address)
    assert (done.code, done.out) == (1, "")
    assert "Stored credentials invalid or expired\n" in done.err
    assert error(done) == (
        f"Error: {registry.address} refused the user name or password: unauthorized: authentication required"
    )
    assert done.err.endswith(f"; then log in again: dockpass login -u NAME {registry.address}\n")
    assert home.config == before
    assert "bar" not in done.out + done.err


def test_stored_credentials_and_a_registry_in_trouble(home: Home, registry: ScriptedRegistry) -> None:
    """That is no reason to call them invalid."""
    home.log_in(registry.address)
    registry.answer("/v2/", error_answer(500, "UNKNOWN", "boom"))
    done = home.run("login", registry.address)
    assert (done.code, done.out) == (1, "")
    assert "Stored credentials" not in done.err
    assert error(done) == f"Error: {registry.address} is in trouble (it answered 500): unknown: boom"
    assert home.places_of("bar") == [".docker/config.json"]


def test_another_user_does_not_get_the_stored_password(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address)
    done = home.run("login", "-u", "other", registry.address)
    assert (done.code, done.out) == (1, "")
    assert "the password is missing" in done.err


# Identity tokens


def test_an_identity_token_is_kept_in_place_of_the_password(home: Home, tokens: ScriptedRegistry) -> None:
    done = home.run("login", "-u", "foo", "--password-stdin", tokens.address, stdin=b"bar")
    assert (done.code, done.out, done.err) == (*SUCCESS, "")
    entry = home.auths[tokens.address]
    assert entry["auth"] == pair("foo", "")
    assert tokens.token_server.refresh_token_user(entry["identitytoken"]) == "foo"
    assert home.places_of("bar") == []


def test_an_identity_token_is_used_again_and_the_new_one_is_kept(home: Home, tokens: ScriptedRegistry) -> None:
    home.log_in(tokens.address)
    first = home.auths[tokens.address]["identitytoken"]
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == SUCCESS
    second = home.auths[tokens.address]["identitytoken"]
    assert tokens.token_server.refresh_token_user(first) is None
    assert tokens.token_server.refresh_token_user(second) == "foo"
    assert home.auths[tokens.address]["auth"] == pair("foo", "")
    assert first not in done.err
    assert second not in done.err


def test_a_new_identity_token_is_kept_even_if_the_login_then_fails(home: Home, tokens: ScriptedRegistry) -> None:
    """The old one is worthless from the moment in which the new one was issued."""
    home.log_in(tokens.address)
    tokens.answer("/v2/", None, error_answer(500, "UNKNOWN", "boom"))
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == (1, "")
    assert error(done) == f"Error: {tokens.address} is in trouble (it answered 500): unknown: boom"
    kept = home.auths[tokens.address]["identitytoken"]
    assert tokens.token_server.refresh_token_user(kept) == "foo"
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == SUCCESS


def test_a_stored_identity_token_that_is_refused(home: Home, tokens: ScriptedRegistry) -> None:
    home.log_in(tokens.address)
    tokens.token_server.withdraw(refresh_tokens=True)
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == (1, "")
    assert "Stored credentials invalid or expired\n" in done.err
    assert error(done) == (
        f"Error: {tokens.address} refused the identity token kept for it: unauthorized: bad refresh token"
    )
    assert f"  hint: log in again: dockpass login -u NAME {tokens.address}\n" in done.err


def test_a_new_password_takes_the_place_of_an_identity_token(home: Home, registry: ScriptedRegistry) -> None:
    home.write({"auths": {registry.address: {"auth": pair("foo", ""), "identitytoken": "old"}}})
    home.log_in(registry.address)
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}


def test_the_password_beside_a_refused_identity_token_is_used(home: Home, tokens: ScriptedRegistry) -> None:
    home.write({"auths": {tokens.address: {"auth": pair("foo", "bar"), "identitytoken": "old"}}})
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == SUCCESS
    kept = home.auths[tokens.address]["identitytoken"]
    assert tokens.token_server.refresh_token_user(kept) == "foo"


# Stores


def test_config_json_says_which_helper_keeps_it(home: Home, registry: ScriptedRegistry) -> None:  # case 146
    helper = home.helper()
    home.write({"credHelpers": {registry.address: "scripted"}})
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out, done.err) == (*SUCCESS, "")
    assert helper.kept == {registry.address: ("foo", "bar")}
    assert home.auths == {registry.address: {}}
    assert home.places_of("bar") == []
    assert all("bar" not in "".join(call.argv) + "".join(call.environ.values()) for call in helper.calls)


def test_a_helper_gets_an_identity_token_marked_as_one(home: Home, tokens: ScriptedRegistry) -> None:
    helper = home.helper()
    home.write({"credsStore": "scripted"})
    home.log_in(tokens.address)
    username, token = helper.kept[tokens.address]
    assert (username, tokens.token_server.refresh_token_user(token)) == ("<token>", "foo")
    done = home.run("login", tokens.address)
    assert (done.code, done.out) == SUCCESS
    assert done.err.startswith("Authenticating with existing credentials...\n")
    assert helper.kept[tokens.address][1] != token


@pytest.mark.parametrize("other", [{}, {"credsStore": "other"}, {"credHelpers": {"{}": "other"}}])
def test_store_names_a_helper_and_config_json_says_so_from_then_on(
    other: dict[str, Any], home: Home, registry: ScriptedRegistry
) -> None:
    helper = home.helper()
    home.helper("other")
    home.write(json.dumps(other).replace("{}", registry.address) if "credHelpers" in other else other)
    home.log_in(registry.address, "--store", "scripted")
    assert helper.kept == {registry.address: ("foo", "bar")}
    assert home.config["credHelpers"] == {registry.address: "scripted"}
    assert home.auths == {registry.address: {}}
    assert home.run("login", registry.address).out == "Login Succeeded\n"


def test_store_file_overrides_a_helper(home: Home, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    home.write({"credsStore": "scripted"})
    home.log_in(registry.address, "--store", "file")
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}
    assert home.config["credHelpers"] == {registry.address: ""}
    assert home.config["credsStore"] == "scripted"
    assert helper.calls == []


def test_store_file_needs_no_route_where_nothing_else_is_configured(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address, "--store", "file")
    assert home.config == {"auths": {registry.address: {"auth": pair("foo", "bar")}}}


def test_store_memory_only_checks_a_login(home: Home, registry: ScriptedRegistry) -> None:
    done = home.run("login", "-u", "foo", "--password-stdin", "--store", "memory", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert done.err == "The store memory forgets it now: the login was only checked.\n"
    assert home.config == {}


def test_the_environment_names_a_store_where_config_json_names_none(home: Home, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    home.log_in(registry.address, DOCKPASS_STORE="scripted")
    assert helper.kept == {registry.address: ("foo", "bar")}
    assert home.config == {"auths": {registry.address: {}}, "credHelpers": {registry.address: "scripted"}}


def test_the_environment_does_not_override_config_json(home: Home, registry: ScriptedRegistry) -> None:
    helper, other = home.helper(), home.helper("other")
    home.write({"credsStore": "other"})
    home.log_in(registry.address, DOCKPASS_STORE="scripted")
    assert (list(helper.kept), list(other.kept)) == ([], [registry.address])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        *(("--store", name) for name in ("../evil", "a b", "", "-x")),
        ("DOCKPASS_STORE", "../evil"),
        ("credsStore", "../evil"),
    ],
)
def test_a_name_that_no_store_can_have(  # case 142
    name: str, source: str, home: Home, registry: ScriptedRegistry
) -> None:
    words = ["--store", name] if source == "--store" else []
    environ = {"DOCKPASS_STORE": name} if source == "DOCKPASS_STORE" else {}
    if source == "credsStore":
        home.write({"credsStore": name})
    before = home.config
    done = home.run("login", "-u", "foo", "--password-stdin", *words, registry.address, stdin=b"bar", **environ)
    assert (done.code, done.out) == (1, "")
    line = error(done)
    assert line.startswith(f'Error: no credential helper can have the name "{name}" (')
    assert source in line
    assert registry.requests == []
    assert home.config == before


@pytest.mark.parametrize("source", ["--store", "DOCKPASS_STORE", "credsStore", "credHelpers"])
def test_a_helper_that_is_not_there_is_found_out_before_anything_else(  # case 143
    source: str, home: Home, registry: ScriptedRegistry
) -> None:
    """No password is read, no request is sent."""
    words = ["--store", "gone"] if source == "--store" else []
    environ = {"DOCKPASS_STORE": "gone"} if source == "DOCKPASS_STORE" else {}
    if source == "credsStore":
        home.write({"credsStore": "gone"})
    if source == "credHelpers":
        home.write({"credHelpers": {registry.address: "gone"}})
    before = home.config
    reading, writing = os.pipe()  # nothing is ever written there: reading it would hang
    try:
        done = home.run("login", "-u", "foo", "--password-stdin", *words, registry.address, stdin=reading, **environ)
    finally:
        os.close(reading)
        os.close(writing)
    assert (done.code, done.out) == (1, "")
    line = error(done)
    assert line.startswith("Error: the credential helper docker-credential-gone is not on PATH (")
    assert source in line
    assert "  hint: install it, or add its folder to PATH" in done.err
    assert registry.requests == []
    assert home.config == before


def test_a_helper_that_does_not_keep_it_makes_no_login(home: Home, registry: ScriptedRegistry) -> None:
    """Its own words are shown, but for the password, which it repeats."""
    helper = home.helper()
    helper.behave("store", output="the keychain does not like foo:bar-99 today\n", exit_code=1)
    registry.users["foo"] = "bar-99"
    home.write({"credsStore": "scripted"})
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar-99")
    assert (done.code, done.out) == (1, "")
    assert error(done) == (
        f"Error: docker-credential-scripted store for {registry.address} failed (exit status 1): "
        "the keychain does not like foo:**** today"
    )
    assert "bar-99" not in done.err
    assert home.config == {"credsStore": "scripted"}


def test_a_config_json_that_cannot_be_written_makes_no_login(home: Home, registry: ScriptedRegistry) -> None:
    with open(os.path.dirname(home.path), "w", encoding="utf-8"):
        pass  # a file where the folder should be
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == (1, "")
    line = error(done)
    assert home.path in line
    assert "unencrypted" not in done.err


def test_a_helper_that_is_broken_is_not_taken_for_one_without_a_login(home: Home, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    helper.behave("get", output="the keychain is out of order\n", exit_code=1)
    home.write({"credsStore": "scripted"})
    done = home.run("login", registry.address)
    assert (done.code, done.out) == (1, "")
    assert error(done) == (
        f"Error: docker-credential-scripted get for {registry.address} failed (exit status 1): "
        "the keychain is out of order"
    )
    assert registry.requests == []


def test_a_plain_entry_is_not_used_where_a_helper_is_configured(home: Home, registry: ScriptedRegistry) -> None:
    home.helper()
    home.write({"credsStore": "scripted", "auths": {registry.address: {"auth": pair("foo", "bar")}}})
    done = home.run("login", registry.address)
    assert (done.code, done.out) == (1, "")
    assert "the user name is missing" in done.err
    assert registry.requests == []


# config.json


def test_a_config_json_that_is_no_json_is_refused_and_not_touched(home: Home, registry: ScriptedRegistry) -> None:
    home.write('{\n  "auths": {},\n}')
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == (1, "")
    line = error(done)
    assert line.startswith(f"Error: cannot read {home.path}: line 3, column 1: ")
    assert registry.requests == []
    with open(home.path, encoding="utf-8") as file:
        assert file.read() == '{\n  "auths": {},\n}'


def test_a_broken_entry_of_another_registry_is_named_and_kept(home: Home, registry: ScriptedRegistry) -> None:
    home.write({"auths": {"other.test": {"auth": "!!!"}}})
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
    assert (done.code, done.out) == SUCCESS
    assert f'Warning: the entry "other.test" in {home.path} cannot be used: its auth is not base64\n' in done.err
    assert home.auths == {"other.test": {"auth": "!!!"}, registry.address: {"auth": pair("foo", "bar")}}


def test_a_broken_entry_of_the_registry_itself(home: Home, registry: ScriptedRegistry) -> None:
    """It is an error where it would be used, and replaced by a login."""
    home.write({"auths": {registry.address: {"auth": "!!!"}}})
    done = home.run("login", registry.address)
    assert (done.code, done.out) == (1, "")
    assert error(done) == (
        f'Error: the entry "{registry.address}" in {home.path} cannot be used: its auth is not base64'
    )
    home.log_in(registry.address)
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}


# DOCKER_AUTH_CONFIG


def given(**logins: str) -> str:
    return json.dumps({"auths": {key.replace("_", "."): {"auth": auth} for key, auth in logins.items()}})


def test_a_login_from_the_environment_is_used_and_never_kept(home: Home, registry: ScriptedRegistry) -> None:
    value = json.dumps({"auths": {registry.address: {"auth": pair("foo", "bar")}}})
    done = home.run("login", registry.address, DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.out) == SUCCESS
    assert "Authenticating with existing credentials... [Username: foo]\n" in done.err
    assert "unencrypted" not in done.err
    assert registry.requests[-1].basic == ("foo", "bar")
    assert os.listdir(home.folder) == []


def test_a_login_from_the_environment_that_is_refused(home: Home, registry: ScriptedRegistry) -> None:
    value = json.dumps({"auths": {registry.address: {"auth": pair("foo", "wrong")}}})
    done = home.run("login", registry.address, DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("; then correct DOCKER_AUTH_CONFIG, or unset it\n")


def test_an_identity_token_for_a_login_from_the_environment_is_not_kept(home: Home, tokens: ScriptedRegistry) -> None:
    value = json.dumps({"auths": {tokens.address: {"auth": pair("foo", "bar")}}})
    done = home.run("login", tokens.address, DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.out) == SUCCESS
    assert os.listdir(home.folder) == []


def test_a_login_that_the_environment_hides_is_kept_and_that_is_said(home: Home, registry: ScriptedRegistry) -> None:
    value = json.dumps({"auths": {registry.address: {"auth": pair("other", "x")}}})
    done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar", DOCKER_AUTH_CONFIG=value)
    assert (done.code, done.out) == SUCCESS
    assert (
        f"Warning: DOCKER_AUTH_CONFIG holds a login for {registry.address}, which docker and dockpass use instead of "
        "any other: unset DOCKER_AUTH_CONFIG to use the one that is kept\n"
    ) in done.err
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}


def test_the_environment_has_logins_for_others_only(home: Home, registry: ScriptedRegistry) -> None:
    done = home.run(
        "login",
        *("-u", "foo", "--password-stdin", registry.address),
        stdin=b"bar",
        DOCKER_AUTH_CONFIG=given(env_test=pair("a", "b")),
    )
    assert (done.code, done.out) == SUCCESS
    assert "DOCKER_AUTH_CONFIG" not in done.err


def test_a_broken_docker_auth_config_is_passed_over_and_named(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address)
    done = home.run("login", registry.address, DOCKER_AUTH_CONFIG='{"auths": {"x": {"auth": "secret-thing"}}}')
    assert (done.code, done.out) == SUCCESS
    assert 'Warning: DOCKER_AUTH_CONFIG is not used: its entry "x" cannot be read: its auth is not base64\n' in done.err
    assert "secret-thing" not in done.err


def test_docker_auth_config_is_kept_from_helpers(home: Home, registry: ScriptedRegistry) -> None:
    helper = home.helper()
    home.write({"credsStore": "scripted"})
    home.log_in(registry.address, DOCKER_AUTH_CONFIG=given(env_test=pair("a", "b")))
    assert helper.calls
    assert all("DOCKER_AUTH_CONFIG" not in call.environ for call in helper.calls)


# A login that fails: exit code 1, one clear message, nothing kept, the password nowhere

PASSWORD = "hunter2-correct-horse"


def failed(home: Home, server: str, *words: str) -> tuple[str, str]:
    """Log in with a password that must not be found anywhere afterwards. The message and the hint."""
    before = home.config
    done = home.run("login", "-u", "foo", "--password-stdin", *words, server, stdin=PASSWORD.encode())
    assert (done.code, done.out) == (1, "")
    lines = done.err.splitlines()
    assert len(lines) == 2, done
    message, hint = lines
    assert message.startswith("Error: ")
    assert hint.startswith("  hint: ")
    encoded = base64.b64encode(f"foo:{PASSWORD}".encode()).decode()
    assert PASSWORD not in done.err
    assert encoded not in done.err
    assert home.config == before
    assert home.places_of(PASSWORD) == []
    return message.removeprefix("Error: "), hint.removeprefix("  hint: ")


def test_wrong_password(home: Home, registry: ScriptedRegistry) -> None:
    message, hint = failed(home, registry.address)
    assert message == f"{registry.address} refused the user name or password: unauthorized: authentication required"
    assert hint.startswith("check the user name and the password")


def test_wrong_password_at_a_token_server(home: Home, tokens: ScriptedRegistry) -> None:
    message, _hint = failed(home, tokens.address)
    assert (
        message == f"{tokens.address} refused the user name or password: unauthorized: incorrect username or password"
    )


def test_a_registry_that_repeats_the_password(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", None, error_answer(401, "UNAUTHORIZED", f"no user has {PASSWORD}"))
    message, _hint = failed(home, registry.address)
    assert message.endswith("no user has ****")


def test_wrong_password_leaves_the_login_that_was_there(home: Home, registry: ScriptedRegistry) -> None:
    home.log_in(registry.address)
    failed(home, registry.address)
    assert home.auths == {registry.address: {"auth": pair("foo", "bar")}}


def test_unknown_host(home: Home) -> None:
    message, hint = failed(home, "nowhere.invalid")
    assert "nowhere.invalid" in message
    assert hint


def test_closed_port(home: Home, closed_port: str) -> None:
    message, hint = failed(home, closed_port)
    assert message == f"cannot connect to {closed_port}: connection refused"
    assert hint == "is the registry running, and is the port right?"


def test_unknown_authority(home: Home, stranger: ScriptedRegistry) -> None:
    message, hint = failed(home, stranger.address)
    assert f"the certificate of {stranger.address} is signed by an unknown authority (it was issued by " in message
    assert f"certs.d/{stranger.address}" in hint
    assert stranger.requests == []


def test_not_a_registry(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", Answer(404, "<h1>Not here</h1>", {"Content-Type": "text/html"}))
    message, hint = failed(home, registry.address)
    assert message == f"{registry.address} is not a registry: there is nothing at /v2/ (404): Not here"
    assert hint == "check the address and its port"
    registry.answer("/v2/", Answer(200, "<html>Please sign in</html>", {"Content-Type": "text/html"}))
    message, _hint = failed(home, registry.address)
    assert message == f"{registry.address} does not look like a registry: /v2/ is a page for people"
    assert all(request.header("authorization") is None for request in registry.requests)


def test_realm_on_another_host(home: Home) -> None:
    with ScriptedRegistry(auth="bearer", challenge='Bearer realm="https://token.evil.test/token"') as registry:
        message, hint = failed(home, registry.address)
        assert registry.asked("/token") == []
    assert message == (
        f"{registry.address} wants the credentials to be sent to token.evil.test, which is not known to belong to it"
    )
    assert hint.endswith("--token-host token.evil.test")


def test_realm_on_another_host_that_the_user_approves_of(home: Home) -> None:
    """Then it is asked; it does not exist."""
    with ScriptedRegistry(auth="bearer", challenge='Bearer realm="https://token.invalid/token"') as registry:
        message, _hint = failed(home, registry.address, "--token-host", "token.invalid")
    assert message.startswith("cannot find token.invalid: ")


def test_redirect_to_another_host(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", None, redirect("https://elsewhere.test/v2/"))
    message, hint = failed(home, registry.address)
    assert message == f"{registry.address} redirects to another host, elsewhere.test: credentials do not go there"
    assert hint == "if that is the registry you mean, log in there: dockpass login elsewhere.test"


def test_a_registry_that_says_no_for_another_reason(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", None, error_answer(403, "DENIED", "this account is closed on Sundays"))
    message, _hint = failed(home, registry.address)
    assert "(403): denied: this account is closed on Sundays" in message


def test_a_registry_that_hangs_up(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", hang_up(), hang_up())
    message, _hint = failed(home, registry.address)
    assert message == f"{registry.address} closed the connection without an answer"


def test_a_registry_whose_words_would_act_on_the_terminal(home: Home, registry: ScriptedRegistry) -> None:
    registry.answer("/v2/", json_answer({"errors": [{"code": "X", "message": "\x1b]0;owned\x07\u202e"}]}, 500))
    message, _hint = failed(home, registry.address)
    assert message.endswith("x: \\x1b]0;owned\\x07\\u202e")


def test_a_server_with_a_password_in_it_is_not_repeated(home: Home) -> None:
    message, hint = failed(home, f"foo:{PASSWORD}@reg.test")
    assert message == "the server address holds a user name or password (before the @)"
    assert "--password-stdin" in hint


@pytest.mark.parametrize(
    "server", [" 127.0.0.1:5000", "reg.test?x=1", "unix:///x", "http://", "reg.test:99999", "::1:5"]
)
def test_a_server_that_is_none(server: str, home: Home) -> None:
    failed(home, server)


def test_plain_http_is_for_loopback_or_for_those_who_ask_for_it(home: Home, registry: ScriptedRegistry) -> None:
    """``http://`` is no consent; loopback needs none."""
    registry.users["foo"] = PASSWORD
    home.log_in(f"http://{registry.address}/v2/", given=PASSWORD)
    assert list(home.auths) == [registry.address]
    home.run("logout", registry.address)
    home.log_in(registry.address, "--plain-http", given=PASSWORD)
    assert not any(request.tls for request in registry.requests)


# Interrupted


def test_ctrl_c_while_the_registry_is_silent(home: Home, registry: ScriptedRegistry) -> None:
    """Exit code 130, nothing printed where there is no terminal, nothing kept."""
    started = threading.Event()

    def interrupt(_request: object) -> Script:
        assert started.wait(60)
        os.kill(process.pid, signal.SIGINT)
        return silence()

    registry.answer("/v2/", interrupt)
    process = subprocess.Popen(
        [*home.program, "login", "-u", "foo", "-p", "bar", registry.address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environment(),
    )
    started.set()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err == b"WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n"
    assert home.config == {}


# --debug


def test_debug_shows_no_secret_where_the_login_fails(home: Home, registry: ScriptedRegistry) -> None:
    """Nor what the registry makes of it."""
    encoded = base64.b64encode(f"foo:{PASSWORD}".encode()).decode()
    registry.answer("/v2/", None, redirect(f"/v2/{PASSWORD}/{encoded}?again={PASSWORD}"))
    done = home.run("-D", "login", "-u", "foo", "--password-stdin", registry.address, stdin=PASSWORD.encode())
    assert (done.code, done.out) == (1, "")
    assert "debug: 307 from 127.0.0.1\n" in done.err
    assert PASSWORD not in done.err
    assert encoded not in done.err
    assert home.config == {}


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_what_is_asked_and_answered_and_no_secret(place: str, home: Home, tokens: ScriptedRegistry) -> None:
    issued = []
    make = tokens.token_server.make
    tokens.token_server.make = lambda grant: issued.append(make(grant)) or issued[-1]  # type: ignore[method-assign, func-returns-value]
    tokens.users["foo"] = PASSWORD
    login = ["login", "-u", "foo", "--password-stdin", tokens.address]
    done = home.run(*(["-D", *login] if place == "before" else [*login, "--debug"]), stdin=PASSWORD.encode())
    assert (done.code, done.out) == SUCCESS
    shown = [line for line in done.err.splitlines() if line.startswith("debug: ")]
    assert shown == [
        f"debug: GET http://{tokens.address}/v2/",
        "debug: 401 from 127.0.0.1",
        f"debug: GET http://{tokens.address}/token with Basic credentials",
        "debug: 200 from 127.0.0.1",
        f"debug: GET http://{tokens.address}/v2/ with Bearer credentials",
        "debug: 200 from 127.0.0.1",
    ]
    identity = home.auths[tokens.address]["identitytoken"]
    again = home.run("-D", "login", tokens.address)
    assert (again.code, again.out) == SUCCESS
    assert f"debug: POST http://{tokens.address}/token with an identity token\n" in again.err
    rotated = home.auths[tokens.address]["identitytoken"]
    secrets = [PASSWORD, base64.b64encode(f"foo:{PASSWORD}".encode()).decode(), identity, rotated, *issued]
    assert len(issued) == 2
    for secret in secrets:
        assert secret not in done.err + again.err
