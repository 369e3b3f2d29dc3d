"""docker and dockpass on the same stage, so that one can be held against the other.

The stage (`world.py`) is made of registries that answer by the name they are asked under, a daemon as far as a login
needs one, and credential helpers. What is played on it (`scenarios.toml`) is data: command lines, what is in config.json
before, and where dockpass is meant to do better, how and why. `play.py` runs a scenario with either program and writes
down what can be seen afterwards; `record.py` keeps docker's part in `docker.json`, for machines without a docker 28.
"""
