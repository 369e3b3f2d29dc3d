"""A dockerd for the tests, that touches nothing of the machine's own.

It gets a mount namespace, so that what it would write to /run and /etc/docker goes away with it. It is given no network
to manage: only pulls are asked of it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from real.need import need, need_mounts, without
from real.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_START = """
mount -t tmpfs tmpfs /run
[ ! -d /etc/docker ] || mount -t tmpfs tmpfs /etc/docker
[ -z "$1" ] || cp -R "$1" /etc/docker/certs.d
shift
exec "$@"
"""


@contextlib.contextmanager
def docker_daemon(*, under: Sequence[str] = (), ca: str = "", certs_d: str = "") -> Iterator[str]:
    """Yields what to set ``DOCKER_HOST`` to.

    Args:
        under: The command that it is run by, such as one that enters another network.
        ca: The authority that it trusts; ``""`` for those of the system.
        certs_d: A folder that it sees as /etc/docker/certs.d; ``""`` for none.

    """
    unshare, dockerd = need_mounts("start a dockerd"), need("dockerd")
    need("containerd")
    need("runc")
    # Not below pytest's folders: the path of a unix socket has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="dockerd-"))
    try:
        (folder / "daemon.json").write_text("{}", "utf-8")
        command = (
            *(*under, unshare, "--mount", "sh", "-ec", _START, "sh", certs_d),
            *(dockerd, "--config-file", f"{folder}/daemon.json", "--host", f"unix://{folder}/docker.sock"),
            *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"),
            *("--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"),
        )
        env = {"PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")), "HOME": str(folder)}
        if ca:
            env["SSL_CERT_FILE"] = ca
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(running(command, ready="API listen on", log=folder / "log", env=env))
            except RuntimeError as error:
                without(f"dockerd does not run here: {error}")
            yield f"unix://{folder}/docker.sock"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
