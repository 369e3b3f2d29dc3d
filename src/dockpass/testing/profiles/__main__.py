"""``python -m dockpass.testing.profiles NAME``: a registry to try things by hand, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys

from dockpass.testing.by_hand import until_ctrl_c
from dockpass.testing.profiles import ALL


def main(arguments: list[str] | None = None) -> int:
    """Play the registry of that name; without a name, list them all."""
    parser = argparse.ArgumentParser(prog="python -m dockpass.testing.profiles", description=main.__doc__)
    parser.add_argument("name", nargs="?", choices=[one.name for one in ALL], metavar="NAME", help="of a profile")
    name = parser.parse_args(arguments).name
    if name is None:
        sys.stdout.writelines(f"{one.name:<20}{one.host}\n" for one in ALL)
        return 0
    profile = next(one for one in ALL if one.name == name)
    with profile.play() as registry:
        until_ctrl_c(f"{registry.address}\nIt lets in {profile.username} with {profile.secret}. Ctrl-C ends it.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
