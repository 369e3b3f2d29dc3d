"""Every error that dockpass raises.

The tree, with the stable id of each leaf::

    DockpassError
    ├── UsageError                    usage
    ├── NotATerminal                  not-a-terminal
    ├── InputEnded                    input-ended
    ├── BadServer                     bad-server
    ├── BadCredential                 bad-credential
    ├── BadRequest                    bad-request
    ├── FileError
    │   ├── FileUnreadable            file-unreadable
    │   ├── FileUnwritable            file-unwritable
    │   ├── FileLocked                file-locked
    │   └── ConfigMalformed           config-malformed
    ├── StoreError
    │   ├── UnknownStore              unknown-store
    │   ├── HelperMissing             helper-missing
    │   ├── HelperNotExecutable       helper-not-executable
    │   ├── HelperFailed              helper-failed
    │   ├── HelperTimedOut            helper-timed-out
    │   ├── HelperGarbled             helper-garbled
    │   ├── ReadOnlyStore             read-only-store
    │   ├── NotErased                 not-erased
    │   ├── NotMoved                  not-moved
    │   ├── StoreUnavailable          store-unavailable
    │   ├── StoreLocked               store-locked
    │   │   └── PromptDismissed       prompt-dismissed
    │   ├── StoreFailed               store-failed
    │   ├── StoreTimedOut             store-timed-out
    │   └── VaultError                vault-error
    │       ├── VaultLocked           vault-locked
    │       ├── WrongPassphrase       wrong-passphrase
    │       ├── IdentityUnusable      identity-unusable
    │       ├── RecipientsUnusable    recipients-unusable
    │       ├── CredentialDamaged     credential-damaged
    │       ├── UnlockUnsafe          unlock-unsafe
    │       ├── AgeMissing            age-missing
    │       ├── AgeFailed             age-failed
    │       └── ArchiveUnusable       archive-unusable
    └── RegistryError
        ├── Unreachable               unreachable
        │   ├── UnknownHost           unknown-host
        │   ├── TimedOut              timed-out
        │   ├── TLSFailed             tls-failed
        │   └── ProxyFailed           proxy-failed
        ├── ProtocolError             protocol-error
        ├── NotARegistry              not-a-registry
        ├── NoChallenge               no-challenge
        ├── Refused                   refused
        │   └── LoginExpired          login-expired
        ├── Denied                    denied
        ├── RateLimited               rate-limited
        ├── RegistryTrouble           registry-trouble
        ├── RedirectedElsewhere       redirected-elsewhere
        └── UntrustedTokenHost        untrusted-token-host
            └── TokenHostChanged      token-host-changed

An error has three parts: ``id``, which programs may match and which never changes; the message, one line that names
what failed and where; and ``hint``, the next step, or ``None`` where there is none. The library raises, only the
command line prints. No part of an error ever holds a secret.

This module imports nothing of ours, so that every floor can raise.
"""

from __future__ import annotations


class DockpassError(Exception):
    """The base of all errors; never raised itself.

    Args:
        message: One line: what failed, and on which server, file or helper. No secret, no control characters.
        hint: What to do next, best a command that can be run; ``None`` if there is nothing to say.

    """

    id = "error"

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DockpassError):
    """The command line, or the arguments of a call, contradict each other or lack something."""

    id = "usage"


class NotATerminal(DockpassError):
    """A question had to be asked, and there is no terminal to ask it on."""

    id = "not-a-terminal"


class InputEnded(DockpassError):
    """The input ended (Ctrl-D) where an answer was wanted."""

    id = "input-ended"


class BadServer(DockpassError):
    """What was given as a server is not the address of a registry."""

    id = "bad-server"


class BadCredential(DockpassError):
    """A user name or secret that no registry or store could take: empty, with control characters, with a colon."""

    id = "bad-credential"


class BadRequest(DockpassError):
    """A client of a credential helper of ours sent something that the protocol does not know."""

    id = "bad-request"


class FileError(DockpassError):
    """Something is wrong with a file; never raised itself.

    ``path`` is the file's path as it was opened.
    """

    id = "file-error"

    def __init__(self, message: str, hint: str | None = None, *, path: str = "") -> None:
        super().__init__(message, hint)
        self.path = path


class FileUnreadable(FileError):
    """A file cannot be read: permissions, a folder, a FIFO, too large, an I/O error; or it is not what it should be."""

    id = "file-unreadable"


class FileUnwritable(FileError):
    """A file could not be written. What was in it before is still in it."""

    id = "file-unwritable"


class FileLocked(FileError):
    """Another process holds the lock of a file, and did not let go in time."""

    id = "file-locked"


class ConfigMalformed(FileError):
    """config.json is not JSON, or JSON of the wrong shape. It is not touched.

    ``line`` and ``column`` count from 1, in characters; both are 0 where the trouble has no position.
    """

    id = "config-malformed"

    def __init__(
        self, message: str, hint: str | None = None, *, path: str = "", line: int = 0, column: int = 0
    ) -> None:
        super().__init__(message, hint, path=path)
        self.line = line
        self.column = column


class StoreError(DockpassError):
    """A credential store is there but broken; never raised itself. "Not mine" is not an error: stores return
    ``None``.
    """

    id = "store-error"


class UnknownStore(StoreError):
    """A store was named that is neither one of ours nor could be a helper's suffix."""

    id = "unknown-store"


class HelperMissing(StoreError):
    """The program ``docker-credential-NAME`` is not on PATH."""

    id = "helper-missing"


class HelperNotExecutable(StoreError):
    """A credential helper was found but the system cannot run it: permissions, wrong format, missing interpreter."""

    id = "helper-not-executable"


class HelperFailed(StoreError):
    """A credential helper said that it failed, or died."""

    id = "helper-failed"


