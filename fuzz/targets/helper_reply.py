"""What a credential helper prints: an answer, or its complaint."""

from __future__ import annotations

from dockpass.credential import Credential
from dockpass.errors import HelperGarbled
from dockpass.stores import answer, complaint

ASKED = "docker-credential-fuzzed get"


def helper_reply(data: bytes) -> None:
    try:
        found = answer.credential(data, ASKED)
        assert found is None or found.secret.reveal()
    except HelperGarbled as error:
        assert error.message.isprintable()
    try:
        listed = answer.servers(data, ASKED)
        assert all(isinstance(text, str) for pair in listed.items() for text in pair)
    except HelperGarbled as error:
        assert error.message.isprintable()
    shown = complaint.words(data, Credential("alice", "hunter2"))
    assert shown.isprintable()
    assert "hunter2" not in shown
    assert complaint.next_step(shown, "docker-credential-fuzzed").isprintable()
