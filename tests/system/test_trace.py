"""What a login, a lookup, a list and a logout ask of the system: nothing but what docs/reference/files.md says."""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import trustme

from dockpass.testing.registry import ScriptedRegistry
from real.home import DOCKPASS
from real.need import need
from real.watched import watch

if TYPE_CHECKING:
    from real.home import Home
    from real.watched import Call, Watched

USER, PASSWORD = "alice", "trace-secret-81b2"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "files.md"

CONFIG = {"config.json": r"config\.json", ".config.json.lock": r"\.config\.json\.lock"}
VAULT = {
    "identity.txt": r"identity\.txt",
    ".identity.lock": r"\.identity\.lock",
    "recipients.txt": r"recipients\.txt",
    "vault/KEY/USER.age": r"vault/127\.0\.0\.1%3A\d+/(%3Ctoken%3E)?alice\.age",
    "vault/KEY/active": r"vault/127\.0\.0\.1%3A\d+/active",
    "vault/KEY/.login.lock": r"vault/127\.0\.0\.1%3A\d+/\.login\.lock",
}
STATE = {"state/KEY.json": r"state/127\.0\.0\.1%3A\d+\.json", ".facts.lock": r"\.facts\.lock"}
"""The names that the page has, and what they match."""

TEMPORARY = {".NAME.dockpass-new-*": "new-[0-9a-f]+", ".NAME.dockpass-swap-*": "swap-[-0-9a-f]+"}
FOLDERS = {".docker", ".local", ".local/share", ".local/share/dockpass", ".local/share/dockpass/state"}

