"""``python -m dockpass``: the program, where its script is not on PATH."""

from dockpass.cli.main import run

run()
