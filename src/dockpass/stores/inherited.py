"""What a program that we run gets of the environment: all but what could hold a secret of ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Other variables of ours may hold secrets, today or in a later version; these never do.
_HARMLESS = ("DOCKPASS_STORE", "DOCKPASS_HOME")
# Where logins lie, and in which files is what signs us in: without them the helper would look elsewhere than we do.
_OF_OPENBAO = "DOCKPASS_OPENBAO_"


def inherited(environ: Mapping[str, str], withhold: Collection[str] = ()) -> dict[str, str]:
    """``environ`` without ``DOCKER_AUTH_CONFIG``, without what is withheld, and without what no system can pass on."""
    return {
        name: value
        for name, value in environ.items()
        if name not in withhold
        and name != "DOCKER_AUTH_CONFIG"
        and (not name.startswith("DOCKPASS_") or name in _HARMLESS or name.startswith(_OF_OPENBAO))
        and name
        and "=" not in name
    }
