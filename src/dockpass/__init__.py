"""dockpass: log in to any container registry, and keep what you were given safe.

The public names, each loaded when it is first used (PEP 562), so that ``import dockpass`` costs nothing::

    dockpass.login("reg.example.com", "alice", secret)    # -> Login
    dockpass.get("reg.example.com")                       # -> Credential or None
    dockpass.logins()                                     # -> what `dockpass list` shows
    dockpass.token("reg.example.com/team/app", "pull")    # -> Token
    dockpass.logout("reg.example.com")                    # -> Logout

Errors stand in :mod:`dockpass.errors`, and here by their own names: ``dockpass.Refused``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass import aio as aio
    from dockpass import errors as errors
    from dockpass import testing as testing
    from dockpass.account.attempt import Login
    from dockpass.account.log_in import login
    from dockpass.account.log_out import Logout, logout
    from dockpass.account.look_up import Entry, get, logins
    from dockpass.account.tokens import Token, token
    from dockpass.credential import Credential, Secret

    # As __getattr__ has it, each error is here by its own name too.
    from dockpass.errors import *  # noqa: F403
    from dockpass.errors import DockpassError
    from dockpass.server import Server
    from dockpass.version import __version__

__all__ = [
    "Credential",
    "DockpassError",
    "Entry",
    "Login",
    "Logout",
    "Secret",
    "Server",
    "Token",
    "__version__",
    "get",
    "login",
    "logins",
    "logout",
    "token",
]

_HOME = {
    "Login": "dockpass.account.attempt",
    "login": "dockpass.account.log_in",
    "Logout": "dockpass.account.log_out",
    "logout": "dockpass.account.log_out",
    "Entry": "dockpass.account.look_up",
    "get": "dockpass.account.look_up",
    "logins": "dockpass.account.look_up",
    "Token": "dockpass.account.tokens",
    "token": "dockpass.account.tokens",
    "Credential": "dockpass.credential",
    "Secret": "dockpass.credential",
    "Server": "dockpass.server",
    "__version__": "dockpass.version",
}


if not TYPE_CHECKING:  # a type checker knows all names, and should say which there are not

    def __getattr__(name: str) -> object:
        import importlib

        if name in _HOME:
            value: object = getattr(importlib.import_module(_HOME[name]), name)
        elif name in ("aio", "errors", "testing"):
            value = importlib.import_module(f"dockpass.{name}")
        else:
            errors = importlib.import_module("dockpass.errors")
            value = getattr(errors, name, None)
            if not (isinstance(value, type) and issubclass(value, errors.DockpassError)):
                raise AttributeError(f"module 'dockpass' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *globals()})
