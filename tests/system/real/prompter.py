"""Somebody who answers GNOME Keyring's questions: what a desktop's window does, without one.

GNOME Keyring has its questions asked by whoever is ``org.gnome.keyring.SystemPrompter`` on the bus. The answer goes
back encrypted, by a key that the two agree on (``sx-aes-1``: Diffie-Hellman in the 1536-bit MODP group, HKDF, AES-128).

Reference: https://gitlab.gnome.org/GNOME/gcr/-/blob/main/gcr/org.gnome.keyring.Prompter.xml and gcr-secret-exchange.c
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from jeepney import HeaderFields, new_method_call, new_method_return
from jeepney.wrappers import DBusAddress

from real.on_bus import OnBus

if TYPE_CHECKING:
    from jeepney.low_level import Message

_NAME = "org.gnome.keyring.SystemPrompter"
_CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
# RFC 3526, section 2; the generator is 2.
_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
    16,
)
_SIZE = 192


class Prompter(OnBus):
    """The prompter, in a thread of its own. To be used in a ``with``.

    Args:
        address: The bus.
        password: The answer to each question; ``None`` to dismiss it.

    Attributes:
        asked: The kinds of the questions: ``password``, ``confirm``.

    """

    def __init__(self, address: str, password: str | None) -> None:
        self.asked: list[str] = []
        self._password = password
        self._ours = int.from_bytes(os.urandom(32), "big")
        super().__init__(address, _NAME)

    def called(self, message: Message, member: str) -> None:
        """Answer, and call back where that is what was asked for."""
        self._bus.send(new_method_return(message))
        if member == "BeginPrompting":
            self._call_back(message, "PromptReady", "sa{sv}s", ("", {}, self._exchange()))
        elif member == "PerformPrompt":
            _, kind, _, exchange = message.body
            self.asked.append(kind)
            reply = "no" if self._password is None else "yes"
            self._call_back(message, "PromptReady", "sa{sv}s", (reply, {}, self._exchange(exchange)))
        elif member == "StopPrompting":
            self._call_back(message, "PromptDone", None, ())

    def _call_back(self, message: Message, member: str, signature: str | None, body: tuple[object, ...]) -> None:
        sender = message.header.fields[HeaderFields.sender]
        where = DBusAddress(message.body[0], sender, _CALLBACK)
        self._bus.send(new_method_call(where, member, signature, body))

    def _exchange(self, theirs: str = "") -> str:
        """Our half of the key; and the password, once theirs is known."""
        public = pow(2, self._ours, _PRIME).to_bytes(_SIZE, "big")
        lines = ["[sx-aes-1]", f"public={base64.b64encode(public).decode()}"]
        if theirs and self._password is not None:
            members = dict(line.split("=", 1) for line in theirs.splitlines() if "=" in line)
            other = int.from_bytes(base64.b64decode(members["public"]), "big")
            shared = pow(other, self._ours, _PRIME).to_bytes(_SIZE, "big")
            extracted = hmac.new(bytes(32), shared, hashlib.sha256).digest()
            key = hmac.new(extracted, b"\x01", hashlib.sha256).digest()[:16]
            iv = os.urandom(16)
            padder, encryptor = PKCS7(128).padder(), Cipher(algorithms.AES128(key), modes.CBC(iv)).encryptor()
            padded = padder.update(self._password.encode()) + padder.finalize()
            sealed = encryptor.update(padded) + encryptor.finalize()
            lines += [f"secret={base64.b64encode(sealed).decode()}", f"iv={base64.b64encode(iv).decode()}"]
        return "\n".join(lines) + "\n"
