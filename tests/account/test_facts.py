"""What is remembered about registries: the files, who may read them, and what becomes of odd ones."""

from __future__ import annotations

import json
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass.account import facts
from dockpass.account.facts import Facts
from dockpass.errors import FileUnreadable, FileUnwritable
from dockpass.server import Server
from dockpass.vault.home import Home
from dockpass.vault.layout import state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

R = Server.parse("r.example:5000")
HUB = Server.parse("docker.io")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(str(tmp_path / "share" / "dockpass"))


def put(home: Home, text: str | bytes, server: str = "r.example:5000") -> str:
    """Write the file of a server."""
    path = state(home.path, server)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return path


def text_of(home: Home, server: str = "r.example:5000") -> str:
    with open(state(home.path, server), encoding="utf-8") as file:
        return file.read()


def test_nothing_is_remembered_at_first_and_nothing_is_made_for_that(home: Home) -> None:
    assert facts.find(home, R) is None
    assert facts.everything(home) == ([], [])
    assert facts.change(home, R, "token_host", None) is None
    assert not os.path.exists(home.path)


def test_a_fact_is_remembered_changed_and_forgotten(home: Home) -> None:
    assert facts.change(home, R, "token_host", "a.example") is None
    assert text_of(home) == '{\n\t"server": "r.example:5000",\n\t"token_host": "a.example"\n}\n'
    assert facts.change(home, R, "token_host", "b.example") == "a.example"
    found = facts.find(home, R)
    assert found is not None
    assert (found.server, found.values, found.path) == (
        "r.example:5000", {"token_host": "b.example"}, state(home.path, "r.example:5000")
    )  # fmt: skip
    assert facts.change(home, R, "token_host", None) == "b.example"
    assert facts.find(home, R) is None
    # The file goes with its last fact, and the folder with its last file.
    assert os.listdir(home.path) == [".facts.lock"]


def test_only_the_owner_may_read_what_is_made(home: Home) -> None:
    before = os.umask(0)
    try:
        facts.change(home, R, "token_host", "a.example")
    finally:
        os.umask(before)
    made = [home.path, os.path.dirname(home.path), *(os.path.join(home.path, name) for name in os.listdir(home.path))]
    made.append(state(home.path, "r.example:5000"))
    for path in made:
        assert not stat.S_IMODE(os.stat(path).st_mode) & 0o077, path
    assert stat.S_IMODE(os.stat(made[-1]).st_mode) == 0o600


def test_what_does_not_change_is_not_written(home: Home) -> None:
    facts.change(home, R, "token_host", "a.example")
    before = os.stat(state(home.path, "r.example:5000"))
    assert facts.change(home, R, "token_host", "a.example") == "a.example"
    assert facts.change(home, R, "other", None) is None
    after = os.stat(state(home.path, "r.example:5000"))
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_each_registry_has_a_file_of_its_own_under_every_spelling(home: Home) -> None:
    facts.change(home, Server.parse("R.Example:5000"), "token_host", "a.example")
    facts.change(home, HUB, "token_host", "b.example")
    assert sorted(os.listdir(os.path.join(home.path, "state"))) == [
        "https%3A%2F%2Findex.docker.io%2Fv1%2F.json",
        "r.example%3A5000.json",
    ]
    for spelling in ("r.example:5000", "https://r.example:5000/v2/", "R.EXAMPLE:5000"):
        found = facts.find(home, Server.parse(spelling))
        assert found is not None
        assert found.values == {"token_host": "a.example"}
    for other in ("r.example", "r.example:5001", "x.r.example:5000"):
        assert facts.find(home, Server.parse(other)) is None
    found = facts.find(home, Server.parse("https://registry-1.docker.io/v1/"))
    assert found is not None
    every, errors = facts.everything(home)
    assert [(each.server, each.values["token_host"]) for each in every] == [
        ("https://index.docker.io/v1/", "b.example"), ("r.example:5000", "a.example"),
    ]  # fmt: skip
    assert errors == []


