"""Log in, as one call: what ``dockpass.login`` is."""

from __future__ import annotations

from dockpass.account.attempt import Attempt
from dockpass.errors import DockpassError
from dockpass.registry.network import Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.account.attempt import Login
    from dockpass.credential import Secret
    from dockpass.errors import UntrustedTokenHost
    from dockpass.server import Server


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
    try:
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
    except DockpassError as error:
        from dockpass.account.in_python import in_python

        error.hint = in_python(error.hint)
        raise
    login.notes[:0] = attempt.notes
    return login
