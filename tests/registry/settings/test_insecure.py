"""What ``registries.conf`` may call insecure, and what that allows."""

from __future__ import annotations

import _socket
import os
import socket
import string
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass import errors
from dockpass.credential import Credential
from dockpass.http.address import Origin
from dockpass.http.deadline import Deadline
from dockpass.registry.client import connected, log_in
from dockpass.registry.driver import Connections
from dockpass.registry.network import Network
from dockpass.registry.settings import insecure
from dockpass.registry.step import INSIDE, Step
from dockpass.registry.tokens import obtain, scope
from dockpass.registry.tokens.cache import Cache
from dockpass.server import Server
from dockpass.testing.answers import json_answer, raw
from dockpass.testing.listener import Listener
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


ALICE = Credential("alice", "hunter2")
USERS = {"alice": "hunter2"}
SYSTEM = "etc/containers"


def put(root: Path, path: str, text: str | bytes) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def entry(*, insecure: bool = True, **names: str) -> str:
    lines = [f'{name} = "{value}"' for name, value in names.items()]
    return "\n".join(["[[registry]]", *lines, f"insecure = {str(insecure).lower()}", ""])


def named_by(root: Path, server: str = "r.example:5000", notes: list[str] | None = None, **environ: str) -> str:
    found = insecure.named_by(
        Server.parse(server),
        {"HOME": str(root / "home"), **environ},
        ([] if notes is None else notes).append,
        root=str(root),
    )
    return os.path.relpath(found, root) if found else ""


# Which files


def test_no_files(tmp_path: Path) -> None:
    assert named_by(tmp_path) == ""


@pytest.mark.parametrize(
    "path",
    [
        f"{SYSTEM}/registries.conf",
        f"{SYSTEM}/registries.conf.d/a.conf",
        "home/.config/containers/registries.conf",
        "home/.config/containers/registries.conf.d/a.conf",
    ],
)
def test_each_file(tmp_path: Path, path: str) -> None:
    put(tmp_path, path, entry(location="r.example:5000"))
    assert named_by(tmp_path) == path


def test_a_users_own_file_takes_the_place_of_the_systems(tmp_path: Path) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", entry(location="r.example:5000"))
    put(tmp_path, f"{SYSTEM}/registries.conf.d/a.conf", entry(location="r.example:5000"))
    put(tmp_path, "xdg/containers/registries.conf", "")
    assert named_by(tmp_path)
    assert named_by(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "xdg")) == ""


def test_the_variable_names_another_file_and_the_folders_stay(tmp_path: Path) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", entry(location="r.example:5000"))
    other = str(put(tmp_path, "other.conf", ""))
    assert named_by(tmp_path, CONTAINERS_REGISTRIES_CONF=other) == ""
    put(tmp_path, "other.conf", entry(location="r.example:5000"))
    assert named_by(tmp_path, CONTAINERS_REGISTRIES_CONF=other) == "other.conf"
    put(tmp_path, f"{SYSTEM}/registries.conf.d/a.conf", entry(location="r.example:5000", insecure=False))
    assert named_by(tmp_path, CONTAINERS_REGISTRIES_CONF=other) == ""


def test_the_last_word_counts(tmp_path: Path) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", entry(location="r.example:5000"))
    put(tmp_path, f"{SYSTEM}/registries.conf.d/b.conf", entry(location="r.example:5000", insecure=False))
    assert named_by(tmp_path) == ""
    put(tmp_path, f"{SYSTEM}/registries.conf.d/a.conf", entry(location="r.example:5000"))
    assert named_by(tmp_path) == ""
    put(tmp_path, f"{SYSTEM}/registries.conf.d/c.conf", entry(location="r.example:5000"))
    put(tmp_path, f"{SYSTEM}/registries.conf.d/d.txt", entry(location="r.example:5000", insecure=False))
    assert named_by(tmp_path) == f"{SYSTEM}/registries.conf.d/c.conf"


# Which entries


