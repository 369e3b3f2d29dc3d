"""What a registry asks for: the challenges in its ``WWW-Authenticate`` headers.

Registries, and the proxies before them, write these headers in every way that the grammar allows and in some that it
does not: two challenges on one line, addresses without quotes, empty values. So reading is tolerant: what cannot be
read spoils its own challenge and no other. Using is strict, elsewhere: whatever an address in here says, :mod:`realm
<dockpass.registry.realm>` decides about it.

Every character is looked at a constant number of times.

Reference: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
"""

from __future__ import annotations

MOST_LINES = 16
LONGEST_LINE = 8192
MOST_CHALLENGES = 16

_BLANK = " \t"
_LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TOKEN = frozenset("!#$%&'*+-.^_`|~" + _LETTERS_AND_DIGITS)
_TOKEN68 = frozenset("-._~+/" + _LETTERS_AND_DIGITS)
_NAMES = ("realm", "service", "scope", "error", "error_description", "charset")


class Challenge:
    """One way to log in that the registry offers.

    ``scheme`` and the names in ``params`` are in lower case; values are as sent, without quotes. ``unusable`` says in a
    few words why it must not be used, and is ``""`` where it may.
    """

    __slots__ = ("params", "scheme", "unusable")

    def __init__(self, scheme: str, params: dict[str, str] | None = None, unusable: str = "") -> None:
        self.scheme = scheme
        self.params = {} if params is None else params
        self.unusable = unusable

    def __repr__(self) -> str:
        return f"Challenge({self.scheme!r}, {self.params!r}, {self.unusable!r})"


def parse(values: list[str]) -> list[Challenge]:
    """The challenges, in order.

    Args:
        values: The ``WWW-Authenticate`` headers of one response, one string a header. Lines after the sixteenth and
            challenges after the sixteenth are left out; a line over 8 KiB becomes one unusable challenge.

    Returns:
        Each challenge found. Never raises: what is broken is marked ``unusable``.

    """
    found: list[Challenge] = []
    for line in values[:MOST_LINES]:
        if len(line) > LONGEST_LINE:
            found.append(Challenge(line[: _end(line[:64], 0, _TOKEN)].lower(), unusable="its line is too long"))
        else:
            _line(line, found)
    return found[:MOST_CHALLENGES]


def _line(line: str, found: list[Challenge]) -> None:
    current: Challenge | None = None
    position = 0
    while len(found) <= MOST_CHALLENGES:
        start = position
        while position < len(line) and (line[position] in _BLANK or line[position] == ","):
            position += 1
        if position == len(line):
            return
        between = "," in line[start:position] or current is None
        end = _end(line, position, _TOKEN)
        if end == position:
            # Junk. Between two commas it belongs to nobody; right behind a value it makes that value doubtful.
            if not between and current is not None:
                _spoil(current, "it holds characters that belong to no parameter")
            position = _next(line, position)
            continue
        word = line[position:end]
        equals = _skip(line, end)
        if line[equals : equals + 1] == "=":
            position = _parameter(line, word, equals + 1, current)
            continue
        current = Challenge(word.lower())
        found.append(current)
        if end == equals:
            if end < len(line) and line[end] != ",":
                _spoil(current, "its scheme is not a word")
                end = _next(line, end)
            position = end
        else:
            position = _token68(line, equals, current)


def _parameter(line: str, name: str, position: int, challenge: Challenge | None) -> int:
    """Read the value after a ``=`` and file it; the position behind it."""
    position = _skip(line, position)
    if line[position : position + 1] == '"':
        value, position = quoted(line, position + 1)
    else:
        end = position
        while end < len(line) and line[end] != "," and line[end] not in _BLANK:
            end += 1
        value, position = line[position:end], end
        if '"' in value and challenge is not None:
            _spoil(challenge, "it has a quotation mark inside a value")
    if challenge is None:
        return position
    name = name.lower()
    if value is None:
        _spoil(challenge, "a quotation mark is not closed")
    elif name in challenge.params:
        _spoil(challenge, "a parameter stands twice in it")
    else:
        challenge.params[name] = value
        if any((character < " " and character != "\t") or character == "\x7f" for character in value):
            _spoil(challenge, "it holds a control character")
    return position


def quoted(line: str, position: int) -> tuple[str | None, int]:
    """The quoted text that begins at ``position``, behind its opening quotation mark.

    Returns:
        The text with its quoted pairs undone, ``None`` where the closing quotation mark is missing; and the position
        behind it.

    """
    parts = []
    while True:
        end = position
        while end < len(line) and line[end] not in '"\\':
            end += 1
        parts.append(line[position:end])
        if end >= len(line):
            return None, len(line)
        if line[end] == '"':
            return "".join(parts), end + 1
        parts.append(line[end + 1 : end + 2])
        position = end + 2


def _token68(line: str, position: int, challenge: Challenge) -> int:
    """Step over the one value that some schemes have in place of parameters, if it stands here."""
    middle = _end(line, position, _TOKEN68)
    end = middle
    while line[end : end + 1] == "=":
        end += 1
    behind = _skip(line, end)
    alone = behind == len(line) or line[behind] == ","
    if middle == position or not alone:
        return position
    if end == middle + 1 and line[position:middle].lower() in _NAMES:
        return position  # `realm=` is a parameter without a value, though the grammar would take it for a token68
    _spoil(challenge, "it has a bare value in place of parameters")
    return behind


def _spoil(challenge: Challenge, why: str) -> None:
    challenge.unusable = challenge.unusable or why


def _end(line: str, position: int, allowed: frozenset[str]) -> int:
    while position < len(line) and line[position] in allowed:
        position += 1
    return position


def _skip(line: str, position: int) -> int:
    while position < len(line) and line[position] in _BLANK:
        position += 1
    return position


def _next(line: str, position: int) -> int:
    """The next comma, or the end."""
    comma = line.find(",", position)
    return len(line) if comma < 0 else comma
