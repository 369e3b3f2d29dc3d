"""The folders of certificates."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dockpass.errors import FileUnreadable
from dockpass.http.trust import Trust
from dockpass.registry.network import Network
from dockpass.registry.settings.certs_d import places
from dockpass.registry.settings.trust import Certificates, check, find, of_registry

if TYPE_CHECKING:
    from pathlib import Path

DOCKER = "etc/docker/certs.d"


def put(root: Path, place: str, host: str, *files: str) -> Path:
    folder = root / place / host
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        (folder / name).write_text("")
        (folder / name).chmod(0o600)
    return folder


def look(root: Path, *names: str, uid: int = 1000, **environ: str) -> Certificates:
    return find(
        names or ("r.example",), {"HOME": str(root / "home"), **environ}, root=str(root), platform="linux", uid=uid
    )


def test_nothing_there(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert (found.directory, found.trust, found.notes) == ("", Trust(), [])


def test_authorities_and_pairs_are_found(tmp_path: Path) -> None:
    folder = put(tmp_path, DOCKER, "r.example", "b.crt", "a.crt", "me.cert", "me.key", "readme.txt")
    found = look(tmp_path)
    assert found.directory == str(folder)
    assert found.trust == Trust(
        (str(folder / "a.crt"), str(folder / "b.crt")), ((str(folder / "me.cert"), str(folder / "me.key")),)
    )
    assert found.notes == []


def test_a_port_is_a_part_of_the_name(tmp_path: Path) -> None:  # case 133
    put(tmp_path, DOCKER, "r.example:5000", "ca.crt")
    assert look(tmp_path).directory == ""
    assert look(tmp_path, "r.example:5001").directory == ""
    assert look(tmp_path, "r.example:5000").trust.ca_files


def test_the_first_name_that_has_a_folder_counts(tmp_path: Path) -> None:
    put(tmp_path, DOCKER, "R.example", "a.crt")
    put(tmp_path, DOCKER, "r.example", "b.crt")
    assert look(tmp_path, "R.example", "r.example").directory.endswith("R.example")
    assert look(tmp_path, "x", "r.example").directory.endswith("r.example")


PLACES = [
    DOCKER,
    "home/.config/containers/certs.d",
    "etc/containers/certs.rootless.d/1000",
    "etc/containers/certs.rootless.d",
    "etc/containers/certs.d",
    "usr/share/containers/certs.rootless.d/1000",
    "usr/share/containers/certs.rootless.d",
    "usr/share/containers/certs.d",
]


def test_the_first_folder_that_exists_wins_and_nothing_is_merged(tmp_path: Path) -> None:
    for place in reversed(PLACES):
        folder = put(tmp_path, place, "r.example", "ca.crt")
        found = look(tmp_path)
        assert found.directory == str(folder)
        assert found.trust.ca_files == (str(folder / "ca.crt"),)


def test_an_empty_folder_wins_too(tmp_path: Path) -> None:
    put(tmp_path, PLACES[-1], "r.example", "ca.crt")
    put(tmp_path, DOCKER, "r.example")
    assert look(tmp_path).trust == Trust()


def test_places_of_root(tmp_path: Path) -> None:
    put(tmp_path, "etc/containers/certs.rootless.d", "r.example", "ca.crt")
    assert look(tmp_path, uid=0).directory == ""
    folder = put(tmp_path, "etc/containers/certs.rootful.d", "r.example", "ca.crt")
    assert look(tmp_path, uid=0).directory == str(folder)


def test_rootless_docker_has_its_own_place(tmp_path: Path) -> None:
    system = put(tmp_path, DOCKER, "r.example", "ca.crt")
    own = put(tmp_path, "xdg/docker/certs.d", "r.example", "ca.crt")
    xdg = str(tmp_path / "xdg")
    assert look(tmp_path, XDG_CONFIG_HOME=xdg).directory == str(system)
    assert look(tmp_path, XDG_CONFIG_HOME=xdg, ROOTLESSKIT_STATE_DIR="/run/x").directory == str(own)
    # At last podman looks where docker keeps its certificates.
    assert look(tmp_path, ROOTLESSKIT_STATE_DIR="/run/x").directory == str(system)


def test_windows(tmp_path: Path) -> None:
    put(tmp_path, "docker/certs.d", "r.example5000", "ca.crt")
    environ = {"PROGRAMDATA": str(tmp_path)}
    assert find(("r.example:5000",), environ, platform="win32").trust.ca_files
    assert find(("r.example:5000",), {}, platform="win32").trust == Trust()


def test_the_home_of_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    found = places({}, root="/", platform="linux", uid=None)
    assert os.path.join("/somewhere", ".config", "containers", "certs.d") in found
    assert found[0] == "/etc/docker/certs.d"
    assert len(found) == len(set(found))


@pytest.mark.parametrize(("there", "missing"), [("me.cert", "me.key"), ("me.key", "me.cert"), (".cert", ".cert.key")])
def test_half_a_pair_is_an_error_that_names_the_other_half(
    tmp_path: Path, there: str, missing: str
) -> None:  # case 134
    folder = put(tmp_path, DOCKER, "r.example", there, "other.cert", "other.key")
    if there == ".cert":
        assert look(tmp_path).trust.client_pairs  # a name without a stem is no certificate
        return
    with pytest.raises(FileUnreadable) as caught:
        look(tmp_path)
    assert caught.value.path == str(folder / missing)
    assert str(folder / missing) in caught.value.message
    assert there in caught.value.message


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_key_that_others_can_read_is_worth_a_note(tmp_path: Path) -> None:
    folder = put(tmp_path, DOCKER, "r.example", "me.cert", "me.key", "gone.cert")
    (folder / "gone.key").symlink_to(folder / "nowhere")
    (folder / "me.key").chmod(0o640)
    assert look(tmp_path).notes == [f"{folder / 'me.key'} can be read by other users: chmod 600 it"]


def test_what_is_no_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / DOCKER).mkdir(parents=True)
    (tmp_path / DOCKER / "r.example").write_text("")
    folder = put(tmp_path, PLACES[-1], "r.example", "ca.crt")
    found = look(tmp_path)
    assert (found.directory, found.notes) == (str(folder), [])


def test_a_folder_that_cannot_be_read_is_passed_over_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = put(tmp_path, DOCKER, "r.example", "ca.crt")
    folder = put(tmp_path, PLACES[-1], "r.example", "ca.crt")
    real = os.listdir

    def listdir(path: str) -> list[str]:
        # Root can read everything, so the refusal is made here.
        if path.startswith(str(tmp_path / "etc")):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    found = look(tmp_path)
    assert found.directory == str(folder)
    assert found.notes == [f"{closed} cannot be read and is passed over: Permission denied"]


# containerd

CONTAINERD = "etc/containerd/certs.d"


@pytest.mark.parametrize("name", ["r.example_5000_", "r.example:5000"])
def test_containerds_folders(tmp_path: Path, name: str) -> None:
    folder = put(tmp_path, CONTAINERD, name, "ca.pem")
    (folder / "hosts.toml").write_text("ca = 'ca.pem'")
    found = look(tmp_path, "r.example:5000")
    assert (found.directory, found.trust.ca_files) == (str(folder), (str(folder / "ca.pem"),))
    assert look(tmp_path, "r.example").directory == ""
    assert look(tmp_path, "r.example:5001").directory == ""


def test_containerds_folder_may_be_laid_out_as_dockers(tmp_path: Path) -> None:
    folder = put(tmp_path, CONTAINERD, "r.example", "ca.crt", "me.cert", "me.key")
    found = look(tmp_path)
    assert found.trust == Trust((str(folder / "ca.crt"),), ((str(folder / "me.cert"), str(folder / "me.key")),))


def test_containerd_comes_last(tmp_path: Path) -> None:
    (put(tmp_path, CONTAINERD, "r.example") / "hosts.toml").write_text("ca = '/ca'")
    folder = put(tmp_path, PLACES[-1], "r.example", "ca.crt")
    assert look(tmp_path).directory == str(folder)


def test_a_hosts_toml_anywhere_else_is_no_containerds(tmp_path: Path) -> None:
    (put(tmp_path, DOCKER, "r.example", "ca.crt") / "hosts.toml").write_text("nonsense")
    assert look(tmp_path).trust.ca_files


def test_a_key_that_containerd_shows_and_others_can_read(tmp_path: Path) -> None:
    folder = put(tmp_path, CONTAINERD, "r.example", "me.pem")
    (folder / "hosts.toml").write_text("client = 'me.pem'")
    (folder / "me.pem").chmod(0o644)
    assert look(tmp_path).notes == [f"{folder / 'me.pem'} can be read by other users: chmod 600 it"]


def test_a_broken_hosts_toml_is_an_error(tmp_path: Path) -> None:
    (put(tmp_path, CONTAINERD, "r.example") / "hosts.toml").write_text("ca = ")
    with pytest.raises(FileUnreadable, match="hosts.toml cannot be understood"):
        look(tmp_path)


def test_one_that_cannot_be_read_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = put(tmp_path, CONTAINERD, "r.example_5000_", "hosts.toml")
    folder = put(tmp_path, CONTAINERD, "r.example:5000", "ca.crt")
    monkeypatch.setattr(os, "access", lambda *_args: False)
    found = look(tmp_path, "r.example:5000")
    assert found.directory == str(folder)
    assert found.notes == [f"{closed}/hosts.toml cannot be read and is passed over: permission denied"]


# What the user says


def test_what_containerd_has_for_every_registry_counts_for_the_registry_alone(tmp_path: Path) -> None:
    folder = put(tmp_path, CONTAINERD, "_default", "ca.crt")
    environ = {"HOME": str(tmp_path / "home")}
    of = of_registry(Network(), ("r.example",), environ, root=str(tmp_path))
    assert (of.directory, of.trust.ca_files) == (str(folder), (str(folder / "ca.crt"),))
    assert look(tmp_path).directory == ""
    assert of_registry(Network(), (), environ, root=str(tmp_path)).directory == ""  # Docker Hub
    own = put(tmp_path, DOCKER, "r.example", "ca.crt")
    assert of_registry(Network(), ("r.example",), environ, root=str(tmp_path)).directory == str(own)


def test_named_files_come_beside_those_that_are_found(tmp_path: Path) -> None:
    folder = put(tmp_path, DOCKER, "r.example", "ca.crt", "me.cert", "me.key")
    environ = {"HOME": str(tmp_path / "home")}
    network = Network(ca_files=("/named.crt",))
    trust = of_registry(network, ("r.example",), environ, root=str(tmp_path)).trust
    found = ((str(folder / "me.cert"), str(folder / "me.key")),)
    assert trust == Trust(("/named.crt", str(folder / "ca.crt")), found)
    network = Network(client_pairs=(("/c", "/k"),))
    trust = of_registry(network, ("r.example",), environ, root=str(tmp_path)).trust
    assert trust == Trust((str(folder / "ca.crt"),), (("/c", "/k"),))


def test_a_named_folder_takes_the_place_of_those_that_are_found(tmp_path: Path) -> None:
    put(tmp_path, DOCKER, "r.example", "ca.crt")
    folder = put(tmp_path, "named", "", "my.crt")
    of = of_registry(Network(cert_dir=str(folder)), ("r.example",), {}, root=str(tmp_path))
    assert of.trust == Trust((str(folder / "my.crt"),))


def test_files_that_nobody_named_are_not_checked() -> None:
    assert check(Network(timeout=3)) == []


@pytest.mark.parametrize(
    "network",
    [Network(ca_files=("/none/x",)), Network(client_pairs=(("/none/x", "/none/x"),)), Network(cert_dir="/none/x")],
)
def test_files_that_are_not_there(network: Network) -> None:
    with pytest.raises(FileUnreadable, match="/none/x cannot be read: no such file or directory") as caught:
        check(network)
    assert caught.value.path == "/none/x"
    with pytest.raises(FileUnreadable, match=r"a\\x00b cannot be read"):
        check(Network(cert_dir="a\0b"))
