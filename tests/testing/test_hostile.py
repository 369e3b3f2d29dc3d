"""The hostile servers: dockpass is right with all of them, a naive program is caught by every check."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.testing.answers import Answer
from dockpass.testing.hostile.command import main
from dockpass.testing.hostile.forms import forms, holds
from dockpass.testing.hostile.judge import CHECKS, Run, judge
from dockpass.testing.hostile.names import HOSTS, hosts_file, is_inside, name_of
from dockpass.testing.hostile.play import Play
from dockpass.testing.hostile.scene import Scene
from dockpass.testing.hostile.servers import (
    SCENES,
    challenges,
    codings,
    good,
    odd,
    realms,
    redirects,
    sizes,
    slow,
    tokens,
    transport,
    words,
)
from dockpass.testing.hostile.wire import Heard
from dockpass.testing.received import Received
from real.need import need, without

FAMILIES = (challenges, codings, good, odd, realms, redirects, sizes, slow, tokens, transport, words)
DOCKPASS = (sys.executable, "-m", "dockpass", "login", "-u", "{user}", "--password-stdin", "{server}")


def score(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "dockpass.testing.hostile", *words)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def report(scenes: list[Scene], *words: str) -> dict[str, Any]:
    need("ip")
    names = [word for scene in scenes for word in ("--only", scene.name)]
    done = score("--json", "--jobs", "8", *names, *words)
    if "no network of its own" in done.stderr:
        without(f"a network of one's own is not allowed here: {done.stderr}")
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["of"] == len(scenes)
    assert done.returncode == (0 if found["right"] == len(scenes) else 1)
    return found


def wrong(found: dict[str, Any]) -> dict[str, set[str]]:
    return {each["name"]: {one["check"] for one in each["wrong"]} for each in found["servers"] if each["wrong"]}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_dockpass_is_right_with_every_server(family: Any) -> None:
    # The waiting is the same with a shorter time; where a good server is late, it has all of it.
    hurry = () if family is odd else ("--timeout", "5")
    found = report(list(family.SCENES), "--", *DOCKPASS, *hurry)
    assert [(each["name"], each["wrong"], each["output"]) for each in found["servers"] if each["wrong"]] == []


CAUGHT = {
    "realm-foreign": {"leak", "exit-code", "false-success", "kept"},
    "realm-metadata": {"leak", "inside", "exit-code", "false-success", "kept"},
    "redirect-inside-foreign": {"leak", "exit-code", "false-success", "kept"},
    "https-refuses-http-open": {"in-clear", "requests", "kept"},
    "wrong-password-open-ping": {"exit-code", "false-success", "kept"},
    "words-title": {"control-characters", "kept"},
    "words-lines": {"forged-line", "kept"},
    "repeats-the-password": {"secret-in-output", "kept"},
    "words-many-lines": {"output-size", "kept"},
    "token-missing": {"crash", "kept"},
    "token-of-200-mib": {"memory", "crash", "kept"},
}
CAUGHT_WAITING = {"ping-late": {"time"}, "silent-ping": {"hang", "kept"}}
NAIVE = (sys.executable, os.path.join(os.path.dirname(__file__), "naive_login.py"), "{user}", "{server}")


def test_a_naive_program_is_caught_by_every_check() -> None:
    scenes = [scene for scene in SCENES if scene.name in CAUGHT or scene.name in ("basic", "bearer")]
    found = report(scenes, "--", *NAIVE)
    caught = wrong(found)
    assert {name: caught.get(name, set()) & checks for name, checks in CAUGHT.items()} == CAUGHT
    assert set().union(*CAUGHT.values(), *CAUGHT_WAITING.values()) == set(CHECKS)
    assert "basic" not in caught
    assert "bearer" not in caught
    assert {check: sum(check in checks for checks in caught.values()) for check in found["failed"]} == found["failed"]


def test_a_naive_program_is_caught_waiting() -> None:
    found = report([scene for scene in SCENES if scene.name in CAUGHT_WAITING], "--seconds", "2", "--", *NAIVE)
    assert wrong(found) == CAUGHT_WAITING


def test_a_program_that_refuses_everything_scores_badly() -> None:
    found = report(list(good.SCENES), "--", "false", "{user}", "{server}")
    assert wrong(found) == {scene.name: {"exit-code"} for scene in good.SCENES if scene.right == "logs in"}


def test_a_line_for_each_failure_and_a_score() -> None:
    done = score(
        "--loopback", "-v", "--only", "basic", "--only", "no-challenge", "--", "echo", "hi", "{user}", "{server}"
    )
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert "basic" not in {line.partition(" ")[0] for line in said}
    assert said[0] == "no-challenge (answers 401 and does not say what it wants): logged in: exit code 0"
    assert re.fullmatch(r" {4}'hi alice 127\.0\.0\.1:\d+\\n'", said[1])
    assert said[2] == "   1  not kept: the exit code is 0 for a login and for nothing else (exit-code)"
    assert said[3] == "1 of 2 right: 1 of 1 good or odd ones, 0 of 1 others"


def test_without_a_network_of_its_own_only_the_loopback_is_tried() -> None:
    # The folders for administrators are looked into, too, so it is said here that there is no ip.
    text = (
        "import sys; from dockpass.testing.hostile import network, command; network.PATH = ''; sys.exit(command.main())"
    )
    only = ("--only", "basic", "--only", "realm-foreign", "--", *DOCKPASS)
    done = subprocess.run((sys.executable, "-c", text, *only), capture_output=True, text=True, check=False)
    assert "only servers on the loopback are tried: no network of its own: " in done.stderr
    assert (done.returncode, done.stdout) == (0, "1 of 1 right: 1 of 1 good or odd ones\n")


def test_what_a_program_leaves_is_removed() -> None:
    text = "cd {home} && echo {home} && mkdir kept && mount --bind kept kept && : {user} {server}"
    found = report([SCENES[0]], "--", "sh", "-ec", text)
    home = found["servers"][0]["output"].strip()
    assert found["servers"][0]["code"] == 0
    assert os.path.isabs(home)
    assert not os.path.exists(os.path.dirname(home))


def test_without_trustme_only_the_loopback_is_tried() -> None:
    text = (
        "import sys; sys.modules['trustme'] = None; from dockpass.testing.hostile.command import main; sys.exit(main())"
    )
    command = (sys.executable, "-c", text, "--only", "basic", "--", *DOCKPASS)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "pip install trustme" in done.stderr
    assert (done.returncode, done.stdout) == (0, "1 of 1 right: 1 of 1 good or odd ones\n")


def test_those_who_are_no_administrators_have_a_network_of_their_own_too() -> None:
    setpriv = (need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
    nobody = setpriv if os.geteuid() == 0 else ()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run((*nobody, *command), capture_output=True, text=True, check=False, cwd="/", env=env)

    # Ours may lie in a folder that others may not look into.
    usable = "import os, sys, pyrage, trustme; sys.exit(not os.access(sys.executable, os.X_OK))"
    pythons = [path for path in (sys.executable, "/usr/bin/python3") if run(path, "-c", usable).returncode == 0]
    if not pythons or run(need("unshare"), "-rnm", "mount", "-t", "tmpfs", "x", "/mnt").returncode:
        pytest.skip("another user can run no Python here, or make no namespaces")
    python = pythons[0]
    only = ("--only", "basic", "--only", "realm-foreign")
    done = run(python, "-m", "dockpass.testing.hostile", *only, "--", python, "-m", "dockpass", "login")
    assert (done.returncode, done.stdout) == (0, "2 of 2 right: 1 of 1 good or odd ones, 1 of 1 others\n"), done.stderr


def test_user_and_server_are_put_behind_a_command_without_them() -> None:
    done = score("--loopback", "--only", "basic", "--", sys.executable, "-m", "dockpass", "login")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_cannot_be_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--loopback", "--only", "nothing", "--", "true"]) == 2
    assert capsys.readouterr().err == "no server has such a name\n"
    assert main(["--loopback", "--only", "realm-foreign", "--", "true"]) == 2
    assert capsys.readouterr().err == "no server of such a name does without a network of its own\n"
    assert main(["--loopback", "--", "no-such-program-anywhere"]) == 2
    assert capsys.readouterr().err == "no such program: no-such-program-anywhere\n"
    assert main(["--loopback"]) == 2
    assert capsys.readouterr().err == "name the program to try, behind --, such as: -- docker login\n"


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--only", "bas*ic"]) == 0
    assert capsys.readouterr().out.split(maxsplit=2) == ["basic", "logs", "in  asks for Basic\n"]
    assert main(["--list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(SCENES)


def test_every_server_has_a_name_of_its_own_and_says_what_it_does() -> None:
    assert len({scene.name for scene in SCENES}) == len(SCENES) >= 150
    assert all(re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", scene.name) for scene in SCENES)
    assert all("\n" not in scene.does and 3 < len(scene.does) < 110 for scene in SCENES)
    assert {scene.right for scene in SCENES} == {"logs in", "refuses", "either"}
    assert sum(scene.right == "logs in" for scene in SCENES) > 70
    assert {scene for family in FAMILIES for scene in family.SCENES} == set(SCENES)
    assert repr(SCENES[0]) == f"<{SCENES[0].name}>"


def test_names_and_addresses() -> None:
    assert name_of("192.0.2.10") == "registry.test"
    assert name_of("192.0.2.200") == "192.0.2.200"
    assert name_of("169.254.169.254") == "169.254.169.254"
    assert is_inside("10.0.0.7")
    assert is_inside("::1")
    assert not is_inside("2001:db8::10")
    assert hosts_file().count("\n") == sum(map(len, HOSTS.values()))


@given(
    secret=st.from_regex(r"[a-z0-9-]{12,20}", fullmatch=True), before=st.binary(max_size=9), after=st.binary(max_size=9)
)
def test_a_secret_is_found_in_every_form(secret: str, before: bytes, after: bytes) -> None:
    whole = before + secret.encode() + after
    for text in (whole, base64.b64encode(whole), base64.urlsafe_b64encode(whole), quote(whole).encode()):
        assert holds(b"...%s..." % text, secret)
    assert holds(quote_plus(whole).encode(), secret)
    assert not holds(before + after, secret) or secret.encode() in before + after
    assert all(len(form) > 8 for form in forms(secret))


SCENE = Scene("x", "does something", "refuses")


def checks(run: Run, scene: Scene = SCENE, host: str = "registry.test") -> list[str]:
    return [check for check, _seen in judge(Play(scene, "https://registry.test", host), run)]


def test_a_refusal_in_plain_words_is_right() -> None:
    assert (
        checks(Run(1, output="Error: registry.test says: Login Succeeded \xe9\n\x1b[1mbold\x1b[0m\r\n".encode())) == []
    )


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "\x9b2J", "a\rb", "\u202e", "\u200b", "\x7f", "\0", "\U000e0041"])
def test_what_a_terminal_acts_on_is_seen(text: str) -> None:
    assert checks(Run(1, output=text.encode())) == ["control-characters"]


def test_a_control_character_of_one_byte_is_seen() -> None:
    assert checks(Run(1, output=b"\x9b2J")) == ["control-characters"]


@pytest.mark.parametrize("text", [b"no\nLogin Succeeded\n", b"no\nFORGED: yes", b"login succeeded!"])
def test_a_line_of_the_servers_is_seen(text: bytes) -> None:
    assert checks(Run(1, output=text)) == ["forged-line"]


@pytest.mark.parametrize(
    ("run", "check"),
    [
        (Run(0), "exit-code"),
        (Run(-11), "crash"),
        (Run(2, output=b"Traceback (most recent call last):\n"), "crash"),
        (Run(2, output=b"panic: runtime error\n"), "crash"),
        (Run(1, printed=70_000), "output-size"),
        (Run(1, memory=201), "memory"),
        (Run(1, seconds=36), "time"),
        (Run(None, seconds=45), "hang"),
    ],
)
def test_what_is_seen_from_outside(run: Run, check: str) -> None:
    assert checks(run) == [check]


def test_where_a_password_went() -> None:
    def seen(host: str, *, tls: bool, scene: Scene = SCENE) -> list[str]:
        play = Play(scene, "https://registry.test", "registry.test")
        heard = Heard(HOSTS.get(host, (host,))[0], 443)
        heard.tls = tls
        heard.data += base64.b64encode(f"alice:{play.given}".encode())
        return [check for check, _seen in judge(play, Run(1, heard=[heard]))]

    assert seen("registry.test", tls=True) == []
    assert seen("registry.test", tls=False) == ["in-clear"]
    assert seen("other.test", tls=True) == ["leak"]
    assert seen("10.0.0.7", tls=True) == ["inside", "leak"]
    assert seen("registry.test", tls=True, scene=Scene("x", "does", "refuses", unasked=True)) == ["leak"]
    assert seen("registry.test", tls=False, scene=Scene("x", "does", "refuses", plain=True)) == []


def asked(name: str, target: str, *, method: str = "GET", login: bool = False, host: str = "registry.test") -> int:
    """The status of what a server answers."""
    play = Play(next(scene for scene in SCENES if scene.name == name), "https://registry.test", "registry.test")
    basic = base64.b64encode(f"{play.user}:{play.password}".encode()).decode()
    request = Received(method, target, (("authorization", f"Basic {basic}"),) if login else ())
    answer = play.answer(request, host)
    assert isinstance(answer, Answer)
    return answer.status


def test_good_servers_are_particular() -> None:
    assert asked("bearer", "/other") == 404
    assert asked("bearer", "/token", method="POST", login=True) == 404
    assert asked("bearer", "/token") == 401
    assert asked("service-with-colons", "/token?service=registry.aliyuncs.com", login=True) == 400
    assert asked("realm-with-query", "/token", login=True) == 400
    assert asked("wrong-password-harbor", "/token") == 401
    assert asked("wrong-password-harbor", "/token?scope=x") == 200


def test_a_trap_takes_what_it_gets() -> None:
    assert asked("realm-foreign", "/v2/", host="other.test") == 401
    assert asked("realm-foreign", "/v2/", host="other.test", login=True) == 200
    assert asked("realm-foreign", "/token", host="other.test") == 200


def test_what_it_kept() -> None:
    play = Play(Scene("x", "does", "logs in"), "https://registry.test", "registry.test")
    kept = base64.b64encode(f"alice:{play.given}".encode())
    assert judge(play, Run(0, kept=kept)) == []
    assert [check for check, _seen in judge(play, Run(1, kept=kept))] == ["exit-code", "kept"]


def test_a_mistake_in_a_scene_is_not_the_clients() -> None:
    def fails(play: Play, request: Any) -> Any:
        raise ZeroDivisionError

    from dockpass.testing.hostile.runner import Client, run

    folder = os.path.realpath(os.environ.get("TMPDIR", "/tmp"))
    client = Client([shutil.which("curl") or need("curl"), "http://{server}/v2/", "{user}"], folder, {})
    with pytest.raises(ZeroDivisionError):
        run(Scene("x", "fails", "refuses", ping=fails), client)
