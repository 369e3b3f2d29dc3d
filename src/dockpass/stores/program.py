"""Any credential helper program: ``docker-credential-NAME``.

The protocol is small: the action as the only argument, the question on standard input, the answer on standard output.
What takes the room here is to be sure what the answer means. Docker swallows a helper's errors or takes them for "no
credentials"; here every way to fail is an error of its own, with the helper's words and the next step.

Reference: https://github.com/docker/docker-credential-helpers#development
"""

from __future__ import annotations

import os

from dockpass.display import clean
from dockpass.errors import (
    BadCredential,
    HelperFailed,
    HelperGarbled,
    HelperNotExecutable,
    HelperTimedOut,
    ReadOnlyStore,
    UnknownStore,
)
from dockpass.stores import on_path, protocol
from dockpass.stores.contract import Store
from dockpass.strictjson import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dockpass.credential import Credential
    from dockpass.errors import StoreError
    from dockpass.stores.child import Ended

_SUFFIX = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_ANSWER = 1 << 20
# What docker-credential-pass says when it is asked to erase what is not there.
_NOT_IN_PASS = "is not in the password store"  # noqa: S105 - no secret


class ProgramStore(Store):
    """A helper program, by the suffix of its name. The program is looked for when it is first used.

    Args:
        suffix: ``pass`` for ``docker-credential-pass``.
        source: What names it, for messages: ``credsStore in /home/alice/.docker/config.json``.
        environ: The environment to look for it and to run it in; ``None`` for that of this process. It is run without
            ``DOCKER_AUTH_CONFIG`` and whatever of ours could hold a secret.
        withhold: More variables to keep from it, such as the one that a password was read from.
        waiting: Called with one line when the helper takes longer than three seconds.
        time_limit: Seconds for one call; ``None`` means 30, and 300 where there is a terminal on which it may ask.

    Raises:
        UnknownStore: ``suffix`` could not be a helper's. Nothing is run.

    """

    def __init__(
        self,
        suffix: str,
        *,
        source: str = "",
        environ: Mapping[str, str] | None = None,
        withhold: Iterable[str] = (),
        waiting: Callable[[str], None] | None = None,
        time_limit: float | None = None,
    ) -> None:
        if not suffix or not _SUFFIX.issuperset(suffix) or suffix[0] == "-" or suffix in (".", ".."):
            raise UnknownStore(
                f'no credential helper can have the name "{clean(suffix, 64)}"{_by(source)}',
                "a name has letters, digits, dots, dashes and underscores: pass means docker-credential-pass",
            )
        self.name = suffix
        self.program = on_path.PREFIX + suffix
        self._source = source
        self._environ = environ
        self._withhold = tuple(withhold)
        self._waiting = waiting
        self._time_limit = time_limit
        self._path = ""

    def find(self) -> str:
        """The absolute path of the program. It is looked up once; later calls run the same file.

        Raises:
            HelperMissing: It is in no folder on PATH.
            HelperNotExecutable: It is in one, but must not be executed.

        """
        if not self._path:
            environ = os.environ if self._environ is None else self._environ
            found = on_path.find(self.name, environ)
            if found is None:
                raise on_path.missing(self.name, environ, self._source)
            self._path = found
        return self._path

    def get(self, server: str) -> Credential | None:
        """The credential that the helper gives for ``server``; ``None`` where it says that it has none.

        Raises:
            HelperMissing, HelperNotExecutable, HelperFailed, HelperTimedOut, HelperGarbled: It is not known whether
                there is one.

        """
        question = protocol.question(server)
        if not question:
            return None
        ended = self._run("get", question, server)
        if ended.status != 0:
            if _says_not_found(ended.output):
                return None
            raise self._failure("get", ended, server)
        from dockpass.stores.answer import credential

        return credential(ended.output, self._asked("get", server))

    def put(self, server: str, credential: Credential) -> None:
        """Hand ``credential`` to the helper. When it says that it kept it, it is believed, as docker does.

        Raises:
            BadServer: ``server`` has spaces or control characters at places where helpers drop them.
            BadCredential: Neither a registry nor this helper could keep it as it is.
            ReadOnlyStore: The helper makes its credentials itself, as those of clouds do, and keeps none.
            HelperMissing, HelperNotExecutable, HelperFailed, HelperTimedOut: It is not known to be kept.

        """
        username, secret = protocol.fit(server, credential)
        self._check(username, secret)
        payload = f'{{"ServerURL":{quote(server)},"Username":{quote(username)},"Secret":{quote(secret)}}}\n'
        ended = self._run("store", payload.encode(), server)
        if ended.status != 0:
            raise self._failure("store", ended, server, credential)

    def prepare(self) -> Iterator[None]:
        """Load what runs the helper."""
        from dockpass.stores import child, inherited  # noqa: F401 - to have them loaded

        yield

    def erase(self, server: str) -> bool:
        """Have the helper forget ``server``.

        Returns:
            ``False`` where the helper says that it has nothing for it. Some helpers never say that: ``True`` means only
            that nothing is there now.

        Raises:
            ReadOnlyStore: The helper makes its credentials itself, and can erase none.
            HelperMissing, HelperNotExecutable, HelperFailed, HelperTimedOut: It is not known to be gone.

        """
        question = protocol.question(server)
        if not question:
            return False
        ended = self._run("erase", question, server)
        if ended.status == 0:
            return True
        if _says_not_found(ended.output) or _NOT_IN_PASS.encode() in ended.output:
            return False
        raise self._failure("erase", ended, server)

    def list(self) -> dict[str, str]:
        """What the helper says that it keeps. Whether it reads secrets for that, or prompts, is the helper's affair.

        Raises:
            HelperMissing, HelperNotExecutable, HelperFailed, HelperTimedOut, HelperGarbled: It is not known what it
                keeps.

        """
        ended = self._run("list", b"unused")
        if ended.status != 0:
            raise self._failure("list", ended)
        from dockpass.stores.answer import servers

        return servers(ended.output, self._asked("list"))

    def _run(self, action: str, payload: bytes, server: str = "") -> Ended:
        path = self.find()
        from dockpass.stores.child import run

        answers = action in ("get", "list")
        try:
            ended = run(
                [path, action],
                payload,
                self._environment(),
                capacity=_ANSWER,
                cut=not answers,  # what is printed to the other two means nothing, and must not undo what they did
                time_limit=self._time_limit,
                waiting=self._say_waiting,
            )
        except OSError as error:
            raise _cannot_start(path, error) from None
        if ended.too_long:
            raise HelperGarbled(
                f"{self._asked(action, server)} answered with more than 1 MiB and was stopped",
                f"see what `{self.program} list` says when run by hand; it may print something else than its answer",
            )
        if ended.out_of_time:
            raise HelperTimedOut(
                f"{self._asked(action, server)} did not answer in {ended.out_of_time:g} seconds and was stopped",
                "it may wait for a PIN, a touch or a network that nobody gives it: unlock what it uses, and try again",
            )
        return ended

    def _environment(self) -> dict[str, str]:
        from dockpass.stores.inherited import inherited

        return inherited(os.environ if self._environ is None else self._environ, self._withhold)

    def _say_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting(f"waiting for {self.program}; it may be asking for a PIN or a touch (Ctrl-C stops it)")

    def _check(self, username: str, secret: str) -> None:
        """Refuse what would come back from this helper as something else."""
        if self.name == "pass":
            # It makes a file name of the user name, unchecked, and cuts the end off what the file holds.
            if "/" in username or username.startswith("."):
                raise BadCredential(
                    f'{self.program} cannot keep a user name with "/" in it or "." before it',
                    "keep it elsewhere: --store NAME",
                )
            if secret[-1] in "\r\n":
                raise BadCredential(
                    f"{self.program} drops the line break at the end of a secret",
                    "leave it out, if it is not a part of it",
                )

    def _asked(self, action: str, server: str = "") -> str:
        return f"{self.program} {action} for {clean(server, 255)}" if server else f"{self.program} {action}"

    def _failure(self, action: str, ended: Ended, server: str = "", given: Credential | None = None) -> StoreError:
        from dockpass.stores.complaint import keeps_nothing, next_step, words

        said = words(ended.output, given)
        if action in ("store", "erase") and keeps_nothing(said):
            return ReadOnlyStore(
                f"{self.program} makes its credentials itself and keeps none",
                "to keep a login for this registry, name another store: --store NAME",
            )
        return HelperFailed(
            f"{self._asked(action, server)} failed ({_status(ended.status)}): {said or 'it did not say why'}",
            next_step(said, self.program),
        )


