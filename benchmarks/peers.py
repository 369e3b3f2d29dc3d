"""The Go helpers that Debian ships, each with a store of its own that holds one login."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dockpass.account.installed import is_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# A bus that starts nothing by itself: asked before the keyring is there, it would start another one, that is locked.
_BUS = """\
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
# gnome-keyring crashes once in hundreds of look-ups, whoever asks: then it is noted, and another one started, with what
# is on the disk. What it reads is the passphrase of the keyring.
_KEYRING = """\
echo "$DBUS_SESSION_BUS_ADDRESS"
while :; do
    printf benchmark | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null
    touch "$HOME/ended"
    sleep 1
done
"""
SERVER, USER, SECRET = "registry.example.com", "alice", "correct horse battery staple"


@contextmanager
def pass_store(folder: str) -> Iterator[dict[str, str]]:
    """A password store, with a gpg key that has no passphrase, and SERVER's login in it.

    Yields:
        The environment for docker-credential-pass.

    """
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "GNUPGHOME": os.path.join(folder, "gnupg"),
        "PASSWORD_STORE_DIR": os.path.join(folder, "store"),
    }
    os.makedirs(environ["GNUPGHOME"], mode=0o700)
    name = "benchmark@example.invalid"
    no_passphrase = ["--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
    try:
        for words in (
            ["gpg", *no_passphrase, "--quick-generate-key", name, "default", "default", "never"],
            ["pass", "init", name],
        ):
            subprocess.run(words, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not kept(program("pass"), environ):
            raise SystemExit("docker-credential-pass does not keep a login")
        yield environ
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=environ, check=False)


@contextmanager
def secret_service(folder: str) -> Iterator[dict[str, str]]:
    """A D-Bus session with a gnome-keyring that is unlocked, and SERVER's login in it.

    Yields:
        The environment for docker-credential-secretservice.

    """
    environ = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": os.path.join(folder, "run")}
    os.makedirs(environ["XDG_RUNTIME_DIR"], mode=0o700)
    settings = os.path.join(folder, "bus.conf")
    with open(settings, "w", encoding="utf-8") as file:
        file.write(_BUS.format(folder=environ["XDG_RUNTIME_DIR"]))
    with subprocess.Popen(
        [
            "dbus-run-session", f"--config-file={settings}",
            "--", "sh", "-c", _KEYRING,
        ],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as session:  # fmt: skip
        try:
            assert session.stdout
            environ["DBUS_SESSION_BUS_ADDRESS"] = session.stdout.readline().decode().strip()
            end = time.monotonic() + 30
            while not kept(program("secretservice"), environ):
                if session.poll() is not None or time.monotonic() > end:
                    raise SystemExit("gnome-keyring did not start, or docker-credential-secretservice does not keep")
                time.sleep(0.1)
            yield environ
        finally:
            os.killpg(session.pid, signal.SIGTERM)


def program(name: str) -> str:
    """The path of docker's helper of that name: the first on PATH that is none of ours, which may stand before it."""
    for folder in os.environ["PATH"].split(os.pathsep):
        path = os.path.join(folder, f"docker-credential-{name}")
        if os.access(path, os.X_OK) and not is_ours(path):
            return path
    raise SystemExit(f"docker's docker-credential-{name} is not on PATH")


def version() -> str:
    """The version of docker's helpers."""
    return subprocess.run([program("pass"), "version"], capture_output=True, text=True, check=True).stdout.strip()


def without_agent(environ: Mapping[str, str]) -> Callable[[], None]:
    """What ends the gpg-agent of a password store: called, it returns when the agent takes no more questions."""

    def end() -> None:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environ, check=True)
        while os.path.exists(os.path.join(environ["GNUPGHOME"], "S.gpg-agent")):
            time.sleep(0.001)

    return end


def revived(environ: Mapping[str, str]) -> bool:
    """Whether the keyring has crashed; if so, this returns when the next one gives the login."""
    ended = os.path.join(environ["HOME"], "ended")
    end = time.monotonic() + 2  # it may be noted a little later than somebody meets it
    while not os.path.exists(ended):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    os.unlink(ended)
    end = time.monotonic() + 30
    while not gives([program("secretservice"), "get"], SERVER, environ):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def kept(helper: str, environ: Mapping[str, str]) -> bool:
    """Have the helper keep SERVER's login, and see whether it gives it back."""
    login = json.dumps({"ServerURL": SERVER, "Username": USER, "Secret": SECRET})
    stored = subprocess.run([helper, "store"], input=login, text=True, env=environ, capture_output=True, check=False)
    return stored.returncode == 0 and gives([helper, "get"], SERVER, environ)


def gives(words: list[str], server: str, environ: Mapping[str, str]) -> bool:
    """Whether a helper gives the login that it should."""
    got = subprocess.run(words, input=server, text=True, env=environ, capture_output=True, check=False)
    try:
        answer = json.loads(got.stdout)
    except ValueError:
        return False
    return bool(answer == {"ServerURL": server, "Username": USER, "Secret": SECRET})
