"""Where the server is, whom to trust, and who we are: from the variables that ``bao`` and ``vault`` read themselves.

``BAO_`` comes before ``VAULT_``. What only dockpass needs begins with ``DOCKPASS_OPENBAO_``.

Reference: https://openbao.org/docs/commands/#environment-variables
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import StoreUnavailable
from dockpass.http.no_proxy import is_exempt
from dockpass.http.trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockpass.http.address import Origin

_OURS = "DOCKPASS_OPENBAO_"
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_CERTIFICATES = (".pem", ".crt", ".cer")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")

METHODS = ("token", "approle", "jwt", "kubernetes")
"""How one can sign in."""


class Settings:
    """All of them, checked as far as can be without asking.

    Attributes:
        origin: Where the server is.
        base: The path before the API's own, mostly ``""``.
        trust: For HTTPS.
        namespace: The namespace, or ``""``.
        mount: Where the engine is mounted: ``secret``.
        path: Where logins lie in it: ``dockpass``.
        method: One of :data:`METHODS`.
        method_mount: Where that is mounted, below ``auth/``.
        role: Whose role to sign in as, for ``jwt`` and ``kubernetes``.
        role_id_file, secret_id_file, jwt_file: The files with what one signs in with.
        environ: The environment.

    """

    __slots__ = (
        "base",
        "environ",
        "jwt_file",
        "method",
        "method_mount",
        "mount",
        "namespace",
        "origin",
        "path",
        "role",
        "role_id_file",
        "secret_id_file",
        "trust",
    )

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read them.

        Raises:
            StoreUnavailable: One is not what it should be. The message names it.

        """
        self.environ = environ
        self.origin, self.base = _address(environ)
        self.trust = _trust(environ)
        self.namespace = shared(environ, "NAMESPACE")[1]
        self.mount = _path(environ, "MOUNT", "secret")
        self.path = _path(environ, "PATH", "dockpass")
        self.method = environ.get(f"{_OURS}AUTH") or "token"
        if self.method not in METHODS:
            raise StoreUnavailable(
                f"{_OURS}AUTH names a way to sign in that dockpass does not know: {clean(self.method, 64)}",
                f"one of {', '.join(METHODS)}",
            )
        self.method_mount = _path(environ, "AUTH_MOUNT", self.method)
        self.role = environ.get(f"{_OURS}ROLE", "")
        self.role_id_file = environ.get(f"{_OURS}ROLE_ID_FILE", "")
        self.secret_id_file = environ.get(f"{_OURS}SECRET_ID_FILE", "")
        self.jwt_file = environ.get(f"{_OURS}JWT_FILE") or _SERVICE_ACCOUNT


def shared(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    """The variable that is set, ``BAO_name`` or ``VAULT_name``, and its value; ``BAO_name`` and ``""`` if none is."""
    for variable in (f"BAO_{name}", f"VAULT_{name}"):
        if value := environ.get(variable):
            return variable, value
    return f"BAO_{name}", ""


def _address(environ: Mapping[str, str]) -> tuple[Origin, str]:
    from dockpass.registry.url import BadURL, read

    variable, value = shared(environ, "ADDR")
    if not value:
        raise StoreUnavailable(
            "it is not said where OpenBao is: neither BAO_ADDR nor VAULT_ADDR is set",
            "name it: BAO_ADDR=https://bao.example.com:8200",
        )
    try:
        origin, target = read(value)
    except BadURL as error:
        raise StoreUnavailable(
            f"{variable} is not the address of a server: {error}", "write it as https://HOST:8200"
        ) from None
    if "?" in target:
        raise StoreUnavailable(f"{variable} has a query, which no server's address has", "take it out")
    if origin.scheme == "http" and not is_exempt(origin.host, origin.port, ""):
        raise StoreUnavailable(
            f"{variable} names plain HTTP to {origin.label}, by which everybody on the way could read every login",
            "have the server speak TLS, and write https://; plain HTTP is for this machine itself only",
        )
    return origin, target.rstrip("/")


def _trust(environ: Mapping[str, str]) -> Trust:
    variable, name = shared(environ, "TLS_SERVER_NAME")
    if not _PLAIN.issuperset(name):
        raise StoreUnavailable(f"{variable} is not the name of a host: {clean(name, 80)}", "write the name alone")
    authority = shared(environ, "CACERT")[1]
    folder = shared(environ, "CAPATH")[1]
    authorities = (authority,) if authority else _in_folder(folder) if folder else ()
    variable, certificate = shared(environ, "CLIENT_CERT")
    other, key = shared(environ, "CLIENT_KEY")
    if bool(certificate) != bool(key):
        is_set, is_not = (variable, other) if certificate else (other, variable)
        raise StoreUnavailable(f"{is_set} is set and {is_not} is not", "set both: a client certificate needs its key")
    pairs = ((certificate, key),) if certificate else ()
    return Trust(authorities, pairs, system=not authorities, server_name=name)


def _in_folder(folder: str) -> tuple[str, ...]:
    """The certificates in a folder, by their names."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        from dockpass.files.cause import unreadable

        raise unreadable(folder, error) from None
    found = tuple(os.path.join(folder, name) for name in names if name.endswith(_CERTIFICATES))
    if not found:
        raise StoreUnavailable(
            f"there is no certificate in {clean(folder)}, which is to hold whom to trust",
            f"put one there, with a name that ends in one of {', '.join(_CERTIFICATES)}",
        )
    return found


def _path(environ: Mapping[str, str], name: str, default: str) -> str:
    """A path of the server: names with slashes between them."""
    value = (environ.get(_OURS + name) or default).strip("/")
    parts = value.split("/")
    if not all(part.strip(".") and _PLAIN.issuperset(part) for part in parts):
        raise StoreUnavailable(
            f"{_OURS}{name} is not a path: {clean(value, 80)}", "names of letters, digits, - _ and dots, with / between"
        )
    return value
