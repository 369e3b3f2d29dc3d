"""What is fuzzed: each reader of what a registry, a helper, a file or a user sends.

A target is a function of bytes that nobody chose with care. It hands them to a reader as the program would, lets
through the errors that the reader is documented to raise, and asserts what its callers rely on. Anything else that
comes out is a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.challenge import challenge
from targets.config_json import config_json
from targets.helper_reply import helper_reply
from targets.helper_request import helper_request
from targets.names import names
from targets.response import response
from targets.server import server
from targets.token_answer import token_answer
from targets.vault_answer import vault_answer
from targets.vault_archive import vault_archive

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        challenge,
        response,
        token_answer,
        config_json,
        helper_reply,
        helper_request,
        vault_answer,
        vault_archive,
        server,
        names,
    )
}
