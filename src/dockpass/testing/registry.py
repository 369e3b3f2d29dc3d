"""A registry that does as it is told, for tests of anything that logs in to registries.

It listens on a free loopback port, knows its users, holds one tiny image, and writes down what came in::

    from dockpass.testing.answers import retry_after
    from dockpass.testing.registry import ScriptedRegistry

    with ScriptedRegistry(users={"alice": "secret"}, auth="bearer") as registry:
        registry.answer("/v2/", retry_after(1))                # the first time; then it behaves again
        dockpass.login(registry.address, "alice", "secret")
        assert registry.asked("/token")[0].basic == ("alice", "secret")

Real clients work with it, so a login can be proved by its use: ``skopeo inspect docker://`` + ``registry.image``. The
image's repository asks for the same login as ``/v2/`` does. By hand: ``python -m dockpass.testing.registry --user
alice:secret``.
"""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING, Literal, Self

from dockpass.testing.answers import Answer, error_answer, json_answer
from dockpass.testing.image import tiny_image
from dockpass.testing.listener import Listener
from dockpass.testing.token_server import TokenServer, knows, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from dockpass.testing.answers import Script
    from dockpass.testing.image import Image
    from dockpass.testing.received import Received
    from dockpass.testing.token_server import Anonymous, AnswerField, Forgiving

    Auth = Literal["basic", "bearer", "both", "none"]
    Scripted = Script | Callable[[Received], Script] | None

_API_VERSION = ("Docker-Distribution-Api-Version", "registry/2.0")


