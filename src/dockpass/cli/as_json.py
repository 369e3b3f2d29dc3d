"""What ``--json`` prints."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockpass.account.look_up import Entry
    from dockpass.errors import DockpassError


def error_text(error: DockpassError) -> str:
    """``{"error": {"id", "message", "hint"}}``; ``hint`` is null where there is none."""
    import json

    return json.dumps({"error": _error(error)}, indent=2)


def logins_text(logins: Sequence[Entry], errors: Sequence[DockpassError]) -> str:
    """``{"version": 1, "logins": [...]}``, and ``"errors"`` where a store could not be asked; null where not known."""
    import json

    answer: dict[str, object] = {"version": 1, "logins": [_login(login) for login in logins]}
    if errors:
        answer["errors"] = [_error(error) for error in errors]
    return json.dumps(answer, indent=2)


def _login(login: Entry) -> dict[str, object]:
    return {
        "server": login.server,
        "username": login.username or None,
        "store": login.store,
        "plaintext": login.plaintext,
        "shadowed_by": login.shadowed_by,
        "expires_at": login.expires_at,
    }


def _error(error: DockpassError) -> dict[str, object]:
    return {"id": error.id, "message": error.message, "hint": error.hint}
