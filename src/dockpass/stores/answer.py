"""What a credential helper answers, read without trust.

The helper is somebody else's program. Its answer may be cut short, come after a warning of the shell that started it,
or have another shape than the protocol wants. Only what is certainly a credential is taken for one; everything else is
an error that says what was wrong with the answer and shows nothing of it, because a secret may be in it.

Reference: https://github.com/docker/docker-credential-helpers#development
"""

from __future__ import annotations

from dockpass.errors import HelperGarbled
from dockpass.stores import protocol
from dockpass.strictjson import BadJSON, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockpass.credential import Credential

NOT_FOUND = "credentials not found in native keychain"
"""What a helper prints to standard output, and ends with an error, where it keeps nothing for a server."""

# secretservice lists its entries' labels since 0.9.0, and these are the labels.
_LABEL = "Registry credentials for "


def credential(output: bytes, asked: str) -> Credential | None:
    """The credential in the answer to ``get``, or ``None`` where it says that there is none.

    Args:
        output: The helper's standard output.
        asked: Who was asked for what, to begin an error with: ``docker-credential-pass get``.

    Returns:
        An answer without a secret is ``None``, as an entry of config.json without one is: old versions of
        docker-credential-pass answer an empty user name and an empty secret for what they do not have.

    Raises:
        HelperGarbled: The answer is not a JSON object of the right shape.

    """
    answer = _object(output, asked)
    username = _text(answer, "username", asked)
    secret = _text(answer, "secret", asked)
    return protocol.credential(username, secret)


def servers(output: bytes, asked: str) -> dict[str, str]:
    """The servers and user names in the answer to ``list``. The user name of an identity token is not known: ``""``.

    Raises:
        HelperGarbled: The answer is not a JSON object of strings.

    """
    found = {}
    for server, username in _object(output, asked).items():
        if username is not None and not isinstance(username, str):
            raise HelperGarbled(f"{asked} gave a user name that is {_kind(username)}", _OTHER_VERSION)
        found[server.removeprefix(_LABEL)] = protocol.shown(username or "")
    return found


_OTHER_VERSION = "the helper does not keep to the protocol of docker's helpers: try another version of it"
_BANNER = (
    "something that the helper runs (a wrapper, a warning, a shell's start-up file) prints to standard output: "
    "send it to standard error"
)


def _object(output: bytes, asked: str) -> dict[str, Any]:
    if not output.strip():
        raise HelperGarbled(f"{asked} succeeded but answered nothing", _OTHER_VERSION)
    is_object = output.lstrip()[:1] == b"{"
    try:
        # Go's clients stop reading after the object, and helpers rely on that.
        answer = loads(output, more=is_object)
    except BadJSON as error:
        if b"{" in output and not is_object:
            raise HelperGarbled(f"{asked} printed other text before its JSON answer", _BANNER) from None
        raise HelperGarbled(f"{asked} did not answer with JSON: {error}", _OTHER_VERSION) from None
    if answer is None:
        return {}
    if not isinstance(answer, dict):
        raise HelperGarbled(f"{asked} answered with {_kind(answer)}, not with an object", _OTHER_VERSION)
    return answer


def _text(answer: dict[str, Any], name: str, asked: str) -> str:
    """The text under ``name``, whatever its case: Go's clients accept any, so helpers use any."""
    values = [value for key, value in answer.items() if key.lower() == name]
    if len(values) > 1:
        raise HelperGarbled(f"{asked} answered with more than one {name}", _OTHER_VERSION)
    value = values[0] if values else None
    if value is None:
        return ""
    if not isinstance(value, str):
        raise HelperGarbled(f"{asked} gave a {name} that is {_kind(value)}", _OTHER_VERSION)
    return value


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        return "a string"
    return "true or false" if isinstance(value, bool) else "a number"
