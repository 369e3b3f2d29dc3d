"""Which store serves which server.

config.json decides, as it does for docker. Where it names none, ``DOCKPASS_STORE`` does, and where that is not set the
login goes into config.json itself. Nothing is detected: docker picks a helper by what happens to be on PATH, and so a
machine's logins move when somebody installs a package.
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import UnknownStore
from dockpass.stores.contract import Store
from dockpass.stores.file import FileStore
from dockpass.stores.lead import leads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

    from dockpass.config.document import Document
    from dockpass.credential import Credential
    from dockpass.stores.program import ProgramStore

VARIABLE = "DOCKPASS_STORE"
"""The environment variable that names the store where config.json names none."""


def choose(
    document: Document,
    server: str,
    *,
    store: str | None = None,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> Store:
    """The store that serves ``server``; its ``put`` and ``erase`` keep config.json in step.

    Args:
        document: config.json.
        server: The key.
        store: ``--store``: ``file``, ``memory`` or the suffix of a helper, instead of what config.json says. ``put``
            makes config.json say so then.
        environ: The environment; ``None`` for that of this process.
        withhold: Variables to keep from helper programs.
        waiting: Called with one line where a helper, or the lock of config.json, takes long.

    Raises:
        UnknownStore: What is named cannot be a store. Nothing is run.
        HelperMissing, HelperNotExecutable: The helper that is named is not there. So it is known before a password is
            asked for.

    """
    environ = os.environ if environ is None else environ
    program = _maker(environ, withhold, waiting)
    directory = os.path.dirname(document.path)
    if store is not None:
        return _named(store, "--store", directory, program, waiting)
    helper, member = leads(document, server)
    if helper:
        from dockpass.stores.marked import Marked

        named = program(helper, _member(document, member))
        named.find()
        return Marked(named, directory, waiting=waiting)
    plain = FileStore(directory, waiting=waiting)
    name = environ.get(VARIABLE, "")
    if member or name in ("", plain.name):
        return plain
    from dockpass.stores.beside import Beside

    return Beside(_named(name, VARIABLE, directory, program, waiting), plain)


def configured(
    document: Document,
    *,
    environ: Mapping[str, str] | None = None,
    withhold: Iterable[str] = (),
    waiting: Callable[[str], None] | None = None,
) -> list[Store]:
    """Every store in which a login may be that this config.json and environment lead to, each once; to be listed.

    A helper that is not there, or whose name cannot be one, is among them, and raises when it is used: one of them must
    not hide what the others keep. A helper that only serves some servers may list others too.
    """
    environ = os.environ if environ is None else environ
    program = _maker(environ, withhold, waiting)
    sources = {document.creds_store: _member(document, "credsStore")}
    for name in document.cred_helpers.values():
        sources.setdefault(name, _member(document, "credHelpers"))
    chosen = environ.get(VARIABLE, "")
    if chosen not in ("file", "memory"):
        sources.setdefault(chosen, VARIABLE)
    stores: list[Store] = [FileStore(os.path.dirname(document.path), waiting=waiting)]
    for name, source in sources.items():
        if name:
            try:
                stores.append(program(name, source))
            except UnknownStore as error:
                stores.append(_Unusable(name, error))
    if chosen == "memory":
        stores.append(_memory())
    return stores


def _named(
    name: str,
    source: str,
    directory: str,
    program: Callable[[str, str], ProgramStore],
    waiting: Callable[[str], None] | None,
) -> Store:
    """The store that was named from outside config.json, told to lead there when it keeps something."""
    if name == "file":
        return FileStore(directory, leads=True, waiting=waiting)
    if name == "memory":
        return _memory()
    from dockpass.stores.marked import Marked

    named = program(name, source)
    named.find()
    return Marked(named, directory, leads=True, waiting=waiting)


def _maker(
    environ: Mapping[str, str], withhold: Iterable[str], waiting: Callable[[str], None] | None
) -> Callable[[str, str], ProgramStore]:
    """What makes the store of a helper from the suffix of its name, and from what names it."""

    def program(suffix: str, source: str) -> ProgramStore:
        from dockpass.stores.program import ProgramStore

        return ProgramStore(suffix, source=source, environ=environ, withhold=withhold, waiting=waiting)

    return program


def _member(document: Document, member: str) -> str:
    return f"{member} in {clean(document.path)}"


def _memory() -> Store:
    from dockpass.stores.memory import OF_THIS_PROCESS

    return OF_THIS_PROCESS


class _Unusable(Store):
    """What stands for a store that cannot be one: it raises whenever it is used."""

    def __init__(self, name: str, error: UnknownStore) -> None:
        self.name = clean(name, 64)
        self._error = error

    def get(self, server: str) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def put(self, server: str, credential: Credential) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def erase(self, server: str) -> NoReturn:  # noqa: ARG002 - the contract's
        raise self._error

    def list(self) -> NoReturn:
        raise self._error
