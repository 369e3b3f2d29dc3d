"""A keyring with a person before it, who answers, dismisses or ignores; and a service or a bus that misbehaves."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING

import pytest

import dockpass
from dockpass.credential import Credential
from dockpass.errors import PromptDismissed, StoreFailed, StoreLocked, StoreTimedOut, StoreUnavailable
from dockpass.stores.secretservice import SecretServiceStore
from real.keyring import Session, session
from real.secret_service import ScriptedService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

ALICE = Credential("alice", "wonder")
ATTRIBUTES = {
    "xdg:schema": "io.docker.Credentials",
    "label": "Docker Credentials",
    "server": "reg.test",
    "username": "alice",
    "docker_cli": "1",
}
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


@pytest.fixture
def bus() -> Iterator[Session]:
    with session() as found:
        yield found


def service(bus: Session, **ways: Any) -> ScriptedService:
    found = ScriptedService(bus.environ["DBUS_SESSION_BUS_ADDRESS"], **ways)
    found.items["/org/freedesktop/secrets/collection/only/0"] = (ATTRIBUTES, b"wonder")
    return found


def store(bus: Session, time_limit: float | None = 20.0, told: list[str] | None = None) -> SecretServiceStore:
    return SecretServiceStore(environ=bus.environ, time_limit=time_limit, waiting=None if told is None else told.append)


ACTS: dict[str, Callable[[SecretServiceStore], object]] = {
    "get": lambda store: store.get("reg.test"),
    "put": lambda store: store.put("reg.test", ALICE),
    "erase": lambda store: store.erase("reg.test"),
}


# Prompts


def test_somebody_unlocks_it(bus: Session) -> None:
    with service(bus) as keyring:
        assert store(bus).get("reg.test") == ALICE
        assert store(bus).list() == {"reg.test": "alice"}
    assert keyring.calls.count("Prompt") == 1
    assert "Dismiss" not in keyring.calls


def test_somebody_unlocks_it_to_erase(bus: Session) -> None:
    with service(bus) as keyring:
        assert store(bus).erase("reg.test") is True
    assert not keyring.items


def test_somebody_makes_the_first_collection(bus: Session) -> None:
    with service(bus) as keyring:
        keyring.has_collection = keyring.locked = False
        keyring.items.clear()
        store(bus).put("reg.test", ALICE)
    assert list(keyring.items.values()) == [(ATTRIBUTES, b"wonder")]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_somebody_does_not_want_to(act: Callable[[SecretServiceStore], object], bus: Session) -> None:
    with (
        service(bus, person="dismisses") as keyring,
        pytest.raises(PromptDismissed, match="the question for its password was dismissed") as caught,
    ):
        act(store(bus))
    assert str(caught.value.hint).startswith("try again")
    assert len(keyring.items) == 1


def test_somebody_does_not_want_a_collection(bus: Session) -> None:
    with service(bus, person="dismisses") as keyring:
        keyring.has_collection = keyring.locked = False
        with pytest.raises(PromptDismissed):
            store(bus).put("reg.test", ALICE)


def test_gnome_keyring_without_anything_that_could_ask(bus: Session) -> None:
    with (
        service(bus, person="dismisses", names=("org.gnome.keyring",)),
        pytest.raises(StoreLocked, match="nothing in this session can ask") as caught,
    ):
        store(bus).get("reg.test")
    assert not isinstance(caught.value, PromptDismissed)


def test_gnome_keyring_with_a_desktop_that_asks(bus: Session) -> None:
    names = ("org.gnome.keyring", "org.gnome.keyring.SystemPrompter")
    with service(bus, person="dismisses", names=names), pytest.raises(PromptDismissed):
        store(bus).get("reg.test")


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nobody_answers_and_the_question_is_taken_back(
    act: Callable[[SecretServiceStore], object], bus: Session
) -> None:
    with service(bus, person="waits") as keyring:
        with pytest.raises(StoreTimedOut, match=r"was not answered in 0\.3 seconds"):
            act(store(bus, 0.3))
        with pytest.raises(StoreTimedOut):
            act(store(bus, 0.3))
    assert "Dismiss" in keyring.calls


def test_the_service_ends_while_it_asks(bus: Session) -> None:
    with service(bus, person="dies"), pytest.raises(StoreFailed, match="it ended while it was asking"):
        store(bus).get("reg.test")


def test_a_prompt_that_ends_in_an_odd_way(bus: Session) -> None:
    with service(bus, person="mumbles"), pytest.raises(StoreFailed, match="otherwise than the specification wants"):
        store(bus).get("reg.test")


@pytest.mark.parametrize("member", ["CreateItem", "Delete"])
@pytest.mark.parametrize("person", ["answers", "dismisses"])
def test_a_service_that_asks_before_it_does_something(member: str, person: str, bus: Session) -> None:
    with service(bus, person=person) as keyring:
        keyring.locked = False
        prompt = "/org/freedesktop/secrets/prompt/p1"
        keyring.broken[member] = ("oo", ("/", prompt)) if member == "CreateItem" else ("o", (prompt,))
        act = ACTS["put" if member == "CreateItem" else "erase"]
        if person == "answers":
            act(store(bus))
        else:
            with pytest.raises(PromptDismissed):
                act(store(bus))
    assert keyring.calls.count("Prompt") == 1


def test_a_service_that_makes_no_collection(bus: Session) -> None:
    with service(bus) as keyring:
        keyring.has_collection = False
        keyring.broken["CreateCollection"] = ("oo", ("/", "/"))
        with pytest.raises(StoreUnavailable, match="no default keyring"):
            store(bus).put("reg.test", ALICE)


def test_a_line_says_what_is_waited_for(bus: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpass.stores.secret_service.prompt._PATIENCE", 0.1)
    told: list[str] = []
    with service(bus, person="waits"), pytest.raises(StoreTimedOut):
        store(bus, 0.5, told).get("reg.test")
    assert told == ["waiting for the keyring; it may be asking for its password in a window (Ctrl-C stops it)"]


def test_ctrl_c_takes_the_question_back(bus: Session) -> None:
    script = (
        "import os, signal\n"
        "from dockpass.stores.secretservice import SecretServiceStore\n"
        "from dockpass.stores.secret_service import prompt\n"
        "prompt._PATIENCE = 0.1\n"
        "store = SecretServiceStore(waiting=lambda line: os.kill(os.getpid(), signal.SIGINT))\n"
        "try: store.get('reg.test')\n"
        "except KeyboardInterrupt: print('INTERRUPTED')\n"
    )
    with service(bus, person="waits") as keyring:
        environ = {**bus.environ, "PYTHONPATH": SOURCE}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "INTERRUPTED\n"
    assert keyring.calls[-1] == "Dismiss"


def test_a_list_asks_nobody(bus: Session) -> None:
    with service(bus) as keyring, pytest.raises(StoreLocked, match="does not say what it keeps"):
        store(bus).list()
    assert "Prompt" not in keyring.calls


def test_whether_it_can_be_used_is_told_without_asking(bus: Session) -> None:
    assert store(bus).probe() == "no keyring service runs in this session"
    with service(bus) as keyring:
        assert store(bus).probe() is None
    assert keyring.calls == []
    no_bus = SecretServiceStore(environ={}).probe()
    assert str(no_bus).endswith("DBUS_SESSION_BUS_ADDRESS is not set")


# A service that misbehaves


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_no_session_is_opened_before_the_service_has_answered_once(
    act: Callable[[SecretServiceStore], object], bus: Session
) -> None:
    with service(bus) as keyring:
        keyring.broken["ReadAlias"] = None
        with pytest.raises(StoreTimedOut):
            act(store(bus, 0.3))
    assert keyring.calls == ["ReadAlias"]


def test_a_service_that_knows_no_default_keyring_can_be_read(bus: Session) -> None:
    with service(bus) as keyring:
        keyring.locked = False
        keyring.broken["ReadAlias"] = "org.freedesktop.DBus.Error.NotSupported"
        assert store(bus).get("reg.test") == ALICE


@pytest.mark.parametrize(
    ("member", "answer", "kind", "words"),
    [
        ("SearchItems", None, StoreTimedOut, r"the keyring service did not answer in 0\.3 seconds"),
        ("OpenSession", "org.freedesktop.DBus.Error.NotSupported", StoreFailed, r"it says why \(org.freedesktop"),
        ("SearchItems", "org.freedesktop.DBus.Error.UnknownMethod", StoreFailed, "is no keyring service"),
        ("SearchItems", "org.freedesktop.Secret.Error.IsLocked", StoreLocked, "the keyring is locked"),
        ("SearchItems", "org.freedesktop.DBus.Error.ServiceUnknown", StoreUnavailable, "no keyring service"),
        ("SearchItems", ("ao", ([],)), StoreFailed, "another shape"),
        ("SearchItems", ("", ()), StoreFailed, "another shape"),
        ("GetSecrets", ("a{o(oayays)}", ({},)), StoreFailed, "is there, and cannot be read"),
        ("Get", ("v", (("s", "text"),)), StoreFailed, "gives Attributes as something else"),
        ("Get", "org.freedesktop.DBus.Error.UnknownObject", StoreFailed, "is there, and cannot be read"),
    ],
)
def test_what_a_service_may_answer(member: str, answer: Any, kind: type[Exception], words: str, bus: Session) -> None:
    with service(bus) as keyring:
        keyring.locked = False
        keyring.broken[member] = answer
        with pytest.raises(kind, match=words):
            store(bus, 0.3 if answer is None else 20).get("reg.test")


@pytest.mark.parametrize(
    ("member", "answer", "kind", "words"),
    [
        ("CreateItem", "org.freedesktop.Secret.Error.IsLocked", StoreLocked, "the keyring is locked"),
        ("CreateItem", "org.freedesktop.Secret.Error.NoSuchObject", StoreUnavailable, "no default keyring"),
        ("Unlock", ("aoo", ([], "/")), StoreLocked, "the keyring is locked"),
        ("ReadAlias", ("o", ("/nowhere",)), StoreUnavailable, "no default keyring"),
        ("Delete", "org.freedesktop.Secret.Error.IsLocked", StoreFailed, "is kept, but an older one beside it"),
    ],
)
def test_what_a_service_may_answer_to_put(
    member: str, answer: Any, kind: type[Exception], words: str, bus: Session
) -> None:
    with service(bus) as keyring:
        keyring.locked = False
        keyring.broken[member] = answer
        if member == "ReadAlias":
            keyring.broken["CreateItem"] = "org.freedesktop.DBus.Error.UnknownObject"
        with pytest.raises(kind, match=words) as caught:
            store(bus).put("reg.test", Credential("bob", "hunter2"))
        assert "hunter2" not in str(caught.value)


def test_an_item_that_goes_while_it_is_erased(bus: Session) -> None:
    with service(bus) as keyring:
        keyring.locked = False
        keyring.broken["Delete"] = "org.freedesktop.Secret.Error.NoSuchObject"
        assert store(bus).erase("reg.test") is False


# A bus that misbehaves


@pytest.mark.parametrize(
    ("says", "kind", "words"),
    [
        (b"", StoreTimedOut, r"the session bus did not answer in 0\.3 seconds"),
        (b"OK 0123\r\n", StoreTimedOut, r"the keyring service did not answer in 0\.3 seconds"),
        (b"REJECTED EXTERNAL\r\n", StoreUnavailable, "it does not let us in"),
        (b"nonsense" * 2000, StoreUnavailable, "it does not let us in"),
        (b"HTTP/1.1 400\r\n\r\n", StoreUnavailable, "it does not let us in"),
        (b"OK 0123\r\n|" + b"l\1\0\1" + b"\xff" * 60, StoreFailed, "no D-Bus message"),
        (b"OK 0123\r\n|" + b"nonsense" * 20, StoreFailed, "no D-Bus message"),
        (b"OK 0123\r\n|close", StoreFailed, "has closed the connection"),
        (b"close", StoreUnavailable, "connection reset"),
    ],
)
def test_what_a_bus_may_say(says: bytes, kind: type[Exception], words: str) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/bus")
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(ConnectionError):
                connection.recv(4096)
                first, _, then = says.partition(b"|")
                for part in (first, then):
                    if part == b"close":
                        return
                    connection.sendall(part)
                    if part is first and then:
                        connection.recv(4096)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        environ = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus"}
        try:
            with pytest.raises(kind, match=words):
                SecretServiceStore(environ=environ, time_limit=0.3).get("reg.test")
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "DBUS_SESSION_BUS_ADDRESS is not set"),
        ({"XDG_RUNTIME_DIR": "/nonexistent"}, "DBUS_SESSION_BUS_ADDRESS is not set"),
        ({"DBUS_SESSION_BUS_ADDRESS": "tcp:host=127.0.0.1,port=1"}, "names no socket: tcp:host"),
        ({"DBUS_SESSION_BUS_ADDRESS": "disabled:"}, "names no socket: disabled:"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/a%zz"}, "names no socket: unix:path=/a%zz"),
        (
            {"DBUS_SESSION_BUS_ADDRESS": "unix:abstract=dockpass%2dnone;unix:guid=0"},
            r"x00dockpass-none: connection refused",
        ),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:runtime=yes", "XDG_RUNTIME_DIR": "/none"}, "/none/bus: no such file"),
        ({"DBUS_SESSION_BUS_ADDRESS": "\x1b[31m"}, r"names no socket: \\x1b"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/\x1b"}, r"/nonexistent/\\x1b: no such file"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + "x" * 200}, "it does not let us in|too long"),
    ],
)
def test_where_no_bus_is(environ: dict[str, str], words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words) as caught:
        SecretServiceStore(environ=environ).list()
    assert "--store age" in str(caught.value.hint)
