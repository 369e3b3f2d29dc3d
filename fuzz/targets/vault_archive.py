"""What stands in an export of a vault, which anybody can have sealed."""

from __future__ import annotations

from dockpass.errors import ArchiveUnusable
from dockpass.vault import archive, envelope


def vault_archive(data: bytes) -> None:
    try:
        envelope.is_locked(data, "export.age")
    except ArchiveUnusable as error:
        assert error.message.isprintable()
    try:
        logins = archive.parse(data)
    except archive.BadArchive as error:
        assert str(error).isprintable()
        return
    assert archive.parse(archive.render(logins, "2026-01-31T12:00:00Z")) == logins
    for login in logins:
        assert "/" not in login.account.file
        assert login.server.isprintable() or not any(character < " " for character in login.server)
    in_use = [login.server for login in logins if login.active]
    assert sorted(in_use) == sorted({login.server for login in logins})
