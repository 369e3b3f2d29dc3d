"""Whether a registry accepts a credential, with the user's word on who may issue its tokens."""

from __future__ import annotations

from dockpass.errors import UntrustedTokenHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockpass.credential import Credential, Secret
    from dockpass.registry.flow import Outcome
    from dockpass.registry.network import Network
    from dockpass.server import Server


class Proof:
    """What shows credentials to one registry.

    Args:
        server: The registry.
        token_host: A token server's host, or ``host:port``, that the user approves of.
        approve: Asks whether a token server may have the credentials, where none was named or remembered.
        verify: Look, by two more requests, whether the registry lets in anybody, and note it.
        network: What the user said about the network.
        waiting: Called with one line that the user should hear at once. Where there is none, it is noted.
        trace: Called with one line a request and one an answer, without secrets.

    Raises:
        UsageError: ``token_host`` is no host.

    """

    def __init__(
        self,
        server: Server,
        *,
        token_host: str | None = None,
        approve: Callable[[UntrustedTokenHost], bool] | None = None,
        verify: bool = False,
        network: Network | None = None,
        waiting: Callable[[str], None] | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._server = server
        self._token_host = token_host
        self._approve = approve
        self._verify = verify
        self._network = network
        self._waiting = waiting
        self._trace = trace
        if token_host is not None:
            from dockpass.registry.realm import named

            self._token_host = named(token_host)

    def show(
        self,
        credential: Credential,
        *,
        rotated: Callable[[Secret], None] | None = None,
        meanwhile: Iterator[None] | None = None,
    ) -> tuple[Outcome, str | None]:
        """Show ``credential`` to the registry; once more if the user approves of the token server that it names.

        Args:
            credential: A user name with a password, or an identity token.
            rotated: Called with the new identity token as soon as there is one for the one that was shown.
            meanwhile: What can be done while answers are waited for. It must not raise.

        Returns:
            What came of it; and the token server's host that the user approved of, now or beforehand.

        Raises:
            BadCredential: It could not be sent as it is.
            RegistryError: The registry could not be asked, or refused.

        """
        heard: list[str] = []

        def note(text: str) -> None:
            if text not in heard:
                heard.append(text)
                if self._waiting is not None:
                    self._waiting(text)

        def ask(host: str | None) -> Outcome:
            from dockpass.registry.client import log_in

            return log_in(
                self._server,
                credential,
                token_host=host,
                pinned=self._pinned,
                network=self._network,
                note=note,
                rotated=rotated,
                trace=self._trace,
                meanwhile=meanwhile,
                verify=self._verify,
            )

        host = self._token_host
        try:
            outcome = ask(host)
        except UntrustedTokenHost as refused:
            if self._approve is None or host is not None:
                raise
            from dockpass.account import consent

            host = consent.given(refused, self._approve)
            if host is None:
                raise
            outcome = ask(host)
        if self._waiting is None:
            outcome.notes[:0] = heard
        return outcome, host

    def _pinned(self) -> str | None:
        from dockpass.account import pins

        return pins.pinned(self._server)
