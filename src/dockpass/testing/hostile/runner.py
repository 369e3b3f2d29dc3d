"""One client against one scene: its home, its network, its end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from dockpass.testing.hostile import network
from dockpass.testing.hostile.judge import Run, judge
from dockpass.testing.hostile.names import HOSTS, PORTS, name_of
from dockpass.testing.hostile.play import Play
from dockpass.testing.hostile.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockpass.testing.hostile.scene import Scene
    from dockpass.testing.hostile.wire import Contexts

_KEPT_OUTPUT = 128 << 10
_OTHERS = ("DOCKER_", "DOCKPASS_", "XDG_", "REGISTRY_AUTH", "SSL_CERT_", "CONTAINERS_", "BUILDAH_", "DBUS_", "NO_COLOR")
"""Variables that would have a client look elsewhere than in the home that it is given; and every ``*_PROXY``."""


class Client(NamedTuple):
    """What is run, and on which stage.

    Attributes:
        command: Its words, in which ``{server}``, ``{user}``, ``{home}`` and ``{ca}`` are filled in.
        folder: The stage's own folder, with ``ca.pem`` in it.
        contexts: The certificates; empty for plain HTTP on the loopback, outside a network of its own.
        seconds: How long a login may take. It is killed 10 s later.

    """

    command: Sequence[str]
    folder: str
    contexts: Contexts
    seconds: float = 35


class Result(NamedTuple):
    """What came of it."""

    scene: Scene
    run: Run
    wrong: list[tuple[str, str]]


def run(scene: Scene, client: Client) -> Result:
    """Run the client against the scene, and judge it. Moves the calling thread to a network of its own.

    Raises:
        Exception: What the scene itself raised: its mistake is not the client's.

    """
    if client.contexts:
        network.own_network()
        bound = _everywhere(scene)
        play = Play(scene, _origin(scene), _host(scene.server))
        server = scene.server
    else:
        bound = [socket.create_server(("127.0.0.1", 0))]
        server = f"127.0.0.1:{bound[0].getsockname()[1]}"
        play = Play(_in_clear(scene), f"http://{server}", "127.0.0.1")
    home = tempfile.mkdtemp(prefix="home-", dir=client.folder)
    wire = Wire(play, bound, client.contexts)
    try:
        words = _words(client.command, server=server, user=play.user, home=home, ca=f"{client.folder}/ca.pem")
        done = _wait(words, _environment(home, client), play.given, client.seconds + 10)
    finally:
        wire.close()
    done.heard = tuple(wire.heard)
    done.kept = _files(home)
    network.remove(home)
    if wire.errors:
        raise wire.errors[0]
    return Result(scene, done, judge(play, done, seconds=client.seconds))


def _in_clear(scene: Scene) -> Scene:
    import copy

    played = copy.copy(scene)
    played.plain = True
    return played


def _host(server: str) -> str:
    host = server[1 : server.index("]")] if server.startswith("[") else server.partition(":")[0]
    return host if host in HOSTS else name_of(host)


def _origin(scene: Scene) -> str:
    return f"{'http' if scene.plain else 'https'}://{scene.server}"


def _everywhere(scene: Scene) -> list[socket.socket]:
    bound = []
    for port in PORTS:
        if port not in scene.closed:
            bound.append(socket.create_server(("0.0.0.0", port)))  # noqa: S104 - in a network of its own
            bound.append(socket.create_server(("::", port), family=socket.AF_INET6))
    return bound


def _words(command: Sequence[str], **parts: str) -> list[str]:
    words = list(command)
    if not any("{user}" in word for word in words):
        words += ["-u", "{user}", "--password-stdin"]
    if not any("{server}" in word for word in words):
        words.append("{server}")
    for name, value in parts.items():
        words = [word.replace(f"{{{name}}}", value) for word in words]
    return words


def _environment(home: str, client: Client) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OTHERS) and not name.upper().endswith("_PROXY")
    }
    for folder in (".docker", ".config", ".data", ".cache", "run", "tmp"):
        os.mkdir(f"{home}/{folder}", 0o700)
    with open(f"{home}/.docker/config.json", "w", encoding="utf-8") as file:
        # docker uses any helper that it finds on PATH, unless there is a login in the file already.
        file.write('{"auths": {"nowhere.invalid": {}}}')
    kept.update(
        HOME=home,
        DOCKER_CONFIG=f"{home}/.docker",
        REGISTRY_AUTH_FILE=f"{home}/auth.json",
        XDG_CONFIG_HOME=f"{home}/.config",
        XDG_DATA_HOME=f"{home}/.data",
        XDG_CACHE_HOME=f"{home}/.cache",
        XDG_RUNTIME_DIR=f"{home}/run",
        TMPDIR=f"{home}/tmp",  # noqa: S108 - in a home of its own
        TERM="dumb",
    )
    if client.contexts:
        kept["SSL_CERT_FILE"] = f"{client.folder}/ca.pem"
    return kept


def _wait(words: list[str], environ: Mapping[str, str], secret: str, most: float) -> Run:
    """Run it for ``most`` seconds at most, with the secret on its standard input."""
    begun = time.monotonic()
    given, giving = os.pipe()
    printing, prints = os.pipe()
    process = subprocess.Popen(
        words, env=environ, stdin=given, stdout=prints, stderr=subprocess.STDOUT, start_new_session=True
    )
    os.close(given)
    os.close(prints)
    with contextlib.suppress(BrokenPipeError), open(giving, "wb") as stream:
        stream.write(f"{secret}\n".encode())
    output, printed = bytearray(), 0

    def drain() -> None:
        nonlocal printed
        with open(printing, "rb", buffering=0) as stream:
            while data := stream.read(65536):
                printed += len(data)
                output.extend(data[: _KEPT_OUTPUT - len(output)])

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    watched = os.pidfd_open(process.pid)
    ended, _writing, _broken = select.select([watched], [], [], most)
    os.close(watched)
    seconds = time.monotonic() - begun
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # and what it has started
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join(10)
    code, memory = process.returncode if ended else None, usage.ru_maxrss / 1024
    return Run(code, seconds=seconds, memory=memory, output=bytes(output), printed=printed)


def _files(home: str) -> bytes:
    found = bytearray()
    for folder, _folders, names in os.walk(home):
        for name in names:
            with contextlib.suppress(OSError), open(os.path.join(folder, name), "rb") as file:
                found += file.read(1 << 20)
    return bytes(found)
