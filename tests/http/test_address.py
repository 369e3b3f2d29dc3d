from __future__ import annotations

import _socket
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import TimedOut, UnknownHost
from dockpass.http.address import Address, LookUp, Origin, _look_up, resolve
from dockpass.http.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestOrigin:
    @pytest.mark.parametrize(
        ("origin", "text", "label"),
        [
            (Origin("https", "reg.example", 443), "https://reg.example", "reg.example"),
            (Origin("https", "reg.example", 5000), "https://reg.example:5000", "reg.example:5000"),
            (Origin("http", "reg.example", 80), "http://reg.example", "reg.example"),
            (Origin("http", "::1", 443), "http://[::1]:443", "[::1]:443"),
            (Origin("unix", "/run/a.sock", 0), "unix:///run/a.sock", "/run/a.sock"),
        ],
    )
    def test_texts(self, origin: Origin, text: str, label: str) -> None:
        assert (str(origin), origin.label, repr(origin)) == (text, label, f"Origin({text!r})")

    def test_a_label_is_fit_to_be_shown(self) -> None:
        assert Origin("unix", "/run/\x1b[2J", 0).label == "/run/\\x1b[2J"

    def test_is_a_value(self) -> None:
        origin = Origin("https", "reg.example", 443)
        assert origin == Origin("https", "reg.example", 443)
        assert hash(origin) == hash(Origin("https", "reg.example", 443))
        for other in (
            Origin("http", "reg.example", 443),
            Origin("https", "reg.example", 444),
            Origin("https", "other.example", 443),
            "https://reg.example",
        ):
            assert origin != other


class TestResolve:
    @pytest.fixture
    def no_look_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def look_up(*_args: object, **_options: object) -> None:
            raise AssertionError("a name was looked up")

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)

    @pytest.mark.usefixtures("no_look_up")
    @pytest.mark.parametrize(
        ("host", "family", "target"),
        [
            ("192.0.2.1", socket.AF_INET, ("192.0.2.1", 5000)),
            ("::1", socket.AF_INET6, ("::1", 5000, 0, 0)),
            ("::ffff:127.0.0.1", socket.AF_INET6, ("::ffff:127.0.0.1", 5000, 0, 0)),
        ],
    )
    def test_an_ip_literal_is_taken_as_it_is(self, host: str, family: int, target: object) -> None:
        (address,) = resolve(host, 5000, Deadline(0))
        assert (address.family, address.target, address.ip) == (family, target, host)

    @pytest.mark.usefixtures("no_look_up")
    @pytest.mark.parametrize(
        "host",
        [
            *("2852039166", "0x7f.1", "0x7F000001", "127.1", "1.2.3.4.5", "127.0.0.0x1", "127.0.0.1.", "256.0.0.1"),
            *("１２７.0.0.1", "a b", "a\0b", "a\n", "", ".", "fe80::1%eth0", "ü.example", "[::1]", "a:b"),
        ],
    )
    def test_other_spellings_of_addresses_and_what_is_no_name(self, host: str) -> None:
        with pytest.raises(UnknownHost) as caught:
            resolve(host, 5000, Deadline(10))
        assert caught.value.message.isprintable()

    def test_a_name(self) -> None:
        addresses = resolve("localhost", 5000, Deadline(30))
        assert {address.ip for address in addresses} & {"127.0.0.1", "::1"}
        assert {address.target[1] for address in addresses} == {5000}

    def test_a_name_that_is_none(self) -> None:
        # The label is longer than DNS allows, so that no name server is asked.
        with pytest.raises(UnknownHost, match="cannot find " + "a" * 64) as caught:
            resolve("a" * 64 + ".example", 5000, Deadline(30))
        assert caught.value.hint

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name or service not known"),
            (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "name server does not answer"),
            (OSError("something else"), "something else"),
        ],
    )
    def test_what_the_system_says(self, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str) -> None:
        def look_up(*_args: object, **_options: object) -> None:
            raise error

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        with pytest.raises(UnknownHost, match=f"reg.example: (the )?{words}"):
            resolve("reg.example", 5000, Deadline(30))

    def test_addresses_that_are_of_no_use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_socket, "getaddrinfo", lambda *_args, **_options: [(socket.AF_UNIX, 1, 6, "", "x")])
        with pytest.raises(UnknownHost, match="no address"):
            resolve("reg.example", 5000, Deadline(30))

    def test_it_begins_before_it_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = threading.Event()

        def look_up(*_args: object, **_options: object) -> list[Any]:
            asked.set()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 5000))]

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        begun = LookUp("reg.example", 5000)
        assert asked.wait(30)
        assert [address.ip for address in begun.addresses(Deadline(30))] == ["192.0.2.1"]

    def test_an_error_in_the_look_up_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def look_up(*_args: object, **_options: object) -> None:
            raise SystemExit  # ends a thread without a word

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        with pytest.raises(UnknownHost, match="look-up failed"):
            resolve("reg.example", 5000, Deadline(30))

    def test_on_this_thread(self) -> None:
        # What the thread does, seen without one.
        assert {address.ip for address in _look_up(b"localhost", 5000)} & {"127.0.0.1", "::1"}

    @pytest.fixture
    def slow_look_up(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        done = threading.Event()

        def look_up(*_args: object, **_options: object) -> list[Any]:
            done.wait()
            return []

        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        yield
        done.set()

    @pytest.mark.usefixtures("slow_look_up")
    @pytest.mark.parametrize("seconds", [-1, 0.2])
    def test_a_name_server_that_does_not_answer(self, seconds: float) -> None:
        with pytest.raises(TimedOut, match="cannot find reg.example"):
            resolve("reg.example", 5000, Deadline(seconds))


def test_a_zone_is_no_part_of_the_address() -> None:
    address = Address(socket.AF_INET6, ("fe80::1%eth0", 5000, 0, 2))
    assert (address.ip, repr(address)) == ("fe80::1", "Address('fe80::1', 5000)")
