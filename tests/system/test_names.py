"""Every way to name a registry, and names that lead to several addresses, in a network that has IPv6."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from real.apart import ADDRESS, apart
from real.authority import Authority
from real.need import need
from real.registry import PASSWORD, USER, empty_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from real.home import Done, Home

V6 = "2001:db8::1"
# Addresses of this host, too, at which there is no room for one more connection: what is sent there is lost.
SILENT_V6 = [f"2001:db8:dead::{last}" for last in range(1, 9)]
SILENT_V4 = "203.0.113.5"
# Another address of this host, at which nobody listens.
REFUSING = "192.0.2.2"
NAMES = {
    "reg.test": [ADDRESS],
    "six.test": [V6],
    "xn--bcher-kva.test": [ADDRESS],
    "both.test": [V6, ADDRESS],
    "half-dead.test": [*SILENT_V6, ADDRESS],
    "half-there.test": [REFUSING, V6],
    "dead.test": [SILENT_V6[0], SILENT_V4],
    "away.test": [REFUSING, SILENT_V4],
    "refusing.test": [REFUSING, "2001:db8::2"],
}
PORT = 5443


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("names-authority"), *NAMES, ADDRESS, V6)


@pytest.fixture(scope="module")
def under(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[tuple[str, ...]]:
    """The command that runs another one there. A registry listens at port 5443 of two addresses."""
    folder: Path = tmp_path_factory.mktemp("names")
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(apart((), folder))
        for address in (V6, "2001:db8::2", *SILENT_V6, SILENT_V4, REFUSING):
            length, *options = ("128", "nodad") if ":" in address else ("32",)
            add = (need("ip"), "address", "add", f"{address}/{length}", "dev", "lo", *options)
            subprocess.run((*there.under, *add), check=True)
        there.call(lambda: [stack.enter_context(silence(address)) for address in (*SILENT_V6, SILENT_V4)])
        with (folder / "hosts").open("a", encoding="utf-8") as hosts:
            hosts.writelines(f"{address} {name}\n" for name, addresses in NAMES.items() for address in addresses)
        for name, at in (("v4", f"{ADDRESS}:{PORT}"), ("v6", f"[{V6}]:{PORT}")):
            stack.enter_context(empty_registry(folder / name, at, authority, under=there.under))
        yield there.under


@contextlib.contextmanager
def silence(address: str) -> Iterator[None]:
    """A port of ``address`` that does not answer."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, PORT), family=family, backlog=0) as full, socket.socket(family) as filler:
        filler.connect(full.getsockname())
        yield


@pytest.fixture
def home(home: Home, authority: Authority, under: tuple[str, ...]) -> Home:
    home.env |= {"DOCKPASS_STORE": "file", "SSL_CERT_FILE": authority.path}
    home.under = under
    return home


def log_in(home: Home, server: str, *options: str) -> Done:
    done = home.dockpass("login", "-u", USER, "--password-stdin", *options, server, stdin=PASSWORD)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("server", "key"),
    [
        ("reg.test:5443", "reg.test:5443"),
        ("https://reg.test:5443/v2/", "reg.test:5443"),
        ("REG.test:5443", "REG.test:5443"),
        (f"{ADDRESS}:5443", f"{ADDRESS}:5443"),
        (f"[{V6}]:5443", f"[{V6}]:5443"),
        (f"https://[{V6}]:5443", f"[{V6}]:5443"),
        ("six.test:5443", "six.test:5443"),
        ("both.test:5443", "both.test:5443"),
        ("xn--bcher-kva.test:5443", "xn--bcher-kva.test:5443"),
        ("bücher.test:5443", "xn--bcher-kva.test:5443"),
        ("reg.test.:5443", "reg.test:5443"),
    ],
)
def test_a_spelling(home: Home, server: str, key: str) -> None:
    done = log_in(home, server)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr
    assert home.passwords() == {key: PASSWORD}
    done = home.dockpass("logout", server)
    assert done.code == 0, done.stderr
    assert home.passwords() == {}


@pytest.mark.parametrize("server", ["bücher.test:5443", "xn--bcher-kva.test:5443"])
def test_both_forms_are_shown(home: Home, server: str) -> None:  # case 140
    done = log_in(home, server)
    assert "bücher.test" in done.stderr
    assert "xn--bcher-kva.test" in done.stderr


@pytest.mark.parametrize(
    "server",
    [
        "[fe80::1%lo]:5443",
        "[fe80::1%25lo]:5443",
        f"{V6}:5443",
        "[reg.test]:5443",
        "https://alice:hunter2@reg.test:5443",
        "reg.test:5443?x",
        "reg.test:5443#x",
        "reg.test:5443\n",
        "reg..test:5443",
        "reg.test:0",
        "reg.test:65536",
    ],
)
def test_what_is_no_name(home: Home, server: str) -> None:  # cases 138 and 139
    done = log_in(home, server)
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert "hunter2" not in done.stderr
    assert not home.config.exists()


@pytest.mark.parametrize("server", ["half-dead.test:5443", "half-there.test:5443"])
def test_one_address_is_enough(home: Home, server: str) -> None:
    # Of eight that say nothing the one that lives has to wait for a single one, and not for long.
    done = log_in(home, server, "--connect-timeout", "8")
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ("dead.test:5443", "cannot connect to dead.test:5443: no answer within 3 s\n"),
        (
            "away.test:5443",
            "cannot connect to away.test:5443: no answer within 3 s from 203.0.113.5; connection refused at 192.0.2.2\n",
        ),
        ("refusing.test:5443", "cannot connect to refusing.test:5443: connection refused\n"),
        (f"{SILENT_V4}:5443", f"cannot connect to {SILENT_V4}:5443: no answer within 3 s\n"),
        ("[2001:db9::1]:5443", "cannot connect to [2001:db9::1]:5443: network is unreachable\n"),
    ],
)
def test_none_is_there(home: Home, server: str, says: str) -> None:
    done = log_in(home, server, "--connect-timeout", "3" if "no answer" in says else "30")
    assert (done.code, done.stdout) == (1, "")
    assert f"Error: {says}" in done.stderr
    if "no answer" in says:
        assert "--connect-timeout SECONDS allows more" in done.stderr
