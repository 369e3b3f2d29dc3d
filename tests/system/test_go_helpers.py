"""docker's own credential helpers, as Debian has them: with pass and a throwaway GPG key, and with a throwaway keyring."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import termios
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest

import dockpass
from dockpass.credential import Credential
from dockpass.errors import HelperFailed
from dockpass.stores.program import ProgramStore
from dockpass.testing.stores import SECRETS, USERNAMES, StoreSuite
from real.keyring import session
from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator

ALICE = Credential("alice", "wonder")
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """The environment of a home of its own, with nothing in it."""
    # Not below pytest's folders: the path of gpg-agent's socket must be short.
    with tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True) as folder:
        yield {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"}


@pytest.fixture
def gpg(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same with a GPG home, whose agent is ended afterwards."""
    for program in ("docker-credential-pass", "pass", "gpg", "gpgconf"):
        need(program)
    environ["GNUPGHOME"] = f"{environ['HOME']}/gpg"
    environ["PASSWORD_STORE_DIR"] = f"{environ['HOME']}/store"
    os.mkdir(environ["GNUPGHOME"], mode=0o700)
    yield environ
    asking = pinentries(environ)
    subprocess.run(["gpgconf", "--kill", "all"], env=environ, check=True)
    for pid in asking:
        os.kill(pid, signal.SIGKILL)


def pinentries(environ: dict[str, str]) -> list[int]:
    """What the agent has started. It outlives the agent, and without its terminal it runs in circles."""
    ask = ["gpg-connect-agent", "--no-autostart", "GETINFO pid", "/bye"]
    answer = subprocess.run(ask, env=environ, capture_output=True, text=True, check=False).stdout.split()
    if answer[:1] != ["D"]:
        return []
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", answer[1]], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listing.stdout.split()]


def make_key(environ: dict[str, str], passphrase: str) -> None:
    who = "throwaway@example.test"
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase]
    # An elliptic key is made in no time.
    make = [*command, "--quick-generate-key", who, "future-default", "default", "never"]
    subprocess.run(make, env=environ, check=True, capture_output=True)
    subprocess.run(["pass", "init", who], env=environ, check=True, capture_output=True)


class TestPass(StoreSuite):
    # It keeps every user of a server, and gives the first by name.
    one_user = False
    refused_usernames = tuple(name for name in USERNAMES if "/" in name or name.startswith("."))
    refused_secrets = tuple(secret for secret in SECRETS if secret.endswith(("\n", "\r")))

    @pytest.fixture(autouse=True)
    def place(self, gpg: dict[str, str]) -> None:
        make_key(gpg, "")
        self.environ = gpg

    def make_store(self) -> ProgramStore:
        return ProgramStore("pass", environ=self.environ)


def test_pass_that_is_not_set_up(gpg: dict[str, str]) -> None:
    store = ProgramStore("pass", environ=gpg)
    with pytest.raises(HelperFailed) as caught:
        store.put("reg.test", ALICE)
    assert caught.value.message.startswith(
        "docker-credential-pass store for reg.test failed (exit status 1): pass not init"
    )
    assert caught.value.hint == "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME"


def test_pass_that_is_not_there(gpg: dict[str, str]) -> None:
    os.mkdir(f"{gpg['HOME']}/bin")
    os.symlink(need("docker-credential-pass"), f"{gpg['HOME']}/bin/docker-credential-pass")
    store = ProgramStore("pass", environ={**gpg, "PATH": f"{gpg['HOME']}/bin"})
    with pytest.raises(HelperFailed) as caught:
        store.put("reg.test", ALICE)
    assert str(caught.value.hint).startswith("install pass")


def test_pass_with_a_key_that_is_gone(gpg: dict[str, str]) -> None:
    os.mkdir(gpg["PASSWORD_STORE_DIR"])
    with open(f"{gpg['PASSWORD_STORE_DIR']}/.gpg-id", "w", encoding="utf-8") as file:
        file.write("nobody@example.test\n")
    with pytest.raises(HelperFailed) as caught:
        ProgramStore("pass", environ=gpg).put("reg.test", Credential("alice", "hunter2"))
    assert "gpg --import" in str(caught.value.hint)
    assert "hunter2" not in caught.value.message


