"""Private and public keys as they are written down: which kinds there are, and how to tell them apart.

Reference: https://c2sp.org/age (native keys, SSH keys) and https://c2sp.org/age-plugin (those of plug-ins).
"""

from __future__ import annotations

import binascii

from dockpass.display import clean
from dockpass.vault.header import ARMOR, INTRO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NATIVE = "AGE-SECRET-KEY-"
PLUGIN = "AGE-PLUGIN-"
_PEM = "-----BEGIN "
_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_MARK = "\ufeff"
_WITHOUT_MARK = "save it without one, as UTF-8"
_SSH = ("ssh-ed25519", "ssh-rsa")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+-._")


class BadKey(ValueError):
    """Not a key, or not one that can be used. The text says why, without any of it; ``hint`` what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


class Keys:
    """The private keys of an identity.

    Attributes:
        data: The file, as it was.
        native: age's own: the lines ``AGE-SECRET-KEY-...``.
        plugins: Those of plug-ins: the lines ``AGE-PLUGIN-NAME-...``.
        ssh: Whether the file is an SSH key instead.
        named: Public keys that the file says itself: in the comments that the makers of keys write, or, of an SSH key,
            its public half.

    """

    __slots__ = ("data", "named", "native", "plugins", "ssh")

    def __init__(self, data: bytes, native: Sequence[str], plugins: Sequence[str], named: Sequence[str]) -> None:
        self.data = data
        self.native = tuple(native)
        self.plugins = tuple(plugins)
        self.named = tuple(named)
        self.ssh = not (native or plugins)

    def __repr__(self) -> str:
        return "Keys(****)"

    @classmethod
    def parse(cls, data: bytes) -> Keys:
        """The keys in an identity file.

        Raises:
            BadKey: There are none, or something else is in it.

        """
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            locked = (
                ", but locked by a passphrase: call it identity.age, and unlock it" if data.startswith(INTRO) else ""
            )
            raise BadKey(f"it is not text{locked}") from None
        if not text.strip():
            raise BadKey("it is empty")
        if text.startswith(_MARK):
            raise BadKey("it begins with a byte order mark", _WITHOUT_MARK)
        if text.lstrip().startswith((INTRO.decode(), ARMOR.decode())):
            raise BadKey(
                "it is locked by a passphrase, and its name says that it is not", "call it identity.age, and unlock it"
            )
        if text.lstrip().startswith(_PEM):
            return cls(data, (), (), (_ssh_public(text),))
        native, plugins, named = [], [], []
        for number, line in enumerate(text.splitlines(), 1):
            word = line.strip()
            if word.startswith("#"):
                named += [part for part in word.split() if part.startswith("age1")]
            elif word.startswith(NATIVE):
                native.append(word)
            elif word.startswith(PLUGIN):
                plugins.append(word)
            elif word:
                raise BadKey(f"its line {number} is not a key")
        if not (native or plugins):
            raise BadKey("it holds comments, and no key")
        return cls(data, native, plugins, named)


def plugin_of(key: str) -> str:
    """The name of the plug-in that a key of one (``AGE-PLUGIN-NAME-1...``, ``age1name1...``) needs."""
    head = key.rpartition("1")[0]
    return (
        head.removeprefix(PLUGIN).removesuffix("-") if head.startswith(PLUGIN) else head.removeprefix("age1")
    ).lower()


def recipient(line: str) -> str:
    """A public key as it is compared: an SSH key without its comment.

    Raises:
        BadKey: It is none. The first words of it are repeated, for public keys are no secret; nothing of it is, if it
            is a private key.

    """
    words = line.split()
    if line.startswith(_MARK):
        raise BadKey("a byte order mark stands before it", _WITHOUT_MARK)
    if is_private(line):
        raise BadKey("it is a private key", "take it out of there: only public keys belong there")
    if words[:1] and words[0] in _SSH and len(words) > 1:
        return " ".join(words[:2])
    head, one, rest = line.rpartition("1")
    plain = not set(line) - _LETTERS
    if len(words) == 1 and one and rest and plain and (head == "age" or head.startswith("age1")):
        return line
    raise BadKey(f"it is no public key: {clean(line, 40)}", "a public key begins with age1, ssh-ed25519 or ssh-rsa")


def is_private(text: str) -> bool:
    """Whether a private key is in ``text``, however it is written: it must not be repeated, then."""
    upper = text.upper()
    return any(words in upper for words in (NATIVE, PLUGIN, "PRIVATE KEY"))


def is_plugins(public: str) -> bool:
    """Whether a public key is one of a plug-in: ``age1name1...``."""
    return public.startswith("age1") and public.count("1") > 1


def _ssh_public(text: str) -> str:
    """The public half of an SSH private key: it stands in its file in clear."""
    lines = text.strip().splitlines()
    if lines[0].strip() != _OPENSSH:
        raise BadKey(
            "it is an old form of a private key",
            "write it anew in OpenSSH's own form: ssh-keygen -p -f COPY_OF_THE_KEY",
        )
    try:
        data = binascii.a2b_base64("".join(line.strip() for line in lines[1:-1]))
        if not data.startswith(_MAGIC) or not lines[-1].startswith("-----END"):
            raise ValueError
        cipher, rest = _string(data[len(_MAGIC) :])
        _kdf, rest = _string(rest)
        _options, rest = _string(rest)
        public, _rest = _string(rest[4:])
        kind = _string(public)[0].decode("ascii")
    except ValueError:
        raise BadKey("it is damaged: it begins like an SSH key, and does not go on like one") from None
    if cipher != b"none":
        raise BadKey(
            "it is an SSH key that is locked by a passphrase, which nobody could be asked for",
            "use an age key locked by a passphrase instead: dockpass vault init --passphrase",
        )
    if kind not in _SSH:
        raise BadKey(f"it is an SSH key of the kind {clean(kind, 40)}, which age does not take", "use ed25519 or RSA")
    return f"{kind} {binascii.b2a_base64(public, newline=False).decode()}"


def _string(data: bytes) -> tuple[bytes, bytes]:
    """The first string in ``data``, and what follows it; by SSH's rules: four bytes of length, and the bytes."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length or len(data) < 4:
        raise ValueError
    return data[4 : 4 + length], data[4 + length :]