class HelperTimedOut(StoreError):
    """A credential helper did not answer in time and was stopped, together with its children."""

    id = "helper-timed-out"


class HelperGarbled(StoreError):
    """A credential helper's answer was not what the protocol wants: no JSON, wrong types, too long."""

    id = "helper-garbled"


class ReadOnlyStore(StoreError):
    """A store was asked to keep or erase something, and it can only be read."""

    id = "read-only-store"


class NotErased(StoreError):
    """After a logout a credential can still be found. The message says where."""

    id = "not-erased"


class StoreUnavailable(StoreError):
    """There is no such store here: no keyring service in this session, no keyring in it, no pass, or none set up."""

    id = "store-unavailable"


class StoreLocked(StoreError):
    """A store is locked, and nobody could be asked to unlock it, or what was given does not."""

    id = "store-locked"


class PromptDismissed(StoreLocked):
    """A store is locked; somebody was asked to unlock it, and did not want to."""

    id = "prompt-dismissed"


class StoreFailed(StoreError):
    """A store said that it failed, or makes no sense."""

    id = "store-failed"


class StoreTimedOut(StoreError):
    """A store, or somebody who was asked to unlock it, did not answer in time."""

    id = "store-timed-out"


class VaultError(StoreError):
    """Something is wrong with the age vault; never raised itself.

    ``path`` is the path of the file that it is about, ``""`` if it is about none.
    """

    id = "vault-error"

    def __init__(self, message: str, hint: str | None = None, *, path: str = "") -> None:
        super().__init__(message, hint)
        self.path = path


class VaultLocked(VaultError):
    """The vault's identity is locked by a passphrase, and not unlocked now."""

    id = "vault-locked"


class WrongPassphrase(VaultError):
    """The passphrase does not open the vault's identity, or cannot be one."""

    id = "wrong-passphrase"


class IdentityUnusable(VaultError):
    """The vault's private key is missing, empty, damaged or open to others. It is not replaced."""

    id = "identity-unusable"


class RecipientsUnusable(VaultError):
    """The list of those who can read the vault is damaged, open to others, or lacks the vault's own key."""

    id = "recipients-unusable"


class CredentialDamaged(VaultError):
    """The file of one credential is cut off, damaged, sealed for others, or was made for another server or user."""

    id = "credential-damaged"


class UnlockUnsafe(VaultError):
    """An unlocked identity would lie, or lies, where it must not: on a disk, open to others, or not ours."""

    id = "unlock-unsafe"


class AgeMissing(VaultError):
    """There is neither the Python module pyrage nor the program age, and so nothing can be sealed or opened."""

    id = "age-missing"


class AgeFailed(VaultError):
    """age, or a plug-in of it, failed. Nothing is known of the credential."""

    id = "age-failed"


class ArchiveUnusable(VaultError):
    """A file to import is no export of a vault, cannot be opened, or was made by a newer dockpass. Nothing is kept."""

    id = "archive-unusable"


class NotMoved(StoreError):
    """A store did not give back what it was given to keep. The login is still where it was."""

    id = "not-moved"


class RegistryError(DockpassError):
    """A registry, or the way to it, did not do what was asked; never raised itself."""

    id = "registry-error"


class Unreachable(RegistryError):
    """No connection: refused, reset, no route."""

    id = "unreachable"


class UnknownHost(Unreachable):
    """The host's name cannot be resolved."""

    id = "unknown-host"


class TimedOut(Unreachable):
    """Connecting, or the whole conversation, took longer than allowed."""

    id = "timed-out"


class TLSFailed(Unreachable):
    """No trusted TLS connection: unknown authority, wrong name, expired, not TLS at all. The message says which."""

    id = "tls-failed"


class ProxyFailed(Unreachable):
    """The proxy cannot be reached, is malformed, or refuses."""

    id = "proxy-failed"


class ProtocolError(RegistryError):
    """An answer that breaks HTTP or the token protocol: cut short, too long, garbled, not allowed."""

    id = "protocol-error"


class NotARegistry(RegistryError):
    """Something answers, but it is not a container registry."""

    id = "not-a-registry"


class NoChallenge(RegistryError):
    """The registry wants a login but names no way that dockpass knows."""

    id = "no-challenge"


class Refused(RegistryError):
    """The registry, or its token server, refused the credentials."""

    id = "refused"


class LoginExpired(Refused):
    """A stored identity token is refused: it was revoked or has expired."""

    id = "login-expired"


class Denied(RegistryError):
    """The registry knows who asks, or does not care, and does not allow it."""

    id = "denied"


class RateLimited(RegistryError):
    """Too many requests. The message names the wait that the registry asked for."""

    id = "rate-limited"


class RegistryTrouble(RegistryError):
    """The registry or its token server answered with a server error (5xx)."""

    id = "registry-trouble"


class RedirectedElsewhere(RegistryError):
    """The registry sends to another place, where its credentials must not go."""

    id = "redirected-elsewhere"


class UntrustedTokenHost(RegistryError):
    """The registry names a token server that it has no business naming. No credential was sent there.

    ``host`` is the host as the registry wrote it, cleaned for display.
    """

    id = "untrusted-token-host"

    def __init__(self, message: str, hint: str | None = None, *, host: str = "") -> None:
        super().__init__(message, hint)
        self.host = host


class TokenHostChanged(UntrustedTokenHost):
    """The registry names another token server than the one that the user approved of earlier. Nothing was sent there.

    ``pinned`` is the host that was approved of, with its port if that was given.
    """

    id = "token-host-changed"

    def __init__(self, message: str, hint: str | None = None, *, host: str = "", pinned: str = "") -> None:
        super().__init__(message, hint, host=host)
        self.pinned = pinned
