"""Servers that somebody starts by hand, to try things."""

from __future__ import annotations

import signal
import sys
import time


def until_ctrl_c(text: str) -> None:
    """Print ``text``, and wait for Ctrl-C. A second one changes nothing: what is open can be closed in peace."""

    def interrupted(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
