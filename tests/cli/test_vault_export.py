"""``dockpass vault export`` and ``import``, as one who moves to another machine uses them, and as one who errs does."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pyrage import passphrase

from dockpass.account import launcher
from dockpass.credential import Credential
from dockpass.vault.archive import Login, parse, render
from dockpass.vault.collect import collect
from dockpass.vault.home import Home as Vault
from dockpass.vault.keep import put

PASSPHRASE = "correct horse"
SERVER, HUB = "reg.test:5000", "https://index.docker.io/v1/"
LOGINS = [
    Login(HUB, Credential("", "t0ken", is_identity_token=True), active=True),
    Login(SERVER, Credential("alice", "wonder"), active=True),
    Login(SERVER, Credential("bob", "builder"), active=False),
]


def vault_of(home: Any) -> Vault:
    return Vault(str(Path(home.folder, ".local/share/dockpass")), environ=home.environ)


def fill(home: Any) -> None:
    for login in sorted(LOGINS, key=lambda login: login.active):
        put(vault_of(home), login.server, login.credential)


def logins(home: Any) -> list[Login]:
    found = collect(vault_of(home))
    assert found.damaged == []
    return found.logins


def key_of(home: Any) -> pyrage.x25519.Identity:
    text = Path(vault_of(home).path, "identity.txt").read_text().splitlines()[-1]
    return pyrage.x25519.Identity.from_str(text)


def forget(home: Any) -> None:
    """As on another machine."""
    shutil.rmtree(vault_of(home).path)


def sealed(home: Any, data: bytes, *, name: str = "given.age", **options: bool) -> str:
    """Somebody's file, for this vault's key."""
    path = Path(home.folder, name)
    path.write_bytes(pyrage.encrypt(data, [key_of(home).to_public()], **options))
    return str(path)


def by_passphrase(data: bytes) -> bytes:
    return bytes(passphrase.encrypt(data, PASSPHRASE))


def _with_work(data: bytes, factor: int) -> bytes:
    """With another work factor in its head; that this is not authentic would be seen only after the work."""
    intro, line, rest = data.split(b"\n", 2)
    return b"\n".join((intro, line.rpartition(b" ")[0] + f" {factor}".encode(), rest))


def sit_long(sit: Any, *words: str, **environ: str) -> Any:
    """A passphrase costs a second on purpose, and much more on a busy machine."""
    session = sit("vault", *words, columns=300, **environ)
    session._process.timeout = 120
    return session


@pytest.fixture
def kept(home: Any) -> Any:
    fill(home)
    return home


def test_out_and_in_again(kept: Any) -> None:
    done = kept.run("vault", "export", "backup.age")
    assert (done.code, done.out) == (0, "")
    public = str(key_of(kept).to_public())
    first, second = done.err.splitlines()
    assert first == f"Exported 3 logins of 2 servers, sealed for {public}"
    assert second.startswith("Only this vault's own key opens it")
    path = Path(kept.folder, "backup.age")
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept.places_of("wonder") == []
    assert sorted(os.listdir(kept.folder)) == [".local", "backup.age"]
    assert parse(pyrage.decrypt(path.read_bytes(), [key_of(kept)])) == LOGINS

    Path(kept.folder, "key").write_text(str(key_of(kept)))
    forget(kept)
    words = ("vault", "import", "--identity", "key", "backup.age")
    dry = kept.run(*words, "--dry-run")
    assert (dry.code, dry.out.splitlines()) == (
        0,
        [
            f"{HUB} (no user name): would be imported",
            f"{SERVER} alice: would be imported",
            f"{SERVER} bob: would be imported",
        ],
    )
    assert not os.path.exists(vault_of(kept).path)
    done = kept.run(*words)
    assert (done.code, done.out) == (0, dry.out.replace("would be ", ""))
    assert "docker-credential-dockpass is not on PATH" in done.err
    assert logins(kept) == LOGINS
    again = kept.run(*words, "-q")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert "3 logins were there already" in kept.run(*words).err
    assert kept.config == {}


def test_nothing_that_is_there_is_overwritten(kept: Any) -> None:
    path = Path(kept.folder, "backup.age")
    path.write_text("mine")
    done = kept.run("vault", "export", "backup.age")
    assert (done.code, path.read_text()) == (1, "mine")
    assert "it is there already" in done.err
    assert kept.run("vault", "export", "--force", "-q", "backup.age").err == ""
    assert parse(pyrage.decrypt(path.read_bytes(), [key_of(kept)])) == LOGINS
    path.unlink()
    path.symlink_to("elsewhere")
    assert kept.run("vault", "export", "backup.age").code == 1
    assert not Path(kept.folder, "elsewhere").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("no/such/backup.age",), "there is no folder"),
        ((".local/share/dockpass/identity.txt", "--force"), "is in the folder of the vault itself"),
        ((".local/share/dockpass",), "is in the folder of the vault itself"),
        ((".local", "--force"), "it is a folder, not a file"),
        (("--recipient", "nonsense", "x"), "cannot seal for nonsense"),
        (("--recipient", "age1qqqq", "x"), "cannot seal the export"),
        (("--recipient", "", "x"), "--recipient is empty"),
        (("--recipient", "age1x", "--passphrase", "x"), "--recipient and --passphrase were given"),
        (("--passphrase", "x"), "a passphrase has to be typed, and there is no terminal here"),
    ],
)
def test_an_export_that_cannot_be(words: tuple[str, ...], says: str, kept: Any) -> None:
    before = key_of(kept)
    done = kept.run("vault", "export", *words)
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert str(key_of(kept)) == str(before)
    assert sorted(os.listdir(kept.folder)) == [".local"]


def test_for_others(kept: Any) -> None:
    friends = [pyrage.x25519.Identity.generate() for _ in range(2)]
    words = [word for friend in friends for word in ("--recipient", str(friend.to_public()))]
    done = kept.run("vault", "export", *words, "x.age")
    assert (
        done.err == f"Exported 3 logins of 2 servers, sealed for {friends[0].to_public()}, {friends[1].to_public()}\n"
    )
    data = Path(kept.folder, "x.age").read_bytes()
    for friend in friends:
        assert parse(pyrage.decrypt(data, [friend])) == LOGINS
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [key_of(kept)])
    done = kept.run("vault", "import", "x.age")
    assert done.code == 1
    assert "it is not sealed for" in done.err
    assert "--identity" in done.err


def test_through_pipes(kept: Any, sit: Any) -> None:
    program = shlex.join(kept.program)
    done = kept.execute(["/bin/sh", "-c", f"{program} vault export | {program} vault import -"])
    assert done.code == 0, done
    assert "3 logins were there already" in done.err
    full = kept.execute(["/bin/sh", "-c", f"{program} vault export - > /dev/full"])
    assert full.code == 1
    assert "cannot write to standard output" in full.err
    session = sit_long(sit, "export")
    assert session.end() == 1
    assert "an export is no text for a terminal" in session.seen
    assert "age-encryption" not in session.seen
    session = sit_long(sit, "import", "-")
    assert session.end() == 1
    assert "nothing that one types" in session.seen
    assert "no file to import" in kept.run("vault", "import").err


def test_an_export_lacks_nothing(kept: Any) -> None:
    file = Path(vault_of(kept).path, "vault", "reg.test%3A5000", "bob.age")
    file.write_bytes(file.read_bytes()[:-1])
    Path(vault_of(kept).path, "vault", "README").write_text("x")
    done = kept.run("vault", "export", "x.age")
    assert done.code == 1
    assert "bob.age: it is damaged" in done.err
    assert "log in there again" in done.err
    assert "README is not of dockpass's making" in done.err
    assert not Path(kept.folder, "x.age").exists()


def test_where_there_is_nothing(home: Any) -> None:
    assert "there is no vault" in home.run("vault", "export", "x.age").err
    home.run("vault", "init")
    done = home.run("vault", "export", "x.age")
    assert (done.code, sorted(os.listdir(home.folder))) == (1, [".local"])
    assert "no login is in the vault" in done.err
    done = home.run("vault", "import", sealed(home, render([], "")))
    assert (done.code, done.err) == (0, "Nothing to import: no login is in it\n")


def test_a_passphrase(kept: Any, sit: Any, tmp_path: Path) -> None:
    session = sit_long(sit, "export", "--passphrase", "x.age")
    session.see("New passphrase: ")
    assert not session.echoes
    session.type(PASSPHRASE)
    session.see("Once more: ")
    session.type(PASSPHRASE)
    assert session.end() == 0, session.seen
    assert PASSPHRASE not in session.seen
    assert "Exported 3 logins of 2 servers, sealed by the passphrase\n" in session.seen
    assert "own key" not in session.seen
    forget(kept)
    for words in (("x.age",), ("-",)):
        with open(Path(kept.folder, "x.age"), "rb") as file:
            done = kept.run("vault", "import", *words, stdin=file.fileno())
        assert (done.code, "there is no terminal" in done.err or "cannot be typed where" in done.err) == (1, True)
    done = kept.run("vault", "import", "--identity", "x.age", "x.age")
    assert "is sealed by a passphrase, and not for a key" in done.err
    wrong = sit_long(sit, "import", "x.age")
    wrong.see("Passphrase: ")
    wrong.type("wrong")
    assert wrong.end() == 1
    assert "the passphrase does not open x.age" in wrong.seen
    assert not os.path.exists(vault_of(kept).path)
    session = sit_long(sit, "import", "x.age")
    session.see("Passphrase: ")
    assert not session.echoes
    session.type(PASSPHRASE)
    assert session.end() == 0, session.seen
    assert logins(kept) == LOGINS
    assert kept.places_of("wonder") == []


@pytest.mark.parametrize(("typed", "says"), [(["one", "another"], "the two passphrases differ"), ([""], "is empty")])
def test_a_passphrase_that_is_none(typed: list[str], says: str, kept: Any, sit: Any) -> None:
    session = sit_long(sit, "export", "--passphrase", "x.age")
    for question, answer in zip(("New passphrase: ", "Once more: "), typed, strict=False):
        session.see(question)
        session.type(answer)
    assert session.end() == 1
    assert says in session.seen
    assert not Path(kept.folder, "x.age").exists()


def test_nobody_types_a_passphrase_in_vain(kept: Any, sit: Any) -> None:
    Path(kept.folder, "there.age").write_text("x")
    session = sit_long(sit, "export", "--passphrase", "there.age")
    assert session.end() == 1
    assert "it is there already" in session.seen
    Path(kept.folder, "x.age").write_bytes(_with_work(by_passphrase(render(LOGINS, "")), 21))
    session = sit_long(sit, "import", "x.age")
    assert session.end() == 1
    assert "it is too much work: its work factor is 21" in session.seen.replace("\n", " ")
    Path(kept.folder, "x.age").write_bytes(by_passphrase(render(LOGINS, "")))
    identity = Path(vault_of(kept).path, "identity.txt")
    identity.rename(identity.with_suffix(".age"))
    for words in (("import", "x.age"), ("export", "--passphrase", "y.age")):
        session = sit_long(sit, *words)
        assert session.end() == 1
        assert "the vault is locked" in session.seen
        assert "assphrase: " not in session.seen


def test_a_key_that_is_locked_itself(kept: Any, sit: Any) -> None:
    """The other machine's vault had a passphrase: its identity.age, and a backup that it sealed for itself."""
    kept.run("vault", "export", "x.age")
    key = Path(vault_of(kept).path, "identity.txt").read_bytes()
    Path(kept.folder, "identity.age").write_bytes(by_passphrase(key))
    forget(kept)
    session = sit_long(sit, "import", "--identity", "identity.age", "x.age")
    session.see("Passphrase of the key: ")
    session.type(PASSPHRASE)
    assert session.end() == 0, session.seen
    assert logins(kept) == LOGINS


