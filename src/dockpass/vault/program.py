"""The program ``age``: where it is, what it gets to see, how it is ended, and what it means by what it says.

Reference: https://github.com/FiloSottile/age
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import AgeMissing
from dockpass.vault.engine import Broken, NotForUs, Trouble
from dockpass.vault.keys import BadKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

HINT = "run it by hand to see more: age -d -i identity.txt FILE"
"""What to do where it failed for no known reason."""

_WITHHELD = "DOCKER_AUTH_CONFIG"
_NOT_FOR_US = ("no identity matched", "incorrect passphrase")
_BAD_KEY = ("/dev/fd/", "failed to parse input")
_BROKEN = (
    "failed to read header",
    "failed to decrypt and authenticate",
    "bad header MAC",
    "malformed",
    "unexpected EOF",
    "failed to read nonce",
    "invalid",
    "last chunk",
    "trailing data",
)


def find(name: str, environ: Mapping[str, str]) -> str:
    """The path of a program on PATH; relative folders in it are passed over.

    Raises:
        AgeMissing: It is not there.

    """
    folders = () if os.name == "nt" else environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise AgeMissing(
        f"cannot open or seal anything: there is no Python module pyrage, and no program {name} on PATH",
        "install one of them: pip install pyrage, or the package age of your system",
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop the program if it has not ended, and the plug-in that it runs: both are of one session."""
    if process.poll() is None:
        os.killpg(process.pid, 9)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the program gets of the environment: nothing with a secret of ours in it."""
    return {name: value for name, value in environ.items() if name != _WITHHELD}


def refusal(said: bytes, name: str) -> Exception:
    """What to raise for what the program said when it failed."""
    lines = said.decode("utf-8", "replace").splitlines()
    reasons = [
        line.removeprefix(f"{name}: ").removeprefix("error: ") for line in lines if "report unexpected" not in line
    ]
    text = clean("; ".join(reasons), 300)
    if any(words in text for words in _BAD_KEY):
        return BadKey(text)
    if any(words in text for words in _NOT_FOR_US):
        return NotForUs()
    if "plugin" in text:
        return Trouble(text, "check that the plug-in is on PATH and its hardware is there")
    if any(words in text for words in _BROKEN):
        return Broken(text)
    return Trouble(text or f"{name} failed and did not say why", HINT)
