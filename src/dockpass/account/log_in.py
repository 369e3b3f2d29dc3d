"""Log in: find the store, ask the registry, keep what it accepted."""

from __future__ import annotations

import os

from dockpass.account.look_up import ENVIRONMENT, Found, environment, find, forget_tokens, spellings
from dockpass.config import document, location
from dockpass.credential import Credential, Secret, check
from dockpass.errors import ConfigMalformed, DockpassError, ReadOnlyStore, Refused, UntrustedTokenHost
from dockpass.server import Server
from dockpass.stores import route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockpass.registry.flow import Outcome
    from dockpass.registry.network import Network
    from dockpass.stores.contract import Store


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
        self,
        server: Server,
        username: str,
        *,
        store: str,
        plaintext: bool,
        path: str,
        is_identity_token: bool,
        changed: bool,
        notes: list[str],
    ) -> None:
        self.server = server
        self.username = username
        self.store = store
        self.plaintext = plaintext
        self.path = path
        self.is_identity_token = is_identity_token
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
        if network is not None:
            from dockpass.registry.settings import trust

            self.notes += trust.check(network)
        self._token_host = named_host(token_host)
        self._approve = approve
        self._verify = verify
        if self.document.proxies:
            from dockpass.account.proxies import with_proxies

            network = with_proxies(network, self.document)
        self._network = network
        self._withhold = tuple(withhold)
        self._waiting = waiting
        self._trace = trace
        self._store = route.choose(
            self.document, self.server.key, store=store, withhold=self._withhold, waiting=waiting
        )
        if store is None and os.environ.get(route.VARIABLE):
            self._say_who_decides()
        given, note = environment()
        if note is not None:
            self.notes.append(note)
        elif given is not None and spellings(self.server, given.list()):
            self.notes.append(
                f"{ENVIRONMENT} holds a login for {self.server.name}, which docker and dockpass use instead of any "
                f"other: unset {ENVIRONMENT} to use the one that is kept"
            )

    def _say_who_decides(self) -> None:
        """A note where ``DOCKPASS_STORE`` names a store, and config.json the vault, as an earlier login wrote there."""
        from dockpass.display import clean
        from dockpass.stores.lead import OWN, leads

        named = os.environ[route.VARIABLE]
        helper, member = leads(self.document, self.server.key)
        if helper == OWN and named not in (route.VAULT, OWN):
            self.notes.append(
                f"{member} in {clean(self.document.path)} leads to the vault, which counts before "
                f"{route.VARIABLE}={clean(named, 80)}: --store NAME overrides both"
            )

    def default_username(self) -> str:
        """The user name to offer: of the login that is kept, or that a plain entry in config.json still names."""
        for key in spellings(self.server, self.document.auth_keys()):
            try:
                name = self.document.username(key)
            except ConfigMalformed:
                continue
            if name:
                return name
        try:
            found = self.stored()
        except DockpassError:
            # A default is a convenience; what is wrong with the store is said when the login is kept.
            return ""
        return found.credential.username if found is not None else ""

    def stored(self) -> Found | None:
        """The credential that is kept for the registry, ``DOCKER_AUTH_CONFIG`` first.

        Raises:
            StoreError, FileError: It is not known whether one is kept.

        """
        return find(self.server, self.document, withhold=self._withhold, waiting=self._waiting)

    def check_open(self) -> None:
        """To be asked before somebody types a password: whether the store is locked, so that it could not be kept.

        Raises:
            StoreError, FileError: It is.

        """
        self._store.check_open()

    def with_password(self, username: str, secret: Secret | str) -> Login:
        """Show a user name and a password to the registry, and keep them, or the identity token it issues for them.

        Raises:
            BadCredential: They could not be sent or kept as they are.
            RegistryError: The registry could not be asked, or refused. Nothing is kept.
            StoreError, FileError: The registry accepted them, but they could not be kept.

        """
        credential = Credential(username, secret)
        check(credential)
        outcome = self._ask(credential, meanwhile=self._prepare())
        if outcome.identity_token is not None:
            credential = Credential(username, outcome.identity_token, is_identity_token=True)
        return self._keep(credential, outcome)

    def with_stored(self, found: Found) -> Login:
        """Show a stored credential to the registry. It is not stored again, unless a new identity token was issued.

        Raises:
            Refused: It is no longer good. It is still kept.
            RegistryError, StoreError, FileError: As for :meth:`with_password`.

        """
        try:
            return self._renew(found)
        except Refused:
            other = self._another(found) if found.credential.is_identity_token else None
            if other is None:
                raise
            login = self._renew(other)
            if not login.is_identity_token:
                # The token beside the password is worthless, and docker's daemon would go on trying it.
                other.store.put(other.key, other.credential)
                login.changed = True
            return login

    def _another(self, found: Found) -> Found | None:
        """What to try when an identity token was refused.

        Another process may have exchanged it in the meantime, and then the old one is void. And somebody may have put
        it beside a password in config.json; docker's client would have used that.
        """
        again = self.stored()
        if again is not None and again.credential != found.credential:
            return again
        password = self.document.password(found.key) if found.store.name == "file" else None
        return Found(password, found.key, found.store) if password is not None else None

    def _renew(self, found: Found) -> Login:
        credential = found.credential

        def keep(new: Secret) -> None:
            nonlocal credential
            credential = Credential(credential.username, new, is_identity_token=True)
            if not found.is_environment:
                found.store.put(found.key, credential)

        outcome = self._ask(credential, rotated=keep if credential.is_identity_token else None)
        new = outcome.identity_token
        if new is not None and not credential.is_identity_token:
            keep(new)
        return self._done(found.store, credential, outcome, changed=credential != found.credential)

    def _prepare(self) -> Iterator[None]:
        """Use the time that the registry takes. What goes wrong here goes wrong again, and is said, in ``put``."""
        try:
            yield from self._store.prepare()
            if self._store.name == route.VAULT:
                yield
                from dockpass.account import advice  # noqa: F401 - to have it loaded
        except Exception:  # noqa: BLE001 - as said
            return

    def _ask(
        self,
        credential: Credential,
        rotated: Callable[[Secret], None] | None = None,
        meanwhile: Iterator[None] | None = None,
    ) -> Outcome:
        heard: list[str] = []

        def note(text: str) -> None:
            if text not in heard:
                heard.append(text)
                if self._waiting is not None:
                    self._waiting(text)

        host = self._token_host
        try:
            outcome = self._show(credential, host, note, rotated, meanwhile)
        except UntrustedTokenHost as refused:
            if self._approve is None or host is not None:
                raise
            from dockpass.account import consent

            host = consent.given(refused, self._approve)
            if host is None:
                raise
            outcome = self._show(credential, host, note, rotated, meanwhile)
        if self._waiting is None:
            outcome.notes[:0] = heard
        if host is not None and self._store.name != "memory":
            from dockpass.account import consent

            outcome.notes += consent.remember(self.server, host, outcome, self._waiting)
        return outcome

    def _show(
        self,
        credential: Credential,
        token_host: str | None,
        note: Callable[[str], None],
        rotated: Callable[[Secret], None] | None,
        meanwhile: Iterator[None] | None,
    ) -> Outcome:
        from dockpass.registry.client import log_in

        return log_in(
            self.server,
            credential,
            token_host=token_host,
            pinned=self._pinned,
            network=self._network,
            note=note,
            rotated=rotated,
            trace=self._trace,
            meanwhile=meanwhile,
            verify=self._verify,
        )

    def _pinned(self) -> str | None:
        from dockpass.account import pins

        return pins.pinned(self.server)

    def _keep(self, credential: Credential, outcome: Outcome) -> Login:
        try:
            before = self.document.auth(self.server.key) if self._store.plaintext else None
        except ConfigMalformed:
            before = None
        try:
            self._store.put(self.server.key, credential)
        except ReadOnlyStore as error:
            outcome.notes.append(f"the login is good, but it is not kept: {error.message}")
        forget_tokens(self.server)
        return self._done(self._store, credential, outcome, changed=credential != before)

    def _done(self, store: Store, credential: Credential, outcome: Outcome, *, changed: bool) -> Login:
        if store.name == route.VAULT:
            from dockpass.account.advice import advice

            outcome.notes += advice(self.server, self.directory)
        elif not (store.plaintext or store.name == "memory"):
            from dockpass.stores.on_path import find as program

            if program(store.name, os.environ) is None:
                outcome.notes += self._hidden(store)
        return Login(
            self.server,
            credential.username,
            store=store.name,
            plaintext=store.plaintext,
            path=self.document.path,
            is_identity_token=credential.is_identity_token,
            changed=changed,
            notes=outcome.notes,
        )

    def _hidden(self, store: Store) -> list[str]:
        """What to tell of a login in a store of ours that docker cannot ask."""
        from dockpass.account.advice import only_by_name, unfound

        notes = [unfound(store.name)]
        try:
            found = route.choose(self.document, self.server.key, withhold=self._withhold).name
        except DockpassError:
            found = ""  # what is named for the next time cannot be used
        if found != store.name:
            notes.append(only_by_name(store.name))
        return notes