@pytest.mark.parametrize(
    "names",
    [
        {"location": "r.example:5000"},
        {"prefix": "r.example:5000"},
        {"prefix": "R.Example:5000", "location": "r.example:5000"},
        {"prefix": "r.example:5000", "location": "r.example:5000/mirror"},
    ],
)
def test_the_literal_name_counts(tmp_path: Path, names: dict[str, str]) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", entry(insecure=True, **names))
    assert named_by(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        entry(location="r.example"),
        entry(location="r.example:5001"),
        entry(location="example:5000"),
        entry(location="x.r.example:5000"),
        entry(prefix="*.example:5000"),
        entry(prefix="*.example"),
        entry(location="*"),
        entry(location="0.0.0.0/0"),
        entry(location="r.example:5000/team"),
        entry(prefix="r.example:5000/team", location="r.example:5000"),
        entry(prefix="alias.example", location="r.example:5000"),
        entry(prefix="r.example:5000", location="other.example"),
        entry(location="r.example:5000", insecure=False),
        '[[registry]]\nlocation = "r.example:5000"\n',
        '[[registry]]\nlocation = "r.example:5000"\ninsecure = "true"\n',
        '[[registry]]\nlocation = "r.example:5000"\ninsecure = 1\n',
        "[[registry]]\nlocation = 5000\ninsecure = true\n",
        "[[registry]]\nprefix = 5000\ninsecure = true\n",
        "registry = 1",
        "registry = [1]",
        "[registry]\ninsecure = true\n",
        '[registries.insecure]\nregistries = ["*"]\n',
        "insecure = true\n",
    ],
)
def test_nothing_else_counts(tmp_path: Path, text: str) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", text)
    assert named_by(tmp_path) == ""


def test_a_file_that_cannot_be_understood_is_passed_over_and_said(tmp_path: Path) -> None:
    broken = put(tmp_path, f"{SYSTEM}/registries.conf", "[[registry")
    put(tmp_path, f"{SYSTEM}/registries.conf.d/a.conf", entry(location="r.example:5000"))
    notes: list[str] = []
    assert named_by(tmp_path, notes=notes)
    assert len(notes) == 1
    assert notes[0].startswith(f"{broken} cannot be understood: ")
    assert notes[0].endswith("; it is passed over")


def test_one_that_may_not_be_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = put(tmp_path, f"{SYSTEM}/registries.conf", entry(location="r.example:5000"))
    notes: list[str] = []
    monkeypatch.setattr(os, "access", lambda *_args: False)
    assert named_by(tmp_path, notes=notes) == ""
    assert notes == [f"{closed} cannot be read and is passed over: permission denied"]


KEYS = st.sampled_from(["location", "prefix", "insecure", "registry", "x"])
VALUES = st.one_of(st.text(string.printable, max_size=9).map(repr), st.sampled_from(["true", "1", "[]", "{}", "[{}]"]))
LINES = st.one_of(
    st.sampled_from(["[[registry]]", "[registry]", "[registries.insecure]"]),
    st.tuples(KEYS, VALUES).map(" = ".join),
    st.text(string.printable, max_size=9),
)


