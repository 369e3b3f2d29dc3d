"""containerd and dockpass read the same folders of certificates, and get in or do not.

The registry wants a client certificate, so that only who reads both, the authority and the certificate, gets in. It has
a name and an address that is no loopback, in a network of its own: containerd checks nothing on the loopback.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from real.apart import ADDRESS, apart
from real.authority import Authority
from real.home import DOCKPASS
from real.need import need
from real.nginx import nginx
from real.registry import PASSWORD, USER, empty_registry
from real.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from real.home import Done, Home

NAME = "registry.test"
REGISTRY = f"{NAME}:5443"
_CONFIGURATION = """
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/socket"
[ttrpc]
address = "{folder}/ttrpc"
"""


class Place:
    """Where the registry and containerd are.

    Attributes:
        under: The command that runs another one there.
        socket: containerd's.
        files: A folder with ``ca.crt``, ``client.cert``, ``client.key``, and ``both.pem`` of the last two.

    """

    def __init__(self, under: tuple[str, ...], socket: str, files: Path, log: Path) -> None:
        self.under = under
        self.socket = socket
        self.files = files
        self._log = log

    def seen(self) -> list[str]:
        """What nginx was asked for until now, a line for each request."""
        return self._log.read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    need("ctr")
    folder = tmp_path_factory.mktemp("containerd")
    authority = Authority(folder, NAME)
    files = folder / "files"
    files.mkdir()
    shutil.copy(authority.path, files / "ca.crt")
    authority.client(files)
    (files / "both.pem").write_bytes((files / "client.cert").read_bytes() + (files / "client.key").read_bytes())
    (files / "both.pem").chmod(0o600)
    with (
        # The path of a unix socket has 107 bytes at most.
        tempfile.TemporaryDirectory(prefix="containerd-") as home,
        apart([NAME], folder) as inside,
        empty_registry(folder / "behind", "127.0.0.1:5000", under=inside.under),
        nginx(folder / "nginx", f"{ADDRESS}:5443", "127.0.0.1:5000", authority, under=inside.under) as log,
    ):
        configuration = Path(home) / "config.toml"
        configuration.write_text(_CONFIGURATION.format(folder=home), "utf-8")
        command = (*inside.under, need("containerd"), "--config", str(configuration))
        with running(command, ready="successfully booted", log=Path(home) / "log"):
            yield Place(inside.under, f"{home}/socket", files, log)


def containerd(home: Home, place: Place, certs_d: Path) -> bool:
    """Whether containerd gets in: then nginx has let it through to the registry, which has no such image."""
    options = ("--address", place.socket, "images", "pull", "--hosts-dir", str(certs_d), "-u", f"{USER}:{PASSWORD}")
    before = len(place.seen())
    done = home.run("ctr", *options, f"{REGISTRY}/team/app:1.0")
    assert done.code != 0
    return any(" 404 SUCCESS " in line for line in place.seen()[before:])


# Nothing is written to the machine's own folder: dockpass gets mounts of its own.
_WITH = 'mount -t tmpfs tmpfs /etc/containerd; cp -R "$1" /etc/containerd/certs.d; shift; exec "$@"'


def dockpass(home: Home, certs_d: Path) -> Done:
    within = ("unshare", "--mount", "sh", "-ec", _WITH, "sh", str(certs_d))
    return home.run(*within, *DOCKPASS, "login", "-u", USER, "--password-stdin", REGISTRY, stdin=PASSWORD)


@pytest.fixture
def certs_d(home: Home, place: Place, tmp_path: Path) -> Path:
    if not Path("/etc/containerd").is_dir():
        pytest.skip("there is no folder /etc/containerd to put another one in the place of")
    home.under = place.under
    home.env["DOCKPASS_STORE"] = "memory"
    return tmp_path / "certs.d"


def put(certs_d: Path, place: Place, name: str, text: str) -> None:
    """With a ``hosts.toml`` the files have names that say nothing; without one they are named as docker wants them."""
    folder = certs_d / name
    if not text:
        shutil.copytree(place.files, folder)
        return
    folder.mkdir(parents=True)
    for file, other in (("ca.crt", "a"), ("client.cert", "b"), ("client.key", "c"), ("both.pem", "d")):
        shutil.copy(place.files / file, folder / other)
    # containerd 1.6 takes a file without this table for broken.
    (folder / "hosts.toml").write_text(text if "[host" in text else f"{text}[host]\n", "utf-8")


BOTH = "ca = 'a'\nclient = 'd'\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("registry.test_5443_", BOTH),
        ("registry.test:5443", BOTH),
        ("_default", BOTH),
        ("registry.test_5443_", ""),
        ("registry.test_5443_", "ca = ['a']\nclient = ['d']\n"),
        ("registry.test_5443_", "ca = ['a']\nclient = [['b', 'c']]\n"),
        ("registry.test_5443_", f"server = 'https://registry.test:5443'\n{BOTH}"),
        ("registry.test_5443_", f"server = 'registry.test:5443'\n{BOTH}"),
        ("registry.test_5443_", f"[host.'https://registry.test:5443']\n{BOTH}"),
        ("_default", f"server = 'https://other.test'\n[host.'https://registry.test:5443']\n{BOTH}"),
    ],
)
def test_both_get_in(home: Home, place: Place, certs_d: Path, name: str, text: str) -> None:
    put(certs_d, place, name, text)
    assert containerd(home, place, certs_d)
    done = dockpass(home, certs_d)
    assert (done.code, done.stdout) == (0, "Login Succeeded\n"), done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("registry.test_5444_", BOTH),
        ("registry.test", BOTH),
        ("registry.test_5443_", "ca = 'a'\n"),
        ("registry.test_5443_", "client = 'd'\n"),
        ("registry.test_5443_", f"[host.'https://other.test']\n{BOTH}"),
    ],
)
def test_neither_gets_in(home: Home, place: Place, certs_d: Path, name: str, text: str) -> None:
    put(certs_d, place, name, text)
    assert not containerd(home, place, certs_d)
    done = dockpass(home, certs_d)
    assert done.code == 1
    assert REGISTRY in done.stderr


def test_the_check_is_skipped_by_containerd_alone(home: Home, place: Place, certs_d: Path) -> None:
    put(certs_d, place, "registry.test_5443_", "skip_verify = true\nclient = 'd'\n")
    assert containerd(home, place, certs_d)
    done = dockpass(home, certs_d)
    assert done.code == 1
    assert "is signed by an unknown authority" in done.stderr
    assert "says skip_verify, and certificates are checked all the same" in done.stderr
