"""The library for :mod:`asyncio`: the same functions, each on a thread.

There is one transport and it blocks; many logins at once are threads. A cancelled call stops being waited for; the
login that is under way ends by itself within its limit (30 seconds, if no ``timeout`` is given), whole or not at all.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockpass.account.attempt import Login
    from dockpass.account.log_out import Logout
    from dockpass.account.look_up import Entry
    from dockpass.account.tokens import Token
    from dockpass.credential import Credential, Secret
    from dockpass.errors import UntrustedTokenHost
    from dockpass.server import Server

__all__ = ["get", "login", "logins", "logout", "token"]


async def login(
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
    timeout: float | None = None,  # noqa: ASYNC109 - a limit for each step, not for waiting for the thread
    connect_timeout: float | None = None,
) -> Login:
    """As :func:`dockpass.login`. ``approve`` is called on the thread of this login, not on that of the event loop."""
    import asyncio

    from dockpass.account import log_in

    return await asyncio.to_thread(
        log_in.login,
        server,
        username,
        secret,
        store=store,
        plain_http=plain_http,
        token_host=token_host,
        approve=approve,
        verify=verify,
        cacert=cacert,
        cert=cert,
        key=key,
        config=config,
        timeout=timeout,
        connect_timeout=connect_timeout,
    )


async def get(server: Server | str | None, *, config: str | None = None) -> Credential | None:
    """As :func:`dockpass.get`."""
    import asyncio

    from dockpass.account import look_up

    return await asyncio.to_thread(look_up.get, server, config=config)


async def logins(*, config: str | None = None) -> list[Entry]:
    """As :func:`dockpass.logins`."""
    import asyncio

    from dockpass.account import look_up

    return await asyncio.to_thread(look_up.logins, config=config)


async def logout(server: Server | str | None, *, config: str | None = None) -> Logout:
    """As :func:`dockpass.logout`."""
    import asyncio

    from dockpass.account import log_out

    return await asyncio.to_thread(log_out.logout, server, config=config)


async def token(
    repository: str,
    *actions: str,
    plain_http: bool = False,
    token_host: str | None = None,
    cacert: str | None = None,
    cert: str | None = None,
    key: str | None = None,
    config: str | None = None,
    timeout: float | None = None,  # noqa: ASYNC109 - a limit for each step, not for waiting for the thread
    connect_timeout: float | None = None,
) -> Token:
    """As :func:`dockpass.token`."""
    import asyncio

    from dockpass.account import tokens

    return await asyncio.to_thread(
        tokens.token,
        repository,
        *actions,
        plain_http=plain_http,
        token_host=token_host,
        cacert=cacert,
        cert=cert,
        key=key,
        config=config,
        timeout=timeout,
        connect_timeout=connect_timeout,
    )