def test_a_name_that_is_too_long_for_a_file_is_in_it(home: Home) -> None:
    long = Server.parse(".".join(["x" * 60] * 4))
    facts.change(home, long, "token_host", "a.example")
    assert os.listdir(os.path.join(home.path, "state"))[0].startswith("%23")
    every, errors = facts.everything(home)
    assert ([each.server for each in every], errors) == ([long.key], [])


def test_what_this_version_does_not_know_is_kept_to_the_byte(home: Home) -> None:
    unknown = '"revoke": {"by": "POST",  "n": [1.50, 1e400, 123456789012345678901, "\\u00e9"]}, "expires": -0'
    put(home, f'{{"token_host": "a.example", {unknown}, "server": "r.example:5000"}}')
    facts.change(home, R, "token_host", "b.example")
    assert '"revoke": {"by": "POST",  "n": [1.50, 1e400, 123456789012345678901, "\\u00e9"]}' in text_of(home)
    assert '"expires": -0' in text_of(home)
    facts.change(home, R, "token_host", None)
    assert json.loads(text_of(home)).keys() == {"server", "revoke", "expires"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=5), st.text(max_size=20), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_change_changes_nothing_else(members: dict[str, object], value: str, indented: bool) -> None:
    members = {name: what for name, what in members.items() if name not in ("server", "token_host")}
    data = json.dumps({**members, "server": "r.example"}, indent=2 if indented else None).encode()
    try:
        found = Facts.read(data, "x")
    except FileUnreadable:
        assert "\\ud" in data.decode()  # half a surrogate pair
        return
    assert found.written() == Facts.read(found.written(), "x").written()
    assert json.loads(found.written()) == {**members, "server": "r.example"}
    assert found.set("token_host", value)
    assert not found.set("token_host", value)
    assert json.loads(found.written()) == {**members, "server": "r.example", "token_host": value}
    assert found.set("token_host", None)
    assert json.loads(found.written()) == {**members, "server": "r.example"}


@given(st.binary(max_size=60))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    try:
        found = Facts.read(data, "/x/y.json")
    except FileUnreadable as error:
        assert error.message.startswith("cannot use /x/y.json: ")
        assert error.message.isprintable()
        return
    assert Facts.read(found.written(), "/x/y.json").values == found.values


# Odd files: never taken for "nothing is remembered"


def _link(path: str) -> None:
    with open(path + ".elsewhere", "wb") as file:
        file.write(b'{"server": "r.example:5000", "token_host": "evil.example"}')
    os.symlink(path + ".elsewhere", path)


def _huge(path: str) -> None:
    with open(path, "wb") as file:
        file.truncate(100 << 20)


