"""A token server that needs the user's word: who is asked, what is remembered, and what becomes of a change."""

from __future__ import annotations

import _socket
import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import dockpass
from dockpass import aio, errors
from dockpass.account import again, pins
from dockpass.account.attempt import Attempt
from dockpass.server import Server
from dockpass.testing.answers import Answer
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    Place = Any

    Registries = Callable[..., AbstractContextManager[ScriptedRegistry]]


@pytest.fixture
def registries(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registries:
    """Registries whose token server stands at the host that is named: ``registries("other.test")``."""
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    leaf = authority.issue_cert(
        "127.0.0.1", "localhost", "r.test", "t.r.test", "other.test", "other2.test", "xn--bcher-kva.test"
    )
    pair = (str(tmp_path / "leaf.pem"), str(tmp_path / "leaf.pem"))
    leaf.private_key_and_cert_chain_pem.write_to_path(pair[0])
    real = _socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = os.fsdecode(host)
        return real("127.0.0.1" if name.endswith(".test") else name, port, *rest, **options)

    monkeypatch.setattr(_socket, "getaddrinfo", getaddrinfo)

    def registry(host: str, **options: Any) -> ScriptedRegistry:
        challenge = f'Bearer realm="https://{host}:{{token_port}}/token",service="scripted.registry"'
        return ScriptedRegistry({"foo": "bar"}, auth="bearer", tls=pair, apart=True, challenge=challenge, **options)

    return registry


def says(answer: bool, heard: list[errors.UntrustedTokenHost]) -> Callable[[errors.UntrustedTokenHost], bool]:
    def approve(refused: errors.UntrustedTokenHost) -> bool:
        heard.append(refused)
        return answer

    return approve


def never(refused: errors.UntrustedTokenHost) -> bool:
    raise AssertionError(refused)


def pinned(registry: ScriptedRegistry) -> str | None:
    return pins.pinned(Server.parse(registry.address))


def asked(registry: ScriptedRegistry) -> int:
    return len(registry.asked("/token"))


def test_a_host_that_is_named_is_remembered_and_need_not_be_named_again(registries: Registries) -> None:  # case 55
    with registries("other.test") as registry:
        done = dockpass.login(registry.address, "foo", "bar", token_host="Other.Test", approve=never)
        assert done.notes == [f"other.test is remembered as the token server of {registry.address}: see dockpass trust"]
        assert pinned(registry) == "other.test"
        before = len(registry.requests)
        assert dockpass.login(registry.address, "foo", "bar", approve=never).notes == []
        # No more requests than if it were the registry's own.
        assert len(registry.requests) - before == 3
        assert dockpass.login(registry.address, "foo", "bar", token_host="other.test").notes == []


def test_a_host_is_remembered_with_its_port(registries: Registries) -> None:
    with registries("other.test") as registry:
        dockpass.login(registry.address, "foo", "bar", token_host=f"other.test:{registry.token_port}")
        assert pinned(registry) == f"other.test:{registry.token_port}"
        dockpass.login(registry.address, "foo", "bar")


def test_yes_goes_on_and_is_remembered(registries: Registries) -> None:
    heard: list[errors.UntrustedTokenHost] = []
    with registries("other.test") as registry:
        done = dockpass.login(registry.address, "foo", "bar", approve=says(True, heard))
        assert pinned(registry) == "other.test"
        dockpass.login(registry.address, "foo", "bar", approve=never)
    assert [refused.host for refused in heard] == ["other.test"]
    assert f"{registry.address} wants the credentials to be sent to other.test" in heard[0].message
    assert len(done.notes) == 1


def test_yes_is_for_the_host_that_was_asked_about_and_no_other(registries: Registries) -> None:
    """The registry is asked a second time, and may name another one then."""
    heard: list[errors.UntrustedTokenHost] = []
    other = Answer(401, "", {"WWW-Authenticate": 'Bearer realm="https://other2.test/token"'})
    with registries("other.test") as registry:
        registry.answer("/v2/", None, other)
        with pytest.raises(errors.UntrustedTokenHost) as caught:
            dockpass.login(registry.address, "foo", "bar", approve=says(True, heard))
        assert ([refused.host for refused in heard], caught.value.host) == (["other.test"], "other2.test")
        assert (asked(registry), pinned(registry)) == (0, None)


def test_no_keeps_nothing_and_sends_nothing(place: Place, registries: Registries) -> None:  # case 54
    heard: list[errors.UntrustedTokenHost] = []
    with registries("other.test") as registry:
        with pytest.raises(errors.UntrustedTokenHost) as caught:
            dockpass.login(registry.address, "foo", "bar", approve=says(False, heard))
        assert caught.value is heard[0]
        with pytest.raises(errors.UntrustedTokenHost, match="not known to belong to it"):
            dockpass.login(registry.address, "foo", "bar")
        assert (asked(registry), pinned(registry)) == (0, None)
    assert not (place.docker / "config.json").exists()
    assert not (place.folder / ".local").exists()


def test_what_approve_raises_is_raised(registries: Registries) -> None:
    def gone(_refused: errors.UntrustedTokenHost) -> bool:
        raise KeyboardInterrupt

    with registries("other.test") as registry:
        with pytest.raises(KeyboardInterrupt):
            dockpass.login(registry.address, "foo", "bar", approve=gone)
        assert (asked(registry), pinned(registry)) == (0, None)


def test_a_login_that_is_refused_is_nothing_to_remember(registries: Registries) -> None:
    with registries("other.test") as registry:
        for options in ({"token_host": "other.test"}, {"approve": says(True, [])}):
            with pytest.raises(errors.Refused):
                dockpass.login(registry.address, "foo", "wrong", **options)
            assert pinned(registry) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_is_led_to_say_yes_to_an_address_or_a_short_name(host: str, registries: Registries) -> None:
    """But what is named unasked is taken, and remembered."""
    with registries(host) as registry:
        address = f"r.test:{registry.port}"
        with pytest.raises(errors.UntrustedTokenHost):
            dockpass.login(address, "foo", "bar", approve=never)
        dockpass.login(address, "foo", "bar", token_host=host)
        dockpass.login(address, "foo", "bar", approve=never)


def test_a_host_that_was_not_named_is_not_asked_about_where_another_was(registries: Registries) -> None:
    with registries("other.test") as registry, pytest.raises(errors.UntrustedTokenHost):
        dockpass.login(registry.address, "foo", "bar", token_host="other2.test", approve=never)


@pytest.mark.parametrize("host", ["https://other.test", "other.test/", "", "169.254.169.254"])
def test_what_is_no_host_is_refused_before_anything_is_sent(host: str, registries: Registries) -> None:
    with registries("other.test") as registry:
        with pytest.raises(errors.UsageError):
            dockpass.login(registry.address, "foo", "bar", token_host=host)
        assert registry.requests == []


# Not needed


def test_what_is_not_needed_is_not_remembered(registries: Registries, place: Place) -> None:
    with registries("127.0.0.1") as registry:
        dockpass.login(registry.address, "foo", "bar", token_host="other.test", approve=never)
        assert pinned(registry) is None
    assert not (place.folder / ".local").exists()


def test_what_is_remembered_is_not_looked_at_where_it_is_not_needed(registries: Registries, place: Place) -> None:
    """Not even where it cannot be read: that it is no longer needed is shown by ``dockpass trust``."""
    with registries("127.0.0.1") as registry:
        pins.pin(Server.parse(registry.address), "other.test")
        (folder,) = (place.folder / ".local/share/dockpass/state").iterdir()
        folder.write_text("broken")
        assert dockpass.login(registry.address, "foo", "bar", approve=never).notes == []


# Changed


def test_another_host_than_the_one_that_is_remembered_is_an_error(registries: Registries) -> None:  # case 56
    with registries("other2.test") as registry:
        pins.pin(Server.parse(registry.address), "other.test")
        for named in (None, "other.test"):
            with pytest.raises(errors.TokenHostChanged) as caught:
                dockpass.login(registry.address, "foo", "bar", token_host=named, approve=never)
            assert (caught.value.pinned, caught.value.host) == ("other.test", "other2.test")
            assert str(caught.value.hint).endswith(f"dockpass trust {registry.address} --token-host other2.test")
        assert (asked(registry), pinned(registry)) == (0, "other.test")


def test_another_port_than_the_one_that_is_remembered_is_an_error(registries: Registries) -> None:
    with registries("other.test") as registry:
        pins.pin(Server.parse(registry.address), "other.test:1")
        with pytest.raises(errors.TokenHostChanged, match="another port of other.test"):
            dockpass.login(registry.address, "foo", "bar", approve=never)
        assert len(registry.requests) == 1


def test_a_host_that_is_named_takes_the_place_of_the_one_that_is_remembered(registries: Registries) -> None:
    with registries("other2.test") as registry:
        pins.pin(Server.parse(registry.address), "other.test")
        done = dockpass.login(registry.address, "foo", "bar", token_host="other2.test")
        (note,) = done.notes
        assert note.startswith(f"other2.test is remembered as the token server of {registry.address}, ")
        assert note.endswith(", and no longer other.test: see dockpass trust")
        assert pinned(registry) == "other2.test"


# A host of the registry's domain that leads inside, where the registry does not


@pytest.mark.parametrize("way", ["asked", "named", "pinned"])
def test_a_host_of_the_domain_that_leads_inside_needs_the_users_word(
    way: str, registries: Registries, monkeypatch: pytest.MonkeyPatch
) -> None:  # case 66
    from dockpass.registry.driver import Connections

    # Whatever the registry's address is, it is taken for one that is not known, as behind a proxy.
    monkeypatch.setattr(Connections, "_registry_ip", property(lambda _self: "", lambda _self, _ip: None), raising=False)
    heard: list[errors.UntrustedTokenHost] = []
    with registries("t.r.test") as registry:
        address = f"r.test:{registry.port}"
        server = Server.parse(address)
        with pytest.raises(errors.UntrustedTokenHost, match=r"t\.r\.test, named as .* is at 127\.0\.0\.1"):
            dockpass.login(address, "foo", "bar")
        if way == "asked":
            dockpass.login(address, "foo", "bar", approve=says(True, heard))
        elif way == "named":
            dockpass.login(address, "foo", "bar", token_host="t.r.test")
        else:
            pins.pin(server, "t.r.test")
        assert pins.pinned(server) == "t.r.test"
        assert dockpass.login(address, "foo", "bar", approve=never).notes == []
        pins.pin(server, "other.test")
        with pytest.raises(errors.TokenHostChanged):
            dockpass.login(address, "foo", "bar", approve=never)


# Where it cannot be remembered or read


def test_that_it_could_not_be_remembered_is_said_and_no_reason_to_fail(
    registries: Registries, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "file").write_text("x")
    monkeypatch.setenv("DOCKPASS_HOME", str(place.folder / "file"))
    with registries("other.test") as registry:
        done = dockpass.login(registry.address, "foo", "bar", token_host="other.test")
    assert len(done.notes) == 1
    assert done.notes[0].startswith(
        f"that other.test issues the tokens of {registry.address} could not be remembered: "
    )
    assert place.config["auths"].keys() == {registry.address}


def test_a_broken_file_is_not_taken_for_none(registries: Registries, place: Place) -> None:
    with registries("other.test") as registry:
        pins.pin(Server.parse(registry.address), "other.test")
        (file,) = (place.folder / ".local/share/dockpass/state").iterdir()
        file.write_text("{")
        with pytest.raises(errors.FileUnreadable, match=f"cannot use {file}"):
            dockpass.login(registry.address, "foo", "bar", approve=never)
        assert asked(registry) == 0
        # Whoever names the host does not rely on the file; but hears of it.
        (note,) = dockpass.login(registry.address, "foo", "bar", token_host="other.test").notes
        assert f"cannot use {file}" in note


def test_the_memory_of_this_process_leaves_nothing_on_the_disk(registries: Registries, place: Place) -> None:
    with registries("other.test") as registry:
        done = dockpass.login(registry.address, "foo", "bar", store="memory", token_host="other.test")
        assert (done.notes, pinned(registry)) == ([], None)
    assert not (place.folder / ".local").exists()


# The rest of what one does with logins


def test_a_login_that_is_kept_is_checked_with_the_host_that_is_remembered(registries: Registries) -> None:
    with registries("other.test", refresh_tokens=True) as registry:
        dockpass.login(registry.address, "foo", "bar", token_host="other.test")
        attempt = Attempt(registry.address, approve=never)
        found = attempt.stored()
        assert found is not None
        assert again.log_in(attempt, found).is_identity_token


def test_a_logout_leaves_what_is_remembered(registries: Registries) -> None:
    with registries("other.test") as registry:
        dockpass.login(registry.address, "foo", "bar", token_host="other.test")
        dockpass.logout(registry.address)
        assert pinned(registry) == "other.test"
        dockpass.login(registry.address, "foo", "bar", approve=never)


def test_what_is_heard_twice_is_said_once(registries: Registries) -> None:
    """With yes the registry is asked a second time."""
    said: list[str] = []
    with registries("other.test") as registry:
        address = f"xn--bcher-kva.test:{registry.port}"
        Attempt(address, approve=says(True, []), waiting=said.append).with_password("foo", "bar")
        assert said == ["xn--bcher-kva.test is the name b\u00fccher.test"]
        assert dockpass.login(address, "foo", "bar", approve=never).notes == said


def test_asyncio(registries: Registries) -> None:
    heard: list[errors.UntrustedTokenHost] = []
    with registries("other.test") as registry:
        asyncio.run(aio.login(registry.address, "foo", "bar", approve=says(True, heard)))
        assert (len(heard), pinned(registry)) == (1, "other.test")