def named_host(token_host: str | None) -> str | None:
    """``token_host`` as it is compared and remembered; ``None`` where none was named.

    Raises:
        UsageError: It is no host.

    """
    if token_host is None:
        return None
    from dockpass.registry.realm import named

    return named(token_host)


def login(
    server: Server | str | None,
    username: str,
    secret: Secret | str,
    *,
    store: str | None = None,
    plain_http: bool = False,
    token_host: str | None = None,
    approve: Callable[[UntrustedTokenHost], bool] | None = None,
    verify: bool = False,
    cacert: str | None = None,
    cert: str | None = None,
    key: str | None = None,
    config: str | None = None,
    timeout: float | None = None,
    connect_timeout: float | None = None,
) -> Login:
    """Log in to a registry: show it the user name and the password, and keep them if it accepts them.

    Args:
        server: The registry, in any spelling; ``None`` or ``""`` for Docker Hub.
        username: The user name.
        secret: The password or access token.
        store: The store to keep it in, instead of what config.json says: ``"file"`` or the suffix of a helper.
        plain_http: Consent to plain HTTP, which anybody on the way can read.
        token_host: A host that may be sent the password to issue a token, where dockpass would refuse it. It is
            remembered if it was needed and the login works, and need not be given again.
        approve: Asked in its place: called with the error that would be raised for want of it, which has the host. True
            goes on with that host. It is not called where another host was approved of earlier: that is raised.
        verify: Look, by two more requests, whether the registry lets in anybody without a password, and note it.
        cacert: A PEM file of authorities to be trusted besides the system's, for the registry and its token server.
        cert: A PEM file with a client certificate, shown to the registry's own host and to no other.
        key: A PEM file with its key, if ``cert`` does not hold it, too. It has no passphrase.
        config: The folder of config.json, if not ``$DOCKER_CONFIG`` or ``~/.docker``.
        timeout: Seconds for all work on the network, if not 30; up to 3600.
        connect_timeout: Seconds for connecting to a host, and again for TLS with it, if not 10; up to 3600.

    Returns:
        What was kept, and where.

    Raises:
        ValueError: A time is no more than 0 seconds, or over 3600.
        BadServer, BadCredential: The arguments are not a registry's address, or no registry could take them.
        Refused: The registry refused the user name or password. Nothing is kept.
        Unreachable: No connection; :class:`~dockpass.errors.TLSFailed` and others tell why.
        UntrustedTokenHost: It wants the password to be sent to another host, which nobody approved of. Nothing is sent.
        RegistryError: Whatever else the registry did instead of accepting them.
        UsageError: ``key`` without ``cert``.
        FileUnreadable: ``cacert``, ``cert`` or ``key`` cannot be used. Nothing is sent.
        FileError, StoreError: config.json or the store is broken, or could not keep them.

    Reference: https://distribution.github.io/distribution/spec/auth/token/

    """
    from dockpass.registry.network import Network

    attempt = Attempt(
        server,
        store=store,
        plain_http=plain_http,
        token_host=token_host,
        approve=approve,
        verify=verify,
        network=Network.told(cacert=cacert, cert=cert, key=key, timeout=timeout, connect_timeout=connect_timeout),
        config=config,
    )
    login = attempt.with_password(username, secret)
    login.notes[:0] = attempt.notes
    return login
