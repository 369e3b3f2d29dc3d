"""``dockpass helper``: the credential helpers that docker and podman run."""

from __future__ import annotations

import os

from dockpass.cli.options import Command, Option
from dockpass.errors import NotATerminal, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockpass.account.traces import Traces
    from dockpass.cli.options import Parsed
    from dockpass.cli.terminal import Terminal

# So many names of one kind fit on a line.
_SHOWN = 3

COMMAND = Command(
    "helper",
    arguments="COMMAND",
    summary="Install, list and remove credential helpers.",
    text="A credential helper is a program docker-credential-NAME on PATH, which docker, podman and others ask for "
    "logins. dockpass's own is docker-credential-dockpass: it gives them what is in the vault.",
)


def _install(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.account.helpers import install
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean

    done = install(
        _name(parsed),
        parsed.get("dir"),
        replace=parsed.on("replace"),
        config=parsed.get("config"),
        waiting=waiting(terminal),
    )
    path = clean(done.path, 1000)
    terminal.out(
        f"Installed {path}"
        if done.is_new
        else f"docker finds {path} already, so no other was installed (elsewhere: --dir DIR)"
    )
    for key in done.routes:
        terminal.out(f"{clean(key, 255)}: docker and podman find its login now")
    for note in done.notes:
        terminal.warn(note)
    return 0


def _uninstall(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.account.traces import found_by_name, traces, uninstall
    from dockpass.cli.terminal import waiting
    from dockpass.display import clean

    name, config, folder = _name(parsed), parsed.get("config"), parsed.get("dir")
    there = traces(name, config=config, folder=folder)
    if not there:
        terminal.note(f"docker-credential-{name} is not installed by dockpass, and config.json does not name it")
        return 0
    if not parsed.on("yes"):
        what = _what_goes(there)
        if there.logins and (elsewhere := found_by_name(name)):
            what += f"; {elsewhere}"
        if not terminal.interactive:
            raise NotATerminal(what, _with_yes(parsed))
        lines = _removed(there)
        if there.logins or there.is_default:
            lines.append(f"{what}. Go on? [y/N] ")
        else:
            lines.append("Go on? [y/N] ")
        if terminal.ask("\n".join(lines)).lower() not in ("y", "yes"):
            raise UsageError("nothing was changed", None)
    done = uninstall(name, config=config, folder=folder, waiting=waiting(terminal))
    for path in done.removed:
        terminal.out(f"Removed {clean(path, 1000)}")
    if there.logins or there.is_default:
        terminal.out(f"config.json does not name {name} any more")
    for note in done.notes:
        terminal.note(note)
    return 0


def _what_goes(there: Traces) -> str:
    """What an uninstallation means, in words."""
    if there.logins:
        if len(there.logins) == 1:
            return "docker and podman will not find 1 login any more, which stays where it is"
        return f"docker and podman will not find {len(there.logins)} logins any more, which stay where they are"
    if there.is_default:
        return "docker will keep new logins in plain text"
    return f"this removes {_some(there.programs)}"


def _removed(there: Traces) -> list[str]:
    """What an uninstallation takes away, in two lines at the most."""
    keys = ["credsStore"] if there.is_default else []
    if there.cred_helpers:
        keys.append(f"credHelpers of {_some(there.cred_helpers)}")
    if there.markers:
        keys.append(f"the empty auths of {_some(there.markers)}")
    lines = [f"This removes {_some(there.programs)}"] if there.programs else []
    if keys:
        lines.append(f"From config.json go {'; '.join(keys)}")
    return lines


def _some(names: list[str]) -> str:
    from dockpass.display import clean

    shown = ", ".join(clean(name, 255) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _with_yes(parsed: Parsed) -> str:
    """The same command line with ``--yes``: without one of its options it would act on something else."""
    from dockpass.display import clean, quoted

    words = ["dockpass helper uninstall", _name(parsed)]
    for option in GROUP["uninstall"][0].options:
        value = parsed.get(option.name)
        if value is None or option.name == "yes":
            continue
        if not option.value:
            words += [f"--{option.name}"] if parsed.on(option.name) else []
            continue
        plain = value.translate(dict.fromkeys(map(ord, "/._-"))).isalnum() and value.isascii()
        words += [f"--{option.name}", value if plain else clean(quoted(value), 1000)]
    return " ".join((*words, "--yes"))


def _list(parsed: Parsed, terminal: Terminal) -> int:
    from dockpass.account.programs import on_path, said
    from dockpass.display import clean

    rows = []
    for helper in on_path(os.environ):
        answer = said(helper.path, os.environ)
        whose = "dockpass" if helper.is_ours else answer.package.rpartition("/")[2] or "-"
        row = (clean(helper.name, 64), whose, answer.version or "-", clean(helper.path, 1000))
        rows.append(row)
        if answer.trouble:
            terminal.warn(f"docker-credential-{row[0]} does not answer: {answer.trouble}")
    _say_missing(parsed, terminal)
    if not rows:
        terminal.note("No credential helper is on PATH. Install dockpass's own with: dockpass helper install dockpass")
        return 0
    heads = ("NAME", "OF", "VERSION", "PROGRAM")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(4)]
    for row in (heads, *rows):
        terminal.out("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _say_missing(parsed: Parsed, terminal: Terminal) -> None:
    """Warn of helpers that config.json names and that are not there."""
    from dockpass.account.installed import MODULES
    from dockpass.account.programs import missing
    from dockpass.config import document, location
    from dockpass.display import clean

    for name, keys in missing(document.read(location.directory(parsed.get("config"))), os.environ).items():
        hint = "install it, or take its name out of config.json"
        if name in MODULES:
            hint = f"dockpass helper install {name}, or to take its name out: dockpass helper uninstall {name}"
        terminal.warn(
            f"docker-credential-{clean(name, 64)} is not on PATH, and config.json names it for {_some(keys)}, where "
            f"every pull fails: {hint}"
        )


def _name(parsed: Parsed) -> str:
    if not parsed.arguments:
        raise UsageError("which helper?", "the one that has the vault is: dockpass")
    return parsed.arguments[0]


GROUP = {
    "install": (
        Command(
            "helper install",
            arguments="NAME",
            summary="Put a credential helper of dockpass's into a folder on PATH.",
            text="NAME is dockpass, which gives what is in the vault; or secretservice, osxkeychain, wincred, pass or "
            "openbao, which keep logins where docker's helper of that name does. Logins that are there already, but "
            "that docker and podman could not find for want of the helper, are made known to them.",
            options=(
                Option("dir", "The folder (default: a usual one that is on PATH)", value="path"),
                Option("replace", "Take the place of somebody else's program of that name"),
            ),
            most=1,
            examples=(
                ("dockpass helper install dockpass", "installs docker-credential-dockpass"),
                ("dockpass helper install pass", "installs docker-credential-pass"),
            ),
        ),
        _install,
    ),
    "uninstall": (
        Command(
            "helper uninstall",
            arguments="NAME",
            summary="Remove a credential helper of dockpass's, and every trace of it from config.json.",
            text="Run it before you remove dockpass: a helper that config.json names and that is not there breaks "
            "every pull.",
            options=(
                Option("yes", "Do not ask", short="y"),
                Option("dir", "The folder, if it is not on PATH", value="path"),
            ),
            most=1,
            examples=(("dockpass helper uninstall dockpass", "asks, then removes it"),),
        ),
        _uninstall,
    ),
    "list": (
        Command(
            "helper list",
            summary="List the credential helpers on PATH.",
            text="Each is asked for its version, and one that does not answer is named. So is one that config.json "
            "names and that is not there.",
            examples=(("dockpass helper list", "name, whose, which version, and where"),),
        ),
        _list,
    ),
}
"""The commands of the group."""
