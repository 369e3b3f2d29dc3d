"""Debian's tinyproxy and squid, started for the tests. Both want a name and a password, and lead to few ports only.

Reference: https://tinyproxy.github.io/, http://www.squid-cache.org/Doc/config/
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from real.need import need, without
from real.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from real.authority import Authority

USER, PASSWORD = "proxy-user", "proxy-s3cret"
TINYPROXY = """
Listen {host}
Port {port}
BasicAuth {user} {password}
{connect}
LogLevel Info
MaxClients 20
Timeout 30
"""
# What it is asked, and with which headers, goes into the log: what stands there, a proxy sees.
SQUID = """
http_port {host}:{port}
https_port {host}:{tls_port} tls-cert={certificate} tls-key={key}
pid_filename none
cache deny all
cache_log /dev/null
logformat whole %rm %ru [%>h] %>Hs
access_log stdio:{folder}/log/access whole
coredump_dir {folder}/log
pinger_enable off
shutdown_lifetime 0 seconds
hosts_file /etc/hosts
auth_param basic program {helper} {folder}/users
auth_param basic children 1
acl known proxy_auth REQUIRED
acl good_port port {ports}
http_access deny CONNECT !good_port
http_access allow known
http_access deny all
"""
_SQUID_HELPER = "/usr/lib/squid/basic_ncsa_auth"


class Proxy:
    """A proxy that is running.

    Args:
        scheme: How it is spoken to.
        address: ``HOST:PORT``.
        log: The file in which it notes what it was asked.

    """

    def __init__(self, scheme: str, address: str, log: Path) -> None:
        self.shown = f"{scheme}://{address}"
        self.shows_headers = "squid" in str(log)
        self._scheme = scheme
        self._address = address
        self._log = log
        self._from = 0

    def url(self, user: str = USER, password: str = PASSWORD) -> str:
        """What goes into the variables. ``shown`` is what may be shown of it."""
        return f"{self._scheme}://{user}:{password}@{self._address}"

    def asked(self) -> str:
        """What it has been asked since :meth:`forget`."""
        return self._log.read_text("utf-8", "replace")[self._from :]

    def forget(self) -> None:
        """Begin anew with what it has been asked."""
        self._from = len(self._log.read_text("utf-8", "replace"))


@contextlib.contextmanager
def tinyproxy(
    folder: Path, host: str, port: int, ports: Sequence[int], *, under: Sequence[str] = ()
) -> Iterator[Proxy]:
    """tinyproxy at ``host:port``, which connects to ``ports``."""
    folder.mkdir()
    connect = "\n".join(f"ConnectPort {each}" for each in ports)
    file = folder / "tinyproxy.conf"
    file.write_text(TINYPROXY.format(host=host, port=port, user=USER, password=PASSWORD, connect=connect), "utf-8")
    command = (*under, need("tinyproxy"), "-d", "-c", str(file))
    with running(command, ready="Accepting connections", log=folder / "log"):
        yield Proxy("http", f"{host}:{port}", folder / "log")


@contextlib.contextmanager
def squid(
    host: str, name: str, ports: Sequence[int], authority: Authority, *, under: Sequence[str] = ()
) -> Iterator[tuple[Proxy, Proxy]]:
    """squid at two ports of ``host``, which connects to ``ports``: over plain HTTP, and as ``name`` over TLS."""
    program = need("squid")
    if not os.path.exists(_SQUID_HELPER) or "--with-openssl" not in _version(program):
        without("squid is not Debian's squid-openssl")
    # squid is run as a user of its own, who could not get into pytest's folders.
    with tempfile.TemporaryDirectory(prefix="squid-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "log").mkdir()
        for each in (authority.certificate, authority.key):
            shutil.copy(each, folder)
        # htpasswd's MD5, for the one password that is used.
        hashed = subprocess.run(
            (need("htpasswd"), "-nbm", USER, PASSWORD), capture_output=True, text=True, check=True
        ).stdout
        (folder / "users").write_text(hashed, "utf-8")
        text = SQUID.format(
            host=host,
            port=3128,
            tls_port=3130,
            certificate=folder / Path(authority.certificate).name,
            key=folder / Path(authority.key).name,
            folder=folder,
            helper=_SQUID_HELPER,
            ports=" ".join(map(str, ports)),
        )
        (folder / "squid.conf").write_text(text, "utf-8")
        owner = pwd.getpwnam("proxy")
        os.chown(folder / "log", owner.pw_uid, owner.pw_gid)
        command = (*under, program, "-N", "-d", "1", "-f", str(folder / "squid.conf"))
        with running(command, ready="Accepting HTTPS Socket connections", log=folder / "start"):
            log = folder / "log" / "access"
            yield Proxy("http", f"{host}:3128", log), Proxy("https", f"{name}:3130", log)


def _version(program: str) -> str:
    return subprocess.run((program, "-v"), capture_output=True, text=True, check=True).stdout
