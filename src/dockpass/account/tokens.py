"""Tokens for what one wants to do at a registry, got with the login that is kept for it."""

from __future__ import annotations

import time

from dockpass.account.in_python import in_python
from dockpass.account.look_up import find
from dockpass.account.proxies import with_proxies
from dockpass.config import document, location
from dockpass.errors import DockpassError, UsageError
from dockpass.registry.network import Network
from dockpass.registry.realm import named
from dockpass.registry.settings import trust
from dockpass.registry.tokens import obtain, reference, scope
from dockpass.registry.tokens.cache import Cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.credential import Credential, Secret
    from dockpass.registry.tokens.scope import Scope
    from dockpass.server import Server

CACHE = Cache()
"""The tokens of this process. Whose a token is, is part of where it lies; a logout and a login empty it."""


class Token:
    """A token for a registry, to be sent to it as ``Authorization: Bearer``.

    Attributes:
        value: The token.
        expires_at: When it ends, in seconds since 1970. For information: it is counted from when it was asked for, with
            the life that the token server named, and shown by this machine's clock, which may be wrong.
        notes: What the user should hear, each one line, such as what the registry warns of. Said once: a token that is
            given again from memory has none.

    """

    __slots__ = ("expires_at", "notes", "value")

    def __init__(self, value: Secret, expires_at: float, notes: list[str] | None = None) -> None:
        self.value = value
        self.expires_at = expires_at
        self.notes = [] if notes is None else notes

    def __repr__(self) -> str:
        return f"Token({self.value!r}, expires_at={self.expires_at!r})"


def token(
    repository: str,
    *actions: str,
    plain_http: bool = False,
    token_host: str | None = None,
    cacert: str | None = None,
    cert: str | None = None,
    key: str | None = None,
    config: str | None = None,
    timeout: float | None = None,
    connect_timeout: float | None = None,
) -> Token:
    """A token for a registry, with the login that is kept for it, or without one where none is.

    It is kept in memory, and given again as long as it is good. An identity token that the registry exchanges for a new
    one is replaced where it is kept.

    Args:
        repository: A repository, such as ``reg.example.com/team/app``, or a registry alone. As with docker, a name
            without a host is one on Docker Hub.
        actions: What is to be done there, ``"pull"`` or ``"pull,push"``; or a whole scope, to do something elsewhere in
            the same registry: ``"repository:team/base:pull"``, ``"registry:catalog:*"``. The registry may give a token
            that allows less.
        plain_http: Consent to plain HTTP, which anybody on the way can read.
        token_host: A host that may be sent the login to issue a token, where dockpass would refuse it.
        cacert: As for :func:`dockpass.login`, like those below.
        cert: See there.
        key: See there.
        config: See there.
        timeout: See there.
        connect_timeout: See there.

    Returns:
        The token, and when it ends.

    Raises:
        ValueError: A time is no more than 0 seconds, or over 3600.
        BadServer, UsageError: What was asked for names no registry, no repository, or no scope. Nothing was sent.
        NoChallenge: The registry gives out no tokens: it wants the password itself, or nothing.
        Refused: The login that is kept was refused; :class:`~dockpass.errors.LoginExpired` if it is an identity token.
        Denied: There is no token for whoever is not logged in.
        FileUnreadable: ``cacert``, ``cert`` or ``key`` cannot be used. Nothing was sent.
        UntrustedTokenHost: The registry names a token server that nobody approved of.
        RegistryError: Whatever else the registry did instead.
        FileError, StoreError: config.json or the store is broken, or could not keep the new identity token.

    Reference: https://distribution.github.io/distribution/spec/auth/token/

    """
    try:
        server, name = reference.parse(repository, plain_http=plain_http)
        wanted = [one for text in actions for one in _scopes(text, name)]
        network = Network.told(cacert=cacert, cert=cert, key=key, timeout=timeout, connect_timeout=connect_timeout)
        notes = [] if network is None else trust.check(network)
        login = _Login(server, config)
        kept = obtain.token(
            server,
            wanted,
            login.credential,
            cache=CACHE,
            token_host=None if token_host is None else named(token_host),
            pinned=login.pinned,
            network=with_proxies(network, login.document),
            note=notes.append,
            rotated=login.exchanged,
            stored=login.now,
        )
        return Token(kept.value, time.time() + kept.asked + kept.life - CACHE.now(), notes)
    except DockpassError as error:
        error.hint = in_python(error.hint)
        raise


def _scopes(text: str, repository: str | None) -> tuple[Scope, ...]:
    if ":" in text:
        return scope.parse(text)
    if repository is None:
        raise UsageError(
            "actions are on a repository, and only a registry was named",
            "name the repository behind it, as in reg.example.com/team/app, or a whole scope: registry:catalog:*",
        )
    return (scope.repository(repository, *text.split(",")),)


class _Login:
    """The login that is kept for a registry."""

    def __init__(self, server: Server, config: str | None) -> None:
        self._server = server
        self._directory = location.directory(config)
        self.document = document.read(self._directory)
        self._found = find(server, self.document)

    @property
    def credential(self) -> Credential | None:
        """The login; ``None`` where none is kept."""
        return self._found.credential if self._found is not None else None

    def now(self) -> Credential | None:
        """What is kept by now."""
        self._found = find(self._server, document.read(self._directory))
        return self.credential

    def exchanged(self, used: Credential, new: Credential) -> None:
        """Keep a new identity token in place of the one that was used, unless somebody has logged in meanwhile."""
        if self._found is not None and not self._found.is_environment:
            self._found.store.exchange(self._found.key, used, new)

    def pinned(self) -> str | None:
        """The token server that was approved of."""
        from dockpass.account import pins

        return pins.pinned(self._server)
