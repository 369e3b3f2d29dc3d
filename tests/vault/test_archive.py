"""The text of an export: what is written is read again as it was, and nothing else is read at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import BadCredential
from dockpass.vault import archive
from dockpass.vault.archive import BadArchive, Login, parse, render

ROW = {"server": "reg.test", "username": "alice", "secret": "wonder", "identity_token": False, "active": True}
WHEN = "2026-01-31T12:00:00Z"
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300)


@st.composite
def some_logins(draw: st.DrawFn) -> list[Login]:
    """Accounts of any name on servers of any name, one of each server's in use."""
    found = []
    for server in draw(st.lists(TEXT, max_size=4, unique=True)):
        made: dict[str, Credential] = {}
        for user, secret, is_token in draw(st.lists(st.tuples(TEXT, TEXT, st.booleans()), min_size=1, max_size=4)):
            name = user.replace(":", ";")
            if name.startswith("<token>") and not is_token:
                continue
            login = Login(server, Credential(name, secret, is_identity_token=is_token), active=False)
            made[login.account.file] = login.credential
        if not made:
            continue
        active = draw(st.sampled_from(sorted(made)))
        found += [Login(server, credential, active=file == active) for file, credential in made.items()]
    return found


@given(logins=some_logins())
def test_what_is_written_is_read_again(logins: list[Login]) -> None:
    text = render(logins, WHEN)
    assert parse(text) == logins
    fields = json.loads(text)
    assert (fields["dockpass-vault"], fields["created"]) == (1, WHEN)
    assert [row["secret"] for row in fields["logins"]] == [login.credential.secret.reveal() for login in logins]
    assert render(parse(text), WHEN) == text


@given(logins=some_logins(), data=st.data())
def test_a_text_that_was_changed_is_read_or_refused(logins: list[Login], data: st.DataObject) -> None:
    text = bytearray(render(logins, WHEN))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"true", b"[", b"{"])
        )
    try:
        found = parse(bytes(text))
    except BadArchive as error:
        assert "\n" not in str(error)
        return
    assert parse(render(found, WHEN)) == found


@given(
    rows=st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*ROW, "more"]), inner),
        max_leaves=20,
    )
)
def test_any_json_in_place_of_the_logins(rows: Any) -> None:
    try:
        parse(json.dumps({"dockpass-vault": 1, "logins": rows}).encode())
    except BadArchive as error:
        assert str(error).startswith(("it", "an account", "no account", "more than"))


def text(*rows: Any, **fields: Any) -> bytes:
    return json.dumps({"dockpass-vault": 1, "created": WHEN, "logins": list(rows), **fields}).encode()


def row(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**ROW, **fields}.items() if value is not ...}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the text ends"),
        (b"AGE-SECRET-KEY-1QQQ", "a value should stand here"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", 'no "dockpass-vault"'),
        (b'{"auths": {}}', 'no "dockpass-vault"'),
        (b'{"ServerURL":"reg.test","Username":"alice","Secret":"x"}', 'no "dockpass-vault"'),
        (text() + b"more", "more text after the end"),
        (text()[:-1], "a comma or a closing brace"),
        (b'{"dockpass-vault":1,"dockpass-vault":1,"logins":[]}', "stands twice"),
        (text({"server": {"a": {"b": {"c": 1}}}}), "nested too deep"),
        (text(**{"dockpass-vault": 2}), "version 2, made by a newer dockpass; this one reads version 1"),
        (text(**{"dockpass-vault": 0}), "not the number of a version"),
        (text(**{"dockpass-vault": True}), "not the number of a version"),
        (text(**{"dockpass-vault": "1"}), "not the number of a version"),
        (text(**{"dockpass-vault": 1e300}), "not the number of a version"),
        (text(**{"dockpass-vault": None}), "not the number of a version"),
        (text(more=1), 'a field that no export has: "more"'),
        (text(created=1), '"created" is not a string'),
        (b'{"dockpass-vault":1}', '"logins" is not a list'),
        (text(logins={}), '"logins" is not a list'),
        (text(1), "login 1 is not an object"),
        (text(row(), None), "login 2 is not an object"),
        (text(row(note="x")), 'login 1 has a field that none has: "note"'),
        (text(row(server=...)), 'login 1 has no "server" that is a string'),
        (text(row(server=1)), 'login 1 has no "server" that is a string'),
        (text(row(secret=["x"])), 'login 1 has no "secret" that is a string'),
        (text(row(active=1)), 'login 1 has no "active" that is true or false'),
        (text(row(identity_token=None)), 'login 1 has no "identity_token" that is true or false'),
        (text(row(server="")), "login 1 cannot be kept: there is no server"),
        (text(row(server="reg\x1b[2J.test")), "login 1 cannot be kept: the server holds a control character"),
        (text(row(server="reg\n.test")), "the server holds a control character"),
        (text(row(username="al\x00ice")), "the user name holds a control character"),
        (text(row(username="")), "the user name is empty"),
        (text(row(username="a:b")), "holds a colon"),
        (text(row(username="<token>alice")), "begins with <token>"),
        (text(row(secret="")), "the secret is empty"),
        (text(row(secret="a\0b")), "the secret holds a NUL"),
        (text(row(secret="x" * (1 << 20))), "too large for the vault"),
        (text(row()).replace(b"wonder", rb"\ud800"), "half a surrogate pair"),
        (text(row(), row(active=False)), "an account on reg.test stands in it twice"),
        (text(row(), row(username="bob")), "more than one account on reg.test is the active one"),
        (text(row(active=False)), "no account on reg.test is the active one"),
        (b" " * (archive.LIMIT + 1), "larger than 8 MiB"),
    ],
)
def test_what_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadArchive) as refused:
        parse(data)
    assert says in str(refused.value)
    assert "wonder" not in str(refused.value)
    assert ("update dockpass" in refused.value.hint) is ("newer" in says)


def test_names_that_are_no_names_of_files() -> None:
    """The vault encodes them; what it would call its files is nobody's business here."""
    names = ["../../etc", "/etc/passwd", "..", ".", "%2E%2E", "%23" + "0" * 64, "a\\b", "Reg.TEST", "x" * 500, "*"]
    rows = [row(server=name, username=name) for name in names]
    assert [login.server for login in parse(text(*rows))] == names
    assert all(
        "/" not in login.account.file and login.account.file not in (".age", "..age") for login in parse(text(*rows))
    )


def test_two_tokens_whose_users_are_not_known_are_one() -> None:
    """A user name too long for a file's name is not kept with a token."""
    token = row(username="", identity_token=True)
    with pytest.raises(BadArchive, match="twice"):
        parse(text(token, row(username="x" * 500, identity_token=True, active=False)))


def test_a_login_is_one_that_a_vault_can_keep() -> None:
    with pytest.raises(BadCredential):
        Login("reg.test", Credential("alice", ""), active=True)
    login = Login("reg.test", Credential("alice", "wonder"), active=True)
    assert "wonder" not in repr(login)
    assert login != object()
    assert len({login, Login("reg.test", Credential("alice", "wonder"), active=True)}) == 1
    assert login != Login("reg.test", Credential("alice", "wonder"), active=False)
