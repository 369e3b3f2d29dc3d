"""OpenBao and HashiCorp Vault as a store: one place for the logins of a fleet.

A login is a secret of its own in an engine KV version 2, where people read and write it with ``bao kv``
(:mod:`~dockpass.stores.bao.layout`). Nothing is written but over the version that was seen, so of many machines that
write at once none undoes what another one did.

Reference: https://openbao.org/api-docs/secret/kv/kv-v2/
"""

from __future__ import annotations

import _thread
import os
from time import monotonic

from dockpass.display import clean
from dockpass.errors import StoreFailed
from dockpass.stores import protocol
from dockpass.stores.bao import in_use, layout, trouble
from dockpass.stores.bao.kv import KV
from dockpass.stores.bao.session import Session
from dockpass.stores.bao.settings import Settings, shared
from dockpass.stores.bao.sign_in import look_after, sign_in
from dockpass.stores.contract import Store
from dockpass.vault.name import decode, encode, is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dockpass.credential import Credential
    from dockpass.stores.bao.kv import Kept
    from dockpass.stores.bao.sign_in import Token


class OpenBaoStore(Store):
    """Credentials in an OpenBao or Vault server. May be used by several threads at once.

    Of several users of one server the one that was kept last is in use, and is what ``get`` and ``list`` give.

    Args:
        environ: The environment, which says where the server is and who we are; ``None`` for that of this process.
        waiting: Not called: the server is asked no longer than 30 seconds.

    Attributes:
        notes: After ``list``: one line for each thing beside the logins that is none.

    """

    name = "openbao"

    def __init__(self, environ: Mapping[str, str] | None = None, waiting: Callable[[str], None] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._waiting = waiting
        self._token: Token | None = None
        self._look_again = 0.0
        self._signing_in = _thread.allocate_lock()
        self._settings: Settings | None = None
        self.notes: list[str] = []

    def probe(self) -> str | None:
        """Why it cannot be used here: nothing says where the server is. The server is not asked."""
        return None if shared(self._environ, "ADDR")[1] else "neither BAO_ADDR nor VAULT_ADDR is set"

    def get(self, server: str) -> Credential | None:
        """The credential in use for ``server``, or ``None``.

        Raises:
            StoreUnavailable: The server cannot be reached, is not set up, or it is not said where it is.
            StoreLocked: The server is sealed, or there is no token that it takes.
            StoreTimedOut: The server did not answer in time.
            StoreFailed: The token may not read it, what is there is no login, or the server failed.
            FileUnreadable: A file that is to be shown to the server cannot be read.

        """
        if not protocol.question(server):
            return None
        with self._session() as session:
            found = self._find(KV(session), server)
            self._done(session)
        return None if found is None else found[2]

    def put(self, server: str, credential: Credential) -> None:
        """Keep ``credential``, and make its user the one in use. Other users of ``server`` stay.

        Raises:
            BadServer, BadCredential: No helper could give it to anybody.
            StoreError, FileError: As :meth:`get`; or it could not be written.

        """
        protocol.fit(server, credential)
        folder, user = encode(server), layout.user(credential)
        fields = layout.fields(server, credential)
        with self._session() as session:
            kv = KV(session)
            # Where nobody is in use yet, this one is from the beginning: of two who come at once, one is then.
            if in_use.active(kv.read(folder)) is None:
                in_use.point(kv, server, user, only_if_none=True)
            for _ in range(in_use.TRIES):
                kept = kv.read(f"{folder}/{user}")
                if kept.fields == fields or kv.write(f"{folder}/{user}", fields, kept.version):
                    break
            else:
                raise trouble.busy(f"the login for {clean(server, 255)}")
            in_use.point(kv, server, user)
            self._done(session)

    def exchange(self, server: str, old: Credential | None, new: Credential | None) -> bool:
        """Keep ``new`` in place of ``old``, if that is still what is kept. Returns whether it was.

        It is one step, but where another user takes the place of the one in use, and where a login is erased.

        Raises:
            BadCredential, StoreError, FileError: As :meth:`put`.

        """
        if new is None or (old is not None and layout.user(old) != layout.user(new)):
            return super().exchange(server, old, new)
        protocol.fit(server, new)
        with self._session() as session:
            kv = KV(session)
            if old is None:
                return self._add(kv, server, new)
            for _ in range(in_use.TRIES):
                found = self._find(kv, server)
                if found is None or found[2] != old:
                    return False
                name, kept, _credential = found
                if kv.write(name, layout.fields(server, new), kept.version):
                    return True
        raise trouble.busy(f"the login for {clean(server, 255)}")

    def others(self, server: str) -> Sequence[str]:
        """The users who are not in use, ``""`` for one of nobody known or with too long a name."""
        if not protocol.question(server):
            return ()
        folder = encode(server)
        with self._session() as session:
            kv = KV(session)
            found = self._find(kv, server)
            users = [user for user in in_use.users(kv, folder) if kv.is_there(f"{folder}/{user}")]
        in_use_now = found[0] if found is not None else ""
        return [layout.username(user) or "" for user in users if f"{folder}/{user}" != in_use_now]

    def erase(self, server: str) -> bool:
        """Forget every user of ``server``, and all versions of their logins. Returns whether there was one.

        Raises:
            StoreError, FileError: It could not be erased, or it is not known whether there was something.

        """
        if not protocol.question(server):
            return False
        folder = encode(server)
        had = False
        with self._session() as session:
            kv = KV(session)
            for _ in range(in_use.TRIES):
                users = in_use.users(kv, folder)
                if not users:
                    break
                for user in users:
                    had = kv.is_there(f"{folder}/{user}") or had
                    kv.forget(f"{folder}/{user}")
            else:
                raise trouble.busy(f"the login for {clean(server, 255)}")
            if kv.read(folder).version:
                kv.forget(folder)
            self._done(session)
        return had

    def list(self) -> dict[str, str]:
        """Every server, with the user name in use: ``""`` for an identity token of nobody known.

        No login is read, but where a name is too long to be read from what it is called.

        Raises:
            StoreError, FileError: As :meth:`get`.

        """
        notes: list[str] = []
        found: dict[str, str] = {}
        with self._session() as session:
            kv = KV(session)
            place = f"{session.settings.mount}/{session.settings.path}"
            for name in kv.names(""):
                if not name.endswith("/"):
                    continue
                try:
                    listed = self._listed(kv, name[:-1], f"{place}/{name[:-1]}")
                except StoreFailed as error:
                    notes.append(error.message)
                    continue
                if listed is not None:
                    found[listed[0]] = listed[1]
            self._done(session)
        self.notes = notes
        return found

    def prepare(self) -> Iterator[None]:
        """Load what speaks to the server."""
        from dockpass.http import dial  # noqa: F401 - to have it loaded

        yield
        from dockpass import strictjson  # noqa: F401

    def _find(self, kv: KV, server: str) -> tuple[str, Kept, Credential] | None:
        """What the login in use is called, what lies there, and what that is."""
        folder = encode(server)
        active = in_use.active(kv.read(folder))
        kept = None if active is None else kv.read(f"{folder}/{active}")
        if active is None or kept is None or kept.fields is None:
            active = in_use.only(kv, folder, server)
            kept = None if active is None else kv.read(f"{folder}/{active}")
        if active is None or kept is None or kept.fields is None:
            return None
        name = f"{folder}/{active}"
        return name, kept, layout.credential(self._place(name), server, active, kept.fields)

    def _add(self, kv: KV, server: str, new: Credential) -> bool:
        """Keep ``new`` where there is no login at all. Returns whether there was none."""
        folder, user = encode(server), layout.user(new)
        if self._find(kv, server) is not None:
            return False
        kept = kv.read(f"{folder}/{user}")
        if kept.fields is not None:
            return False
        in_use.point(kv, server, user, only_if_none=True)
        if not kv.write(f"{folder}/{user}", layout.fields(server, new), kept.version):
            return False
        found = self._find(kv, server)
        if found is not None and found[0] == f"{folder}/{user}":
            return True
        kv.forget(f"{folder}/{user}")  # another user came in between, and is the one in use
        return False

    def _listed(self, kv: KV, folder: str, place: str) -> tuple[str, str] | None:
        """The server and the user name for ``list``; ``None`` if there is no login."""
        server = decode(folder)
        if server is None and not is_digest(folder):
            raise StoreFailed(f"{clean(place)} is no login: its name is no server's")
        users = [user for user in in_use.users(kv, folder) if kv.is_there(f"{folder}/{user}")]
        if not users:
            return None
        active = users[0]
        if len(users) > 1:
            active = in_use.active(kv.read(folder)) or ""
            if active not in users:
                raise trouble.several(clean(place))
        username = layout.username(active)
        if server is not None and username is not None:
            return server, username
        fields = kv.read(f"{folder}/{active}").fields
        if fields is None:
            return None
        server = fields.get("server") if server is None else server
        if not isinstance(server, str) or encode(server) != folder:
            raise StoreFailed(f"{clean(place)} does not say which server it is for: its name is too long to tell")
        return server, layout.credential(f"{place}/{active}", server, active, fields).username

    def _place(self, name: str) -> str:
        settings = self._read_settings()
        return f"{settings.mount}/{settings.path}/{name}"

    def _read_settings(self) -> Settings:
        if self._settings is None:
            self._settings = Settings(self._environ)
        return self._settings

    def _session(self) -> Session:
        """A session that is signed in."""
        session = Session(self._read_settings())
        try:
            with self._signing_in:
                self._token = sign_in(session, self._token)
        except BaseException:
            session.close()
            raise
        return session

    def _done(self, session: Session) -> None:
        """See to the token, once everything else is done."""
        if session.settings.method == "token" and monotonic() >= self._look_again:
            self._look_again = monotonic() + look_after(session)
