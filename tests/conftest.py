"""What tests of several rooms share: no hurry, another user's rights, and a folder that every user can reach."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# That it takes long fails no test: the machine may be busy, and in a fresh clone the first test that wants text has
# hypothesis make its tables of all letters.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="session")
def heed_ctrl_c() -> None:
    """Have programs end by Ctrl-C: a shell without job control has it ignored by what it runs in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _acting_as(uid: int) -> Iterator[None]:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture
def acting_as() -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """A context in which this process has the rights of another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    return _acting_as


@pytest.fixture
def somebody() -> int:
    """A user number that nobody has."""
    return 64123


@pytest.fixture
def open_path() -> Iterator[str]:
    """A folder that every user can reach, unlike pytest's own."""
    folder = tempfile.mkdtemp(prefix="dockpass-test-")
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)