def _writable(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b'{"server": "r.example:5000", "token_host": "evil.example"}')
    os.chmod(path, 0o666)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (os.mkfifo, "it is a pipe"),
        (os.mkdir, "it is a folder"),
        (_link, "it is a symbolic link"),
        (_huge, "it is larger than 65536 bytes"),
        (_writable, "others can write it (mode 0666)"),
    ],
    ids=["a pipe", "a folder", "a link", "100 MB", "open to others"],
)
def test_an_odd_file_is_refused_and_named(home: Home, make: Callable[[str], object], says: str) -> None:
    path = state(home.path, "r.example:5000")
    os.makedirs(os.path.dirname(path), mode=0o700)
    make(path)
    acts: tuple[Callable[[], object], ...] = (
        lambda: facts.find(home, R),
        lambda: facts.change(home, R, "token_host", "b.example"),
        lambda: facts.change(home, R, "token_host", None),
    )
    for act in acts:
        with pytest.raises(FileUnreadable) as caught:
            act()
        assert (caught.value.path, says in caught.value.message) == (path, True), caught.value.message
        assert path in caught.value.message
    facts.change(home, HUB, "token_host", "a.example")
    every, errors = facts.everything(home)
    assert ([each.server for each in every], [error.path for error in errors]) == ([HUB.key], [path])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1, column 1: the text ends where a value should stand"),
        ("token_host: a", "line 1, column 1: a value should stand here"),
        ('{"server": "r.example:5000",}', "line 1, column 29"),
        ('{"server": "r.example:5000", "server": "r.example:5000"}', "a name stands twice"),
        (b'{"server": "r.example:5000\xff"}', "not UTF-8"),
        ("[" * 100, "nested too deep"),
        ("[]", "it does not say which registry it is about"),
        ("null", "it does not say which registry it is about"),
        ('{"token_host": "a.example"}', "it does not say which registry it is about"),
        ('{"server": 1, "token_host": "a.example"}', "it does not say which registry it is about"),
        ('{"server": "other.example\\u001b]0;x", "token_host": "a.example"}', "it is about other.example\\x1b]0;x"),
    ],
)
def test_a_broken_file_is_refused_and_named(home: Home, text: str | bytes, says: str) -> None:
    path = put(home, text)
    acts: tuple[Callable[[], object], ...] = (
        lambda: facts.find(home, R),
        lambda: facts.change(home, R, "token_host", "b.example"),
    )
    for act in acts:
        with pytest.raises(FileUnreadable) as caught:
            act()
        assert caught.value.message.startswith(f"cannot use {path}: ")
        assert says in caught.value.message
        assert str(caught.value.hint).endswith(f"then remove it: rm -- '{path}'")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(home: Home) -> None:
    path = put(home, '{"server": "r.example:5000", "token_host": "evil.example"}')
    os.chown(path, 65534, -1)
    with pytest.raises(FileUnreadable, match="belongs to somebody else"):
        facts.find(home, R)


def test_a_link_in_place_of_the_folder_is_not_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    os.makedirs(home.path)
    os.symlink(tmp_path / "elsewhere", os.path.join(home.path, "state"))
    acts: tuple[Callable[[], object], ...] = (
        lambda: facts.find(home, R),
        lambda: facts.everything(home),
        lambda: facts.change(home, R, "token_host", "a.example"),
    )
    for act in acts:
        with pytest.raises(FileUnreadable, match="a symbolic link"):
            act()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_vaults_folder_itself_may_be_a_link(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    os.makedirs(os.path.dirname(home.path))
    os.symlink(tmp_path / "elsewhere", home.path)
    facts.change(home, R, "token_host", "a.example")
    assert facts.find(home, R) is not None


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises((FileUnwritable, FileUnreadable)):
        facts.change(Home(str(tmp_path / "file" / "dockpass")), R, "token_host", "a.example")


def test_what_a_killed_process_left_goes_with_the_next_change(home: Home) -> None:
    facts.change(home, R, "token_host", "a.example")
    left = os.path.join(home.path, "state", ".r.example%3A5000.json.dockpass-new-0123456789abcdef")
    with open(left, "wb") as file:
        file.write(b'{"server": "r.exa')
    assert [each.server for each in facts.everything(home)[0]] == ["r.example:5000"]
    facts.change(home, HUB, "token_host", "a.example")
    assert not os.path.exists(left)


def test_a_file_of_somebody_else_in_the_folder_is_left_alone(home: Home) -> None:
    facts.change(home, R, "token_host", "a.example")
    with open(os.path.join(home.path, "state", "README"), "wb"):
        pass
    assert [each.server for each in facts.everything(home)[0]] == ["r.example:5000"]
    facts.change(home, R, "token_host", None)
    assert os.listdir(os.path.join(home.path, "state")) == ["README"]


def test_many_at_once_lose_nothing(home: Home) -> None:
    """Members of one file, and files that come and go in one folder."""
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(5):
                facts.change(home, R, f"fact{number}", "x")
                facts.change(home, Server.parse(f"r{number}.example"), "token_host", "a.example")
                facts.change(home, Server.parse(f"r{number}.example"), "token_host", None)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found = facts.find(home, R)
    assert found is not None
    assert found.values == {f"fact{number}": "x" for number in range(6)}
    assert os.listdir(os.path.join(home.path, "state")) == ["r.example%3A5000.json"]
