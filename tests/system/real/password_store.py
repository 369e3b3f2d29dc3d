"""A password store of its own: pass, and GPG with throw-away keys, in a home with nothing in it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY = "throwaway@example.test"


class PasswordStore:
    """A home with GPG and pass.

    Attributes:
        environ: The environment of programs in it.
        home: Its folder.
        folder: The password store.

    """

    def __init__(self, home: str) -> None:
        self.home = home
        self.folder = f"{home}/store"
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "GNUPGHOME": f"{home}/gpg",
            "PASSWORD_STORE_DIR": self.folder,
        }
        os.mkdir(f"{home}/gpg", mode=0o700)
        with open(f"{home}/gpg/gpg.conf", "w", encoding="utf-8") as file:
            file.write("no-auto-key-locate\n")  # which would ask the network for a key that is not here

    def run(self, command: Sequence[str], payload: bytes = b"") -> bytes:
        """What a command prints that has to work."""
        done = subprocess.run(command, env=self.environ, input=payload, capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def ask_with(self, program: str) -> None:
        """Have a pinentry ask for passphrases. What was given before is forgotten."""
        with open(f"{self.home}/gpg/gpg-agent.conf", "w", encoding="utf-8") as file:
            # The count is measured otherwise, so that a guess takes long; that takes seconds.
            file.write(f"pinentry-program {program}\ns2k-count 65536\n")
        self.forget()

    def forget(self) -> None:
        """Have the agent forget every passphrase."""
        self.run(["gpgconf", "--kill", "gpg-agent"])

    def make_key(self, name: str = KEY, passphrase: str = "", expires: str = "never") -> None:
        """A key to seal for."""
        options = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase]
        # An elliptic key is made in no time.
        self.run(["gpg", *options, "--quick-generate-key", name, "future-default", "default", expires])

    def init(self, *names: str) -> None:
        """Set the password store up for these keys."""
        self.run(["pass", "init", *(names or (KEY,))])

    def end(self) -> None:
        """End the agent, and what it has started: that outlives it, and without its terminal runs in circles."""
        ask = ["gpg-connect-agent", "--no-autostart", "GETINFO pid", "/bye"]
        answer = subprocess.run(ask, env=self.environ, capture_output=True, text=True, check=False).stdout.split()
        asking: list[int] = []
        if answer[:1] == ["D"]:
            listing = ["ps", "-o", "pid=", "--ppid", answer[1]]
            found = subprocess.run(listing, capture_output=True, text=True, check=False).stdout
            asking = [int(pid) for pid in found.split()]
        subprocess.run(["gpgconf", "--kill", "all"], env=self.environ, check=True)
        for pid in asking:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def password_store() -> Iterator[PasswordStore]:
    """A home with GPG and pass, neither of them set up."""
    for program in ("pass", "gpg", "gpgconf"):
        need(program)
    # Not below pytest's folders: the path of gpg-agent's socket must be short.
    with tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True) as home:
        found = PasswordStore(home)
        try:
            yield found
        finally:
            found.end()
