"""How a user wants registries to be reached, besides what the system, its variables and its files say."""

from __future__ import annotations

from dockpass.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS = 10.0
SECONDS = 30.0
LONGEST = 3600.0
"""More than any network needs, and less than any clock can count."""


class Network:
    """What a user has said of the network, once for a whole login.

    Args:
        ca_files: PEM files of authorities to be trusted for the registry besides those of the system.
        client_pairs: Pairs of a certificate file and a key file, to show to the registry. They take the place of those
            in ``certs.d``.
        cert_dir: A folder with such files, which takes the place of the registry's own in ``certs.d``; or ``""``.
        connect_timeout: Seconds for finding and connecting to a host, and again for TLS with it; up to 3600.
        timeout: Seconds for all of a login's work on the network; up to 3600.
        proxies: What names proxies where the environment names none, by the variables there (``HTTPS_PROXY``).
        proxies_place: Where that stands, for messages.

    Raises:
        ValueError: A time is no more than 0 seconds, or over 3600.

    """

    __slots__ = ("ca_files", "cert_dir", "client_pairs", "connect_timeout", "proxies", "proxies_place", "timeout")

    def __init__(
        self,
        *,
        ca_files: tuple[str, ...] = (),
        client_pairs: tuple[tuple[str, str], ...] = (),
        cert_dir: str = "",
        connect_timeout: float = CONNECT_SECONDS,
        timeout: float = SECONDS,
        proxies: Mapping[str, str] | None = None,
        proxies_place: str = "",
    ) -> None:
        for seconds in (connect_timeout, timeout):
            if not 0 < seconds <= LONGEST:
                raise ValueError(f"not a number of seconds above 0 and up to {LONGEST:g}: {seconds!r}")
        self.ca_files = ca_files
        self.client_pairs = client_pairs
        self.cert_dir = cert_dir
        self.connect_timeout = connect_timeout
        self.timeout = timeout
        self.proxies = proxies or {}
        self.proxies_place = proxies_place

    @classmethod
    def told(
        cls,
        *,
        cacert: str | None = None,
        cert: str | None = None,
        key: str | None = None,
        cert_dir: str | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
    ) -> Network | None:
        """What the arguments of :func:`dockpass.login`, or the options of that name, say; ``None`` if they say nothing.

        Raises:
            ValueError: A time is no more than 0 seconds, or over 3600.
            UsageError: ``key`` without ``cert``.

        """
        if (cacert, cert, key, cert_dir, timeout, connect_timeout) == (None,) * 6:
            return None
        if cert is None and key is not None:
            raise UsageError("key is given, and no cert", "name the certificate that the key belongs to: cert=")
        return cls(
            ca_files=() if cacert is None else (cacert,),
            client_pairs=() if cert is None else ((cert, cert if key is None else key),),
            cert_dir=cert_dir or "",
            timeout=SECONDS if timeout is None else timeout,
            connect_timeout=CONNECT_SECONDS if connect_timeout is None else connect_timeout,
        )

    def through(self, proxies: Mapping[str, str], place: str) -> Network:
        """The same with other ``proxies``, which stand at ``place``."""
        return Network(
            ca_files=self.ca_files,
            client_pairs=self.client_pairs,
            cert_dir=self.cert_dir,
            connect_timeout=self.connect_timeout,
            timeout=self.timeout,
            proxies=proxies,
            proxies_place=place,
        )
