"""A second try for a test whose keyring has crashed: such a failure says nothing of dockpass.

That a test was run again is among pytest's warnings. A test that fails while its keyring runs has failed.
"""

from __future__ import annotations

import signal
import warnings
from typing import TYPE_CHECKING

from _pytest.runner import runtestprotocol

from real import keyring

if TYPE_CHECKING:
    import pytest


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test; and again, once, where it failed and a keyring has crashed meanwhile."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    before = len(keyring.crashes)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    crashed = keyring.crashes[before:]
    if crashed and any(report.failed for report in reports):
        how = signal.Signals(-crashed[0]).name
        with warnings.catch_warnings():
            warnings.simplefilter("always")  # it would be an error otherwise
            warnings.warn(f"run again, for its keyring has crashed ({how})", stacklevel=1)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
