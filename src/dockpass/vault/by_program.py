"""The engine that is a program: ``age``, where there is no pyrage.

Keys go to it through pipes, never as arguments, and never as files that were not there before. It asks for a passphrase
at its terminal and nowhere else, so for that it gets one (:mod:`~dockpass.vault.prompt`).

Pipes are given to it by their numbers, which Windows does not have; there pyrage has a wheel for every machine.

Reference: https://github.com/FiloSottile/age
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.vault.engine import Engine, Trouble
from dockpass.vault.program import HINT, end, environment, find, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.vault.keys import Keys

TIMEOUT = 120.0
"""How long it may take, in seconds: somebody may have to find the hardware key and touch it."""

_AGE = "age"
_KEYGEN = "age-keygen"


class ByProgram(Engine):
    """age as a program."""

    def seal(self, data: bytes, recipients: Sequence[str]) -> bytes:
        """See :meth:`Engine.seal`."""
        return self._run(_AGE, ("-e", "-R"), data, "\n".join(recipients).encode())

    def unseal(self, data: bytes, keys: Keys) -> bytes:
        """See :meth:`Engine.unseal`."""
        return self._run(_AGE, ("-d", "-i"), data, keys.data)

    def public(self, keys: Keys) -> list[str]:
        """See :meth:`Engine.public`."""
        if not keys.native:
            return []
        return self._run(_KEYGEN, ("-y",), "\n".join(keys.native).encode()).decode("ascii", "replace").split()

    def generate(self) -> str:
        """See :meth:`Engine.generate`."""
        made = self._run(_KEYGEN, (), b"").decode("ascii", "replace").splitlines()
        return next(line for line in made if line.startswith("AGE-SECRET-KEY-"))

    def lock(self, data: bytes, passphrase: str) -> bytes:
        """See :meth:`Engine.lock`."""
        return self._ask(("-p",), data, passphrase, 2)

    def unlock(self, data: bytes, passphrase: str) -> bytes:
        """See :meth:`Engine.unlock`."""
        return self._ask(("-d",), data, passphrase, 1)

    def _run(self, name: str, options: Sequence[str], data: bytes, secret: bytes | None = None) -> bytes:
        """Run a program to its end.

        Args:
            name: It.
            options: Its arguments; after them comes the file with ``secret``, if there is one.
            data: Its standard input.
            secret: What it reads from a pipe whose name is its last argument.

        """
        import subprocess

        program = find(name, self.environ)
        pipe = _filled(secret) if secret is not None else None
        arguments = (program, *options, *((f"/dev/fd/{pipe}",) if pipe is not None else ()))
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(self.environ),
                pass_fds=() if pipe is None else (pipe,),
                start_new_session=True,  # without a terminal, so that it asks nobody for anything
            )
        except OSError as error:
            raise Trouble(f"{program} cannot be run: {error.strerror}", "check what it is, and its modes") from None
        finally:
            if pipe is not None:
                os.close(pipe)
        with process:
            try:
                out, said = process.communicate(data, timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                raise _took_too_long(name) from None
            finally:
                end(process)
        if process.returncode:
            raise refusal(said, name)
        if self.tell is not None and said and name == _AGE:
            self.tell(clean(said.decode("utf-8", "replace").strip()))
        return out

    def _ask(self, options: Sequence[str], data: bytes, passphrase: str, times: int) -> bytes:
        from dockpass.vault.prompt import answer

        program = find(_AGE, self.environ)
        environ = environment(self.environ)
        return answer((program, *options), data, passphrase, times=times, environ=environ, timeout=TIMEOUT)


def _took_too_long(name: str) -> Trouble:
    return Trouble(f"{name} did not end within {TIMEOUT:g} seconds, and was stopped", HINT)


def _filled(secret: bytes) -> int:
    """A pipe with ``secret`` in it, to be read from the end that is returned."""
    from threading import Thread

    reading, writing = os.pipe()
    Thread(target=_fill, args=(writing, secret), daemon=True).start()  # it may be more than a pipe holds
    return reading


def _fill(writing: int, secret: bytes) -> None:
    try:
        while secret:
            secret = secret[os.write(writing, secret) :]
    except OSError:
        return
    finally:
        os.close(writing)