@pytest.mark.parametrize("name", ["no such", "big", ".", "x.age", "text", "empty"])
def test_an_identity_that_is_none(name: str, kept: Any) -> None:
    kept.run("vault", "export", "x.age")
    for other, data in (("big", b"#" * 70000), ("text", b"wonder\n"), ("empty", b"")):
        Path(kept.folder, other).write_bytes(data)
    done = kept.run("vault", "import", "--identity", name, "x.age")
    assert done.code == 1
    assert name in done.err
    assert "wonder" not in done.err
    assert "backup" not in done.err


def test_what_differs_is_named(kept: Any) -> None:
    kept.run("vault", "export", "x.age")
    put(vault_of(kept), SERVER, Credential("alice", "newer"))
    put(vault_of(kept), SERVER, Credential("carol", "singer"))
    done = kept.run("vault", "import", "x.age")
    assert (done.code, done.out) == (1, "")
    missing = "docker-credential-dockpass is not on PATH, so docker and podman do not find these logins"
    assert done.err.splitlines() == [
        f"Warning: {SERVER} alice is not imported: the vault has another secret for it",
        f"Warning: {SERVER} carol stays in use, and not alice as in the export",
        f"Warning: {missing}: dockpass helper install dockpass",
        "To have it as in the export: --replace",
        "2 logins were there already",
    ]
    dry = kept.run("vault", "import", "--replace", "--dry-run", "x.age")
    assert (dry.code, dry.out) == (0, f"{SERVER} alice: would be replaced\n{SERVER} alice: would be in use\n")
    done = kept.run("vault", "import", "--replace", "x.age")
    assert (done.code, done.out) == (0, f"{SERVER} alice: replaced\n{SERVER} alice: is in use now\n")
    put(vault_of(kept), SERVER, Credential("carol", "singer"))
    done = kept.run("vault", "import", "x.age")
    assert (done.code, f"{SERVER} carol stays in use, and not alice as in the export" in done.err) == (1, True)


