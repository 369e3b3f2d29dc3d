"""The question whether a token server may have the credentials, on a real terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Home = Any
    Sit = Any
    Registries = Callable[[str], ScriptedRegistry]

# The system's resolver is asked by a function of C, and knows no names of a test's own.
NAMES = """
import _socket, os
real = _socket.getaddrinfo
def getaddrinfo(host, *rest, **options):
    name = os.fsdecode(host)
    return real("127.0.0.1" if name.endswith((".test", ".example")) else name, *rest, **options)
_socket.getaddrinfo = getaddrinfo
"""
LOGIN = ("login", "-u", "foo", "--password-stdin")
QUESTION = "Send them to {}? [y/N] "


@pytest.fixture
def registries(home: Home, tmp_path: Path) -> Registries:
    """Registries whose token server stands at the host that is named."""
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(NAMES)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    leaf = authority.issue_cert("127.0.0.1", "localhost", "token.test", "xn--ghr-5ed.example", "ghrc.test")
    path = str(tmp_path / "leaf.pem")
    leaf.private_key_and_cert_chain_pem.write_to_path(path)
    home.environ["PYTHONPATH"] = os.pathsep.join((str(folder), home.environ["PYTHONPATH"]))
    home.environ["SSL_CERT_FILE"] = str(tmp_path / "ca.pem")

    def registry(realm: str) -> ScriptedRegistry:
        challenge = f'Bearer realm="https://{realm}:{{token_port}}/token",service="scripted.registry"'
        return ScriptedRegistry({"foo": "bar"}, auth="bearer", tls=(path, path), apart=True, challenge=challenge)

    return registry


def pins(home: Home) -> list[str]:
    folder = os.path.join(home.folder, ".local", "share", "dockpass", "state")
    return os.listdir(folder) if os.path.isdir(folder) else []


def asked(sit: Sit, registry: ScriptedRegistry, host: str = "token.test", *words: str, **options: Any) -> Any:
    """Somebody who was asked."""
    user = sit("login", "-u", "foo", *words, registry.address, NO_COLOR="1", **options)
    user.see("Password: ")
    user.type("bar")
    user.see(QUESTION.format(host))
    assert user.echoes
    assert registry.asked("/token") == []
    return user


def text(user: Any) -> str:
    """What was shown, without line ends."""
    return " ".join(user.seen.split())


@pytest.mark.parametrize("answer", ["y", "Yes", " YES "])
def test_yes_goes_on_and_is_not_asked_again(answer: str, home: Home, sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry)
        # Both hosts, and what it means.
        assert (
            f"Password: {registry.address} wants the credentials to be sent to token.test:{registry.token_port}, which "
            "is not known to belong to it. Whoever runs token.test will then know your credentials."
        ) in text(user)
        user.type(answer)
        user.see("Login Succeeded\r\n")
        assert user.end() == 0
        assert f"token.test is remembered as the token server of {registry.address}: see dockpass trust" in text(user)
        assert (home.auths.keys(), len(pins(home))) == ({registry.address}, 1)
        user = sit("login", "-u", "foo", registry.address)
        user.see("Password: ")
        user.type("bar")
        user.see("Login Succeeded\r\n")
        assert user.end() == 0
        assert "token.test" not in user.seen
        home.log_in(registry.address)


@pytest.mark.parametrize("answer", ["", "n", "no", "yess", "token.test"])
def test_all_else_means_no(answer: str, home: Home, sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry)
        user.type(answer)
        assert user.end() == 1
        assert text(user).count("wants the credentials to be sent to token.test") == 1
        assert "Error: not logged in: no credentials were sent to token.test hint: if token.test" in text(user)
        assert text(user).endswith(f"does issue the tokens of {registry.address}, say so: --token-host token.test")
        assert (registry.asked("/token"), home.config, pins(home)) == ([], {}, [])


def test_ctrl_c(home: Home, sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry)
        user.press("c")
        assert user.end() == 130
        assert user.seen.endswith(QUESTION.format("token.test") + "^C\n")
        assert (registry.asked("/token"), home.config, pins(home)) == ([], {}, [])


def test_ctrl_d(home: Home, sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry)
        user.press("d")
        user.see("Error: the input ended before an answer\r\n")
        assert user.end() == 1
        assert (registry.asked("/token"), home.config, pins(home)) == ([], {}, [])


def test_quiet_asks_all_the_same(sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry, "token.test", "-q")
        assert f"{registry.address} wants the credentials to be sent to token.test" in text(user)
        user.type("y")
        user.see("Login Succeeded\r\n")
        assert user.end() == 0


def test_on_a_narrow_terminal_no_line_is_too_long(sit: Sit, registries: Registries) -> None:
    with registries("token.test") as registry:
        user = asked(sit, registry, columns=40)
        lines = user.seen.split("\n")[1:]
        assert len(lines) > 5
        assert max(map(len, lines)) <= 40
        user.press("c")
        assert user.end() == 130


def test_an_international_name_is_shown_as_it_is_sent_and_as_it_looks(sit: Sit, registries: Registries) -> None:
    """``xn--ghr-5ed`` looks like ghcr, with a Cyrillic letter."""  # case 140
    with registries("xn--ghr-5ed.example") as registry:
        user = asked(sit, registry, "xn--ghr-5ed.example")
        assert "xn--ghr-5ed.example is the name gh\u0441r.example, with letters of several alphabets" in text(user)
        assert QUESTION.format("xn--ghr-5ed.example") in user.seen
        user.type("n")
        assert user.end() == 1


@pytest.mark.parametrize(
    "realm",
    [
        "token.test\x1b]0;owned\x07",
        "token.test\u202e",
        "xn--a.test\\@evil.test",
        "\u0442oken.test",
        "127.0.0.2",
        "localhost",
    ],
)
def test_nobody_is_asked_about_what_is_no_name(realm: str, sit: Sit, registries: Registries) -> None:
    """Nor could its name act on the terminal."""
    realm = realm.encode().decode("latin-1")
    with registries(realm) as registry:
        user = sit("login", "-u", "foo", registry.address, NO_COLOR="1")
        user.see("Password: ")
        user.type("bar")
        user.see("Error: ")
        assert user.end() == 1
        assert "[y/N]" not in user.seen
        assert user.seen.replace("\n", "").isprintable()


def test_without_a_terminal_nobody_is_asked(home: Home, registries: Registries) -> None:  # case 54
    with registries("token.test") as registry:
        done = home.run("login", "-u", "foo", "--password-stdin", registry.address, stdin=b"bar")
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"Error: {registry.address} wants the credentials to be sent to token.test:{registry.token_port}, which is "
            f"not known to belong to it\n  hint: if token.test does issue the tokens of {registry.address}, say so: "
            "--token-host token.test\n"
        )
        assert (registry.asked("/token"), home.config, pins(home)) == ([], {}, [])


def test_a_host_that_is_given_is_remembered_in_a_pipe_too(home: Home, registries: Registries) -> None:  # case 55
    with registries("token.test") as registry:
        home.log_in(registry.address, "--token-host", "token.test")
        home.log_in(registry.address)


@pytest.mark.parametrize("named", ["old.test", "old.test:443"])
def test_a_host_that_is_not_asked_is_named(named: str, home: Home, registries: Registries) -> None:
    with registries("token.test") as registry, registries("127.0.0.1") as own:
        home.log_in(registry.address, "--token-host", "token.test")
        for server, asked_one in ((registry, "token.test, as you approved earlier"), (own, "127.0.0.1")):
            done = home.run(*LOGIN, "--token-host", named, server.address, stdin=b"bar")
            said = f"the token server of {server.address} is {asked_one}: {named} was not needed\n"
            assert said in done.err
        assert len(pins(home)) == 1


def test_a_host_that_is_asked_in_any_case_is_named_without_a_word(home: Home, registries: Registries) -> None:
    with registries("127.0.0.1") as registry:
        for named in ("127.0.0.1", f"127.0.0.1:{registry.token_port}"):
            done = home.run(*LOGIN, "--token-host", named, registry.address, stdin=b"bar")
            assert (done.code, "not needed" in done.err) == (0, False)
        assert pins(home) == []


def test_a_registry_without_a_token_server(home: Home) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        done = home.run(*LOGIN, "--token-host", "token.test", registry.address, stdin=b"bar")
        assert f"{registry.address} has no token server: token.test was not needed\n" in done.err


def test_another_host_later_is_an_error_and_nobody_is_asked(
    home: Home, sit: Sit, registries: Registries
) -> None:  # case 56
    with registries("token.test") as registry:
        assert home.run("trust", registry.address, "--token-host", "old.test").code == 0
        user = sit("login", "-u", "foo", registry.address, NO_COLOR="1")
        user.see("Password: ")
        user.type("bar")
        user.see("Error: ")
        assert user.end() == 1
        assert "sent to token.test, and not, as you approved, to old.test" in text(user)
        assert f"dockpass trust {registry.address} --token-host token.test" in text(user)
        assert (registry.asked("/token"), home.config) == ([], {})
        # What the hint says mends it.
        assert home.run("trust", registry.address, "--token-host", "token.test").code == 0
        home.log_in(registry.address)
