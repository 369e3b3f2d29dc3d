"""Run every benchmark and write RESULTS.md: `make bench`, or `scripts/bench ROUNDS`."""

from __future__ import annotations

import os
import platform
import sys
import time

import direct_login
import helper_get
import openbao
from measure import Target, verdicts

ROUNDS = 60
_WHY_GET = """\
The floor of a `get` is the start of Python and loading pyrage (the rows without clean-up above). What it adds is
dockpass's own modules, nine files that are looked for, opened and read, and the decryption."""
_WHY_LOGIN = """\
A login's floor is what Python takes to start and to load what speaks to a registry: the rows `import _socket` and
`import socket, ssl` without clean-up. The latter alone works seven tenths as long as the whole login of docker 28, a
compiled program. On top come dockpass's own modules and pyrage, the registry's own time, the waits for the disk, and
looking whether another program writes over config.json until it has been there for 3 ms. What only keeping the login
needs, a third of the modules, is loaded while the registry's answers are waited for, so that much of the processor's
work does not show in the time. While more programs want to run than there are processors, and config.json was new or
somebody read it, that look takes up to 200 ms, as it may in the rows of a first login and a plain file where the load
above is 2 or more.

What would bring it nearer, tried by hand: reading all modules (116 over HTTP, 150 over HTTPS) from one file saves 3 ms
of processor, starting Python without `site` less than half a millisecond. Leaving out the waits for the disk and the
look would save what is said above, and would lose logins. What remains is Python: a start that is below the floor takes
a compiled program, or a process that stays, which dockpass does not have on purpose."""
_OTHERS = """
**Other programs were at work on this machine all the time.** That draws out every wall time, and most those of programs
that wait for the disk, of which dockpass is one. Beside each target stands how many times as long the processor worked
for it, which suffers less (and leaves out what gpg-agent and gnome-keyring do for the Go helpers); the verdicts are on
wall times. Measure again where nothing else runs.
"""
HERE = os.path.dirname(os.path.abspath(__file__))


def main(rounds: int) -> None:
    before = os.getloadavg()[0]
    many_table, many = helper_get.among_many(rounds)
    get_table, get = helper_get.among_peers(rounds)
    https_table, https = direct_login.over_https(rounds)
    http_table, http = direct_login.over_http(rounds)
    page = f"""# Measured

By `scripts/bench {rounds}` (`make bench` runs {ROUNDS} rounds) on {time.strftime("%Y-%m-%d", time.gmtime())}:
{_machine()}; load {before:.1f} before, {os.getloadavg()[0]:.1f} after.
{_disturbed(before)}
Each program ran {rounds} times, all of a table in turn in one run. A time is that of the whole process, from its start
to its exit, and the middle one of all; "processor" is how much of it the program and its children worked. dockpass was
installed by `pip install` of its wheel into a new environment.

## What was aimed at

{verdicts([*get, *many, *https, *http])}

## A credential helper's `get`

dockpass's helper gives a login from its vault; those of Debian's golang-docker-credential-helpers from a password store
whose gpg key has no passphrase, and from an unlocked gnome-keyring. The launcher is the program that
`dockpass helper install dockpass` writes. Both of dockpass's leave out the clean-up that Python does at its exit, so
their floors are not `python3 -c pass` but the rows that do no more than start, one of them with pyrage.

{get_table}

## `get` from a large vault

{many_table}

## Many `get` at once from OpenBao

{openbao.TIMES} look-ups by {openbao.CLIENTS} clients at once, over TLS that is verified. The server is on this machine
too, and takes its part of the processors. `bao kv get` is OpenBao's own program, and reads the secret in one request;
the helper asks which user is in use, reads the login, and looks whether the token is near its end, on one
connection.

{openbao.at_once()}

## What the time of a `get` is made of

{helper_get.where_the_time_goes()}

## Log in directly, over HTTPS that is verified

All log in to one docker-registry (2.8; htpasswd with bcrypt, which takes a few milliseconds of each login) on the same
machine. `dockpass` has a vault and a config.json, and adds a login and its routes to them; the first login of all makes
the identity and the vault too. It has what it writes flushed to the disk; the others write a plain file that was not
there before, and do not wait for the disk.

{https_table}

## Log in directly, over plain HTTP on loopback

{http_table}

## What the time of a login over plain HTTP is made of

{direct_login.where_the_time_goes()}

## Where a target is missed, and what would reach it

{_missed([*get, *many, *https, *http])}
"""
    with open(os.path.join(HERE, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write(page)
    print(page)


def _disturbed(load: float) -> str:
    return _OTHERS if load >= 1.5 else ""


def _missed(targets: list[Target]) -> str:
    missed = [target for target in targets if target.verdict != "met"]
    if not missed:
        return "None is."
    parts = [f"{len(missed)} of {len(targets)}."]
    if any(target.text.startswith("`get`") for target in missed):
        parts.append(_WHY_GET)
    if any(target.text.startswith("login") for target in missed):
        parts.append(_WHY_LOGIN)
    return "\n\n".join(parts)


def _machine() -> str:
    cpu = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count()} cores of {cpu}, Linux {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
