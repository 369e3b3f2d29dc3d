"""A login under way: first config.json and the store, then the registry, then the store again."""

from __future__ import annotations

import os
import sys

from dockpass.account.proof import Proof
from dockpass.config import document, location
from dockpass.credential import Credential, check
from dockpass.errors import ConfigMalformed, ReadOnlyStore
from dockpass.server import Server
from dockpass.stores import route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockpass.account.look_up import Found
    from dockpass.credential import Secret
    from dockpass.errors import UntrustedTokenHost
    from dockpass.registry.flow import Outcome
    from dockpass.registry.network import Network
    from dockpass.stores.contract import Store
    from dockpass.stores.route import Chosen


class Login:
    """A login that the registry accepted and a store keeps.

    Attributes:
        server: The registry.
        username: The user name; ``""`` for an identity token of which the store does not say whose it is.
        store: The name of the store that keeps it.
        plaintext: Whether the secret lies there readable.
        path: The path of config.json.
        is_identity_token: Whether what is kept is an identity token, not the password.
        changed: Whether something had to be written.
        notes: What the user should hear, each one line.

    """

    __slots__ = ("changed", "is_identity_token", "notes", "path", "plaintext", "server", "store", "username")

    def __init__(
        self, server: Server, credential: Credential, store: Store, path: str, *, changed: bool, notes: list[str]
    ) -> None:
        self.server = server
        self.username = credential.username
        self.store = store.name
        self.plaintext = store.plaintext
        self.path = path
        self.is_identity_token = credential.is_identity_token
        self.changed = changed
        self.notes = notes

    def __repr__(self) -> str:
        return f"Login(server={self.server.key!r}, username={self.username!r}, store={self.store!r})"


class Attempt:
    """A login under way: the registry is known and its store is found, so that the questions may be asked.

    Args:
        server: The registry, in any spelling; ``None`` or ``""`` for Docker Hub.
        store: The store to keep it in, instead of what config.json says.
        plain_http: The user's consent to plain HTTP.
        token_host: A token server's host, or ``host:port``, that the user approves of. It is remembered if it was
            needed and the login works.
        approve: Asks whether a token server may have the credentials, where none was named or remembered: called with
            what is raised otherwise. True goes on as if ``token_host`` had been its ``host``.
        verify: Look, by two more requests, whether the registry lets in anybody, and note it.
        network: What the user said about the network.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        withhold: Environment variables to keep from helper programs, such as the one that the password came from.
        waiting: Called with one line when something takes long, or that the user should hear at once.
        trace: Called with one line a request and one an answer, without secrets.

    Raises:
        BadServer: ``server`` is not the address of a registry.
        FileError: config.json cannot be read or understood; or a file that ``network`` names cannot be used.
        StoreError: The store is unknown, or its helper is not there.

    """

    def __init__(
        self,
        server: Server | str | None,
        *,
        store: str | None = None,
        plain_http: bool = False,
        token_host: str | None = None,
        approve: Callable[[UntrustedTokenHost], bool] | None = None,
        verify: bool = False,
        network: Network | None = None,
        config: str | None = None,
        withhold: Iterable[str] = (),
        waiting: Callable[[str], None] | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.server = server if isinstance(server, Server) else Server.parse(server, plain_http=plain_http)
        self.directory = location.directory(config)
        self.document = document.read(self.directory)
        self.notes = list(self.document.notes)
        self._withhold = tuple(withhold)
        self._waiting = waiting
        if network is not None:
            from dockpass.registry.settings import trust

            self.notes += trust.check(network)
        if self.document.proxies:
            from dockpass.account.proxies import with_proxies

            network = with_proxies(network, self.document)
        self._proof = Proof(
            self.server,
            token_host=token_host,
            approve=approve,
            verify=verify,
            network=network,
            waiting=waiting,
            trace=trace,
        )
        self._chosen = route.decide(
            self.document, self.server.key, store=store, withhold=self._withhold, waiting=waiting
        )
        if os.environ.get(route.ENVIRONMENT) or (self._chosen.by_config and os.environ.get(route.VARIABLE)):
            from dockpass.account import precedence

            self.notes += precedence.notes(self.server, self.document, self._chosen)

    def stored(self) -> Found | None:
        """The credential that is kept for the registry, ``DOCKER_AUTH_CONFIG`` first.

        Raises:
            StoreError, FileError: It is not known whether one is kept.

        """
        from dockpass.account.look_up import find

        return find(self.server, self.document, withhold=self._withhold, waiting=self._waiting)

    def check_open(self) -> None:
        """To be asked before somebody types a password: whether the store is locked, so that it could not be kept.

        Raises:
            StoreError, FileError: It is.

        """
        self._chosen.store.check_open()

    def with_password(self, username: str, secret: Secret | str) -> Login:
        """Show a user name and a password to the registry, and keep them, or the identity token it issues for them.

        Raises:
            BadCredential: They could not be sent or kept as they are.
            RegistryError: The registry could not be asked, or refused. Nothing is kept.
            StoreError, FileError: The registry accepted them, but they could not be kept.

        """
        credential = Credential(username, secret)
        check(credential)
        outcome = self.prove(credential, meanwhile=self._prepare())
        if outcome.identity_token is not None:
            credential = Credential(username, outcome.identity_token, is_identity_token=True)
        changed = self._keep(credential, outcome)
        notes = outcome.notes + self.unseen(self._chosen)
        return Login(self.server, credential, self._chosen.store, self.document.path, changed=changed, notes=notes)

    def prove(
        self,
        credential: Credential,
        *,
        rotated: Callable[[Secret], None] | None = None,
        meanwhile: Iterator[None] | None = None,
    ) -> Outcome:
        """Show ``credential`` to the registry, as :meth:`~dockpass.account.proof.Proof.show`, and remember whom the
        user approved of, unless nothing is to be left behind.
        """
        outcome, host = self._proof.show(credential, rotated=rotated, meanwhile=meanwhile)
        if host is not None and self._chosen.store.name != "memory":
            from dockpass.account import consent

            outcome.notes += consent.remember(self.server, host, outcome, self._waiting)
        return outcome

    def unseen(self, chosen: Chosen) -> list[str]:
        """What to tell of a login that is kept now: what keeps docker or podman from using it."""
        store = chosen.store
        if store.name == route.VAULT:
            from dockpass.account.advice import advice

            return advice(self.server, self.directory, chosen.helper)
        if store.name in ("file", "memory") or chosen.helper is not None:
            return []
        from dockpass.account.advice import hidden

        return hidden(self.server, self.document, chosen)

    def _prepare(self) -> Iterator[None]:
        """Use the time that the registry takes. What goes wrong here goes wrong again, and is said, in ``put``."""
        try:
            yield from self._chosen.store.prepare()
            if self._chosen.store.name == route.VAULT:
                yield
                from dockpass.account import advice  # noqa: F401 - to have it loaded
        except Exception:  # noqa: BLE001 - as said
            return

    def _keep(self, credential: Credential, outcome: Outcome) -> bool:
        """Keep what the registry accepted. Returns whether something had to be written."""
        store = self._chosen.store
        try:
            before = self.document.auth(self.server.key) if store.plaintext else None
        except ConfigMalformed:
            before = None
        try:
            store.put(self.server.key, credential)
        except ReadOnlyStore as error:
            outcome.notes.append(f"the login is good, but it is not kept: {error.message}")
        if "dockpass.account.tokens" in sys.modules:  # a token that was got with an earlier login is of no use now
            from dockpass.account.tokens import CACHE

            CACHE.forget(self.server)
        return credential != before
