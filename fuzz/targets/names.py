"""Names of images, scopes, and what a request needs, told from its target: nothing else gets into an address."""

from __future__ import annotations

from dockpass.errors import BadServer, UsageError
from dockpass.registry.tokens import need, reference, scope

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def names(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        _server, repository = reference.parse(text)
    except (BadServer, UsageError) as error:
        assert error.message.isprintable()
    else:
        assert repository is None or _is_plain(repository)
    try:
        scopes = scope.parse(text)
    except UsageError as error:
        assert error.message.isprintable()
    else:
        assert scope.parse(" ".join(map(str, scopes))) == scopes
        assert scope.cover(scopes, scopes)
    for method in METHODS:
        try:
            found = need.of(method, "/v2/" + text)
        except UsageError as error:
            assert error.message.isprintable()
            continue
        assert scope.canonical(found) == scope.parse(" ".join(map(str, found)))
        assert all(one.kind != "repository" or _is_plain(one.name) for one in found)


def _is_plain(repository: str) -> bool:
    return repository.isascii() and not set(repository) & set("?#%\\ ") and ".." not in repository.split("/")
