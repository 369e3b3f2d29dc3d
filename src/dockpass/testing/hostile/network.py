"""A network that leads nowhere, in which every address there is belongs to the servers of a scene.

Once for a run the process moves into mounts of its own, where ``/etc/hosts``, the system's authorities and ``/run``
(with the sockets of resolvers and daemons in it) are the stage's. Then each scene's thread takes a network of its own,
whose routes say of every address that it is here. So a client that goes where a registry sends it meets us, whatever
the address, and nothing it does can leave the machine.

Reference: https://man7.org/linux/man-pages/man2/unshare.2.html and "local" routes in
https://man7.org/linux/man-pages/man8/ip-route.8.html
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

from dockpass.testing.hostile.names import hosts_file

_NEWNS, _NEWUSER, _NEWNET = 0x00020000, 0x10000000, 0x40000000
_MOUNTS = """
over() { [ ! -e "$2" ] || mount --bind "$1" "$2"; }
over "$1/hosts" /etc/hosts
over "$1/resolv.conf" /etc/resolv.conf
over "$1/nsswitch.conf" /etc/nsswitch.conf
over "$1/ca.pem" /etc/ssl/certs/ca-certificates.crt
over "$1/ca.pem" /etc/pki/tls/certs/ca-bundle.crt
over "$1/ca.pem" /etc/ssl/cert.pem
mount -t tmpfs tmpfs /run
"""
_ROUTES = """\
link set lo up
address add 2001:db8::1/128 dev lo nodad
route add local 0.0.0.0/0 dev lo
route add local ::/0 dev lo
"""
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
"""Where ip is, for those who are no administrators, too."""


class Unavailable(Exception):
    """Namespaces cannot be made here."""


def prepare(folder: str) -> None:
    """Write the files that :func:`enter` puts over the system's own. ``ca.pem`` is there already."""
    for name, content in (
        ("hosts", hosts_file()),
        ("resolv.conf", "nameserver 127.0.0.1\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)


def enter(folder: str) -> None:
    """Move this process, which must have no other thread, into mounts of its own with the files of ``folder``.

    Raises:
        Unavailable: This is not allowed, or not possible, here. Nothing has changed then.

    """
    if not sys.platform.startswith("linux"):
        raise Unavailable("only Linux has network namespaces")
    # Tried in a child first: half-way in there is no way back.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - coverage ends at the fork
        reason = ""
        try:
            _move(folder)
            own_network()
        except BaseException as error:  # noqa: BLE001 - handed to the parent
            reason = str(error) or type(error).__name__
        os.write(write, reason.encode()[:4000])
        os._exit(0)
    os.close(write)
    with open(read, "rb") as stream:
        reason = stream.read().decode("utf-8", "replace")
    os.waitpid(child, 0)
    if reason:
        raise Unavailable(reason)
    _move(folder)


def own_network() -> None:
    """Give the calling thread, and the threads and programs that it will start, a network that has every address.

    Raises:
        Unavailable: As above.

    """
    _unshare(_NEWNET)
    _run(("ip", "-batch", "-"), _ROUTES)


def remove(folder: str) -> None:
    """Remove a folder that a client had, with what it has mounted there, as podman does with its storage."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounted = [line.split()[4] for line in file]
    for path in reversed(mounted):
        if path.startswith(f"{folder}/"):
            _run(("umount", "--lazy", path))
    shutil.rmtree(folder, ignore_errors=True)


def _move(folder: str) -> None:
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        _unshare(_NEWNS | _NEWNET)
    else:
        _unshare(_NEWUSER | _NEWNS | _NEWNET)
        for name, content in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(content)
    _run(("mount", "--make-rprivate", "/"))
    _run(("sh", "-ec", _MOUNTS, "sh", folder))


def _unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        raise Unavailable(f"unshare: {os.strerror(ctypes.get_errno())}")


def _run(command: tuple[str, ...], given: str = "") -> None:
    env = {**os.environ, "PATH": PATH}
    try:
        done = subprocess.run(command, input=given, env=env, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        raise Unavailable(f"{command[0]}: {done.stderr.strip() or done.returncode}")
