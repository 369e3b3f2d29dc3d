"""age plug-ins, through both engines: a program that wraps keys, and may want something of a person."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.credential import Credential
from dockpass.errors import AgeFailed, IdentityUnusable
from dockpass.vault.by_pyrage import ByPyrage, Callbacks
from dockpass.vault.engine import Broken, NotForUs, Trouble
from dockpass.vault.find import find
from dockpass.vault.home import Home
from dockpass.vault.identity import adopt
from dockpass.vault.keep import put
from dockpass.vault.keys import Keys
from dockpass.vault.pick import pick
from dockpass.vault.quick import answer

if TYPE_CHECKING:
    from typing import Any

ALICE = Credential("alice", "wonder")


@pytest.fixture
def told() -> list[str]:
    return []


def vault(path: Path, plugin: Any, does: str, told: list[str]) -> Home:
    home = Home(str(path), environ={"PATH": plugin.path}, tell=told.append)
    os.environ["PATH"] = plugin.path  # pyrage looks there
    adopt(home, plugin.identity(does))
    put(home, "reg.test", ALICE)
    return home


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])


def test_a_vault_whose_key_a_plugin_has(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "", told)
    assert b"-> test x" in (path / "vault" / "reg.test" / "alice.age").read_bytes()
    found = find(home, "reg.test")
    assert found is not None
    assert found.credential() == ALICE
    assert answer("reg.test", str(path), home.environ) == found.answer
    assert told == []


def test_one_that_wants_to_be_touched_says_so(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "touch", told)
    assert told == []  # putting asks for no touch
    found = find(home, "reg.test")
    assert found is not None
    assert found.credential() == ALICE
    assert "touch \\x1b[31mme now" in told[-1]


def test_one_that_asks_is_not_answered(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "pin", told)
    found = find(home, "reg.test")
    assert found is not None
    assert (Path(plugin.path.partition(os.pathsep)[0]) / "age-plugin-test.answer").read_text() == "fail"


def test_one_that_fails(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "fail", told)
    with pytest.raises(AgeFailed, match=r"alice\.age") as caught:
        find(home, "reg.test")
    assert caught.value.hint


def test_one_that_dies(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "die", told)
    with pytest.raises(AgeFailed):
        find(home, "reg.test")


def test_one_that_is_not_there(engine: str, path: Path, plugin: Any, told: list[str]) -> None:
    home = vault(path, plugin, "", told)
    Path(plugin.path.partition(os.pathsep)[0], "age-plugin-test").unlink()
    with pytest.raises(AgeFailed, match="age-plugin-test") as caught:
        find(home, "reg.test")
    assert "plug-in" in (caught.value.hint or "")
    with pytest.raises(AgeFailed, match="age-plugin-test"):
        put(home, "reg.test", Credential("bob", "builder"))


def test_a_plugin_beside_keys_of_ages_own(engine: str, plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", plugin.path)
    using = pick({"PATH": plugin.path})
    native = using.generate()
    keys = Keys.parse(plugin.identity() + native.encode())
    for public in (using.public(keys), [plugin.recipient], [*using.public(keys), plugin.recipient]):
        assert using.unseal(using.seal(b"x", public), keys) == b"x"


def test_an_identity_must_say_its_public_key(engine: str, home: Home, plugin: Any) -> None:
    with pytest.raises(IdentityUnusable, match="does not say what its public key is") as caught:
        adopt(home, plugin.identity().splitlines()[1])
    assert "# public key: age1" in (caught.value.hint or "")


def test_what_a_callback_raises_is_raised_when_pyrage_has_returned(
    plugin: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", plugin.path)

    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    using = ByPyrage({}, interrupt)
    with pytest.raises(KeyboardInterrupt):
        using.unseal(using.seal(b"x", [plugin.recipient]), Keys.parse(plugin.identity("touch")))
    assert "panicked" not in capfd.readouterr().err


def test_a_callback_answers_nothing() -> None:
    told: list[str] = []
    talk = Callbacks(told.append)
    assert talk.confirm("sure?", "yes", None) is None
    assert talk.request_public_string("name?") is None
    assert talk.request_passphrase("PIN?") is None
    assert told == ["sure?", "name?", "PIN?"]
    Callbacks(None).display_message("nobody hears it")


def test_a_crash_in_pyrage_is_an_error_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def crash(*_arguments: object) -> bytes:
        raise panic("index out of bounds")

    monkeypatch.setattr("dockpass.vault.by_pyrage.pyrage.decrypt", crash)
    with pytest.raises(Trouble, match="pyrage crashed: index out of bounds"):
        ByPyrage({}).unseal(b"", Keys.parse(str(pyrage.x25519.Identity.generate()).encode()))


def test_recipients_that_pyrage_has_itself() -> None:
    using = ByPyrage({})
    with pytest.raises(ValueError, match="no public key"):
        using.seal(b"x", ["age1tag1qqq"])
    with pytest.raises(Trouble):
        using.seal(b"x", [])


def test_a_passphrase_is_not_tried_on_what_has_none() -> None:
    using = ByPyrage({})
    public = str(pyrage.x25519.Identity.generate().to_public())
    with pytest.raises((NotForUs, Broken)):
        using.unlock(using.seal(b"x", [public]), "x")