def test_pass_with_a_passphrase_and_nobody_to_ask(gpg: dict[str, str]) -> None:
    set_up_passphrase(gpg)
    script = (
        "from dockpass.errors import HelperFailed\n"
        "from dockpass.stores.program import ProgramStore\n"
        "try: ProgramStore('pass').get('reg.test')\n"
        "except HelperFailed as error: print(error.message, '|', error.hint)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**gpg, "PYTHONPATH": SOURCE},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=True,
    )
    message, _, hint = result.stdout.strip().partition(" | ")
    assert message.startswith("docker-credential-pass get for reg.test failed (exit status 1)")
    assert "export GPG_TTY=$(tty)" in hint


def forget_passphrase(environ: dict[str, str]) -> None:
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environ, check=True)


def on_terminal(environ: dict[str, str]) -> pexpect.spawn:
    script = (
        "import os\n"
        "os.environ['GPG_TTY'] = os.ttyname(0)\n"
        "from dockpass.stores.program import ProgramStore\n"
        "try: print('FOUND', ProgramStore('pass').get('reg.test'))\n"
        "except KeyboardInterrupt: print('INTERRUPTED')\n"
        "print('TYPED', input('Name? '))\n"
    )
    environ = {**environ, "PYTHONPATH": SOURCE, "TERM": "xterm"}
    return pexpect.spawn(sys.executable, ["-c", script], env=environ, encoding="utf-8", timeout=60)


def set_up_passphrase(environ: dict[str, str]) -> None:
    need("pinentry-curses")
    with open(f"{environ['GNUPGHOME']}/gpg-agent.conf", "w", encoding="utf-8") as file:
        # The count is measured otherwise, so that a guess takes long; that takes seconds.
        file.write(f"pinentry-program {need('pinentry-curses')}\ns2k-count 65536\n")
    make_key(environ, "open sesame")
    ProgramStore("pass", environ=environ).put("reg.test", ALICE)
    forget_passphrase(environ)


def test_a_passphrase_typed_into_pinentry(gpg: dict[str, str]) -> None:
    set_up_passphrase(gpg)
    terminal = on_terminal(gpg)
    terminal.expect("(?i)passphrase")
    terminal.expect("<OK>")
    terminal.send("open sesame\r")
    terminal.expect_exact("FOUND Credential('alice', Secret(****))")
    terminal.expect_exact("Name? ")
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")


def test_ctrl_c_at_pinentry(gpg: dict[str, str]) -> None:
    set_up_passphrase(gpg)
    terminal = on_terminal(gpg)
    terminal.expect("<OK>")
    terminal.sendintr()
    terminal.expect_exact("INTERRUPTED")
    terminal.expect_exact("Name? ")
    assert termios.tcgetattr(terminal.child_fd)[3] & termios.ECHO
    # As after a Ctrl-C in gpg itself, gpg-agent 2.2 leaves its pinentry on the terminal until a minute is over. Who of
    # the two gets what is typed is chance.
    for pid in pinentries(gpg):
        os.kill(pid, signal.SIGKILL)
    terminal.sendline("alice")
    terminal.expect_exact("TYPED alice")


class TestSecretService(StoreSuite):
    # It keeps every user of a server, and gives the one that the keyring lists last.
    one_user = False
    erase_tells = False

    @pytest.fixture(autouse=True)
    def place(self) -> Iterator[None]:
        need("docker-credential-secretservice")
        with session() as desktop:
            desktop.start_keyring()
            self.environ = desktop.environ
            yield

    def make_store(self) -> ProgramStore:
        return ProgramStore("secretservice", environ=self.environ)


def test_secretservice_without_a_bus(environ: dict[str, str]) -> None:
    need("docker-credential-secretservice")
    store = ProgramStore("secretservice", environ=environ)
    for act in (lambda: store.get("reg.test"), store.list, lambda: store.put("reg.test", ALICE)):
        with pytest.raises(HelperFailed) as caught:
            act()
        assert str(caught.value.hint).startswith("no keyring service runs in this session")