def test_what_breaks_for_one_server_is_named(kept: Any) -> None:
    kept.run("vault", "export", "x.age")
    folder = Path(vault_of(kept).path, "vault", "reg.test%3A5000")
    shutil.rmtree(folder)
    folder.symlink_to("/nowhere")
    done = kept.run("vault", "import", "x.age")
    assert done.code == 1
    assert f"Error: {SERVER} is not imported: cannot use" in done.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"wonder", "it is not the JSON of an export"),
        (b'{"auths":{"reg.test":{"auth":"d29uZGVy"}}}', 'it has no "dockpass-vault"'),
        (b'{"dockpass-vault":2,"all":"new"}', "made by a newer dockpass"),
        (render(LOGINS, "") + b" ]", "more text after the end"),
        (render(LOGINS, "").replace(b"alice", b"bob"), "stands in it twice"),
        (render(LOGINS, "").replace(b"reg", rb"\u001b[2J"), "the server holds a control character"),
        (b" " * (9 << 20), "larger than 8 MiB"),
    ],
)
def test_all_of_it_or_nothing(data: bytes, says: str, home: Any) -> None:
    home.run("vault", "init")
    done = home.run("vault", "import", sealed(home, data))
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert "wonder" not in done.err
    assert logins(home) == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "there is no such file"),
        (b"", "it is empty"),
        (b"hello", "it is not an age file"),
        (b"x" * (13 << 20), "larger than 12 MiB"),
        (b"age-encryption.org/v1\n-> X25519 x", "it is cut off"),
    ],
)
def test_files_that_are_none(data: bytes | None, says: str, kept: Any) -> None:
    if data is not None:
        Path(kept.folder, "x").write_bytes(data)
        done = kept.run("vault", "import", "-", stdin=data)
        assert (done.code, says in done.err) == (1, True), done
    done = kept.run("vault", "import", "x")
    assert (done.code, says in done.err) == (1, True), done


