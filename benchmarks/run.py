"""Run every benchmark and write RESULTS.md: `make bench`, or `scripts/bench ROUNDS`."""

from __future__ import annotations

import os
import platform
import sys
import time

import broken_helpers
import direct_login
import drop_ins
import helper_get
import openbao
import peers
from measure import Target, verdicts

ROUNDS = 60
_WHY_GET = """\
The floor of a `get` is the start of Python and loading pyrage (the rows without clean-up above). What it adds is
dockpass's own modules, each a file that is looked for, opened and read, and the decryption."""
_WHY_DROP_IN = """\
The floor of a `get` from a keyring or from pass is the start of Python. What it adds stands above, part by part."""
_WHY_LOGIN = """\
A login's floor is what Python takes to start and to load what speaks to a registry: the rows `import _socket` and
`import socket, ssl` without clean-up. docker's rows are whole logins of a compiled program; compare the latter
floor with them. On top come dockpass's own modules and pyrage, the registry's own time, the waits for the disk,
and looking whether another program writes over config.json until it has been there for 3 ms. What only keeping the
login needs, many of the modules, is loaded while the registry's answers are waited for, so that much of the processor's
work does not show in the time. While more programs want to run than there are processors, and config.json was new or
somebody read it, that look takes up to 200 ms, as it may in the rows of a first login and a plain file where the load
above is 2 or more.

What would bring it nearer was tried once by hand, outside this run: reading all modules (116 over HTTP, 150 over HTTPS
at that time) from one file saved 3 ms of processor, starting Python without `site` less than half a millisecond.
Leaving out the waits for the disk and the look would save what is said above, and would lose logins. What remains is
Python: a start that is below the floor takes a compiled program, or a process that stays, which dockpass does not have
on purpose."""
_OTHERS = """
**Other programs were at work on this machine all the time.** That draws out every wall time, and most those of programs
that wait for the disk, of which dockpass is one. Beside each target stands how many times as long the processor worked
for it, which suffers less (and leaves out what gpg-agent and gnome-keyring do for a helper); the verdicts are on
wall times. Measure again where nothing else runs.
"""
HERE = os.path.dirname(os.path.abspath(__file__))


def main(rounds: int) -> None:
    before = os.getloadavg()[0]
    many_table, many = helper_get.among_many(rounds)
    get_table, get = helper_get.among_peers(rounds)
    drop_in_table, drop_in = drop_ins.against_dockers(rounds)
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

{verdicts([*get, *many, *drop_in, *https, *http])}

## A credential helper's `get`

dockpass's helper gives a login from its vault; those of Debian's golang-docker-credential-helpers from a password store
whose gpg key has no passphrase, and from an unlocked gnome-keyring. The launcher is the program that
`dockpass helper install dockpass` writes. Both of dockpass's leave out the clean-up that Python does at its exit, so
their floors are not `python3 -c pass` but the rows that do no more than start, one of them with pyrage.

{get_table}

## `get` from a large vault

{many_table}

## `get` in the place of docker's helpers

dockpass's programs are those that `dockpass helper install secretservice` and `dockpass helper install pass` write;
docker's are of Debian's golang-docker-credential-helpers, version {peers.version()}. The two of a pair ask the same
unlocked gnome-keyring on a D-Bus of its own, or open the same file of a password store whose key is as gpg makes it
unasked, and has no passphrase. With "no gpg-agent yet" gpg has to start its agent, as in the first `get` of a session;
otherwise that runs. `gpg --decrypt` opens the file without any helper.

{drop_in_table}

What the time of dockpass's is made of: each part on its own, so that they need not add up to the times above. The
processor's work of gpg, its agent and the keyring is in the waiting.

{drop_ins.where_the_time_goes()}

## Many `get` at once from OpenBao

{openbao.TIMES} look-ups by {openbao.CLIENTS} clients at once, over TLS that is verified. The server is on this machine
too, and takes its part of the processors. `bao kv get` is OpenBao's own program, and reads the secret in one request;
the helper asks which user is in use, reads the login, and looks whether the token is near its end, on one
connection.

{openbao.at_once()}

## Helpers that are broken

How long each holds up a look-up or a login, and what is said then. The time limit is {broken_helpers.LIMIT} seconds
here; otherwise it is 30, and 300 where there is a terminal.

{broken_helpers.held_up()}

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

{_missed((_WHY_GET, [*get, *many]), (_WHY_DROP_IN, drop_in), (_WHY_LOGIN, [*https, *http]))}
"""
    with open(os.path.join(HERE, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write(page)
    print(page)


def _disturbed(load: float) -> str:
    return _OTHERS if load >= 1.5 else ""


def _missed(*groups: tuple[str, list[Target]]) -> str:
    """How many of the targets are missed, and of each group of which one is, why."""
    missed = [[target for target in targets if target.verdict != "met"] for _, targets in groups]
    number, of_all = sum(map(len, missed)), sum(len(targets) for _, targets in groups)
    if not number:
        return "None is."
    reasons = [why for (why, _), some in zip(groups, missed, strict=True) if some]
    return "\n\n".join([f"{number} of {of_all}.", *reasons])


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
