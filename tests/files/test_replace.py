from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.errors import FileUnwritable
from dockpass.files import exchange as exchange_module
from dockpass.files import replace as replace_module
from dockpass.files.place import Place, identity
from dockpass.files.read import read
from dockpass.files.replace import ANY, Changed, close_to_others, replace, tidy

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dockpass.files.place import Identity

    ActingAs = Callable[[int], AbstractContextManager[None]]

OLD, NEW = b'{"old": 1}', b'{"newer": 2}'


def version(path: Path | str) -> Identity:
    snapshot = read(str(path), limit=1 << 30)
    assert snapshot is not None
    return snapshot.identity


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture(params=["swap", "plain"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With a kernel that can swap two names, and with one that cannot."""
    if request.param == "plain":
        monkeypatch.setattr(exchange_module, "_found", [None])
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_bytes(OLD)
    path.chmod(0o600)
    return path


@pytest.mark.usefixtures("both_ways")
class TestContents:
    def test_of_a_file_that_was_read(self, file: Path) -> None:
        now = replace(str(file), NEW, expected=version(file)).now
        assert file.read_bytes() == NEW
        assert version(file) == now
        assert os.listdir(file.parent) == ["config.json"]

    def test_of_a_file_whatever_it_is(self, file: Path) -> None:
        assert replace(str(file), NEW).now == version(file)
        assert file.read_bytes() == NEW
        assert os.listdir(file.parent) == ["config.json"]

    def test_of_a_new_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "config.json"
        assert replace(str(path), NEW, expected=None).now == version(path)
        assert path.read_bytes() == NEW
        assert path.stat().st_nlink == 1
        assert os.listdir(path.parent) == ["config.json"]
        assert [mode(path), mode(path.parent), mode(path.parent.parent)] == [0o600, 0o700, 0o700]

    def test_of_a_new_file_whatever_it_is(self, tmp_path: Path) -> None:
        replace(str(tmp_path / "config.json"), NEW, expected=ANY)
        assert (tmp_path / "config.json").read_bytes() == NEW

    def test_empty_and_large(self, file: Path) -> None:
        for data in (b"", os.urandom(3 << 20), b"x"):
            replace(str(file), data, expected=version(file))
            assert file.read_bytes() == data


@pytest.mark.usefixtures("both_ways")
class TestOthersInBetween:
    def test_another_version_than_the_one_that_was_read(self, file: Path) -> None:
        before = version(file)
        (file.parent / "theirs").write_bytes(b"theirs")
        os.replace(file.parent / "theirs", file)
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"theirs"
        assert os.listdir(file.parent) == ["config.json"]

    def test_written_in_place_in_between(self, file: Path) -> None:
        before = version(file)
        file.write_bytes(b"theirs")
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"theirs"

    def test_a_file_where_there_was_none(self, file: Path) -> None:
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=None)
        assert file.read_bytes() == OLD

    def test_no_file_where_there_was_one(self, file: Path) -> None:
        before = version(file)
        file.unlink()
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert os.listdir(file.parent) == []

    def test_at_the_last_moment(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        during_write(monkeypatch, lambda: rename_over(file, b"theirs"))
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"theirs"
        assert os.listdir(file.parent) == ["config.json"]

    def test_a_first_file_at_the_last_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "config.json"
        during_write(monkeypatch, lambda: rename_over(path, b"theirs"))
        with pytest.raises(Changed):
            replace(str(path), NEW, expected=None)
        assert path.read_bytes() == b"theirs"
        assert os.listdir(tmp_path) == ["config.json"]

    def test_removed_at_the_last_moment(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        during_write(monkeypatch, file.unlink)
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert os.listdir(file.parent) == []


def rename_over(path: Path, data: bytes) -> None:
    """As docker does it."""
    (path.parent / "theirs").write_bytes(data)
    os.replace(path.parent / "theirs", path)


def during_write(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between writing the temporary file and giving it its name."""
    real = os.fsync
    acted: list[int] = []

    def fsync(fd: int) -> None:
        real(fd)
        if not acted:
            acted.append(fd)
            act()

    monkeypatch.setattr(os, "fsync", fsync)


class TestSwap:
    """Others who write between the last look and the swap, or between two swaps."""

    @staticmethod
    def before_swaps(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object] | None) -> list[str]:
        real = exchange_module.exchange
        rest = list(acts)
        calls: list[str] = []

        def exchange(place: Place, one: str, other: str) -> None:
            calls.append(one)
            act = rest.pop(0) if rest else None
            if act is not None:
                act()
            real(place, one, other)

        monkeypatch.setattr(replace_module, "exchange", exchange)
        return calls

    def test_their_version_gets_the_name_back(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        calls = self.before_swaps(monkeypatch, lambda: rename_over(file, b"theirs"))
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"theirs"
        assert len(calls) == 2
        assert os.listdir(file.parent) == ["config.json"]

    def test_the_newest_of_two_gets_the_name(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        calls = self.before_swaps(
            monkeypatch, lambda: rename_over(file, b"one"), lambda: rename_over(file, b"two, of one")
        )
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"two, of one"
        assert len(calls) == 3
        assert os.listdir(file.parent) == ["config.json"]

    def test_the_newest_of_three(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        self.before_swaps(monkeypatch, *(lambda data=data: rename_over(file, data) for data in (b"1", b"2", b"3")))
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"3"
        assert os.listdir(file.parent) == ["config.json"]

    def test_removed_between_two_swaps(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        self.before_swaps(monkeypatch, lambda: rename_over(file, b"one"), file.unlink)
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"one"
        assert os.listdir(file.parent) == ["config.json"]

    def test_removed_before_the_swap(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        self.before_swaps(monkeypatch, file.unlink)
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert os.listdir(file.parent) == []

    def test_a_link_put_in_between_is_not_followed(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)

        def link() -> None:
            file.unlink()
            file.symlink_to("elsewhere")

        self.before_swaps(monkeypatch, link)
        with pytest.raises(Changed):
            replace(str(file), NEW, expected=before)
        assert os.readlink(file) == "elsewhere"
        assert os.listdir(file.parent) == ["config.json"]

    def test_when_the_last_sync_fails_the_old_file_is_there(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        fail_sync_of_folder(monkeypatch)
        with pytest.raises(FileUnwritable, match="the disk reports an error"):
            replace(str(file), NEW, expected=before)
        assert version(file) == before
        assert os.listdir(file.parent) == ["config.json"]

    def test_when_the_last_sync_fails_theirs_is_not_lost(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        fail_sync_of_folder(monkeypatch)
        self.before_swaps(monkeypatch, None, lambda: rename_over(file, b"theirs"))
        with pytest.raises(FileUnwritable, match="the disk reports an error"):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == b"theirs"

    def test_when_the_last_sync_of_a_first_file_fails_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fail_sync_of_folder(monkeypatch)
        with pytest.raises(FileUnwritable, match="the disk reports an error"):
            replace(str(tmp_path / "config.json"), NEW, expected=None)
        assert os.listdir(tmp_path) == []

    def test_interrupted_between_swap_and_end(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = version(file)
        real = os.fsync

        def fsync(fd: int) -> None:
            real(fd)
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(KeyboardInterrupt):
            replace(str(file), NEW, expected=before)
        assert file.read_bytes() == NEW
        assert os.listdir(file.parent) == ["config.json"]

    def test_the_old_file_is_nobody_elses_under_its_other_name(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.chmod(0o644)
        seen: list[int] = []
        real = os.fsync

        def fsync(fd: int) -> None:
            real(fd)
            seen.extend(mode(file.parent / name) for name in os.listdir(file.parent) if name != "config.json")

        monkeypatch.setattr(os, "fsync", fsync)
        replace(str(file), NEW, expected=version(file))
        assert seen == [0o600, 0o600]
        assert mode(file) == 0o600


def fail_sync_of_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(fd: int) -> None:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, errno.EPERM])
def test_a_kernel_that_refuses_to_swap(file: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(exchange_module, "_found", [lambda *_: number])
    replace(str(file), NEW, expected=version(file))
    assert file.read_bytes() == NEW
    assert os.listdir(file.parent) == ["config.json"]


@pytest.mark.parametrize("damage", ["platform", "library", "symbol"])
def test_a_system_that_knows_no_swap(file: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("not found")

    monkeypatch.setattr(exchange_module, "_found", [])
    if damage == "platform":
        monkeypatch.setattr("sys.platform", "darwin")
    elif damage == "library":
        monkeypatch.setattr("ctypes.CDLL", refuse)
        monkeypatch.setattr("_ctypes.dlopen", refuse)
    else:
        monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
        monkeypatch.setattr("_ctypes.dlsym", refuse)
    replace(str(file), NEW, expected=version(file))
    assert exchange_module._found == [None]
    assert file.read_bytes() == NEW


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can swap names")
@pytest.mark.parametrize("missing", ["", "_ctypes.CFuncPtr", "_ctypes.FUNCFLAG_CDECL", "_ctypes._SimpleCData"])
def test_a_swap_by_whatever_this_python_has_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    import ctypes  # before something is missing that it needs  # noqa: F401

    monkeypatch.setattr(exchange_module, "_found", [])
    if missing:
        monkeypatch.delattr(missing)
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    with Place(str(tmp_path / "one")) as place:
        try:
            exchange_module.exchange(place, "one", "two")
        except exchange_module.NoExchange:
            pytest.skip("no swaps on this file system")
        with pytest.raises(FileNotFoundError):
            exchange_module.exchange(place, "one", "three")
    assert ((tmp_path / "one").read_text(), (tmp_path / "two").read_text()) == ("2", "1")


class TestModes:
    @pytest.mark.parametrize("umask", [0, 0o22, 0o777])
    @pytest.mark.usefixtures("both_ways")
    def test_whatever_the_umask(  # case 144
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
    ) -> None:
        path = tmp_path / "config.json"
        modes = record_modes(monkeypatch)
        before = os.umask(umask)
        try:
            now = replace(str(path), OLD, expected=None).now
            assert mode(path) == 0o600
            replace(str(path), NEW, expected=now)
        finally:
            os.umask(before)
        assert mode(path) == 0o600
        assert len(modes) == 2
        assert not any(found & 0o077 for found in modes)

    @pytest.mark.parametrize(
        ("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o640, 0o600), (0o600, 0o600), (0o400, 0o400), (0, 0)]
    )
    @pytest.mark.usefixtures("both_ways")
    def test_stricter_ones_are_kept(self, file: Path, before: int, after: int) -> None:
        snapshot = version(file)
        file.chmod(before)
        replace(str(file), NEW, expected=snapshot)
        assert mode(file) == after
        assert file.read_bytes() == NEW

    def test_a_file_system_without_modes(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.chmod(0o400)

        def refuse(_fd: int, _mode: int) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "fchmod", refuse)
        replace(str(file), NEW, expected=version(file))
        assert file.read_bytes() == NEW

    def test_closing_a_file_that_needs_no_change(self, file: Path) -> None:
        file.chmod(0o644)
        before = version(file)
        close_to_others(str(file))
        assert mode(file) == 0o600
        assert version(file) == before
        close_to_others(str(file))
        assert mode(file) == 0o600

    def test_closing_through_a_link(self, file: Path) -> None:
        file.chmod(0o644)
        (file.parent / "link").symlink_to(file)
        close_to_others(str(file.parent / "link"))
        assert mode(file) == 0o600

    @pytest.mark.parametrize("name", ["missing", "a/missing", "folder", "circle"])
    def test_closing_what_cannot_be_closed(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir(mode=0o755)
        (tmp_path / "circle").symlink_to("circle")
        close_to_others(str(tmp_path / name))
        assert mode(tmp_path / "folder") == 0o755

    def test_closing_another_users(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        path.chmod(0o644)
        with acting_as(somebody):
            close_to_others(str(path))
        assert mode(path) == 0o644

    def test_closing_what_only_others_can_read(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        os.chown(open_path, somebody, somebody)
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody)
        path.chmod(0o244)
        with acting_as(somebody):
            close_to_others(str(path))
            assert mode(path) == 0o244
            replace(str(path), NEW, expected=identity(os.stat(path)))
        assert mode(path) == 0o200

    def test_closing_a_file_that_was_replaced_in_between(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.chmod(0o644)
        real = Place.open

        def late(self: Place, name: str, flags: int, mode: int = 0o600) -> int:
            monkeypatch.setattr(Place, "open", real)
            rename_over(file, b"theirs")
            file.chmod(0o640)
            return real(self, name, flags, mode)

        monkeypatch.setattr(Place, "open", late)
        close_to_others(str(file))
        assert mode(file) == 0o640


def record_modes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The modes of files at the moment in which they are made."""
    real = os.open
    modes: list[int] = []

    def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        fd = real(path, flags, mode, dir_fd=dir_fd)
        if flags & os.O_CREAT:
            modes.append(os.fstat(fd).st_mode)
        return fd

    monkeypatch.setattr(os, "open", open_)
    return modes


@pytest.mark.usefixtures("both_ways")
class TestLinks:
    def test_the_target_is_written_and_the_link_stays(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        target = tmp_path / "real" / "target.json"
        target.write_bytes(OLD)
        for number, to in enumerate(("real/target.json", str(target))):
            link = tmp_path / f"link{number}"
            link.symlink_to(to)
            replace(str(link), NEW + bytes([48 + number]), expected=version(link))
            assert os.readlink(link) == to
            assert target.read_bytes() == NEW + bytes([48 + number])
        assert sorted(os.listdir(tmp_path)) == ["link0", "link1", "real"]
        assert os.listdir(tmp_path / "real") == ["target.json"]

    def test_a_missing_target_is_made(self, tmp_path: Path) -> None:
        link = tmp_path / "config.json"
        link.symlink_to("not/yet/there.json")
        replace(str(link), NEW, expected=None)
        assert os.readlink(link) == "not/yet/there.json"
        assert (tmp_path / "not" / "yet" / "there.json").read_bytes() == NEW

    def test_a_circle(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").symlink_to("config.json")
        with pytest.raises(FileUnwritable, match="its symbolic links lead in a circle"):
            replace(str(tmp_path / "config.json"), NEW)

    def test_other_names_of_the_file_are_not_written_through(self, file: Path) -> None:
        os.link(file, file.parent / "other")
        replace(str(file), NEW, expected=version(file))
        assert file.read_bytes() == NEW
        assert (file.parent / "other").read_bytes() == OLD

    def test_a_long_name(self, tmp_path: Path) -> None:
        path = tmp_path / ("é" * 120)
        now = replace(str(path), OLD, expected=None).now
        replace(str(path), NEW, expected=now)
        assert path.read_bytes() == NEW


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize(
    ("make", "what"), [(make_folder, "a folder"), (make_pipe, "a pipe"), (link_to_device, "a device")]
)
def test_what_is_no_file_is_not_replaced(tmp_path: Path, make: Callable[[Path], None], what: str) -> None:
    path = tmp_path / "config.json"
    make(path)
    with pytest.raises(FileUnwritable, match=f"it is {what}, not a file"):
        replace(str(path), NEW)
    assert os.listdir(tmp_path) == ["config.json"]
    assert not stat.S_ISREG(os.stat(path).st_mode)


class TestOwners:
    @pytest.mark.usefixtures("both_ways")
    def test_root_keeps_owner_and_group(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody + 1)
        path.chmod(0o640)
        replace(str(path), NEW, expected=version(path))
        status = path.stat()
        assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (somebody, somebody + 1, 0o600)
        with acting_as(somebody):
            assert path.read_bytes() == NEW

    def test_another_users_file_is_refused(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        os.chown(open_path, somebody, somebody)
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        path.chmod(0o666)
        with acting_as(somebody), pytest.raises(FileUnwritable) as caught:
            replace(str(path), NEW, expected=version(path))
        assert caught.value.message == f"cannot write {path}: it belongs to root (uid 0), not to you"
        assert "sudo" in str(caught.value.hint)
        assert path.read_bytes() == OLD
        assert path.stat().st_uid == 0

    def test_a_user_without_a_name(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody)
        with acting_as(somebody + 1), pytest.raises(FileUnwritable, match=f"it belongs to uid {somebody}, not to you"):
            replace(str(path), NEW)

    def test_root_of_a_container_that_cannot_give_files_away(
        self, open_path: str, somebody: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give a file away")
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody)

        def refuse(_fd: int, _uid: int, _gid: int) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

        monkeypatch.setattr(os, "fchown", refuse)
        with pytest.raises(FileUnwritable, match="not permitted"):
            # In place it could be written, but not with a journal that is the owner's.
            monkeypatch.setattr("dockpass.files.inplace.overwrite", fail_permission)
            replace(str(path), NEW, expected=version(path))
        assert path.read_bytes() == OLD
        assert os.listdir(open_path) == ["config.json"]

    def test_a_folder_that_cannot_be_written_and_no_file(
        self, open_path: str, acting_as: ActingAs, somebody: int
    ) -> None:
        with acting_as(somebody), pytest.raises(FileUnwritable) as caught:
            replace(os.path.join(open_path, "config.json"), NEW, expected=None)
        assert caught.value.message == f"cannot write {open_path}/config.json: permission denied"
        assert caught.value.path == f"{open_path}/config.json"

    def test_a_file_that_cannot_be_written_in_a_folder_that_cannot(
        self, open_path: str, acting_as: ActingAs, somebody: int
    ) -> None:
        path = Path(open_path, "config.json")
        path.write_bytes(OLD)
        os.chown(path, somebody, somebody)
        path.chmod(0o400)
        with acting_as(somebody), pytest.raises(FileUnwritable, match="permission denied"):
            replace(str(path), NEW, expected=version(path))
        assert path.read_bytes() == OLD


def fail_permission(*_: Any, **__: Any) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


class TestShortWrites:
    def test_all_is_written(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:3]))
        replace(str(file), NEW, expected=version(file))
        assert file.read_bytes() == NEW

    def test_a_system_that_writes_nothing(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "write", lambda _fd, _data: 0)
        with pytest.raises(FileUnwritable, match="the disk reports an error"):
            replace(str(file), NEW, expected=version(file))
        assert file.read_bytes() == OLD
        assert os.listdir(file.parent) == ["config.json"]

    def test_a_file_system_that_cannot_sync(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_fd: int) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

        monkeypatch.setattr(os, "fsync", refuse)
        replace(str(file), NEW, expected=version(file))
        assert file.read_bytes() == NEW


def test_no_hard_links_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.json"
    monkeypatch.setattr(Place, "link", fail_permission)
    replace(str(path), OLD, expected=None)
    assert path.read_bytes() == OLD
    path.unlink()
    during_write(monkeypatch, lambda: rename_over(path, b"theirs"))
    with pytest.raises(Changed):
        replace(str(path), NEW, expected=None)
    assert path.read_bytes() == b"theirs"


class TestTidy:
    def test_what_a_killed_process_left_is_removed(self, file: Path) -> None:
        (file.parent / ".config.json.dockpass-new-0123456789abcdef").write_bytes(b"half")
        (file.parent / ".other.json.dockpass-new-0123456789abcdef").write_bytes(b"not ours")
        (file.parent / "config.json123").write_bytes(b"docker's")
        tidy(str(file))
        assert sorted(os.listdir(file.parent)) == [
            ".other.json.dockpass-new-0123456789abcdef",
            "config.json",
            "config.json123",
        ]

    def test_no_folder(self, tmp_path: Path) -> None:
        tidy(str(tmp_path / "a" / "config.json"))
        assert os.listdir(tmp_path) == []

    def test_below_a_file(self, file: Path) -> None:
        tidy(str(file / "config.json"))

    def test_a_file_that_cannot_be_mended(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (file.parent / ".config.json.dockpass-journal").write_bytes(b"")
        monkeypatch.setattr(Place, "open", fail_permission)
        with pytest.raises(FileUnwritable, match="not permitted"):
            tidy(str(file))

    def swap_name(self, file: Path, ours: Path, read: Path) -> Path:
        with Place(str(file)) as place:
            name = replace_module._swap_name(place, identity(os.stat(ours)), identity(os.stat(read)))
        return file.parent / name

    def test_killed_before_the_swap(self, file: Path) -> None:
        ours = file.parent / "ours"
        ours.write_bytes(NEW)
        os.rename(ours, self.swap_name(file, ours, file))
        tidy(str(file))
        assert file.read_bytes() == OLD
        assert os.listdir(file.parent) == ["config.json"]

    def test_killed_after_the_swap(self, file: Path) -> None:
        ours = file.parent / "ours"
        ours.write_bytes(NEW)
        swap = self.swap_name(file, ours, file)
        os.rename(file, swap)
        os.rename(ours, file)
        tidy(str(file))
        assert file.read_bytes() == NEW
        assert os.listdir(file.parent) == ["config.json"]

    @pytest.fixture
    def swapped_out(self, file: Path) -> Path:
        """Killed right after a swap in which somebody's newer version came out."""
        ours = file.parent / "ours"
        ours.write_bytes(NEW)
        swap = self.swap_name(file, ours, file)
        file.unlink()
        swap.write_bytes(b"theirs")
        os.rename(ours, file)
        return swap

    @pytest.mark.usefixtures("swapped_out", "both_ways")
    def test_killed_before_theirs_could_go_back(self, file: Path) -> None:
        tidy(str(file))
        assert file.read_bytes() == b"theirs"
        assert os.listdir(file.parent) == ["config.json"]

    @pytest.mark.usefixtures("swapped_out")
    def test_and_the_name_is_free_now(self, file: Path) -> None:
        file.unlink()
        tidy(str(file))
        assert file.read_bytes() == b"theirs"
        assert os.listdir(file.parent) == ["config.json"]

    @pytest.mark.usefixtures("swapped_out")
    def test_and_somebody_has_written_since(self, file: Path) -> None:
        rename_over(file, b"newest")
        tidy(str(file))
        assert file.read_bytes() == b"newest"
        assert os.listdir(file.parent) == ["config.json"]

    @pytest.mark.parametrize("end", ["x", "1-2-3-4-5-zz", ""])
    def test_names_that_only_look_like_ours(self, file: Path, end: str) -> None:
        path = file.parent / f".config.json.dockpass-swap-{end}"
        path.write_bytes(b"")
        tidy(str(file))
        assert path.exists()

    def test_a_file_that_vanishes_meanwhile(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Place, "names", lambda _self: [".config.json.dockpass-swap-1-2-3-4"])
        tidy(str(file))
        assert os.listdir(file.parent) == ["config.json"]


def test_a_full_disk(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.errors import FileUnwritable
from dockpass.files.read import read
from dockpass.files.replace import replace
folder = os.environ["D"]
path = folder + "/config.json"
replace(path, b"old" * 100, expected=None)
now = read(path, limit=1 << 20).identity
try: replace(path, b"x" * 100_000, expected=now)
except FileUnwritable as error: print(error.id, error.message, error.hint, sep="|")
print(os.listdir(folder), open(path, "rb").read() == b"old" * 100)
"""
    out = in_mounts(tmp_path, 'mount -t tmpfs -o size=64k none "$D"', code)
    assert out == (
        f"file-unwritable|cannot write {tmp_path}/config.json: no space left on the disk"
        "|free some space there and try again\n['config.json'] True\n"
    )


def test_a_link_to_another_device(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.files.read import read
from dockpass.files.replace import replace
folder = os.environ["D"]
path = folder + "/link"
os.symlink("mount/config.json", path)
replace(path, b"one", expected=None)
replace(path, b"two", expected=read(path, limit=9).identity)
print(os.listdir(folder + "/mount"), os.readlink(path), sorted(os.listdir(folder)), open(path).read())
"""
    out = in_mounts(tmp_path, 'mkdir "$D/mount"; mount -t tmpfs none "$D/mount"', code)
    assert out == "['config.json'] mount/config.json ['link', 'mount'] two\n"


def test_a_read_only_file_system(tmp_path: Path, in_mounts: Callable[..., str]) -> None:
    code = """
import os
from dockpass.errors import FileUnwritable
from dockpass.files.read import read
from dockpass.files.replace import replace
path = os.environ["D"] + "/config.json"
for expected in (None, read(path, limit=9).identity):
    try: replace(path if expected else path + "2", b"two", expected=expected)
    except FileUnwritable as error: print(error.message, error.hint, sep="|")
"""
    shell = 'echo one > "$D/config.json"; mount --bind "$D" "$D"; mount -o remount,bind,ro "$D"'
    out = in_mounts(tmp_path, shell, code)
    why = "the file system is read-only|use a folder that can be written to\n"
    assert out == f"cannot write {tmp_path}/config.json2: {why}cannot write {tmp_path}/config.json: {why}"
