"""config.json as a store."""

from __future__ import annotations

import base64
import json
import os
import stat

import pytest

from dockpass.credential import Credential
from dockpass.errors import BadCredential, ConfigMalformed
from dockpass.stores.file import FileStore
from dockpass.testing.stores import StoreSuite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

ALICE = Credential("alice", "wonder")
ALICES = base64.b64encode(b"alice:wonder").decode()


class TestFileStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_store(self) -> FileStore:
        return FileStore(str(self.folder))


class TestInAFolderThatIsNotThere(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "home" / ".docker"

    def make_store(self) -> FileStore:
        return FileStore(str(self.folder))


class TestBesideOtherThings(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        (tmp_path / "config.json").write_text(
            '{"auths": {"broken.test": {"auth": "!!!"}, "marked.test": {}}, "credsStore": "x", "detachKeys": "ctrl-e"}'
        )

    def make_store(self) -> FileStore:
        return FileStore(str(self.folder))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(str(tmp_path))


def write(folder: Path, content: object) -> bytes:
    data = json.dumps(content).encode()
    (folder / "config.json").write_bytes(data)
    return data


def test_it_says_what_it_is() -> None:
    assert FileStore.name == "file"
    assert FileStore.plaintext is True


def test_the_bytes_are_dockers(tmp_path: Path, store: FileStore) -> None:
    store.put("reg.test", ALICE)
    assert (tmp_path / "config.json").read_text() == (
        f'{{\n\t"auths": {{\n\t\t"reg.test": {{\n\t\t\t"auth": "{ALICES}"\n\t\t}}\n\t}}\n}}'
    )
    assert stat.S_IMODE((tmp_path / "config.json").stat().st_mode) == 0o600


def test_what_is_kept_already_is_not_written_again(tmp_path: Path, store: FileStore) -> None:
    data = write(tmp_path, {"auths": {"reg.test": {"auth": ALICES, "email": "a@b"}}})
    before = (tmp_path / "config.json").stat()
    store.put("reg.test", ALICE)
    assert (tmp_path / "config.json").read_bytes() == data
    assert (tmp_path / "config.json").stat().st_ino == before.st_ino


def test_what_is_not_ours_stays(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"x": [1], "auths": {"reg.test": {"email": "a@b", "auth": "bad"}, "other.test": {"auth": "bad"}}})
    store.put("reg.test", ALICE)
    assert json.loads((tmp_path / "config.json").read_bytes()) == {
        "x": [1],
        "auths": {"reg.test": {"email": "a@b", "auth": ALICES}, "other.test": {"auth": "bad"}},
    }


def test_bytes_that_are_not_text_are_kept(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"auths": {"reg.test": {"auth": base64.b64encode(b"alice:\xff\xfe").decode()}}})
    credential = store.get("reg.test")
    assert credential == Credential("alice", "\udcff\udcfe")
    store.put("other.test", credential)
    assert store.get("other.test") == credential


def test_a_broken_entry_is_named_and_others_are_not_affected(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"auths": {"broken.test": {"auth": "!!!"}, "reg.test": {"auth": ALICES}, "marked.test": {}}})
    with pytest.raises(ConfigMalformed, match=r"broken\.test"):
        store.get("broken.test")
    assert store.get("reg.test") == ALICE
    assert store.get("marked.test") is None
    assert store.list() == {"reg.test": "alice"}


def test_a_broken_entry_can_be_erased_and_replaced(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"auths": {"a.test": {"auth": "!!!"}, "b.test": {"auth": "!!!"}}})
    assert store.erase("a.test") is True
    store.put("b.test", ALICE)
    assert json.loads((tmp_path / "config.json").read_bytes()) == {"auths": {"b.test": {"auth": ALICES}}}


def test_a_marker_is_erased_and_was_nothing(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"auths": {"reg.test": {}}})
    assert store.erase("reg.test") is False
    assert json.loads((tmp_path / "config.json").read_bytes()) == {"auths": {}}


def test_erasing_nothing_writes_nothing(tmp_path: Path) -> None:
    assert FileStore(str(tmp_path / "absent")).erase("reg.test") is False
    assert os.listdir(tmp_path) == []


def test_other_spellings_are_other_keys(tmp_path: Path, store: FileStore) -> None:
    write(tmp_path, {"auths": {"https://reg.test": {"auth": ALICES}}})
    assert store.get("reg.test") is None
    assert store.erase("reg.test") is False
    assert store.list() == {"https://reg.test": "alice"}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"auths": []}', b"{} {}", b"\xff"])
def test_a_file_that_is_no_configuration_is_refused_and_untouched(
    content: bytes, tmp_path: Path, store: FileStore
) -> None:
    (tmp_path / "config.json").write_bytes(content)
    for act in (
        lambda: store.get("reg.test"),
        lambda: store.put("reg.test", ALICE),
        lambda: store.erase("reg.test"),
        store.list,
    ):
        with pytest.raises(ConfigMalformed):
            act()
    assert (tmp_path / "config.json").read_bytes() == content


def test_a_bad_credential_does_not_make_a_file(tmp_path: Path, store: FileStore) -> None:
    with pytest.raises(BadCredential):
        store.put("reg.test", Credential("alice", ""))
    assert os.listdir(tmp_path) == []


def test_leading_nowhere_where_no_helper_is_named(tmp_path: Path) -> None:
    FileStore(str(tmp_path), leads=True).put("reg.test", ALICE)
    assert json.loads((tmp_path / "config.json").read_bytes()) == {"auths": {"reg.test": {"auth": ALICES}}}


@pytest.mark.parametrize("named", [{"credsStore": "pass"}, {"credHelpers": {"reg.test": "pass", "b.test": "pass"}}])
def test_leading_to_itself_where_a_helper_is_named(named: dict[str, object], tmp_path: Path) -> None:
    write(tmp_path, named)
    FileStore(str(tmp_path), leads=True).put("reg.test", ALICE)
    after = json.loads((tmp_path / "config.json").read_bytes())
    assert after["auths"] == {"reg.test": {"auth": ALICES}}
    assert after["credHelpers"]["reg.test"] == ""
    assert after.get("credsStore") == named.get("credsStore")
    assert after["credHelpers"].get("b.test") == ("pass" if "credHelpers" in named else None)


@pytest.mark.parametrize("leads", [True, False])
def test_leading_to_itself_where_the_logins_were_moved_into_a_helper_meanwhile(leads: bool, tmp_path: Path) -> None:
    write(tmp_path, {"auths": {"reg.test": {}}, "credHelpers": {"reg.test": "pass"}})
    FileStore(str(tmp_path), leads=leads).put("reg.test", ALICE)
    assert json.loads((tmp_path / "config.json").read_bytes()) == {
        "auths": {"reg.test": {"auth": ALICES}},
        "credHelpers": {"reg.test": ""},
    }
