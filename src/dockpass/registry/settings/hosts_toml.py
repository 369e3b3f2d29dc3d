"""containerd's ``hosts.toml``: where a registry's certificates are, in containerd's words.

What stands at the top is for the ``server``, and that is the registry itself where none is named; a table
``[host."https://HOST"]`` is for a mirror, or for the registry once more. Only what is for the registry is taken, and of
that only ``ca`` and ``client``.

Reference: https://github.com/containerd/containerd/blob/main/docs/hosts.md
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import FileUnreadable
from dockpass.http.trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SCHEMES = ("https://", "http://")


def read(path: str, names: tuple[str, ...], notes: list[str]) -> Trust | None:
    """The certificates that ``hosts.toml`` has for a registry.

    Args:
        path: The file.
        names: The registry: ``host``, or ``host:port``.
        notes: Where is added what the user should hear, each one line.

    Returns:
        ``None`` if it may not be read, or is gone.

    Raises:
        FileUnreadable: It is not TOML, or ``ca`` or ``client`` do not name files.

    """
    from dockpass.registry.settings import toml

    try:
        table = toml.read(path)
    except toml.Passed as passed:
        notes.append(str(passed))
        return None
    if table is None:
        return None
    authorities: list[str] = []
    pairs: list[tuple[str, str]] = []
    skips = False
    for part in _for(table, names, path):
        authorities += _authorities(part.get("ca"), path)
        pairs += _pairs(part.get("client"), path)
        skips = skips or part.get("skip_verify") is True
    if skips:
        notes.append(
            f"{clean(path)} says skip_verify, and certificates are checked all the same: name the registry's authority "
            "there, with ca"
        )
    return Trust(tuple(dict.fromkeys(authorities)), tuple(dict.fromkeys(pairs)))


def _for(table: Mapping[str, object], names: tuple[str, ...], path: str) -> Iterator[Mapping[str, object]]:
    """The parts of a file that are for a registry."""
    hosts = table.get("host", {})
    if not isinstance(hosts, dict):
        raise _wrong(path, "host is no table")
    for url, part in hosts.items():
        if _is_for(url, names):
            if not isinstance(part, dict):
                raise _wrong(path, f'host."{clean(url)}" is no table')
            yield part
    server = table.get("server", "")
    if not isinstance(server, str):
        raise _wrong(path, "server is no text")
    if not server or _is_for(server, names):
        yield table


def _is_for(url: str, names: tuple[str, ...]) -> bool:
    """Whether an address, with or without a scheme and a path, is the registry's. No name is resolved."""
    text = url.lower()
    scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), "")
    authority = text[len(scheme) :].partition("/")[0]
    default = ":80" if scheme == "http://" else ":443"
    known = [name.lower() for name in names]
    return bool(authority) and authority.removesuffix(default) in [name.removesuffix(default) for name in known]


def _authorities(value: object, path: str) -> list[str]:
    """``ca``: a path, or a list of paths."""
    if value is None:
        return []
    paths = value if isinstance(value, list) else [value]
    return [_file(one, path, "ca") for one in paths]


def _pairs(value: object, path: str) -> list[tuple[str, str]]:
    """``client``: a path, a list of paths, or a list of pairs. Without a key's path both are in one file."""
    if value is None:
        return []
    pairs = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, list):
            if len(one) != 2:
                raise _wrong(path, "client has a list that is no pair of a certificate and a key")
            certificate = _file(one[0], path, "client")
            pairs.append((certificate, _file(one[1], path, "client") if one[1] != "" else certificate))
        else:
            certificate = _file(one, path, "client")
            pairs.append((certificate, certificate))
    return pairs


def _file(value: object, path: str, what: str) -> str:
    """A file's path; a relative one begins in the folder of ``hosts.toml``."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(path, f"{what} does not name a file")
    return os.path.join(os.path.dirname(path), value)


def _wrong(path: str, words: str) -> FileUnreadable:
    return FileUnreadable(
        f"{clean(path)} cannot be understood: {words}",
        "correct it: https://github.com/containerd/containerd/blob/main/docs/hosts.md",
        path=path,
    )
