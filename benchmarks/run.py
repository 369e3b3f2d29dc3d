"""Run every benchmark and write RESULTS.md: `make bench`, or `scripts/bench ROUNDS`."""

from __future__ import annotations

import os
import platform
import sys
import time

import direct_login

HERE = os.path.dirname(os.path.abspath(__file__))


def main(rounds: int) -> None:
    page = f"""# Measured

By `make bench` on {time.strftime("%Y-%m-%d", time.gmtime())}: {_machine()}.

Each program ran {rounds} times, all of them in turn in one run. A time is that of the whole process, from its start to
its exit, and the middle one of all. All log in to one docker-registry (2.8; htpasswd with bcrypt, which takes a few
milliseconds of each login) on the same machine, and write the login to a file that was not there before.
`python3 -c pass` is what no Python program can be faster than.

## Log in directly, over HTTPS that is verified

{direct_login.over_https(rounds).strip()}

## Log in directly, over plain HTTP on loopback

{direct_login.over_http(rounds)}

## What the time of a login over plain HTTP is made of

{direct_login.where_the_time_goes()}
"""
    with open(os.path.join(HERE, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write(page)
    print(page)


def _machine() -> str:
    cpu = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count()} cores of {cpu}, Linux {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
