"""The keychain of macOS as a store.

An item is what ``docker-credential-osxkeychain`` makes of it, so either reads what the other wrote: an internet
password with the label below in the default keychain, the server taken apart into protocol, host, port and path
(:mod:`~dockpass.stores.registry_url`).

Where that helper asks the keychain for less than the server, and takes any item that comes, this does not: a server
without a port is not answered with what is kept for a port, and an item without docker's label belongs to somebody
else. An item of the same user is changed in place, so that who may read it stays as it was.

It has not been run on macOS yet, only on a stand-in that keeps its rules.

Reference: https://developer.apple.com/documentation/security/keychain-services
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import BadServer, StoreError
from dockpass.stores import protocol
from dockpass.stores.contract import Store
from dockpass.stores.registry_url import Address, join, kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Timer

    from dockpass.credential import Credential
    from dockpass.stores.keychain_services import KeychainServices, Value

    Items = list[dict[str, Value]]

LABEL = "Docker Credentials"
_PROTOCOLS = {"https": "htps", "http": "http"}
_SYMBOLS = {"https": "kSecAttrProtocolHTTPS", "http": "kSecAttrProtocolHTTP"}
_PATIENCE = 3.0


class OsxKeychainStore(Store):
    """Credentials in the default keychain of this user.

    Args:
        environ: Not used: the keychain is the user's, whatever the environment says.
        waiting: Called with one line when macOS takes longer than three seconds: it asks whoever sits there.
        services: The keychain's functions; ``None`` for those of this system, which are loaded when first needed.

    """

    name = "osxkeychain"

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,  # noqa: ARG002 - our stores are all made by the same arguments
        waiting: Callable[[str], None] | None = None,
        *,
        services: KeychainServices | None = None,
    ) -> None:
        self._waiting = waiting
        self._services = services

    def probe(self) -> str | None:
        """Whether this is macOS."""
        try:
            self._open().load()
        except StoreError as error:
            return error.message
        return None

    def get(self, server: str) -> Credential | None:
        """The credential kept for ``server``; of several users' the one that was changed last.

        Raises:
            StoreUnavailable: This is not macOS, or there is no keychain.
            StoreLocked: The keychain is locked, and nobody could be asked for its password, or somebody was asked and
                said no (:class:`~dockpass.errors.PromptDismissed`).
            StoreFailed: The keychain said that it failed.

        """
        address = kept(server) if protocol.question(server) else None
        if address is None:
            return None
        for item in self._find(address):
            found = self._ask("copy_matching", {**_reference(item), "kSecReturnData": True})
            if found:
                secret = found[0].get("kSecValueData", b"")
                text = secret.decode("utf-8", "surrogateescape") if isinstance(secret, bytes) else ""
                return protocol.credential(_text(item, "kSecAttrAccount"), text)
        return None

    def others(self, server: str) -> Sequence[str]:
        """The users of all items but the one that was changed last.

        Raises:
            StoreError: As :meth:`get`.

        """
        address = kept(server) if protocol.question(server) else None
        items = self._find(address) if address is not None else []
        return [protocol.shown(_text(item, "kSecAttrAccount")) for item in items[1:]]

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential`` in place of every other user's for ``server``.

        Raises:
            BadServer, BadCredential: It cannot be kept so that docker's helper would find it.
            StoreError: As :meth:`get`. What was kept is still kept.

        """
        username, secret = protocol.fit(server, credential)
        address = kept(server)
        if address is None:
            raise BadServer(
                f"the keychain would keep a login for {clean(server, 255)!r} as that of another server",
                "give the registry as host, or host:port",
            )
        items = self._find(address)
        same = [item for item in items if _text(item, "kSecAttrAccount") == username][:1]
        data: dict[str, Value] = {"kSecValueData": secret.encode()}
        if same:
            self._ask("update", _listed(same[0]), data)
        else:
            self._ask("add", {**_described(address), "kSecAttrAccount": username, **data})
        try:
            for item in items:
                if item not in same:
                    self._delete(item)
        except StoreError as error:
            raise protocol.older_stays(server, error) from None

    def erase(self, server: str) -> bool:
        """Forget ``server``, every user's. Returns whether there was something.

        Raises:
            StoreError: As :meth:`get`; or the item belongs to another program, which macOS protects.

        """
        address = kept(server) if protocol.question(server) else None
        if address is None:
            return False
        return True in [self._delete(item) for item in self._find(address)]

    def list(self) -> dict[str, str]:
        """Every server with its user name. Reads no secret and asks nobody.

        Raises:
            StoreError: As :meth:`get`.

        """
        found: dict[str, str] = {}
        for item in self._search({}):
            scheme = "https" if item.get("kSecAttrProtocol") == "htps" else "http"
            host = _text(item, "kSecAttrServer")
            if host:
                server = join(Address(scheme, host, _port(item), _text(item, "kSecAttrPath")))
                found.setdefault(server, protocol.shown(_text(item, "kSecAttrAccount")))
        return {server: found[server] for server in sorted(found)}

    def prepare(self) -> Iterator[None]:
        """Load what speaks to the keychain."""
        import dockpass.stores.keychain_services  # noqa: F401 - to have it loaded

        yield

    def _find(self, address: Address) -> Items:
        """The items of exactly this address, the one that was changed last first.

        The keychain takes a port or path that is not asked for as any, so the rest is compared here.
        """
        items = self._search(_place(address))
        return [
            item
            for item in items
            if _text(item, "kSecAttrServer") == address.host
            and item.get("kSecAttrProtocol") == _PROTOCOLS[address.scheme]
            and (_port(item), _text(item, "kSecAttrPath")) == (address.port, address.path)
        ]

    def _search(self, query: dict[str, Value]) -> Items:
        from dockpass.stores.keychain_services import Constant

        query = {
            "kSecClass": Constant("kSecClassInternetPassword"),
            "kSecAttrLabel": LABEL,
            **query,
            "kSecMatchLimit": Constant("kSecMatchLimitAll"),
            "kSecReturnAttributes": True,
            "kSecReturnPersistentRef": True,
        }
        items = self._ask("copy_matching", query)
        return sorted(items, key=_changed, reverse=True)

    def _delete(self, item: dict[str, Value]) -> bool:
        return self._ask("delete", _listed(item)) is not _NOTHING

    def _ask(self, function: str, *arguments: dict[str, Value]) -> Items:
        """What a function of the keychain answers; :data:`_NOTHING` where it finds nothing to work on."""
        from dockpass.stores.keychain_services import NOT_FOUND, Status

        services = self._open()
        services.load()
        timer = self._timer()
        try:
            answer: Items | None = getattr(services, function)(*arguments)
        except Status as status:
            if status.code == NOT_FOUND and function != "update":
                return _NOTHING
            from dockpass.stores.keychain_trouble import trouble

            raise trouble(status.code) from None
        finally:
            if timer is not None:
                timer.cancel()
        return [] if answer is None else answer

    def _timer(self) -> Timer | None:
        if self._waiting is None:
            return None
        from threading import Timer

        timer = Timer(_PATIENCE, self._waiting, ("macOS asks about the keychain: see its window",))
        timer.daemon = True
        timer.start()
        return timer

    def _open(self) -> KeychainServices:
        if self._services is None:
            from dockpass.stores.keychain_services import KeychainServices

            self._services = KeychainServices()
        return self._services


