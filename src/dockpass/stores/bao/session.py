"""One operation's conversation with the server.

Reference: https://openbao.org/api-docs/
"""

from __future__ import annotations

from dockpass.errors import ProtocolError, ProxyFailed, Unreachable
from dockpass.http.connection import Connection, Deadline
from dockpass.http.message import Request
from dockpass.stores.bao import trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from dockpass.http.message import Response
    from dockpass.stores.bao.settings import Settings

SECONDS = 30
"""How long one operation may take."""

_LARGEST = 8 << 20
_RETURNED = (200, 204, 400, 403, 404)


class Answer:
    """What the server said.

    Attributes:
        status: 200, 204, 400, 403 or 404; everything else is an error.
        data: What stands under ``data``; ``{}`` if nothing does.
        auth: What stands under ``auth``, likewise.
        said: Its own words where it refuses. Not clean yet.

    """

    __slots__ = ("auth", "data", "said", "status")

    def __init__(self, status: int, tree: dict[str, Any]) -> None:
        self.status = status
        self.data = _object(tree.get("data"))
        self.auth = _object(tree.get("auth"))
        errors = tree.get("errors")
        self.said = "; ".join(str(error) for error in errors) if isinstance(errors, list) else ""


class Session:
    """A connection to the server, for one operation. Use it in a ``with`` block.

    Raises:
        StoreUnavailable: A proxy that is no proxy's address stands in the way.

    Attributes:
        settings: Where and how.
        token: What is shown to the server, once somebody has signed in; ``""`` before. A secret.
        label: Host and port.

    """

    __slots__ = ("_connection", "label", "settings", "token")

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        from dockpass.http.proxy import choose

        self.settings = settings
        self.token = ""
        origin = settings.origin
        self.label = origin.label
        try:
            proxy = choose(origin, settings.environ)
        except ProxyFailed as error:
            raise trouble.no_connection(self.label, error) from None
        self._connection = Connection(
            origin,
            deadline=Deadline(seconds),
            trust=settings.trust if origin.scheme == "https" else None,
            proxy=proxy,
            permit=self._is_here if origin.scheme == "http" else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Never raises."""
        self._connection.close()

    def ask(self, method: str, path: str, what: str, body: str = "") -> Answer:
        """Ask the server for one thing.

        Args:
            method: ``GET``, ``POST`` or ``DELETE``.
            path: After ``/v1/``; not encoded for a URL yet, but for a query.
            what: What that would do, for errors: ``read secret/data/...``.
            body: JSON.

        Raises:
            StoreUnavailable, StoreTimedOut: It cannot be reached, or does not answer for the cluster.
            StoreLocked: It is sealed.
            StoreFailed: It failed, or answered something that makes no sense.

        """
        plain, mark, query = path.partition("?")
        target = f"{self.settings.base}/v1/{_for_url(plain)}{mark}{query}"
        request = Request(method, self.settings.origin, target, self._headers(body), body.encode())
        try:
            response = self._connection.exchange(request, limit=_LARGEST)
        except (Unreachable, ProtocolError) as error:
            raise trouble.no_connection(self.label, error) from None
        tree = _tree(response)
        if response.status not in _RETURNED:
            said = Answer(response.status, tree or {}).said
            location = "".join(response.all("location")[:1])
            raise trouble.refused(self.label, response.status, said, what, location=location)
        if tree is None:
            raise trouble.garbled(self.label, what)
        answer = Answer(response.status, tree)
        if response.status == 404 and "namespace not found" in answer.said:
            raise trouble.no_namespace(self.label, self.settings.namespace)
        return answer

    def do(self, method: str, path: str, what: str, capability: str, body: str = "") -> Answer:
        """As :meth:`ask`, signed in: that we are not allowed to is an error.

        Raises:
            StoreLocked: The token is none, or no longer.
            StoreFailed: A policy does not allow it; or as :meth:`ask`.
            StoreUnavailable, StoreTimedOut: As :meth:`ask`.

        """
        answer = self.ask(method, path, what, body)
        if answer.status != 403:
            return answer
        self.check_token()
        raise trouble.forbidden(self.label, what, path.partition("?")[0], capability)

    def check_token(self) -> None:
        """See that the token is one. The server may have the same words for one that is not and one that may not.

        Raises:
            StoreLocked: It is none, or no longer.

        """
        answer = self.ask("GET", "auth/token/lookup-self", "look at its own token")
        # A list of errors is what policies say: the token is good, and not allowed even that.
        by_policy = "error occurred" in answer.said and "invalid token" not in answer.said
        if answer.status == 403 and not by_policy:
            raise trouble.bad_token(self.label)

    def _headers(self, body: str) -> tuple[tuple[str, str], ...]:
        headers = [("X-Vault-Request", "true"), ("Accept", "application/json")]
        if self.token:
            headers.append(("X-Vault-Token", self.token))
        if self.settings.namespace:
            headers.append(("X-Vault-Namespace", self.settings.namespace))
        if body:
            headers.append(("Content-Type", "application/json"))
        return tuple(headers)

    def _is_here(self, ip: str) -> None:
        """Let plain HTTP go nowhere else, whatever ``localhost`` stands for here."""
        from dockpass.http.no_proxy import is_exempt

        if not is_exempt(ip, 0, ""):
            raise Unreachable(f"{self.label} is not this machine but {ip}, and plain HTTP goes nowhere else")


def _tree(response: Response) -> dict[str, Any] | None:
    """The answer's JSON: ``{}`` if it has none and needs none, ``None`` if it should have."""
    if response.status == 204:
        return {}
    from dockpass.strictjson import BadJSON, loads

    try:
        tree = loads(response.body)
    except BadJSON:
        return None
    return tree if isinstance(tree, dict) else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _for_url(path: str) -> str:
    from dockpass.registry.percent import encode

    return "/".join(encode(part.encode("utf-8", "surrogatepass")) for part in path.split("/"))
