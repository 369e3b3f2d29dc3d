"""What is called how in the vault's folder."""

from __future__ import annotations

import os

from dockpass.vault.name import encode

IDENTITY = "identity.txt"
"""The private key, as age keeps it."""

LOCKED = "identity.age"
"""The private key, locked by a passphrase."""

RECIPIENTS = "recipients.txt"
"""The public keys of those who can read, one a line."""

CREDENTIALS = "vault"
"""The folder with a folder for each server."""

ACTIVE = "active"
"""In a server's folder: the file that names the account in use."""

SEALED = ".age"
"""How the name of a credential's file ends."""

STATE = "state"
"""The folder with what is remembered about servers."""

IDENTITY_TURN = "identity"
"""What is locked while an identity is made: no file, but its lock's is called by it."""

RECIPIENTS_TURN = "recipients"
"""What is locked while the list of recipients is changed."""

RESEALING = "resealing"
"""There only while credentials are sealed again for other recipients."""

LIMIT = 1 << 20
"""How large the file of a credential may be, in bytes: as large as the answer of any helper."""

IDENTITY_LIMIT = 16384
"""How large the file of an identity may be, in bytes."""

RECIPIENTS_LIMIT = 1 << 18
"""How large ``recipients.txt`` may be, in bytes."""


def state(home: str, server: str) -> str:
    """The path of what is remembered about ``server`` in the vault's folder ``home``, whichever store has its login.

    There are no secrets in it: the token server that was approved, when a token expires, how it is revoked.
    """
    return os.path.join(home, STATE, encode(server) + ".json")
