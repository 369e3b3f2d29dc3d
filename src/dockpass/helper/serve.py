"""Any store as a credential helper."""

from __future__ import annotations

from dockpass.errors import DockpassError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockpass.credential import Credential
    from dockpass.stores.contract import Store

    Key = Callable[[str, Store], str]

ACTIONS = "<store|get|erase|list|version>"


class Answer:
    """What the program prints and how it ends.

    Attributes:
        output: For standard output.
        status: The exit status: 0, or 1 as in the reference.
        hint: What to do next, for standard error, after what is wrong where nobody would say that; ``""`` for none.

    """

    __slots__ = ("hint", "output", "status")

    def __init__(self, output: str, status: int = 0, hint: str = "") -> None:
        self.output = output
        self.status = status
        self.hint = hint


def serve(
    name: str,
    words: Sequence[str],
    read: Callable[[], bytes],
    make: Callable[[], Store],
    key: Key | None = None,
) -> Answer:
    """Do what a client asks for.

    Args:
        name: The program's name.
        words: The arguments: one action.
        read: Gives standard input, all of it. Not called where an action needs none.
        make: Makes the store. Not called before it is needed.
        key: Says under which key a store has what was asked for; ``None`` for :func:`spelling`.

    """
    usage = f"Usage: {name} {ACTIONS}\n"
    if len(words) != 1:
        return Answer(usage, 1)
    action = words[0]
    if action in ("--help", "-h"):
        return Answer(usage)
    if action in ("--version", "-v", "version"):
        from dockpass.version import __version__

        return Answer(f"{name} (dockpass) {__version__}\n")
    if action not in _DO:
        from dockpass.display import clean

        return Answer(f"{name}: unknown action: {clean(action, 64)}\n", 1)
    try:
        return _DO[action](read, make, key or spelling)
    except DockpassError as error:
        hint = error.hint or ""
        if hint and action == "erase":
            # docker drops what a helper says when it cannot erase, and goes on: a hint alone would hang in the air.
            hint = f"{error.message}; {hint}"
        return Answer(f"{error.message}\n", 1, hint)


def render(server: str, credential: Credential) -> str:
    """The answer to ``get``, as the reference writes it."""
    from dockpass.credential import TOKEN_USERNAME
    from dockpass.strictjson import quote

    username = TOKEN_USERNAME if credential.is_identity_token else credential.username
    return (
        f'{{"ServerURL":{quote(server)},"Username":{quote(username)},"Secret":{quote(credential.secret.reveal())}}}\n'
    )


def spelling(server: str, store: Store) -> str:
    """The key under which ``store`` has the registry that ``server`` means: itself, or the first other spelling of it.

    podman asks for Docker Hub by another name than docker does, and people log in with a scheme or without.
    """
    from dockpass.errors import BadServer
    from dockpass.server import Server

    try:
        wanted = Server.parse(server)
    except BadServer:
        return server
    if not wanted.covers(server):
        return server  # a part of a registry, as go-containerregistry asks for before the registry itself
    kept = store.list()
    if server in kept:
        return server
    return next((key for key in (wanted.key, *sorted(kept)) if key in kept and wanted.covers(key)), server)


def _get(read: Callable[[], bytes], make: Callable[[], Store], key: Key) -> Answer:
    from dockpass.helper import request

    server = request.server(read())
    store = make()
    found = store.get(server)
    if found is None:
        other = key(server, store)
        found = store.get(other) if other != server else None
    if found is not None:
        return Answer(render(server, found))
    from dockpass.stores.answer import NOT_FOUND

    # By this line clients tell "not found" from every other failure. It must stand alone on standard output.
    return Answer(f"{NOT_FOUND}\n", 1)


def _store(read: Callable[[], bytes], make: Callable[[], Store], _key: Key) -> Answer:
    from dockpass.helper import request

    server, credential = request.credential(read())
    make().put(server, credential)
    return Answer("")


def _erase(read: Callable[[], bytes], make: Callable[[], Store], key: Key) -> Answer:
    from dockpass.helper import request

    server = request.server(read())
    store = make()
    # What is not there is erased: clients take an error here for a login that stays.
    store.erase(key(server, store))
    return Answer("")


def _list(_read: Callable[[], bytes], make: Callable[[], Store], _key: Key) -> Answer:
    from dockpass.credential import TOKEN_USERNAME
    from dockpass.strictjson import quote

    kept = make().list()
    members = [f"{quote(server)}:{quote(kept[server] or TOKEN_USERNAME)}" for server in sorted(kept)]
    return Answer(f"{{{','.join(members)}}}\n")


_DO: dict[str, Callable[[Callable[[], bytes], Callable[[], Store], Key], Answer]] = {
    "store": _store,
    "get": _get,
    "erase": _erase,
    "list": _list,
}
