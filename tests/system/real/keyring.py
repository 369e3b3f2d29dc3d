"""A keyring of its own: GNOME Keyring on a D-Bus of its own, in a home with nothing in it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "throwaway"

crashes: list[int] = []
"""The exit status of each keyring that has crashed: GNOME Keyring itself does, as in a race with its first caller."""

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Session:
    """A session: a home, and a bus on which nothing is started unasked.

    Attributes:
        environ: The environment of programs in it.
        home: Its folder.

    """

    def __init__(self, home: str) -> None:
        self.home = home
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": home,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/bus",
        }
        self._keyring: subprocess.Popen[bytes] | None = None

    def start_keyring(self, password: str | None = PASSWORD) -> None:
        """Start the keyring, unlocked by ``password``, which makes the default collection where there is none; or with
        everything as it lies on the disk, locked.
        """
        command = [need("gnome-keyring-daemon"), "--foreground", "--components=secrets"]
        self._keyring = subprocess.Popen(
            command if password is None else [*command, "--unlock"],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._keyring.stdin is not None
        self._keyring.stdin.write((password or "").encode())
        self._keyring.stdin.close()
        self.await_name("org.freedesktop.secrets")

    def stop_keyring(self) -> None:
        """End it. What it keeps is on the disk."""
        if self._keyring is not None:
            self._keyring.terminate()
            status = self._keyring.wait()
            if status < 0 and status != -signal.SIGTERM:
                crashes.append(status)
            self._keyring = None

    def call(self, *words: str, to: str = "org.freedesktop.DBus") -> str:
        """What a call over the bus prints: path, member, arguments as dbus-send has them."""
        command = ["dbus-send", "--print-reply", f"--dest={to}", *words]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True).stdout

    def await_name(self, name: str) -> None:
        """Wait until somebody on the bus has ``name``."""
        while "true" not in self.call("/", "org.freedesktop.DBus.NameHasOwner", f"string:{name}"):
            assert self._keyring is None or self._keyring.poll() is None, "the keyring has ended"

    def lock(self) -> None:
        """Lock the default collection."""
        alias = "/org/freedesktop/secrets/aliases/default"
        self.call(
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            f"array:objpath:{alias}",
            to="org.freedesktop.secrets",
        )


@contextmanager
def session() -> Iterator[Session]:
    """A session without a keyring; one that is started in it ends with it."""
    for program in ("dbus-daemon", "dbus-send"):
        need(program)
    # Not below pytest's folders: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True) as home:
        with open(f"{home}/bus.conf", "w", encoding="utf-8") as file:
            file.write(_BUS.format(folder=home))
        found = Session(home)
        command = ["dbus-daemon", f"--config-file={home}/bus.conf", "--nofork", "--print-address"]
        with subprocess.Popen(
            command, env=found.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as bus:
            try:
                assert bus.stdout is not None
                assert bus.stdout.readline().startswith("unix:path=")
                yield found
            finally:
                found.stop_keyring()
                bus.terminate()
