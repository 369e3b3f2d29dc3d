"""``Retry-After``: how long a registry asks to wait, and how that is said.

Reference: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.http.message import Response

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def asked(response: Response) -> int | None:
    """The seconds that ``response`` asks to wait; ``None`` where it names none, or none that can be read.

    A date is counted from the response's own ``Date``, so that neither clock needs to be right, and from now where it
    has none.
    """
    values = response.all("retry-after")
    if len(values) != 1:
        return None
    value = values[0].strip()
    if value.isascii() and value.isdecimal():
        return int(value) if len(value) < 10 else None
    until = _seconds(value)
    if until is None:
        return None
    dates = [date for date in map(_seconds, response.all("date")) if date is not None]
    return max(0, until - (dates[0] if dates else int(time.time())))


def spelled(seconds: int) -> str:
    """``"1 hour 30 minutes"``: the largest unit and the next, the rest left out."""
    parts: list[str] = []
    for size, name in _UNITS:
        count, seconds = divmod(seconds, size)
        if parts or count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0 seconds"


def _seconds(text: str) -> int | None:
    """Seconds since 1970 of ``Sun, 06 Nov 1994 08:49:37 GMT``; ``None`` for any other text."""
    day_name, _comma, rest = text.partition(", ")
    parts = rest.split(" ")
    if len(parts) != 5 or len(text) != 29 or day_name not in _DAYS or parts[1] not in _MONTHS or parts[4] != "GMT":
        return None
    numbers = (parts[0], parts[2], *parts[3].split(":"))
    if [len(number) for number in numbers] != [2, 4, 2, 2, 2] or not all(map(_is_number, numbers)):
        return None
    day, year, hour, minute, second = map(int, numbers)
    if not (0 < day < 32 and hour < 24 and minute < 60 and second < 61):
        return None
    # Days since 1970-01-01, in years that begin in March, so that a leap day comes last.
    month = (_MONTHS.index(parts[1]) + 10) % 12
    year -= month > 9
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 719469
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
