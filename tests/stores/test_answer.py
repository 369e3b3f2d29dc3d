"""What helpers answer, good and bad."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import HelperGarbled
from dockpass.stores.answer import credential, servers

ASKED = "docker-credential-x get for reg.test"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b'{"ServerURL":"reg.test","Username":"alice","Secret":"wonder"}\n', Credential("alice", "wonder")),
        (b'{"Username":"alice","Secret":"wonder"}', Credential("alice", "wonder")),
        (b'{"username":"alice","secret":"wonder"}', Credential("alice", "wonder")),
        (b'{"USERNAME":"alice","sEcReT":"wonder"}', Credential("alice", "wonder")),
        (b' \r\n\t{"Username":"alice",\r\n "Secret":"wonder"}\r\n', Credential("alice", "wonder")),
        (b'{"Username":"alice","Secret":"wonder","Expires":1,"More":{"a":[]}}', Credential("alice", "wonder")),
        (b'{"ServerURL":1,"Username":"alice","Secret":"wonder"}', Credential("alice", "wonder")),
        (b'{"Username":"alice","Secret":"wonder"}\nand more {', Credential("alice", "wonder")),
        (b'{"Username":"alice","Secret":"wonder"}{"Username":"bob"}', Credential("alice", "wonder")),
        (b'{"Username":"<token>","Secret":"t"}', Credential("", "t", is_identity_token=True)),
        (b'{"Username":"\\u003ctoken\\u003e","Secret":"t"}', Credential("", "t", is_identity_token=True)),
        (b'{"Username":"","Secret":"t"}', Credential("", "t")),
        (b'{"Secret":"t"}', Credential("", "t")),
        ('{"Username":"ü","Secret":"\\ud83d\\udd11"}'.encode(), Credential("ü", "🔑")),
        (b'{"Username":"","Secret":""}', None),
        (b'{"ServerURL":"","Username":"","Secret":""}\n', None),
        (b'{"Username":null,"Secret":null}', None),
        (b'{"Username":"alice","Secret":""}', None),
        (b'{"Username":"<token>","Secret":""}', None),
        (b"{}", None),
        (b"null\n", None),
    ],
)
def test_credential(output: bytes, expected: Credential | None) -> None:
    assert credential(output, ASKED) == expected


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (b"", "succeeded but answered nothing"),
        (b" \n", "succeeded but answered nothing"),
        (b'WARNING: old\n{"Username":"alice","Secret":"wonder"}', "printed other text before its JSON answer"),
        (b'2024-01-01 warning\n{"Username":"alice","Secret":"wonder"}', "printed other text before its JSON answer"),
        (b'nullable\n{"Username":"alice","Secret":"wonder"}', "printed other text before its JSON answer"),
        (b'\xef\xbb\xbf{"Username":"alice","Secret":"wonder"}', "printed other text before its JSON answer"),
        (b"wonder", "did not answer with JSON: line 1, column 1"),
        (b"alice\nwonder\n", "did not answer with JSON"),
        (b'{"Username":"alice","Secret":"won', "did not answer with JSON"),
        (b'{"Username":"alice","Secret":"wonder\xff"}', "did not answer with JSON: line 1, column 37: not UTF-8"),
        (b'{"Username":"alice","Secret":"\\ud800"}', "half a surrogate pair"),
        (b'{"Username":"alice","Secret":"wonder","Secret":"wonder"}', "a name stands twice"),
        (b'{"Username":"alice","Secret":"wonder","secret":"x"}', "answered with more than one secret"),
        (b'["alice","wonder"]', "answered with an array"),
        (b'"wonder"', "answered with a string"),
        (b"1", "answered with a number"),
        (b"true", "answered with true or false"),
        (b"null null", "did not answer with JSON"),
        (b'{"Username":"alice","Secret":1}', "gave a secret that is a number"),
        (b'{"Username":["wonder"],"Secret":"wonder"}', "gave a username that is an array"),
        (b'{"Username":"alice","Secret":{"wonder":1}}', "gave a secret that is an object"),
        (b'{"Username":"alice","Secret":false}', "gave a secret that is true or false"),
        (b'{"a":' * 100, "nested too deep"),
    ],
)
def test_garbled(output: bytes, reason: str) -> None:
    with pytest.raises(HelperGarbled) as caught:
        credential(output, ASKED)
    assert caught.value.message.startswith(ASKED)
    assert reason in caught.value.message
    assert caught.value.hint
    assert "wonder" not in caught.value.message + caught.value.hint
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"{}", {}),
        (b"null", {}),
        (
            b'{"reg.test":"alice","https://index.docker.io/v1/":"bob"}\n',
            {"reg.test": "alice", "https://index.docker.io/v1/": "bob"},
        ),
        (b'{"reg.test":"<token>"}', {"reg.test": ""}),
        (b'{"reg.test":null}', {"reg.test": ""}),
        (b'{"reg.test":"alice"} more', {"reg.test": "alice"}),
        # docker-credential-secretservice 0.9 lists labels instead of servers.
        (b'{"Registry credentials for reg.test":"alice"}', {"reg.test": "alice"}),
    ],
)
def test_servers(output: bytes, expected: dict[str, str]) -> None:
    assert servers(output, "docker-credential-x list") == expected


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (b"", "answered nothing"),
        (b"[]", "answered with an array"),
        (b'{"reg.test":1}', "gave a user name that is a number"),
        (b'{"reg.test":{}}', "gave a user name that is an object"),
        (b"reg.test alice", "did not answer with JSON"),
    ],
)
def test_garbled_servers(output: bytes, reason: str) -> None:
    with pytest.raises(HelperGarbled, match=reason):
        servers(output, "docker-credential-x list")


_TEXT = st.text(st.characters(codec="utf-8"))


@given(_TEXT.filter(lambda name: name != "<token>"), _TEXT.filter(bool), st.booleans())
def test_every_credential_is_read_as_it_was_written(username: str, secret: str, ascii_only: bool) -> None:
    answer = json.dumps({"ServerURL": "reg.test", "Username": username, "Secret": secret}, ensure_ascii=ascii_only)
    assert credential(answer.encode(), ASKED) == Credential(username, secret)


@given(st.dictionaries(_TEXT.filter(lambda name: not name.startswith("Registry credentials for ")), _TEXT))
def test_every_list_is_read_as_it_was_written(kept: dict[str, str]) -> None:
    found = servers(json.dumps(kept).encode(), "docker-credential-x list")
    assert found == {server: "" if username == "<token>" else username for server, username in kept.items()}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Username", "Secret", "secret", "ServerURL", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.binary()
    | _JSON.map(json.dumps).map(str.encode)
    | st.tuples(st.binary(max_size=8), _JSON).map(lambda pair: pair[0] + json.dumps(pair[1]).encode())
)
def test_whatever_comes_is_a_credential_or_none_or_garbled(output: bytes) -> None:
    for read in (credential, servers):
        try:
            found: object = read(output, ASKED)
        except HelperGarbled as error:
            found = error.message
        assert found is None or isinstance(found, (Credential, dict, str))
        assert not isinstance(found, str) or (found.startswith(ASKED) and found.isprintable())


@given(st.binary(), st.binary())
def test_what_stands_around_a_credential_never_makes_another_of_it(before: bytes, after: bytes) -> None:
    answer = b'{"Username":"alice","Secret":"wonder"}'
    try:
        found = credential(before + answer + after, ASKED)
    except HelperGarbled:
        return
    # What comes first counts, as for docker; it is white space, or a whole object of its own.
    assert found == Credential("alice", "wonder") or before.strip()[:1] == b"{"
