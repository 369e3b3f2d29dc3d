"""Real programs on a stage of their own: registries, token server, daemon, clients.

Nothing here is a double. `registry.py` starts Debian's docker-registry on a free port of the loopback in a temporary
folder, in each of the ways that it lets one in; `token_server.py` signs the tokens that it wants; `daemon.py` starts a
dockerd that touches nothing of the machine's own; `proxies.py` starts tinyproxy and squid; `home.py` runs clients, and
dockpass, in a home that is theirs alone. `conftest.py` makes fixtures of them. What a test takes from a registry or a
home are plain attributes, named there.
"""
