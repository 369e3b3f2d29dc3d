"""The name of an image or a repository, as people write it, taken apart: the registry, and the repository there.

Reference: https://pkg.go.dev/github.com/distribution/reference
"""

from __future__ import annotations

from dockpass.registry.tokens import name as names
from dockpass.server import Server


def parse(text: str, *, plain_http: bool = False) -> tuple[Server, str | None]:
    """The registry and the repository in a name such as ``reg.example.com/team/app:1.0``.

    As with docker, what stands before the first slash is a host if it has a dot, a colon or an upper-case letter, or is
    ``localhost``, and otherwise belongs to a repository on Docker Hub; one of a single part is there
    ``library/NAME``. Unlike docker, a host alone is a registry. Tag and digest are checked and dropped.

    Args:
        text: The name; a scheme before it is dropped.
        plain_http: The user's consent to plain HTTP.

    Returns:
        The registry, and the repository there, ``None`` where only a registry was named.

    Raises:
        BadServer: The host cannot be one.
        UsageError: The rest cannot be a repository's name, a tag or a digest.
        TypeError: ``text`` is not text.

    """
    if not isinstance(text, str):
        raise TypeError(f"a repository is a str, and not {type(text).__name__}")
    if not text:
        return Server.parse(None, plain_http=plain_http), None
    scheme, separator, rest = text.partition("://")
    named = separator and scheme.lower() in ("http", "https")
    written = rest if named else text
    host, slash, path = written.partition("/")
    if named or _is_host(host) or (slash and "@" in host):
        server = Server.parse(host or text, plain_http=plain_http)
        if path in ("", "v1/", "v2/") or (named and path in ("v1", "v2")):
            return server, None
    else:
        server, path = Server.parse(None, plain_http=plain_http), host + slash + path
    repository = _without_tag(path)
    if server.is_docker_hub and "/" not in repository:
        repository = "library/" + repository
    return server, names.repository(repository)


def _is_host(text: str) -> bool:
    """Whether what stands before the first slash is a host."""
    before, colon, port = text.partition(":")
    if text == "localhost" or text[:1] == "[":
        return True
    return "." in before or (bool(colon) and port.isdecimal()) or before != before.lower()


def _without_tag(path: str) -> str:
    path, at, digest = path.partition("@")
    if at:
        names.digest(digest)
    repository, colon, tag = path.rpartition(":")
    if not colon:
        return path
    names.tag(tag)
    return repository
