"""Names that are easily taken for another: said before a password goes there, never forbidden.

``ghrc.io`` was registered to collect the passwords of people who meant ``ghcr.io``; with a Cyrillic letter in it a name
can even look the same.

Reference: https://www.unicode.org/reports/tr39/#Mixed_Script_Detection
"""

from __future__ import annotations

from dockpass.display import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.server import Server

_KNOWN = (
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "icr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.digitalocean.com",
    "registry.gitlab.com",
    "registry.k8s.io",
    "registry.redhat.io",
)
_LIKE_LATIN = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def notes(server: Server) -> list[str]:
    """What is to be said about the name of ``server``, each one line; mostly nothing."""
    host = server.host
    if "xn--" in host:
        return [_international(host)]
    if server.is_docker_hub or host in _KNOWN:
        return []
    near = " or ".join(known for known in _KNOWN if _is_one_slip(host, known))
    return [f"{host} is not {near}: is that the name you mean?"] if near else []


def _international(host: str) -> str:
    """Both forms of an international name."""
    import idna

    try:
        name = idna.decode(host)
    except idna.IDNAError:
        return f"{host} is not a valid international name"
    mixed = any(_is_mixed(label) for label in name.split("."))
    warning = ", with letters of several alphabets that look alike: is that the name you mean?" if mixed else ""
    return f"{host} is the name {clean(name)}{warning}"


def _is_mixed(label: str) -> bool:
    import unicodedata

    scripts = {unicodedata.name(character, "").partition(" ")[0] for character in label if character.isalpha()}
    return "LATIN" in scripts and not scripts.isdisjoint(_LIKE_LATIN)


def _is_one_slip(one: str, other: str) -> bool:
    """Whether one slip of the fingers makes ``other`` of ``one``: a letter more, less, wrong, or two exchanged."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, wanted = one[start:], other[start:]
    return (
        rest[1:] == wanted
        or rest == wanted[1:]
        or rest[1:] == wanted[1:]
        or (rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:])
    )