# What is read and written: a secret may be in that, and nowhere else.
DATA = ("write", "writev", "pwrite64", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg")
RENAMES = ("rename", "renameat", "renameat2", "link", "linkat")


class Way(NamedTuple):
    """How logins are kept.

    Attributes:
        store: For ``DOCKPASS_STORE``.
        files: The names that the page has for what is written.
        by_program: Whether the vault is sealed and opened by the program age.

    """

    store: str
    files: tuple[str, ...]
    by_program: bool = False


WAYS = {
    "vault": Way("age", (*CONFIG, *VAULT)),
    "vault, by the program age": Way("age", (*CONFIG, *VAULT), by_program=True),
    "file": Way("file", tuple(CONFIG)),
}


class Story(NamedTuple):
    """Login, lookup, list, login again and logout, each watched.

    Attributes:
        way: How the login was kept.
        home: Where.
        port: Of the registry.
        runs: By name.
        secrets: Everything that is one.

    """

    way: Way
    home: Home
    port: int
    runs: dict[str, Watched]
    secrets: set[str]

    @property
    def calls(self) -> list[Call]:
        """All calls of all runs."""
        return [call for run in self.runs.values() for call in run.calls]


@pytest.fixture(params=["basic", "bearer"])
def story(request: pytest.FixtureRequest, home: Home, way: Way) -> Story:
    """With a password that is kept, and with an identity token."""
    home.env |= {"DOCKPASS_STORE": way.store, "PYTHONDONTWRITEBYTECODE": "1"}
    # A Python that measures coverage writes files of its own.
    home.env = {name: value for name, value in home.env.items() if not name.startswith("COVERAGE_")}
    folder = home.folder / "bin"
    assert home.dockpass("helper", "install", "dockpass", "--dir", str(folder)).code == 0
    home.env["PATH"] = os.pathsep.join((str(folder), home.env["PATH"]))
    helper = [str(folder / "docker-credential-dockpass")]
    if way.by_program:
        need("age")
        hiding = home.folder / "hiding"
        hiding.mkdir()
        (hiding / "pyrage.py").write_text("raise ImportError('hidden')\n", "utf-8")
        home.env["PYTHONPATH"] = os.pathsep.join((str(hiding), home.env.get("PYTHONPATH", ""))).rstrip(os.pathsep)
        # The launcher does not look at PYTHONPATH.
        helper = [sys.executable, "-c", "from dockpass.helper.own import run; run()"]
    with ScriptedRegistry({USER: PASSWORD}, auth=request.param, refresh_tokens=True) as registry:
        login = (*DOCKPASS, "login", "-u", USER, "--password-stdin", registry.address)
        runs = {"login": watch(home, *login, stdin=PASSWORD)}
        runs["get"] = watch(home, *helper, "get", stdin=registry.address)
        runs["list"] = watch(home, *DOCKPASS, "list")
        kept = _kept(home)
        keys = re.findall(r"AGE-SECRET-KEY-\w+", _identity(home))
        runs["login again"] = watch(home, *login, stdin=PASSWORD)
        kept |= _kept(home)
        runs["logout"] = watch(home, *DOCKPASS, "logout", registry.address)
        tokens = {request.bearer for request in registry.requests if request.bearer is not None}
        port = registry.port
    if way.store == "age":
        assert len(keys) == 1
        kept.add(json.loads(runs["get"].done.stdout)["Secret"])
    secrets = {PASSWORD, *keys, *kept, *tokens}
    secrets |= {_base64(secret) for secret in secrets} | {_base64(f"{USER}:{secret}") for secret in secrets}
    assert any("refresh" in secret for secret in secrets) == (request.param == "bearer")
    return Story(way, home, port, runs, secrets)


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _kept(home: Home) -> set[str]:
    """The secrets that config.json has."""
    entries: list[Any] = list(home.read_config().get("auths", {}).values())
    return {entry["identitytoken"] for entry in entries if entry.get("identitytoken")}


def _identity(home: Home) -> str:
    path = home.folder / "home" / ".local" / "share" / "dockpass" / "identity.txt"
    return path.read_text("utf-8") if path.exists() else ""


def test_what_login_lookup_list_and_logout_ask_of_the_system(story: Story) -> None:
    """One run is looked at in every way: to make it takes longer than to look."""
    _everything_works(story)
    _only_documented_files_are_written(story)
    _nothing_is_written_by_who_only_reads(story)
    _nothing_is_looked_up_that_is_not_needed(story)
    _nobody_else_may_read_what_is_made(story)
    _what_gets_a_name_is_on_the_disk(story)
    _no_secret_is_an_argument(story)
    _only_the_registry_is_spoken_to(story)


def _everything_works(story: Story) -> None:
    for name, run in story.runs.items():
        found = name != "get" or story.way.store == "age"
        assert run.done.code == (0 if found else 1), (name, run.done)
        # It was watched: it began, and something is known of it.
        assert any(call.name == "execve" and "HOME=" in call.arguments for call in run.calls), name
    connected = [name for name, run in story.runs.items() if any(call.name == "connect" for call in run.calls)]
    assert connected == ["login", "login again"]
    programs = [call for call in story.calls if call.name == "execve" and '/age"' in call.arguments and not call.failed]
    assert bool(programs) == story.way.by_program


def _own(path: str) -> bool:
    """Whether it is a file, and not a pipe, a terminal, or what swallows everything."""
    return path.startswith("/") and path not in ("/dev/null", "/dev/tty")


def _changed(calls: list[Call]) -> set[str]:
    """What is opened to be written, made, or named."""
    found: set[str] = set()
    for call in calls:
        if call.failed:
            continue
        if call.opens_to_write:
            found.add(call.file)
        elif call.makes or call.name.startswith(("symlink", "truncate")):
            found.add(call.paths[-1])
        elif call.name in RENAMES:
            found.update(call.paths)
    return {path for path in found if _own(path)}


def _only_documented_files_are_written(story: Story) -> None:
    home = story.home.folder / "home"
    page = {name for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `") for name in _spans(line)}
    assert {*story.way.files, *TEMPORARY} <= page
    allowed = {f".docker/{pattern}": name for name, pattern in CONFIG.items()}
    allowed |= {rf"\.local/share/dockpass/{pattern}": name for name, pattern in (VAULT | STATE).items()}
    met: set[str] = set()
    for path in _changed(story.calls):
        assert path.startswith(f"{home}/"), path
        inner = path.removeprefix(f"{home}/")
        if inner in FOLDERS or re.fullmatch(r"\.local/share/dockpass/vault(/127\.0\.0\.1%3A\d+)?", inner):
            continue
        for name, pattern in TEMPORARY.items():
            short = re.sub(rf"(^|/)\.([^/]+)\.dockpass-{pattern}$", r"\1\2", inner)
            if short != inner:
                met.add(name)
                inner = short
        names = [name for pattern, name in allowed.items() if re.fullmatch(pattern, inner)]
        assert names, f"{path} is written, and not documented"
        met.update(names)
    assert met == {*story.way.files, *TEMPORARY}


def _spans(line: str) -> list[str]:
    """What stands between backticks in the first column of a table."""
    return re.findall(r"`([^`]+)`", line.split("|")[1])


def _nothing_is_written_by_who_only_reads(story: Story) -> None:
    for name in ("get", "list"):
        assert _changed(story.runs[name].calls) == set(), name


def _nothing_is_looked_up_that_is_not_needed(story: Story) -> None:
    """What is remembered about a registry: its token server is its own."""
    assert not [call for call in story.calls if _is_about_state(call)]


def _is_about_state(call: Call) -> bool:
    return call.name != "execve" and ('"state"' in call.arguments or "dockpass/state" in call.arguments)


def _nobody_else_may_read_what_is_made(story: Story) -> None:
    made = [call for call in story.calls if call.makes]
    assert made
    for call in made:
        assert not call.mode & 0o077, call
    for call in story.calls:
        if "chmod" in call.name:
            assert not call.mode & 0o077, call


def _what_gets_a_name_is_on_the_disk(story: Story) -> None:
    assert sum(_named(process) for run in story.runs.values() for process in run.processes) >= 3


def _named(calls: list[Call]) -> int:
    """How many files get a name: each was brought to the disk before, and its folder is after."""
    named = 0
    unsafe: set[str] = set()  # written, and not yet brought to the disk
    folders: set[str] = set()  # something got a name there, and that is not yet on the disk
    for call in calls:
        if call.failed:
            continue
        if call.name == "write" and "Login Succeeded" in call.arguments:
            assert folders == set(), f"success is said before these are on the disk: {folders}"
        if call.name in ("fsync", "fdatasync"):
            unsafe.discard(call.file)
            folders.discard(call.file)
        elif (call.makes and call.opens_to_write) or call.name in ("write", "writev", "pwrite64", "ftruncate"):
            unsafe.add(call.file)
        elif call.name in RENAMES:
            source, target = call.paths
            assert source not in unsafe, f"{call} comes before that is on the disk"
            if "RENAME_EXCHANGE" in call.arguments:
                assert target not in unsafe, f"{call} comes before that is on the disk"
            unsafe.discard(target)
            folders.add(os.path.dirname(target))
            named += 1
    assert folders == set(), f"never brought to the disk: {folders}"
    return named


def _no_secret_is_an_argument(story: Story) -> None:
    programs = [call for call in story.calls if call.name == "execve"]
    assert len(programs) >= len(story.runs)
    for call in story.calls:
        if call.name not in DATA:
            for secret in story.secrets:
                assert secret not in call.arguments, f"{call.name} is given a secret"
    # Nor does one get into a file, but into those that are for it.
    for call in story.calls:
        if call.name in ("write", "writev", "pwrite64") and call.file.startswith(str(story.home.folder)):
            folder, file = os.path.split(call.file)
            for secret in story.secrets:
                if secret in call.arguments:
                    is_key = secret.startswith("AGE-SECRET-KEY-") and file.startswith(".identity.txt.")
                    is_plain = story.way.store == "file" and folder.endswith("/.docker")
                    assert is_key or is_plain, f"a secret is written to {call.file}"


def _only_the_registry_is_spoken_to(story: Story) -> None:
    for call in story.calls:
        if call.name == "socket":
            assert call.arguments.startswith("AF_INET, SOCK_STREAM"), call
        if call.name == "connect":
            assert f"sin_port=htons({story.port})" in call.arguments, call
            assert 'inet_addr("127.0.0.1")' in call.arguments, call
        assert call.name not in ("bind", "listen", "accept", "accept4"), call


def test_what_a_login_asks_of_the_system_that_remembers_a_token_server(home: Home, tmp_path: Path) -> None:
    home.env |= {"DOCKPASS_STORE": "file", "PYTHONDONTWRITEBYTECODE": "1"}
    home.env = {name: value for name, value in home.env.items() if not name.startswith("COVERAGE_")}
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    pair = (str(tmp_path / "leaf.pem"), str(tmp_path / "leaf.pem"))
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(pair[0])
    home.env["SSL_CERT_FILE"] = str(tmp_path / "ca.pem")
    challenge = 'Bearer realm="https://localhost:{token_port}/token",service="scripted.registry"'
    with ScriptedRegistry({USER: PASSWORD}, auth="bearer", tls=pair, apart=True, challenge=challenge) as registry:
        login = (*DOCKPASS, "login", "-u", USER, "--password-stdin", registry.address)
        runs = {"login": watch(home, *login, "--token-host", "localhost", stdin=PASSWORD)}
        runs["login again"] = watch(home, *login, stdin=PASSWORD)
        runs["logout"] = watch(home, *DOCKPASS, "logout", registry.address)
        port = registry.port
    assert [run.done.code for run in runs.values()] == [0, 0, 0], runs
    secrets = {PASSWORD, _base64(f"{USER}:{PASSWORD}")}
    story = Story(Way("file", (*CONFIG, *STATE)), home, port, runs, secrets)
    _only_documented_files_are_written(story)
    _nobody_else_may_read_what_is_made(story)
    _no_secret_is_an_argument(story)
    for run in runs.values():
        for process in run.processes:
            _named(process)
    assert any(path.endswith(".json") and "/state/" in path for path in _changed(runs["login"].calls))
    # The second time it is read, once, and nothing is written there. A logout does not even look.
    again = runs["login again"].calls
    assert not [path for path in _changed(again) if "dockpass/" in path]
    assert len([call for call in again if call.name.startswith("open") and "%3A" in call.arguments]) == 1
    assert [name for name, run in runs.items() if any(map(_is_about_state, run.calls))] == ["login", "login again"]