_NOTHING: Items = []


def _place(address: Address) -> dict[str, Value]:
    from dockpass.stores.keychain_services import Constant

    query: dict[str, Value] = {
        "kSecAttrProtocol": Constant(_SYMBOLS[address.scheme]),
        "kSecAttrServer": address.host,
    }
    if address.port:
        query["kSecAttrPort"] = int(address.port)
    if address.path:
        query["kSecAttrPath"] = address.path
    return query


def _described(address: Address) -> dict[str, Value]:
    from dockpass.stores.keychain_services import Constant

    return {
        "kSecClass": Constant("kSecClassInternetPassword"),
        "kSecAttrLabel": LABEL,
        **_place(address),
        "kSecAttrAuthenticationType": Constant("kSecAttrAuthenticationTypeDefault"),
    }


def _reference(item: dict[str, Value]) -> dict[str, Value]:
    """One item, to read it."""
    from dockpass.stores.keychain_services import Constant

    return {
        "kSecClass": Constant("kSecClassInternetPassword"),
        "kSecValuePersistentRef": item["kSecValuePersistentRef"],
    }


def _listed(item: dict[str, Value]) -> dict[str, Value]:
    """One item, to change or delete it: macOS wants a list for that."""
    from dockpass.stores.keychain_services import Constant

    reference = item["kSecValuePersistentRef"]
    references = [reference] if isinstance(reference, bytes) else []
    return {"kSecClass": Constant("kSecClassInternetPassword"), "kSecMatchItemList": references}


def _text(item: dict[str, Value], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _port(item: dict[str, Value]) -> str:
    return str(item.get("kSecAttrPort") or "")


def _changed(item: dict[str, Value]) -> float:
    value = item.get("kSecAttrModificationDate")
    return value if isinstance(value, float) else 0.0
