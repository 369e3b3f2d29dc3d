"""``DOCKER_AUTH_CONFIG``: logins that are given to one command or job through its environment.

Docker reads it since version 28, GitLab's runner long before. It is only read: a login that was found here is used, and
never kept anywhere else, which is what whoever put it into the environment of one job wants.

Reference: https://docs.docker.com/reference/cli/docker/#environment-variables
"""

from __future__ import annotations

from dockpass.config.auths import BadEntry, decode
from dockpass.config.matching import fold
from dockpass.display import clean
from dockpass.errors import ReadOnlyStore
from dockpass.stores.contract import Store
from dockpass.strictjson import BadJSON, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dockpass.credential import Credential

NAME = "DOCKER_AUTH_CONFIG"
"""The variable."""


class EnvironmentStore(Store):
    """What was in ``DOCKER_AUTH_CONFIG``, read-only. Made by :meth:`parse`.

    Args:
        credentials: The credentials by key. Keys are compared exactly, as docker does.

    """

    name = "environment"
    plaintext = True

    def __init__(self, credentials: Mapping[str, Credential]) -> None:
        self._kept = dict(credentials)

    @classmethod
    def parse(cls, value: str) -> tuple[EnvironmentStore | None, str | None]:
        """The store for a value of the variable, and a note for the user.

        The value is one JSON object, ``{"auths": {KEY: {"auth": BASE64}}}``, and no other member may be in it: so
        docker has it, and what docker would not use must not be used here.

        Returns:
            ``(store, None)``; or ``(None, note)`` where docker would pass the variable over with a warning: the note is
            that warning, one line without a secret; or ``(None, None)`` where the value is empty.

        """
        if not value:
            return None, None
        try:
            return cls(_credentials(value)), None
        except ValueError as error:
            return None, f"{NAME} is not used: {error}"

    def get(self, server: str) -> Credential | None:
        """The credential for exactly this key, or ``None``."""
        return self._kept.get(server)

    def put(self, server: str, credential: Credential) -> None:  # noqa: ARG002 - the contract's
        """Refuse.

        Raises:
            ReadOnlyStore: Always.

        """
        raise _read_only("keep", server)

    def erase(self, server: str) -> bool:
        """Refuse, if there is something to erase.

        Raises:
            ReadOnlyStore: There is a credential for ``server``.

        """
        if server in self._kept:
            raise _read_only("erase", server)
        return False

    def list(self) -> dict[str, str]:
        """Every key in it, with its user name."""
        return {server: credential.username for server, credential in self._kept.items()}


def _read_only(action: str, server: str) -> ReadOnlyStore:
    return ReadOnlyStore(
        f"cannot {action} the login for {clean(server, 255)} in {NAME}: the environment is only read",
        f"change the variable where it is set, or: unset {NAME}",
    )


def _credentials(value: str) -> dict[str, Credential]:
    """The credentials in ``value``; a ``ValueError`` where it is malformed, with a reason that shows none of it."""
    try:
        whole = loads(value.encode("utf-8", "surrogateescape"))
    except BadJSON as error:
        raise ValueError(f"it is not one JSON object ({error})") from None
    found = {}
    for server, entry in _object(_only_member(_object(whole, "it"), "auths", "it"), 'its "auths"').items():
        where = f'its entry "{clean(server, 100)}"'
        auth = _only_member(_object(entry, where), "auth", where)
        if not auth:
            raise ValueError(f'{where} has no "auth"')
        try:
            credential = decode({"auth": auth})
        except BadEntry as error:
            raise ValueError(f"{where} cannot be read: {error.reason}") from None
        if credential is not None:
            found[server] = credential
    return found


def _object(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object {{...}}")  # noqa: TRY004 - the value's fault, not the caller's
    return value


def _only_member(fields: dict[str, Any], name: str, where: str) -> Any:
    """The value of ``name``, in whatever case, which must stand alone: docker refuses what it does not know here."""
    for written in fields:
        if fold(written) != name:
            raise ValueError(f'{where} has a member "{clean(written, 40)}", which docker does not take here')
    if len(fields) > 1:
        raise ValueError(f'{where} has more than one "{name}"')
    return next(iter(fields.values()), None)