def _cannot_start(path: str, error: OSError) -> HelperNotExecutable:
    import errno

    shown = clean(path)
    reason, hint = {
        errno.ENOEXEC: (
            "it is no program for this system (exec format error)",
            "it was built for another machine, or is a script without #! in its first line: install it anew",
        ),
        errno.EACCES: (
            "permission denied",
            "see that you may execute it, and that its disk is not mounted with noexec",
        ),
        errno.ENOENT: (
            "the interpreter or loader that it names does not exist",
            f"look at its first line: head -n 1 {shown}",
        ),
    }.get(error.errno or 0, (error.strerror or "it could not be started", "try again, or install it anew"))
    return HelperNotExecutable(f"{shown} cannot be run: {reason}", hint)


def _by(source: str) -> str:
    return f" ({source} names it)" if source else ""


def _says_not_found(output: bytes) -> bool:
    """Whether a helper that failed did so because it keeps nothing for the server.

    Docker wants this line and no other. Helpers that put a prefix before it, or a line after, mean the same.
    """
    from dockpass.stores.answer import NOT_FOUND

    return NOT_FOUND.encode() in output


def _status(status: int | None) -> str:
    if status is None:
        return "its exit status is not known, because this process ignores SIGCHLD"
    if status >= 0:
        return f"exit status {status}"
    import signal

    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
