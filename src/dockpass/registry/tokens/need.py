"""Which scopes a request to a registry needs, told from its method and its target.

Only names that were looked at get so far: a target that holds what no repository, tag or digest can hold is refused
before it is sent.

Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
"""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import UsageError
from dockpass.registry import percent
from dockpass.registry.tokens import name as names
from dockpass.registry.tokens import scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.registry.tokens.scope import Scope

CATALOG = "/v2/_catalog"

_READS = ("GET", "HEAD")
_DIGESTS = ("blobs", "referrers")
_UPLOADS = "/blobs/uploads/"


def of(method: str, target: str) -> tuple[Scope, ...]:
    """The scopes that a request needs, in canonical form.

    Args:
        method: Upper case.
        target: Path and query, percent-encoded.

    Returns:
        The scopes; none for a target that is not about a repository, such as ``/v2/``, or is not known.

    Raises:
        UsageError: The target holds a name that can be no repository's, a tag or digest that can be none, or segments
            that lead elsewhere.

    """
    path, _question, query = target.partition("?")
    path = check(path)
    if path == CATALOG:
        return (scope.Scope("registry", "catalog", (scope.EVERYTHING,)),)
    if not path.startswith("/v2/") or path == "/v2/":
        return ()
    repository = _repository(path.removeprefix("/v2/"))
    if repository is None:
        return ()
    if method in _READS:
        return (scope.repository(repository, "pull"),)
    if method == "DELETE":
        return (scope.repository(repository, "delete"),)
    wanted = [scope.repository(repository, "pull", "push")]
    if method == "POST" and path.endswith(_UPLOADS):
        # A blob that is mounted from another repository is read there.
        wanted += [scope.repository(source, "pull") for source in _values(query, "from")]
    return scope.canonical(wanted)


def check(path: str) -> str:
    """Refuse a path that another reader could take for another one; else return it, decoded.

    Raises:
        UsageError: It is no absolute path, or holds an empty segment, ``.``, ``..``, or one of these or a slash in
            disguise.

    """
    decoded = percent.decode(path)
    doubtful = decoded.count(b"/") != path.count("/") or b"%" in decoded or b"\\" in decoded
    segments = decoded.split(b"/")
    if segments[0] or doubtful or not segments[1:] or any(one in (b".", b"..", b"") for one in segments[1:-1]):
        raise _bad(path)
    if segments[-1] in (b".", b"..") or any(octet <= 32 or octet >= 127 for octet in decoded):
        raise _bad(path)
    return decoded.decode("ascii")


def _repository(rest: str) -> str | None:
    """The repository that a path below ``/v2/`` is about; ``None`` where it has none of the known forms."""
    before, uploads, _reference = rest.rpartition(_UPLOADS)
    if uploads:
        return names.repository(before)
    before, _slash, reference = rest.rpartition("/")
    repository, _slash, what = before.rpartition("/")
    if what == "manifests":
        (names.digest if ":" in reference else names.tag)(reference)
    elif what in _DIGESTS:
        names.digest(reference)
    elif (what, reference) != ("tags", "list"):
        return None
    return names.repository(repository)


def _values(query: str, name: str) -> list[str]:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return [percent.decode(value).decode("utf-8", "replace") for known, _equals, value in pairs if known == name]


def _bad(path: str) -> UsageError:
    return UsageError(
        f"not a path that is sent with a login: {clean(path, 120)}",
        "a path holds no empty segments, no . and .., and no encoded slashes",
    )
