"""``dockpass helper``: installed, listed and uninstalled."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.version import __version__

if TYPE_CHECKING:
    from dockpass.testing.registry import ScriptedRegistry

PROGRAM = "docker-credential-dockpass"


def install(home: Any) -> Any:
    return home.run("helper", "install", "dockpass", "--dir", str(home.tools))


def test_a_login_is_found_by_docker_only_after_the_helper_is_there(home: Any, registry: ScriptedRegistry) -> None:
    del home.environ["DOCKPASS_STORE"]  # so the vault is where logins go of which nothing is said
    words = ("login", "-u", "foo", "--password-stdin", registry.address)
    done = home.run(*words, stdin=b"bar")
    assert (done.code, done.out) == (0, "Login Succeeded\n")
    assert "do not find this login: dockpass helper install dockpass\n" in done.err
    assert home.config == {}
    installed = install(home)
    assert (installed.code, installed.err) == (0, "")
    assert installed.out.splitlines() == [
        f"Installed {home.tools / PROGRAM}",
        f"{registry.address}: docker and podman find its login now",
    ]
    assert home.config == {
        "auths": {registry.address: {}},
        "credHelpers": {registry.address: "dockpass"},
        "credsStore": "dockpass",
    }
    got = home.execute([str(home.tools / PROGRAM), "get"], stdin=registry.address.encode())
    assert (json.loads(got.out)["Secret"], got.code) == ("bar", 0)
    done = home.run(*words, stdin=b"bar")
    assert (done.code, done.out, done.err) == (0, "Login Succeeded\n", "")
    assert home.run("logout", registry.address).code == 0
    assert home.config == {"auths": {}, "credsStore": "dockpass"}
    assert home.execute([str(home.tools / PROGRAM), "list"]).out == "{}\n"


def test_a_folder_off_path_is_said(home: Any) -> None:
    done = home.run("helper", "install", "dockpass", "--dir", str(home.folder / "off"))
    assert done.code == 0
    assert "Warning: " in done.err
    assert "is not on PATH" in done.err
    gone = home.run("helper", "uninstall", "dockpass", "--dir", str(home.folder / "off"), "-y")
    assert gone.out == f"Removed {home.folder / 'off' / PROGRAM}\n"


def test_one_in_the_environment_that_runs_this_is_enough(home: Any) -> None:
    install(home)
    code = f"import sys; sys.prefix = {str(home.tools.parent)!r}; sys.base_prefix = '/'; "
    code += "from dockpass.cli.main import run; run()"
    done = home.execute([sys.executable, "-c", code, "helper", "install", "dockpass"])
    assert (done.code, done.err) == (0, "")
    assert (
        done.out == f"docker finds {home.tools / PROGRAM} already, so no other was installed (elsewhere: --dir DIR)\n"
    )


def test_where_nothing_says_where_to(home: Any) -> None:
    done = home.run("helper", "install", "dockpass")
    assert done.code == 1
    assert "--dir DIR" in done.err


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_which_helper(command: str, home: Any) -> None:
    done = home.run("helper", command)
    assert done.code == 1
    assert "which helper?" in done.err
    done = home.run("helper", command, "ecr-login")
    assert done.code == 1
    assert 'no credential helper "ecr-login" of its own' in done.err


def test_the_list(home: Any) -> None:
    assert home.run("helper", "list").err.startswith("No credential helper is on PATH.")
    install(home)
    for name, text in {
        "docker": "echo docker-credential-pass (github.com/docker/docker-credential-helpers) v0.9.3",
        "old": "echo 0.6.4",
        "other": "echo unknown action; exit 1",
    }.items():
        path = home.tools / f"docker-credential-{name}"
        path.write_text("#!/bin/sh\n" + text.replace("(", "'('").replace(")", "')'") + "\n")
        path.chmod(0o755)
    (home.tools / "docker-credential-broken").write_bytes(b"nothing to be run")
    (home.tools / "docker-credential-broken").chmod(0o755)
    done = home.run("helper", "list")
    rows = [line.split() for line in done.out.splitlines()]
    assert rows == [
        ["NAME", "OF", "VERSION", "PROGRAM"],
        ["broken", "-", "-", str(home.tools / "docker-credential-broken")],
        ["docker", "docker-credential-helpers", "v0.9.3", str(home.tools / "docker-credential-docker")],
        ["dockpass", "dockpass", __version__, str(home.tools / PROGRAM)],
        ["old", "-", "0.6.4", str(home.tools / "docker-credential-old")],
        ["other", "-", "-", str(home.tools / "docker-credential-other")],
    ]
    assert done.err.splitlines() == ["Warning: docker-credential-broken does not answer: exec format error"]


def test_what_config_json_names_and_is_not_there_is_listed(home: Any) -> None:
    home.write({"credHelpers": {"a.test": "pass", "b.test": "gone", "*.c.test": "wild"}, "credsStore": "gone"})
    done = home.run("helper", "list")
    assert done.code == 0
    gone, ours = [line for line in done.err.splitlines() if line.startswith("Warning")]
    assert "docker-credential-gone is not on PATH, and config.json names it for credsStore, b.test, where every" in gone
    assert "install it, or take its name out" in gone
    assert "docker-credential-pass is not on PATH, and config.json names it for a.test, where every pull fails" in ours
    assert "dockpass helper install pass, or to take its name out: dockpass helper uninstall pass" in ours


def test_a_program_of_that_name_is_replaced_on_request_only(home: Any) -> None:
    other = home.tools / "docker-credential-pass"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    done = home.run("helper", "install", "pass", "--dir", str(home.tools))
    assert done.code == 1
    assert "is there already, and is not dockpass's" in done.err
    assert "--replace" in done.err
    assert other.read_text() == "#!/bin/sh\n"
    assert home.run("helper", "install", "pass", "--dir", str(home.tools), "--replace").code == 0
    assert "A launcher of dockpass" in other.read_text()


def test_uninstalling_asks_first(home: Any, sit: Any) -> None:
    config = {"auths": {"a.test": {}, "b.test": {}}, "credHelpers": {"a.test": "dockpass"}, "credsStore": "dockpass"}
    home.write(config)
    install(home)
    done = home.run("helper", "uninstall", "dockpass")
    assert done.code == 1
    assert "docker and podman will not find 2 logins any more, which stay where they are" in done.err
    assert "dockpass helper uninstall dockpass --yes" in done.err
    for answer in ("n", ""):
        session = sit("helper", "uninstall", "dockpass", columns=200)
        session.see("Go on? [y/N] ")
        assert session.seen.split("Go on?")[0].splitlines() == [
            f"This removes {home.tools / PROGRAM}",
            "From config.json go credsStore; credHelpers of a.test; the empty auths of a.test, b.test",
            "docker and podman will not find 2 logins any more, which stay where they are. ",
        ]
        session.type(answer)
        assert session.end() == 1
        assert "nothing was changed" in session.seen
    assert home.config == config
    assert (home.tools / PROGRAM).exists()
    session = sit("helper", "uninstall", "dockpass", columns=200)
    session.see("Go on? [y/N] ")
    session.type("Yes")
    assert session.end() == 0
    assert home.config == {"auths": {}}
    assert os.listdir(home.tools) == []


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, []),
        (
            {"credsStore": "dockpass"},
            ["From config.json go credsStore", "docker will keep new logins in plain text. "],
        ),
        (
            {"credHelpers": {f"{letter}.test": "dockpass" for letter in "abcde"}},
            [
                "From config.json go credHelpers of a.test, b.test, c.test and 2 more",
                "docker and podman will not find 5 logins any more, which stay where they are. ",
            ],
        ),
    ],
)
def test_the_question_says_what_is_removed(config: dict[str, Any], says: list[str], home: Any, sit: Any) -> None:
    install(home)
    home.write(config)
    session = sit("helper", "uninstall", "dockpass", columns=200)
    session.see("Go on? [y/N] ")
    assert session.seen.split("Go on?")[0].splitlines() == [f"This removes {home.tools / PROGRAM}", *says]
    session.type("n")
    assert session.end() == 1


@pytest.mark.parametrize("folder", ["off", "it's off"])
def test_the_command_that_does_not_ask_acts_on_the_same(folder: str, home: Any) -> None:
    off = home.folder / folder
    assert home.run("helper", "install", "pass", "--dir", str(off)).code == 0
    words = ["helper", "uninstall", "pass", "--dir", str(off), "--config", "elsewhere", "-q", "--yes=false"]
    done = home.run(*words)
    assert done.code == 1
    command = shlex.split(done.err[done.err.index("dockpass helper uninstall") :])
    assert command[1:] == [
        "helper",
        "uninstall",
        "pass",
        "--dir",
        str(off),
        "--config",
        "elsewhere",
        "--quiet",
        "--yes",
    ]
    assert home.run(*command[1:]).out == f"Removed {off / 'docker-credential-pass'}\n"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"credHelpers": {"a.test": "dockpass"}}, "will not find 1 login any more"),
        ({"credHelpers": {"https://index.docker.io/v1/": "dockpass", "docker.io": "dockpass"}}, "not find 1 login any"),
        ({"credsStore": "dockpass"}, "docker will keep new logins in plain text"),
        ({}, f"/{PROGRAM}"),
    ],
)
def test_what_uninstalling_means_is_said(config: dict[str, Any], says: str, home: Any) -> None:
    home.write({"auths": {}})
    install(home)
    home.write({"auths": {}, **config})
    assert says in home.run("helper", "uninstall", "dockpass").err
    done = home.run("helper", "uninstall", "dockpass", "--yes")
    assert done.code == 0
    assert f"Removed {home.tools / PROGRAM}\n" in done.out
    assert ("config.json does not name dockpass any more" in done.out) is bool(config)
    assert home.config == {"auths": {}}


def test_what_came_with_dockpass_is_said_to_stay(home: Any) -> None:
    path = home.tools / PROGRAM
    path.write_text("#!/usr/bin/python3\nfrom dockpass.helper.own import run\n")
    path.chmod(0o755)
    home.write({"auths": {}, "credsStore": "dockpass"})
    done = home.run("helper", "uninstall", "dockpass", "--yes")
    assert (done.code, done.out) == (0, "config.json does not name dockpass any more\n")
    assert "was installed together with dockpass" in done.err


def test_nothing_to_uninstall(home: Any) -> None:
    done = home.run("helper", "uninstall", "dockpass")
    assert (done.code, done.out) == (0, "")
    assert "is not installed by dockpass, and config.json does not name it" in done.err
    assert home.config == {}


def test_a_route_to_pass_is_taken_back_and_it_is_said_how_to_find_what_it_had(home: Any) -> None:
    assert home.run("helper", "install", "pass", "--dir", str(home.tools)).code == 0
    home.write({"auths": {"a.test": {}}, "credHelpers": {"a.test": "pass"}})
    asked = home.run("helper", "uninstall", "pass")
    assert asked.code == 1
    assert "will not find 1 login any more, which stays where it is; dockpass finds what is in pass only" in asked.err
    done = home.run("helper", "uninstall", "pass", "--yes")
    assert done.code == 0
    assert "dockpass finds what is in pass only where the store is named: DOCKPASS_STORE=pass" in done.err
    assert home.config == {"auths": {}}
