"""``proxies`` in config.json: which proxies docker puts into builds and containers.

Only ``proxies.default`` is read; what stands under the address of an engine is for what that engine runs.

Reference: https://docs.docker.com/engine/cli/proxy/
"""

from __future__ import annotations

from dockpass.config.matching import members, merged, text
from dockpass.strictjson import BadJSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.config.tree import Value

_VARIABLES = {"httpProxy": "HTTP_PROXY", "httpsProxy": "HTTPS_PROXY", "noProxy": "NO_PROXY"}


def default(root: Value, source: str) -> dict[str, str]:
    """What ``proxies.default`` names, by the environment variables that mean the same. What it names is not checked.

    Args:
        root: The document.
        source: The text that it was read from.

    Raises:
        BadJSON: A part of it has the wrong shape.

    """
    for each in members(root, "proxies"):
        _check_object(each.value, "proxies", source)
    found = merged(root, "proxies").get("default")
    if found is None:
        return {}
    _check_object(found.value, "proxies.default", source)
    for name in _VARIABLES:
        for each in members(found.value, name):
            if each.value.kind != "string" and not each.value.is_null:
                raise BadJSON(f"{name} in proxies.default should be a string", source, each.value.start)
    named = {variable: text(found.value, name) for name, variable in _VARIABLES.items()}
    return {variable: value for variable, value in named.items() if value}


def _check_object(value: Value, name: str, source: str) -> None:
    if value.kind != "object" and not value.is_null:
        raise BadJSON(f"{name} should be an object {{...}}", source, value.start)