def test_an_input_that_cannot_be_read(kept: Any) -> None:
    only_written = os.open(os.devnull, os.O_WRONLY)
    try:
        done = kept.run("vault", "import", "-", stdin=only_written)
    finally:
        os.close(only_written)
    assert done.code == 1
    assert "cannot read standard input: " in done.err


def test_where_there_is_no_key_yet(kept: Any) -> None:
    kept.run("vault", "export", "x.age")
    forget(kept)
    done = kept.run("vault", "import", "x.age")
    assert done.code == 1
    assert "there is no vault here that has one" in done.err
    assert not os.path.exists(vault_of(kept).path)


def test_the_text_form_is_taken(kept: Any) -> None:
    path = sealed(kept, render(LOGINS, ""), armored=True)
    assert kept.run("vault", "import", path).code == 0


def test_docker_finds_what_was_imported(kept: Any) -> None:
    kept.run("vault", "export", "x.age")
    launcher.install("dockpass", str(kept.tools))
    dry = kept.run("vault", "import", "--dry-run", "x.age")
    assert (dry.code, kept.config) == (0, {})
    done = kept.run("vault", "import", "x.age", DOCKPASS_STORE=None)  # all is there; docker only does not know
    assert (done.code, done.err) == (0, "3 logins were there already\n")
    assert kept.config == {
        "auths": {HUB: {}, SERVER: {}},
        "credsStore": "dockpass",
        "credHelpers": {HUB: "dockpass", "docker.io": "dockpass", SERVER: "dockpass"},
    }
    asked = subprocess.run(
        [str(kept.tools / "docker-credential-dockpass"), "get"],
        input=SERVER.encode(),
        capture_output=True,
        check=True,
        env=kept.environment(),
    )
    assert json.loads(asked.stdout) == {"ServerURL": SERVER, "Username": "alice", "Secret": "wonder"}
    before = Path(kept.path).read_bytes()
    assert kept.run("vault", "import", "x.age").code == 0
    assert Path(kept.path).read_bytes() == before


