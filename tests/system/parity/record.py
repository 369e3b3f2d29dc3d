"""Write docker's part of every scenario into docker.json: `cd tests/system && python -m parity.record`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from parity.play import HERE, docker28, play, scenarios
from parity.world import world

DOCKER = {"DOCKER_HOST": "unix:///nonexistent.sock", "DOCKER_CLI_HINTS": "false"}
"""No daemon, so that docker logs in by itself, as dockpass does."""


def main() -> None:
    docker = docker28()
    if docker is None:
        sys.exit("there is no docker 28 on PATH")
    said = subprocess.run([docker, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder, world(folder) as here:
        answers = {one["name"]: play(one, [docker], here, DOCKER) for one in scenarios()}
    for seen in answers.values():
        for one in seen:
            # The log lines hold times and addresses in memory.
            lines = one["stderr"].splitlines(keepends=True)
            one["stderr"] = "".join(line for line in lines if not line.startswith("time="))
    with open(os.path.join(HERE, "docker.json"), "w", encoding="utf-8") as file:
        json.dump({"docker": said, "answers": answers}, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
