"""config.json: what is read from it, and that a change to it changes nothing else."""

from __future__ import annotations

import os

from dockpass.config.document import Document
from dockpass.credential import Credential
from dockpass.errors import BadCredential, ConfigMalformed, FileUnreadable
from dockpass.files.read import Snapshot

STATUS = os.stat(__file__)
KEY = "fuzzed.example.com"
ALICE = Credential("alice", "hunter2")


def config_json(data: bytes) -> None:
    try:
        document = Document("config.json", Snapshot(data, STATUS))
    except (ConfigMalformed, FileUnreadable) as error:
        assert error.message.isprintable()
        return
    before = _everything(document)
    assert not document.changed
    try:
        document.set_auth(KEY, ALICE)
    except BadCredential:
        return
    document.set_helper(KEY, "dockpass")
    again = Document("config.json", Snapshot(document.render(), STATUS))
    assert again.auth(KEY) == ALICE
    assert again.cred_helpers[KEY] == "dockpass"
    after = _everything(again)
    for key, entry in before.items():
        if key != KEY:
            assert after[key] == entry, "a change to one entry changed another"
    again.remove_auth(KEY)
    again.remove_helper(KEY)
    last = Document("config.json", Snapshot(again.render(), STATUS))
    assert not last.has_auth(KEY)
    assert KEY not in last.cred_helpers


def _everything(document: Document) -> dict[str, object]:
    assert all(note.isprintable() for note in document.notes)
    assert isinstance(document.creds_store, str)
    assert isinstance(document.current_context, str)
    assert isinstance(document.holds_secrets, bool)
    found: dict[str, object] = {}
    for key in document.auth_keys():
        try:
            found[key] = document.auth(key)
            assert document.username(key) is not None
        except ConfigMalformed as error:
            assert error.message.isprintable()
            found[key] = "broken"
    return found