@given(st.one_of(st.lists(LINES, max_size=6).map(lambda lines: "\n".join(lines).encode()), st.binary(max_size=50)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_passed_over_in_words(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", content)
    notes: list[str] = []
    assert named_by(tmp_path, notes=notes) == ""
    assert all(note.isprintable() for note in notes)


# What it allows


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "registries.conf")}


def call_insecure(environ: dict[str, str], name: str) -> None:
    with open(environ["CONTAINERS_REGISTRIES_CONF"], "w", encoding="ascii") as file:
        file.write(entry(location=name))


@pytest.mark.usefixtures("names")
def test_plain_http_where_no_tls_is_spoken(environ: dict[str, str]) -> None:
    with ScriptedRegistry(USERS) as registry:
        name, notes = f"r.test:{registry.port}", list[str]()
        with pytest.raises(errors.TLSFailed, match="speaks plain HTTP, not TLS"):
            log_in(Server.parse(name), ALICE, environ=environ, note=notes.append)
        assert (registry.requests, notes) == ([], [])
        call_insecure(environ, name)
        log_in(Server.parse(name), ALICE, environ=environ, note=notes.append)
        assert len(notes) == 1
        assert f"{environ['CONTAINERS_REGISTRIES_CONF']} calls it insecure: so plain HTTP is spoken" in notes[0]
        assert "certificates are checked all the same" in notes[0]


@pytest.mark.usefixtures("names")
def test_no_plain_http_and_no_unchecked_certificate_where_it_is(environ: dict[str, str], authority: Any) -> None:
    with ScriptedRegistry(USERS, tls=authority.server) as registry:
        name, notes = f"r.test:{registry.port}", list[str]()
        call_insecure(environ, name)
        with pytest.raises(errors.TLSFailed, match="signed by an unknown authority"):
            log_in(Server.parse(name), ALICE, environ=environ, note=notes.append)
        assert registry.requests == []
        assert len(notes) == 1
        assert "calls r.test" in notes[0]
        assert "checks its certificate all the same" in notes[0]


@contextmanager
def playing(play: Callable[[], None]) -> Iterator[None]:
    """On a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(play)
        yield
        done.result()


@pytest.mark.usefixtures("names")
def test_no_plain_http_after_tls_was_cut(environ: dict[str, str]) -> None:
    """Somebody in between lets the beginning of TLS pass, and then plain HTTP."""
    taken: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        name = f"r.test:{listening.getsockname()[1]}"
        call_insecure(environ, name)

        def play() -> None:
            first, _address = listening.accept()
            with closing(first):
                taken.append(first.recv(65536))
                first.sendall(b"\x16\x03\x03\0\x50\2\0\0\x4c")

        with playing(play), pytest.raises(errors.TLSFailed, match="cut the TLS handshake short"):
            log_in(Server.parse(name), ALICE, environ=environ)
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert taken[0][:1] == b"\x16"


@pytest.mark.usefixtures("names")
def test_no_plain_http_after_an_answer(
    environ: dict[str, str], authority: Any, trusting: Callable[..., dict[str, str]]
) -> None:
    with ScriptedRegistry(USERS, tls=authority.server) as registry:
        name = f"r.test:{registry.port}"
        both = {**environ, **trusting(name)}
        call_insecure(environ, name)
        registry.answer("/v2/", None, raw(b"HTTP/1.1 200", ending="reset"))
        with pytest.raises(errors.Unreachable, match="broke"):
            log_in(Server.parse(name), ALICE, environ=both)
        assert all(request.tls for request in registry.requests)


@pytest.mark.usefixtures("names")
def test_a_closed_port_is_tried_once_more_and_the_failure_is_that_of_plain_http(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        name = f"r.test:{closed.getsockname()[1]}"
    call_insecure(environ, name)
    notes: list[str] = []
    with pytest.raises(errors.Unreachable, match="cannot connect"):
        log_in(Server.parse(name), ALICE, environ=environ, note=notes.append)
    assert len(notes) == 1


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("whose", ["registry", "registry that spoke TLS before", "token server"])
def test_only_the_registrys_own_refusal_counts(environ: dict[str, str], whose: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    call_insecure(environ, f"r.test:{port}")
    tried: list[bool] = []

    def act(server: Server, connections: Connections) -> None:
        tried.append(server.plain_http)
        if whose == "registry that spoke TLS before":
            connections.remember_tls()
        if whose == "token server":
            connections.send(Step("GET", Origin("https", "t.r.test", port), "/token", reach=INSIDE))
        scheme = "http" if server.plain_http else "https"
        connections.send(Step("GET", server.origin(scheme), "/v2/"))

    def note(_text: str) -> None:
        pass

    def connect(server: Server) -> Connections:
        return Connections(server, deadline=Deadline(10), network=Network(), environ=environ, note=note)

    with pytest.raises(errors.Unreachable):
        connected(Server.parse(f"r.test:{port}"), act, connect, environ=environ, note=note)
    assert tried == ([False, True] if whose == "registry" else [False])


@pytest.mark.usefixtures("names")
def test_a_token_is_not_asked_for_in_plain_http_once_tls_was_spoken(
    environ: dict[str, str],
    authority: Any,
    trusting: Callable[..., dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = Cache()
    challenge = 'Bearer realm="https://r.test:{port}/token",service="scripted.registry"'
    with ScriptedRegistry(USERS, auth="bearer", tls=authority.server, challenge=challenge) as secure:
        name = f"r.test:{secure.port}"
        both = {**environ, **trusting(name)}
        call_insecure(environ, name)
        obtain.token(Server.parse(name), scope.parse("repository:a:pull"), ALICE, cache=cache, environ=both)
        # Now the name leads to somebody who speaks no TLS.
        plain = Listener(socket.create_server(("127.0.0.2", secure.port)), lambda _request: json_answer({"token": "x"}))
        real = _socket.getaddrinfo
        monkeypatch.setattr(_socket, "getaddrinfo", lambda _host, *rest, **options: real("127.0.0.2", *rest, **options))
        with closing(plain), pytest.raises(errors.TLSFailed, match="speaks plain HTTP, not TLS"):
            obtain.token(Server.parse(name), scope.parse("repository:b:pull"), ALICE, cache=cache, environ=both)
    assert plain.connections == 1


@pytest.mark.parametrize("server", ["127.0.0.1:5000", "localhost", "docker.io", "registry-1.docker.io"])
def test_not_for_loopback_and_docker_hub(tmp_path: Path, server: str) -> None:
    put(tmp_path, f"{SYSTEM}/registries.conf", entry(location=server))
    environ = {"HOME": str(tmp_path)}
    found = insecure.instead(Server.parse(server), environ, print, heard_tls=False, root=str(tmp_path))
    assert found is None


def test_the_files_are_not_read_where_the_name_is_not_known(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object, **_options: object) -> None:
        raise _socket.gaierror(_socket.EAI_NONAME, "Name or service not known")

    call_insecure(environ, "r.test")
    monkeypatch.setattr(_socket, "getaddrinfo", unknown)
    monkeypatch.setattr(insecure, "instead", None)
    with pytest.raises(errors.UnknownHost):
        log_in(Server.parse("r.test"), ALICE, environ=environ)
