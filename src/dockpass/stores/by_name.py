"""The store that a name means which is not the vault's, not ``file`` and not ``memory``.

A name that somebody gives means our own store in this process where we have one, and else the helper program of that
name. What config.json names is a program first, for that is what docker takes it for; our store of that name serves
where there is none.
"""

from __future__ import annotations

from dockpass.errors import HelperMissing
from dockpass.stores import built_in
from dockpass.stores.lead import OWN
from dockpass.stores.marked import Marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.stores.contract import Store
    from dockpass.stores.route import Stores


def chosen(stores: Stores, name: str, source: str) -> Store:
    """The store that was named from outside config.json, told to lead there when it keeps something.

    A route to a program that is not there would break every pull from its registry. So where our own store has none
    beside it, config.json stays as it is, and only dockpass finds the login.

    Raises:
        UnknownStore: No store can have that name.
        HelperMissing, HelperNotExecutable: It is a program's, which is not there; or config.json would hide the login.
        StoreFailed: It is another package's, which cannot be loaded.

    """
    program = stores.program(name, source)
    is_there = stores.has_helper(name)
    own = built_in.make(name, stores.environ, stores.waiting)
    if own is None and not is_there:
        own = _plugged(stores, name)
    if own is None:
        program.find()
    elif not is_there:
        see_that_it_is_found(stores, name)
        return own
    return Marked(own or program, stores.directory, leads=True, waiting=stores.waiting)


def instead(stores: Stores, name: str) -> Store | None:
    """Our store, or a plugged-in one, that serves where config.json names a program that is not there."""
    return built_in.make(name, stores.environ, stores.waiting) or _plugged(stores, name)


def see_that_it_is_found(stores: Stores, name: str) -> None:
    """Refuse a store of ours in which config.json would hide a login, and that it cannot be told to lead to.

    Raises:
        HelperMissing: config.json names something else, and there is no helper that it could name.

    """
    if stores.led_to not in (None, name) and not stores.has_helper(name):
        what = "the vault" if name == OWN else name
        raise HelperMissing(
            f"docker-credential-{name} is not on PATH, so config.json cannot lead to {what}",
            f"dockpass helper install {name}"
            if name == OWN or name in built_in.AS_PROGRAMS
            else f"set DOCKPASS_STORE={name}, and take out what config.json names for this registry",
        )


def _plugged(stores: Stores, name: str) -> Store | None:
    from dockpass.stores.plugged import make

    return make(name, stores.environ, stores.waiting)
