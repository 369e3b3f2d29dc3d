"""What an answer means: each status, after each kind of request, as the error that it is.

Only refused credentials are called refused. A registry in trouble, a proxy in between and a token server that is badly
set up are told apart from that, for nobody should go and change a password because of them.
"""

from __future__ import annotations

from dockpass.errors import (
    Denied,
    LoginExpired,
    NotARegistry,
    ProtocolError,
    RateLimited,
    RedirectedElsewhere,
    Refused,
    RegistryTrouble,
)
from dockpass.registry import called
from dockpass.registry.url import BadURL, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.errors import RegistryError
    from dockpass.http.address import Origin
    from dockpass.http.message import Response
    from dockpass.registry.challenge import Challenge
    from dockpass.registry.refusal.covers import Covers
    from dockpass.server import Server

_BLAME = (
    "anonymous",
    "credential",
    "password",
    "username",
    "user name",
    "authenticat",
    "authorization token",
    "http basic",
)


class Verdict:
    """The reader of one login's answers.

    Args:
        server: The registry.
        covers: The login's secrets, to be kept out of what is repeated.
        username: Who logs in.
        offered: How the registry asked for that. Empty until it has.

    """

    __slots__ = ("_covers", "_offered", "_server", "_username", "name")

    def __init__(
        self, server: Server, covers: Covers, *, username: str = "", offered: Sequence[Challenge] = ()
    ) -> None:
        self.name = called.registry(server)
        self._server = server
        self._covers = covers
        self._username = username
        self._offered = offered

    @property
    def log_in_again(self) -> str:
        """The hint for a login that is no longer good."""
        return f"log in again: dockpass login -u NAME {self._server.typed}"

    def ping(self, response: Response) -> RegistryError:
        """After a request without credentials that was answered by neither 200 nor 401."""
        if response.status == 403:
            return Denied(
                self._join(f"{self.name} turns this computer away before it knows who asks (403)", response),
                "something on the way may do that: a proxy, a firewall, the registry's list of allowed networks; no "
                "credentials were sent",
            )
        return self._of_registry(response)

    def basic(self, response: Response) -> RegistryError:
        """After a request with user name and password."""
        if response.status == 401 or self._blames_credentials(response):
            return self._refused(self.name, response)
        if response.status == 400:
            return self._garbled(self.name, response)
        return self._of_registry(response)

    def unasked(self, response: Response) -> RegistryError:
        """After a request with user name and password to a registry that asked for none."""
        return self._refused(self.name, response) if response.status == 403 else self.basic(response)

    def token(self, response: Response, origin: Origin) -> RegistryError:
        """After a request for a token by user name and password, to the token server at ``origin``."""
        from dockpass.registry.refusal import advice

        who = called.token_server(self._server, origin)
        if response.status == 401 or self._blames_credentials(response):
            return self._refused(who, response)
        if response.status == 400 and advice.answers_400(self._server.host, self._offered):
            return self._garbled(who, response)
        return self._of_token_server(who, response)

    def identity_token(self, response: Response, origin: Origin) -> RegistryError:
        """After a request for a token by an identity token."""
        who = called.token_server(self._server, origin)
        bad_grant = response.status == 400 and "invalid_grant" in _said(response)
        if response.status == 401 or bad_grant or self._blames_credentials(response):
            return LoginExpired(
                self._join(f"{who} refused the identity token kept for it", response), self.log_in_again
            )
        if response.status in (404, 405):
            return Refused(
                self._join(f"{who} takes no identity tokens ({response.status})", response), self.log_in_again
            )
        return self._of_token_server(who, response)

    def with_token(self, response: Response, *, identity: bool) -> RegistryError:
        """After a request with a token that the token server had just given out.

        Args:
            response: The answer.
            identity: Whether the token was given for an identity token, not for a password.

        """
        if self._blames_credentials(response):
            return self.not_let_in(response, identity=identity)
        if response.status == 401:
            return ProtocolError(
                self._join(f"{self.name} does not accept the token that its own token server gave out", response),
                "either their clocks differ, or the registry does not trust this token server: tell those who run it",
            )
        return self._of_registry(response)

    def not_let_in(self, response: Response, *, identity: bool) -> RegistryError:
        """After a token was turned down in a way that means the credentials behind it."""
        if identity:
            return LoginExpired(self._join(f"{self.name} refused the login kept for it", response), self.log_in_again)
        return self._refused(self.name, response)

    def redirect(self, response: Response, origin: Origin, who: str) -> RegistryError:
        """After a redirect from ``origin`` that is not followed."""
        try:
            where, _target = self.location(response, origin)
        except BadURL as bad:
            return ProtocolError(
                f"{who} redirects to an address that cannot be followed: {bad}", "tell those who run it"
            )
        shown = self._covers.show(where.netloc, 300)
        if where.host == origin.host:
            return RedirectedElsewhere(
                f"{who} redirects from {origin} to {self._covers.show(str(where), 300)}: credentials do not go there",
                f"if that is the registry you mean, log in there: dockpass login {shown}"
                if where.scheme == "https"
                else "a registry that is reached by https must not lead back to http: tell those who run it",
            )
        return RedirectedElsewhere(
            f"{who} redirects to another host, {shown}: credentials do not go there",
            f"if that is the registry you mean, log in there: dockpass login {shown}",
        )

    def location(self, response: Response, origin: Origin) -> tuple[Origin, str]:
        """Where a redirect leads.

        Raises:
            BadURL: It does not say, or not in a way that is read.

        """
        places = set(response.all("location"))
        if len(places) != 1:
            raise BadURL("it names no place, or several")
        return resolve(places.pop(), origin)

    def _of_registry(self, response: Response) -> RegistryError:
        if response.status == 404:
            return NotARegistry(
                self._join(f"{self.name} is not a registry: there is nothing at /v2/ (404)", response),
                "check the address and its port",
            )
        if response.status == 403:
            return Denied(
                self._join(f"{self.name} knows the credentials and does not let them in (403)", response),
                "ask those who run it what this account may do",
            )
        return self._in_general(self.name, response)

    def _of_token_server(self, who: str, response: Response) -> RegistryError:
        if response.status == 403:
            return Denied(
                self._join(f"{who} does not allow this login (403)", response),
                "ask those who run it what this account may do, and from where",
            )
        return self._in_general(who, response)

    def _in_general(self, who: str, response: Response) -> RegistryError:
        from dockpass.registry import waiting

        status = response.status
        wait = waiting.asked(response)
        asks = "" if wait is None else f", and asks to wait {waiting.spelled(wait)}"
        later = "try again later" if wait is None else f"try again in {waiting.spelled(wait)}"
        if status == 429:
            return RateLimited(self._join(f"{who} has had too many requests from here{asks}", response), later)
        if status >= 500:
            return RegistryTrouble(self._join(f"{who} is in trouble (it answered {status}){asks}", response), later)
        return ProtocolError(
            self._join(f"{who} answered {status}, which makes no sense here", response),
            "check the address; if it is right, tell those who run it",
        )

    def _refused(self, who: str, response: Response) -> RegistryError:
        from dockpass.registry import challenge
        from dockpass.registry.refusal import advice

        # One that asked for nothing may ask now.
        offered = self._offered or challenge.parse(response.all("www-authenticate"))
        return Refused(
            self._join(f"{who} refused the user name or password", response),
            advice.refused(self._server.host, offered, self._username),
        )

    def _garbled(self, who: str, response: Response) -> RegistryError:
        from dockpass.registry.refusal import advice

        return Refused(
            self._join(f"{who} could not read the user name or password (400)", response),
            advice.garbled(self._server.host, self._offered, self._username),
        )

    def _blames_credentials(self, response: Response) -> bool:
        """Whether a 403 means what others say by 401: by its words, for there is nothing else to tell it by.

        A 400 does where it speaks of a token that has expired: that of a public registry of Amazon.
        """
        if response.status not in (400, 403):
            return False
        said = _said(response).lower()
        if "expired" in said and "token" in said:
            return True
        return response.status == 403 and (said in ("denied", "denied: denied") or any(word in said for word in _BLAME))

    def _join(self, ours: str, response: Response) -> str:
        theirs = self._covers.show(_said(response))
        return f"{ours}: {theirs}" if theirs else ours


def _said(response: Response) -> str:
    """What the registry itself says of a failure. A login that works by a token needs only the names from here."""
    from dockpass.registry.refusal import words

    return words.of(response)
