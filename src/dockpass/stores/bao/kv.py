"""The engine KV version 2: secrets with versions, written only over the version that one has seen.

Reference: https://openbao.org/api-docs/secret/kv/kv-v2/
"""

from __future__ import annotations

from dockpass.stores.bao import trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockpass.errors import StoreError
    from dockpass.stores.bao.session import Answer, Session


class Kept:
    """What lies at one place.

    Attributes:
        version: Its number, to write over it; 0 if there never was anything.
        fields: What stands in it; ``None`` if there is nothing, or no longer.

    """

    __slots__ = ("fields", "version")

    def __init__(self, version: int, fields: dict[str, Any] | None) -> None:
        self.version = version
        self.fields = fields


class KV:
    """Secrets below the path of the settings. Names are what stands after it, ``""`` for the path itself.

    Args:
        session: Signed in.

    """

    __slots__ = ("_is_version_2", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_version_2 = False

    def read(self, name: str) -> Kept:
        """What lies at ``name``.

        Raises:
            StoreError: It is not known whether there is something: the message says why.

        """
        path = self._path("data", name)
        answer = self._session.do("GET", path, f"read {path}", "read")
        metadata = answer.data.get("metadata")
        version = metadata.get("version") if isinstance(metadata, dict) else None
        if answer.status == 404 and version is None:
            self._nothing(answer)
            return Kept(0, None)
        fields = answer.data.get("data")
        if not isinstance(version, int) or not (fields is None or isinstance(fields, dict)):
            if answer.status == 200:
                self._check_version()
            raise self._odd(answer, f"read {path}")
        self._is_version_2 = True
        return Kept(version, fields if answer.status == 200 else None)

    def write(self, name: str, fields: dict[str, str | bool], version: int) -> bool:
        """Write over ``version``. Returns whether that was still the newest, and it is written.

        Raises:
            StoreError: It could not be written, or it is not known.

        """
        path = self._path("data", name)
        if not self._is_version_2:
            self._check_version()
        body = f'{{"options":{{"cas":{version}}},"data":{_json(fields)}}}'
        answer = self._session.do("POST", path, f"write {path}", 'create", "update', body)
        if answer.status == 400 and "check-and-set" in answer.said:
            return False
        if answer.status != 200 or not isinstance(answer.data.get("version"), int):
            raise self._odd(answer, f"write {path}")
        return True

    def names(self, name: str) -> list[str]:
        """What lies directly below ``name``; what has more below it ends in ``/``.

        Raises:
            StoreError: It is not known.

        """
        path = self._path("metadata", name) + "/"
        answer = self._session.do("GET", f"{path}?list=true", f"list {path}", "list")
        if answer.status == 404:
            self._nothing(answer)
            return []
        keys = answer.data.get("keys")
        if answer.status != 200 or not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise self._odd(answer, f"list {path}")
        return keys

    def is_there(self, name: str) -> bool:
        """Whether the newest version of ``name`` can be read. Only its metadata is.

        Raises:
            StoreError: It is not known.

        """
        path = self._path("metadata", name)
        answer = self._session.do("GET", path, f"read {path}", "read")
        if answer.status == 404:
            self._nothing(answer)
            return False
        versions = answer.data.get("versions")
        newest = versions.get(str(answer.data.get("current_version"))) if isinstance(versions, dict) else None
        if answer.status != 200 or not isinstance(versions, dict):
            raise self._odd(answer, f"read {path}")
        return isinstance(newest, dict) and not newest.get("deletion_time") and not newest.get("destroyed")

    def forget(self, name: str) -> None:
        """Remove every version of ``name``, and that there ever was one. Nothing there is no error.

        Raises:
            StoreError: It could not be removed.

        """
        path = self._path("metadata", name)
        answer = self._session.do("DELETE", path, f"delete {path}", "delete")
        if answer.status == 404:
            self._nothing(answer)
        elif answer.status not in (200, 204):
            raise self._odd(answer, f"delete {path}")

    def _path(self, kind: str, name: str) -> str:
        settings = self._session.settings
        return "/".join(filter(None, (settings.mount, kind, settings.path, name)))

    def _nothing(self, answer: Answer) -> None:
        """See that nothing is there because nothing was kept, and not because we look in the wrong place."""
        if answer.said or not self._is_version_2:
            self._check_version()

    def _check_version(self) -> None:
        """See that the engine is there, and is KV version 2. Asked in another way, version 1 only says "not there"."""
        session = self._session
        mount = session.settings.mount
        answer = session.ask("GET", f"sys/internal/ui/mounts/{mount}", f"look at {mount}")
        if answer.status != 200 or answer.data.get("path") != f"{mount}/":
            if answer.status == 403:
                session.check_token()
            raise trouble.no_mount(session.label, mount, session.settings.namespace)
        options = answer.data.get("options")
        if answer.data.get("type") != "kv" or not isinstance(options, dict) or options.get("version") != "2":
            raise trouble.not_version_2(session.label, mount)
        self._is_version_2 = True

    def _odd(self, answer: Answer, what: str) -> StoreError:
        label = self._session.label
        if answer.status in (400, 404):
            return trouble.refused(label, answer.status, answer.said, what)
        return trouble.garbled(label, what)


def _json(fields: dict[str, str | bool]) -> str:
    from dockpass.strictjson import quote

    parts = []
    for name, value in fields.items():
        written = quote(value) if isinstance(value, str) else "true" if value else "false"
        parts.append(f"{quote(name)}:{written}")
    return "{" + ",".join(parts) + "}"