def test_what_config_json_says_stays(kept: Any) -> None:
    launcher.install("dockpass", str(kept.tools))
    odd = [Login(name, Credential("alice", "wonder"), active=True) for name in ("*.test", "../../x", "plain.test")]
    path = sealed(kept, render([*LOGINS, *odd], ""))
    kept.write({"auths": {"plain.test": {"auth": "YTpi"}}, "credHelpers": {SERVER: "pass"}})
    done = kept.run("vault", "import", path)
    assert done.code == 0
    assert (
        f"docker does not use the login for {SERVER}: config.json leads to docker-credential-pass; to move" in done.err
    )
    assert "dockpass migrate --from age --to pass" in done.err
    assert "docker does not use the login for plain.test: config.json has, or is to have, its own" in done.err
    assert kept.config == {
        "auths": {"plain.test": {"auth": "YTpi"}, HUB: {}},
        "credHelpers": {SERVER: "pass", HUB: "dockpass", "docker.io": "dockpass"},
    }
    assert sorted(os.listdir(kept.folder)) == [".docker", ".local", "given.age"]


def test_podman_is_led_too_where_docker_finds_all(kept: Any) -> None:
    launcher.install("dockpass", str(kept.tools))
    kept.write({"credsStore": "dockpass"})
    assert kept.run("vault", "import", sealed(kept, render(LOGINS, ""))).code == 0
    assert kept.config["credHelpers"] == {HUB: "dockpass", "docker.io": "dockpass", SERVER: "dockpass"}


def test_a_config_json_that_is_broken_stops_it_at_once(kept: Any) -> None:
    path = sealed(kept, render([Login("new.test", Credential("alice", "wonder"), active=True)], ""))
    kept.write("{")
    done = kept.run("vault", "import", path)
    assert done.code == 1
    assert "config.json" in done.err
    assert logins(kept) == LOGINS


def test_an_export_never_takes_the_place_of_config_json(kept: Any) -> None:
    kept.write({"HttpHeaders": {"X": "y"}})
    done = kept.run("vault", "export", "--force", ".docker/config.json")
    assert done.code == 1
    assert "is docker's config.json" in done.err
    assert kept.config == {"HttpHeaders": {"X": "y"}}


def test_no_file_by_an_unset_variable(kept: Any) -> None:
    assert "no file to import" in kept.run("vault", "import", "").err
