"""A name as a file name: readable where it can be, safe where it cannot, and the same on every disk.

Servers and user names are whatever somebody typed: with slashes and colons, ``..``, upper case, three hundred letters.
As file names they keep lower-case letters, digits, ``-``, ``_`` and inner dots; of everything else each byte of the
UTF-8 becomes ``%`` and two hexadecimal digits. Upper-case letters too, for there are disks on which ``Alice`` and
``alice`` are one file; and a dot at either end, for those names are hidden, or mean a folder, or lose the dot.

A name that would be longer than 200 bytes, which no file name can hold with what is put around it, becomes ``%23`` and
its SHA-256; so does the empty name, and one that looks like that. Those cannot be read back from the file name.
"""

from __future__ import annotations

LONGEST = 200
"""How many bytes a file name may have before it becomes a digest."""

DIGEST = "%23"
"""How a digest begins: as a name does that begins with ``#``."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_HEX = "0123456789abcdef"


def encode(name: str) -> str:
    """The file name of ``name``. No two names have the same one."""
    written = "".join([letter if letter in _PLAIN else _percent(letter) for letter in name])
    if written[:1] == ".":
        written = "%2E" + written[1:]
    if written[-1:] == ".":
        written = written[:-1] + "%2E"
    if not written or len(written) > LONGEST or is_digest(written):
        from hashlib import sha256

        return DIGEST + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return written


def decode(written: str) -> str | None:
    """The name that ``written`` stands for; ``None`` if that is a digest, or no file name that :func:`encode` makes."""
    if "%" not in written:
        name = written
    else:
        first, *rest = written.split("%")
        try:
            data = first.encode("ascii") + b"".join(
                [bytes.fromhex(part[:2]) + part[2:].encode("ascii") for part in rest]
            )
            name = data.decode("utf-8", "surrogatepass")
        except ValueError:
            return None
    return name if encode(name) == written else None


def is_digest(written: str) -> bool:
    """Whether ``written`` has the form of a digest, from which no name can be read."""
    digits = written.removeprefix(DIGEST)
    return len(digits) == 64 and len(written) == 67 and all(digit in _HEX for digit in digits)


def _percent(letter: str) -> str:
    return "".join([f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass")])
