"""What a helper that failed said about it, and what to do then.

Helpers say why they failed on standard output, in one line or in many, in the words of gpg, D-Bus or Windows. Those
words are the best there is, so the error shows them: cleaned, on one line, cut to a bearable length. They are also the
place where a helper in trouble repeats what it was given: a secret is taken out first, in every spelling that a helper
is likely to have it in, and an answer that looks like a credential is not shown at all.
"""

from __future__ import annotations

from dockpass.display import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Credential

_LENGTH = 300
_WITHHELD = "(what it printed is not shown: a secret may be in it)"


def words(output: bytes, given: Credential | None) -> str:
    """The helper's own words, safe to show; ``""`` if there are none.

    Args:
        output: Its standard output.
        given: The credential that it was given, if it was given one; nothing of its secret is in the result.

    """
    text = output[:65536].decode("utf-8", "replace")
    if given is None and "{" in text and '"secret"' in text.lower():
        return _WITHHELD
    for spelling in _spellings(given) if given is not None else ():
        if spelling in text and len(spelling) < 4:
            return _WITHHELD  # asterisks in the middle of words would give so short a secret away
        text = text.replace(spelling, "****")
    return clean(" ".join(_without_colours(text).split()), _LENGTH)


def _spellings(credential: Credential) -> list[str]:
    """The secret as it is, as JSON writes it, as URLs write it, and in base64; the longest spelling first."""
    from base64 import b64encode
    from json import dumps
    from urllib.parse import quote as percent

    from dockpass.strictjson import quote

    secret = credential.secret.reveal()
    found = {secret, secret.strip(), quote(secret)[1:-1], dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1]}
    found |= {percent(secret), percent(secret, safe=""), *secret.splitlines()}
    for plain in (secret, f"{credential.username}:{secret}"):
        found.add(b64encode(plain.encode()).decode())
    return sorted((spelling for spelling in found if spelling.strip()), key=len, reverse=True)


def _without_colours(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text)


def next_step(text: str, program: str) -> str:
    """What to do about a failure that was described by ``text``."""
    text = text.lower()
    for signs, step in _STEPS:
        if any(sign in text for sign in signs):
            return step
    return (
        f"see what it says on standard error, and what `{program} list` says when run by hand; or name another helper "
        "in config.json (credsStore, credHelpers)"
    )


def keeps_nothing(text: str) -> bool:
    """Whether a helper that should have kept or erased something said by ``text`` that it never does.

    Those of clouds make credentials from an account and say so: ``not implemented``, ``add is unimplemented``.
    """
    text = text.lower()
    # The other is what a system says of a call that it lacks, to a helper that does keep things.
    return ("not implemented" in text or "unimplemented" in text) and "function not implemented" not in text


_NO_KEYRING = (
    "no keyring service runs in this session: start one (gnome-keyring, KWallet, KeePassXC), or use a store that needs "
    "none: dockpass login --store file SERVER, or --store pass"
)
_LOCKED = "the keyring is locked: unlock it, then try again"

# Ordered: the first that is found in the helper's words counts. In lower case.
_STEPS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ('"pass": executable file not found',),
        "install pass (https://www.passwordstore.org), then: pass init YOUR-GPG-KEY",
    ),
    (
        ("pass not initialized", "password store is empty", 'try "pass init"'),
        "set it up: gpg --quick-generate-key YOUR-NAME, then: pass init YOUR-NAME",
    ),
    (
        ("nosuchkey", "no public key", "encryption failed: no name"),
        "the password store wants a key that this GPG keyring lacks: gpg --import KEYFILE, or: pass init ANOTHER-KEY",
    ),
    (
        ("inappropriate ioctl for device", "pinentry"),
        "GPG cannot ask for the passphrase here: export GPG_TTY=$(tty), then try again",
    ),
    (
        # GPG says so too where it has the key, but could not ask for its passphrase.
        ("no secret key",),
        "if the key has a passphrase, let GPG ask for it: export GPG_TTY=$(tty); if it is not here: gpg --import FILE",
    ),
    (
        ("decryption failed", "bad passphrase"),
        "check the passphrase, or that the right key is there: gpg --list-secret-keys",
    ),
    (("locked collection", "keychain may be locked", "-25308"), _LOCKED),
    (
        (
            "d-bus",
            "dbus",
            "no such bus",
            "org.freedesktop.secrets",
            "secretservice library",
        ),
        _NO_KEYRING,
    ),
    (
        ("object does not exist at path",),
        "the keyring service has no default keyring yet: make one with its own program (Seahorse, KWalletManager)",
    ),
    (
        ("the stub received bad data",),
        "Windows' credential manager holds 2560 bytes: use a shorter token, or: dockpass login --store file SERVER",
    ),
    (
        ("a specified logon session does not exist",),
        "Windows has no credential manager for such a session (ssh, a service): dockpass login --store file SERVER",
    ),
    (
        ("not implemented", "unimplemented", "not supported"),
        "this helper makes its credentials itself and keeps none: there is nothing to log in to or out from",
    ),
    (
        ("token too long",),
        "this helper takes lines of up to 64 KiB: use a shorter secret, or: dockpass login --store file SERVER",
    ),
    (
        ("exec format error",),
        "a program that the helper runs was built for another system: install it anew",
    ),
    (("file name too long",), "this helper makes a file name of the server's name and cannot take one as long"),
    (("no space left", "disk quota"), "make room on the disk, then try again"),
    (
        ("permission denied", "read-only file system"),
        "check whose the helper's files are, and that they can be written",
    ),
    (
        ("no credentials server url", "no credentials username"),
        "the helper wants what the protocol leaves out: try another version of it",
    ),
)