class ScriptedRegistry:
    """A registry with its token server, for the length of a ``with`` block.

    Args:
        users: Passwords by user name; the name ``"*"`` stands for any, as where a token alone says who comes.
        auth: What it asks for: ``"basic"``, ``"bearer"``, ``"both"`` (two challenges, the Bearer one first), or
            ``"none"``, which takes any credentials and asks for none.
        open_ping: ``/v2/`` answers 200 to a request without credentials, yet refuses wrong ones, as zot does where an
            anonymous policy is set.
        service: Named in the challenge, and the only one the token server issues for; ``None`` to name none.
        scope: A placeholder scope for the challenge on ``/v2/``, as several registries send one; ``""`` is sent too.
        challenge: The ``WWW-Authenticate`` values to send in place of the right ones, verbatim, except that
            ``{realm}``, ``{port}`` and ``{token_port}`` in them are filled in.
        refresh_tokens: The token server gives out identity tokens, and takes them by POST.
        rotate: Each use of an identity token ends it, and gives a new one.
        answer_field: The name of the token in the answer to a GET, or both names. To a POST it is ``access_token``, as
            OAuth2 has it.
        expires_in: Goes into the answer as it is, of whatever type; ``None`` to leave it out.
        anonymous: Whoever asks without credentials gets a token too, good for ``/v2/`` and for pulling; with
            ``"scoped"`` only if a scope is asked for.
        forgiving: When a wrong password gets an anonymous token instead of a refusal: ``"never"``, if a scope was
            asked for (``"scoped"``, as Harbor does), or ``"always"`` (as old Gitea did).
        refusals: What a wrong password gets, by that password; ``"*"`` stands for any other. A 401 to a request for
            ``/v2/`` gets the challenges as well.
        post: What a POST to the token server gets where there are no identity tokens, and with a password in any case.
        token_path: The path of the token server.
        tls: Speak TLS with this context, or with this pair of files (certificate chain, key).
        host: The loopback address to listen on.
        port: The port to listen on, for clients that cannot be told one; 0 for a free one.
        apart: The token server listens on a port of its own.
        unix_socket: A path to listen on as well.
        repository: The name of the repository that holds the image, as the tag ``1.0``.

    Attributes:
        requests: Everything that came in, in order, as :class:`dockpass.testing.received.Received`.
        token_server: The :class:`dockpass.testing.token_server.TokenServer`, to look into and to withdraw tokens.
        token_path: The path of that.

    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        auth: Auth = "basic",
        open_ping: bool = False,
        service: str | None = "scripted.registry",
        scope: str | None = None,
        challenge: str | Iterable[str] | None = None,
        refresh_tokens: bool = False,
        rotate: bool = False,
        answer_field: AnswerField = "token",
        expires_in: object = 300,
        anonymous: Anonymous = False,
        forgiving: Forgiving = "never",
        refusals: Mapping[str, Answer] | None = None,
        post: Answer | None = None,
        token_path: str = "/token",  # noqa: S107 - a path
        tls: ssl.SSLContext | tuple[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        apart: bool = False,
        unix_socket: str | None = None,
        repository: str = "team/app",
    ) -> None:
        self.users = dict(users or {})
        self.auth: Auth = auth
        self.requests: list[Received] = []
        self.token_server = TokenServer(
            self.users,
            service=service,
            refresh_tokens=refresh_tokens,
            rotate=rotate,
            answer_field=answer_field,
            expires_in=expires_in,
            anonymous=anonymous,
            forgiving=forgiving,
            refusals=refusals,
            post=post,
        )
        self.token_path = token_path
        self._refusals = refusals or {}
        self._open_ping = open_ping
        self._scope = scope
        self._challenge = (challenge,) if isinstance(challenge, str) else challenge
        self._tls = _context(tls) if isinstance(tls, tuple) else tls
        self._host = host
        self._apart = apart
        self._unix_socket = unix_socket
        self._repository = repository
        self._tiny: Image = tiny_image()
        self._scripts: dict[str, list[Scripted]] = {}
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._port = self._token_port = port

    # Its life

    def __enter__(self) -> Self:
        self._port = self._listen(_bound(self._host, self._port))
        self._token_port = self._listen(_bound(self._host)) if self._apart else self._port
        if self._unix_socket is not None:
            self._listen(_bound_unix(self._unix_socket))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop. Where a scripted answer itself raised, that is raised here: it must not pass for the client's fault."""
        errors = []
        for listener in self._listeners:
            listener.close()
            errors += listener.errors
        if errors and error is None:
            raise errors[0]

    def _listen(self, bound: socket.socket) -> int:
        tls = None if bound.family == socket.AF_UNIX else self._tls
        self._listeners.append(Listener(bound, self._respond, tls=tls))
        return self._listeners[-1].port

    # Where it is

    @property
    def port(self) -> int:
        """The port of the registry."""
        return self._port

    @property
    def token_port(self) -> int:
        """The port of the token server."""
        return self._token_port

    @property
    def address(self) -> str:
        """``host:port``, as one gives it to ``login``."""
        return self._at(self._port)

    @property
    def url(self) -> str:
        """The registry's address with its scheme, without a path."""
        return f"{'https' if self._tls else 'http'}://{self.address}"

    @property
    def realm(self) -> str:
        """The address of the token server, as its challenges name it."""
        return f"{'https' if self._tls else 'http'}://{self._at(self._token_port)}{self.token_path}"

    @property
    def image(self) -> str:
        """The reference of the image that it holds."""
        return f"{self.address}/{self._repository}:1.0"

    def _at(self, port: int) -> str:
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    # What came in

    def asked(self, path: str) -> list[Received]:
        """The requests for ``path``, in order, whatever their query."""
        return [request for request in self.requests if request.path == path]

    @property
    def connections(self) -> int:
        """How many connections were accepted, on all ports."""
        return sum(listener.connections for listener in self._listeners)

    @property
    def failed_handshakes(self) -> list[str]:
        """Why TLS handshakes failed, as seen from here."""
        return [reason for listener in self._listeners for reason in listener.failed_handshakes]

    # What it answers

    def answer(self, path: str, *answers: Scripted) -> None:
        """Answer the next requests for ``path`` (without query) by these, one each; then as always again.

        An answer is a :class:`dockpass.testing.answers.Script`, a function that makes one from the request, or
        ``None`` for one that is answered as always. Answers given earlier and not yet used come first. The path of
        the token server is :attr:`token_path`.
        """
        with self._lock:
            self._scripts.setdefault(path, []).extend(answers)

    def _respond(self, request: Received) -> Script:
        with self._lock:
            self.requests.append(request)
            waiting = self._scripts.get(request.path)
            scripted = waiting.pop(0) if waiting else None
        if scripted is None:
            return self._behave(request)
        return scripted(request) if callable(scripted) else scripted

    def _behave(self, request: Received) -> Answer:
        path = request.path
        if path == self.token_path:
            return self.token_server.answer(request)
        if not path.startswith("/v2/"):
            return Answer(404, "404 page not found\n")
        if request.method not in ("GET", "HEAD"):
            return error_answer(405, "UNSUPPORTED", "The operation is unsupported.", (_API_VERSION,))
        refusal = self._refusal(request, path)
        return self._content(path) if refusal is None else refusal

    def _content(self, path: str) -> Answer:
        image, base = self._tiny, f"/v2/{self._repository}/"
        if path == "/v2/":
            return json_answer({}, headers=(_API_VERSION,))
        if path in (f"{base}manifests/1.0", f"{base}manifests/{image.digest}"):
            headers = (("Content-Type", image.media_type), ("Docker-Content-Digest", image.digest), _API_VERSION)
            return Answer(200, image.manifest, headers)
        if path == f"{base}tags/list":
            return json_answer({"name": self._repository, "tags": ["1.0"]}, headers=(_API_VERSION,))
        blob = image.blobs.get(path.removeprefix(f"{base}blobs/"))
        if blob is not None:
            return Answer(200, blob, (("Content-Type", "application/octet-stream"), _API_VERSION))
        return error_answer(404, "NAME_UNKNOWN", "repository name not known to registry", (_API_VERSION,))

    def _refusal(self, request: Received, path: str) -> Answer | None:
        """The 401 that the request deserves, or ``None``."""
        given = request.header("authorization")
        refused: Answer | None = None
        if self.auth == "none" or (given is None and path == "/v2/" and self._open_ping):
            return None
        if self.auth in ("basic", "both") and request.basic is not None:
            user, password = request.basic
            if knows(self.users, user, password):
                return None
            refused = refusal(self._refusals, password) if self._refusals else None
        repository = "" if path == "/v2/" else path.removeprefix("/v2/").rsplit("/", 2)[0]
        error = ""
        if self.auth in ("bearer", "both") and request.bearer is not None:
            grant = self.token_server.grant(request.bearer)
            if grant is not None and (not repository or "pull" in grant.access.get(repository, ())):
                return None
            error = "invalid_token" if grant is None else "insufficient_scope"
        if refused is None:
            refused = error_answer(401, "UNAUTHORIZED", "authentication required")
        if refused.status != 401:
            return refused
        scope = f"repository:{repository}:pull" if repository else self._scope
        challenges = self._challenges(request, scope, error)
        return refused.but(headers=[_API_VERSION, *(("WWW-Authenticate", value) for value in challenges)])

    def _challenges(
        self,
        request: Received,  # noqa: ARG002 - for registries that ask for something else the second time
        scope: str | None,
        error: str,
    ) -> Iterable[str]:
        if self._challenge is not None:
            return map(self._filled, self._challenge)
        bearer = f'Bearer realm="{self.realm}"'
        for name, value in (("service", self.token_server.service), ("scope", scope), ("error", error or None)):
            if value is not None:
                bearer += f',{name}="{value}"'
        basic = 'Basic realm="scripted registry"'
        return {"basic": (basic,), "bearer": (bearer,), "both": (bearer, basic), "none": ()}[self.auth]

    def _filled(self, text: str) -> str:
        text = text.replace("{realm}", self.realm).replace("{token_port}", str(self.token_port))
        return text.replace("{port}", str(self.port))


def _bound(host: str, port: int = 0) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _bound_unix(path: str) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(path)
    return bound


def _context(files: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


def main(arguments: list[str] | None = None) -> int:
    """A registry to try things by hand, until Ctrl-C."""
    import argparse

    from dockpass.testing.by_hand import until_ctrl_c

    parser = argparse.ArgumentParser(prog="python -m dockpass.testing.registry", description=main.__doc__)
    parser.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD", help="may be repeated")
    parser.add_argument("--bearer", action="store_true", help="ask for tokens, and give identity tokens")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="speak TLS with these PEM files")
    given = parser.parse_args(arguments)
    for user in given.user:
        if ":" not in user:
            parser.error(f"--user wants NAME:PASSWORD, with a colon: {user}")
    users = {name: password for name, _colon, password in (user.partition(":") for user in given.user)}
    with ScriptedRegistry(
        users,
        auth="bearer" if given.bearer else "basic",
        refresh_tokens=given.bearer,
        tls=tuple(given.tls) if given.tls else None,
    ) as registry:
        until_ctrl_c(f"{registry.address}\nIts image is {registry.image}. Ctrl-C ends it.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
