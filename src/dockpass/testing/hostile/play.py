"""A scene while it is played: what each host answers to a request."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.hostile.scene import TOKEN_HOST

if TYPE_CHECKING:
    from dockpass.testing.answers import Script
    from dockpass.testing.hostile.scene import Given, Scene
    from dockpass.testing.received import Received

_API_VERSION = ("Docker-Distribution-Api-Version", "registry/2.0")


class Play:
    """One run of a scene, with secrets that no other run has.

    Args:
        scene: What is played.
        origin: Where the registry is: scheme, host and port.
        host: The registry's name among the hosts.

    Attributes:
        user, password: The login that is good.
        given: The password that the client is given; another one where the scene wants a wrong one.
        token: The access token that a good token server gives.
        identity: The identity token that it gives where the scene has it do so.
        count: How many requests came to the registry and its token server.
        used: The numbers of connections, for a scene to remember.

    """

    def __init__(self, scene: Scene, origin: str, host: str) -> None:
        self.scene = scene
        self.origin = origin
        self.host = host
        self.user = "alice"
        # Written in base64, in a form, in JSON and in a URL it looks different each time.
        self.password = f"pw-{secrets.token_hex(8)}/+&= %?"
        self.given = f"pw-{secrets.token_hex(8)}/+&= %!" if scene.wrong else self.password
        self.token = "access-" + secrets.token_urlsafe(18)
        self.identity = "refresh-" + secrets.token_urlsafe(18)
        self.count = 0
        self.used: set[int] = set()

    def answer(self, request: Received, host: str) -> Script:
        """What ``host`` answers."""
        scene = self.scene
        if host not in (self.host, TOKEN_HOST):
            return self._trap(request) if scene.elsewhere is None else self.made(scene.elsewhere, request)
        self.count += 1
        special = scene.answer(self, request) if scene.answer is not None else None
        if special is not None:
            return special
        if request.path == "/token":
            return self.issue(request) if scene.token is None else self.made(scene.token, request)
        if request.path not in ("/v2/", "/v2"):
            return Answer(404, "404 page not found\n")
        if request.header("authorization") is None and scene.ping is not None:
            return self.made(scene.ping, request)
        if not self.lets_in(request):
            return self.challenge()
        return self.welcome() if scene.inside is None else self.made(scene.inside, request)

    def made(self, given: Given, request: Received) -> Script:
        """An answer that is there already, or is made for the request."""
        return given(self, request) if callable(given) else given

    def lets_in(self, request: Received) -> bool:
        """Whether a request carries good credentials."""
        return request.bearer == self.token or request.basic == (self.user, self.password)

    def welcome(self) -> Answer:
        """The 200 of ``/v2/``."""
        return json_answer({}, headers=(_API_VERSION,))

    def challenge(self, *values: str, status: int = 401) -> Answer:
        """A 401 with the scene's challenges, or with these."""
        named = [("WWW-Authenticate", self.filled(value)) for value in values or self.scene.challenges]
        return error_answer(status, "UNAUTHORIZED", "authentication required", (_API_VERSION, *named))

    def filled(self, text: str) -> str:
        """``text`` with the registry's origin in its place, in UTF-8 as a header carries it."""
        return text.replace("{origin}", self.origin).encode().decode("latin-1")

    def issue(self, request: Received, **more: object) -> Answer:
        """What a good token server answers; ``more`` goes into the answer."""
        if request.method != "GET":
            return Answer(404, "<html><h1>404 Not Found</h1></html>", {"Content-Type": "text/html"})
        if request.basic != (self.user, self.password):
            return error_answer(401, "UNAUTHORIZED", "incorrect username or password")
        return json_answer({"token": self.token, "expires_in": 300, **more})

    def _trap(self, request: Received) -> Answer:
        if request.path.startswith("/v2") and request.header("authorization") is None:
            return error_answer(401, "UNAUTHORIZED", "say who you are", {"WWW-Authenticate": 'Basic realm="trap"'})
        return json_answer({"token": self.token, "access_token": self.token})


def with_basic(play: Play, request: Received) -> bool:
    """Whether a request brings the good password."""
    return request.basic == (play.user, play.password)
