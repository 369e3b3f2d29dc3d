"""Files of other programs in TOML. Loads ``tomllib`` only where there is one."""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import FileUnreadable

_LIMIT = 1 << 20


class Passed(Exception):
    """A file that this user may not read. Its text is a line for the user."""


def read(path: str) -> dict[str, object] | None:
    """What is in a file, ``None`` if there is none.

    Raises:
        Passed: It may not be read.
        FileUnreadable: It is no TOML, or no file, or too large.

    """
    from dockpass.files import read as files

    if not os.access(path, os.R_OK) and os.path.lexists(path):
        raise Passed(f"{clean(path)} cannot be read and is passed over: permission denied")
    snapshot = files.read(path, limit=_LIMIT)
    if snapshot is None:
        return None
    import tomllib

    try:
        return tomllib.loads(snapshot.data.decode("utf-8"))
    except UnicodeDecodeError:
        words = "not UTF-8"
    except ValueError as error:
        words = clean(str(error), 120)
    except RecursionError:
        words = "tables or lists too deep inside each other"
    raise FileUnreadable(f"{clean(path)} cannot be understood: {words}", "correct it there: it is TOML", path=path)
