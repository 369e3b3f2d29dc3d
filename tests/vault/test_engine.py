"""Two engines, one contract; and each opens what the other sealed."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pyrage
import pytest

from dockpass.errors import AgeMissing
from dockpass.vault import by_program
from dockpass.vault.by_program import ByProgram
from dockpass.vault.by_pyrage import ByPyrage
from dockpass.vault.engine import Broken, Engine, NotForUs, Trouble
from dockpass.vault.keys import BadKey, Keys
from dockpass.vault.pick import pick
from dockpass.vault.program import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENVIRON = {"PATH": os.environ["PATH"]}
ENGINES = [ByPyrage(ENVIRON), ByProgram(ENVIRON)]
both = pytest.mark.parametrize("engine", ENGINES, ids=lambda each: type(each).__name__)
others = pytest.mark.parametrize("other", ENGINES, ids=lambda each: type(each).__name__)


def keys_of(engine: Engine) -> tuple[Keys, list[str]]:
    keys = Keys.parse(engine.generate().encode())
    return keys, engine.public(keys)


@others
@both
def test_what_one_seals_the_other_opens(engine: Engine, other: Engine) -> None:
    keys, public = keys_of(other)
    assert engine.public(keys) == public
    data = bytes(range(256)) * 600
    sealed = engine.seal(data, public)
    assert data[:64] not in sealed
    assert other.unseal(sealed, keys) == data


@both
def test_for_several_each_can_open(engine: Engine) -> None:
    one, two, third = keys_of(engine), keys_of(engine), keys_of(engine)
    sealed = engine.seal(b"data", one[1] + two[1])
    assert engine.unseal(sealed, one[0]) == b"data"
    assert engine.unseal(sealed, two[0]) == b"data"
    with pytest.raises(NotForUs):
        engine.unseal(sealed, third[0])
    assert engine.unseal(sealed, Keys.parse(b"\n".join([third[0].data, two[0].data]))) == b"data"


@pytest.mark.parametrize("kind", [("ed25519",), ("rsa", "-b", "2048")], ids=str)
@others
@both
def test_ssh_keys(engine: Engine, other: Engine, kind: tuple[str, ...], ssh_key: Callable[..., Path]) -> None:
    keys = Keys.parse(ssh_key(*kind).read_bytes())
    assert engine.public(keys) == []
    assert other.unseal(engine.seal(b"data", keys.named), keys) == b"data"
    with pytest.raises(NotForUs):
        engine.unseal(engine.seal(b"x", keys_of(engine)[1]), keys)


@others
@both
def test_damage_is_told_from_not_for_us(engine: Engine, other: Engine) -> None:
    keys, public = keys_of(engine)
    sealed = other.seal(b"a secret", public)
    end = sealed.index(b"\n--- ")
    damaged = [sealed[:-1], sealed[: end + 1], sealed[:-3] + b"abc", sealed + b"x", sealed[: end + 60], b"", b"no"]
    damaged.append(sealed.replace(b"\n--- ", b"\n--- A", 1))
    for data in damaged:
        with pytest.raises(Broken) as caught:
            engine.unseal(data, keys)
        assert "secret" not in str(caught.value)


@both
def test_a_damaged_private_key_is_not_taken_for_a_damaged_file(engine: Engine) -> None:
    keys, public = keys_of(engine)
    sealed = engine.seal(b"x", public)
    broken = Keys.parse(keys.data[:-4] + b"QQQQ")
    with pytest.raises(BadKey) as caught:
        engine.unseal(sealed, broken)
    assert broken.native[0][20:40] not in str(caught.value)
    with pytest.raises(BadKey):
        engine.public(broken)


@both
def test_a_damaged_public_key(engine: Engine) -> None:
    _keys, public = keys_of(engine)
    for bad in (public[0][:-1] + ("q" if public[0][-1] != "q" else "p"), "ssh-ed25519 AAAA", "age1x"):
        with pytest.raises(BadKey):
            engine.seal(b"x", [*public, bad])


@both
def test_a_passphrase(engine: Engine, by_passphrase: Callable[..., bytes]) -> None:
    sealed = by_passphrase(b"data", "pass word: ü$")
    assert engine.unlock(sealed, "pass word: ü$") == b"data"
    with pytest.raises(NotForUs):
        engine.unlock(sealed, "pass word: u$")
    for damaged in (sealed[:-1], sealed[:-2] + b"xx"):
        with pytest.raises(Broken):
            engine.unlock(damaged, "pass word: ü$")
    with pytest.raises((Broken, Trouble, NotForUs)):
        engine.unlock(sealed.replace(b"scrypt", b"script", 1), "pass word: ü$")


def test_locking_by_a_passphrase_each_opened_by_the_other() -> None:
    # Once each: it is a second's work on purpose.
    module, program = ENGINES
    assert module.unlock(program.lock(b"data", "it's me"), "it's me") == b"data"
    assert program.unlock(module.lock(b"data", "it's me"), "it's me") == b"data"


def test_the_module_is_picked_where_it_is_there(engine: str) -> None:
    assert type(pick(ENVIRON)) is (ByPyrage if engine == "pyrage" else ByProgram)


def test_without_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    using = pick({"PATH": "/nonexistent:relative"})
    for act in (using.generate, lambda: using.seal(b"", ["age1x"]), lambda: using.lock(b"", "x")):
        with pytest.raises(AgeMissing, match="no Python module pyrage, and no program age") as caught:
            act()
        assert "pip install pyrage" in (caught.value.hint or "")


def test_a_relative_folder_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "age").write_text("#!/bin/sh\n")
    (tmp_path / "age").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AgeMissing):
        find("age", {"PATH": f".{os.pathsep}"})
    assert find("age", {"PATH": f".{os.pathsep}{tmp_path}"}) == str(tmp_path / "age")


def program(folder: Path, script: str) -> ByProgram:
    for name in ("age", "age-keygen"):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    return ByProgram({"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "DOCKER_AUTH_CONFIG": "{}"})


def test_a_program_that_fails_and_why(tmp_path: Path) -> None:
    keys = Keys.parse(ENGINES[0].generate().encode())
    with pytest.raises(Trouble, match="oh no; really"):
        program(tmp_path, "#!/bin/sh\necho 'age: error: oh no' >&2; echo really >&2; exit 3\n").unseal(b"", keys)
    with pytest.raises(Trouble, match="did not say why"):
        program(tmp_path, "#!/bin/sh\nexit 3\n").unseal(b"", keys)
    with pytest.raises(Trouble, match="cannot be run"):
        program(tmp_path, "\0\0").unseal(b"", keys)
    with pytest.raises(Trouble, match="oh no"):
        program(tmp_path, "#!/bin/sh\necho 'age: error: oh no' >&2; exit 3\n").unlock(b"", "x")


def test_a_program_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_program, "TIMEOUT", 0.3)
    slow = program(tmp_path, "#!/bin/sh\nexec sleep 600\n")
    keys = Keys.parse(ENGINES[0].generate().encode())
    with pytest.raises(Trouble, match="did not end within"):
        slow.unseal(b"", keys)
    with pytest.raises(Trouble, match="did not end within"):
        slow.unlock(b"", "x")


def test_what_it_runs_is_stopped_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_program, "TIMEOUT", 0.5)
    slow = program(tmp_path, f"#!/bin/sh\nsleep 600 & echo $! >{tmp_path}/pid; wait\n")
    with pytest.raises(Trouble, match="did not end within"):
        slow.unseal(b"", Keys.parse(ENGINES[0].generate().encode()))
    child = int((tmp_path / "pid").read_text())
    for _ in range(500):
        try:
            with open(f"/proc/{child}/stat") as status:
                if status.read().rpartition(")")[2].split()[0] == "Z":
                    break  # ended, and nobody of this system has asked how
        except FileNotFoundError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("it goes on")


def test_on_windows_there_is_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(AgeMissing):
        find("age", ENVIRON)


def test_no_key_is_an_argument_or_in_the_environment(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    using = program(tmp_path, f'#!/bin/sh\n{{ printf "%s " "$0" "$@"; env; }} >>{seen}\nexec cat\n')
    keys = Keys.parse(ENGINES[0].generate().encode())
    using.unseal(b"x", keys)
    using.public(keys)
    using.seal(b"x", ["age1x"])
    # It asks nothing, and is told nothing: the answer is only typed behind the question.
    using.lock(b"x", "hunter2")
    text = seen.read_text()
    assert "/dev/fd/" in text
    assert "SECRET" not in text
    assert "hunter2" not in text
    assert "DOCKER_AUTH_CONFIG" not in text


def test_what_it_says_in_passing_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    using = program(tmp_path, "#!/bin/sh\nprintf 'touch \\033[31mit' >&2; exec cat\n")
    using.tell = told.append
    using.unseal(b"x", Keys.parse(ENGINES[0].generate().encode()))
    assert told == ["touch \\x1b[31mit"]


def test_a_large_list_of_recipients_fits_through_a_pipe() -> None:
    using = ByProgram(ENVIRON)
    keys, public = keys_of(using)
    sealed = using.seal(b"x", [*public, *(str(pyrage.x25519.Identity.generate().to_public()) for _ in range(300))])
    assert using.unseal(sealed, keys) == b"x"
    with pytest.raises(BadKey):  # it ends before it has read all of the pipe
        using.seal(b"x", ["age1bad", *public * 5000])


def test_without_a_terminal_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> tuple[int, int]:
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr(os, "openpty", refuse)
    with pytest.raises(Trouble, match="no terminal to be had"):
        ByProgram(ENVIRON).unlock(b"", "x")
