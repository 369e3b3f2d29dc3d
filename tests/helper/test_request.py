"""What clients send to a helper, read as docker's reference reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import BadRequest
from dockpass.helper import request
from dockpass.strictjson import quote


@pytest.mark.parametrize(
    ("data", "server"),
    [
        (b"https://index.docker.io/v1/", "https://index.docker.io/v1/"),
        (b"  reg.example:5000 \r\n", "reg.example:5000"),
        (b"https://\nhtml\n/", "https://html/"),
        (b"https://\r\nhtml/", "https://html/"),
        ("bücher.example".encode(), "bücher.example"),
        (b"\xff.example", "\ufffd.example"),
        (b"a" * 100_000, "a" * 100_000),
    ],
)
def test_the_server_is_joined_and_trimmed(data: bytes, server: str) -> None:
    assert request.server(data) == server


@pytest.mark.parametrize("data", [b"", b"  ", b"\n\n", b" \r\n "])
def test_no_server_is_said_in_the_words_that_clients_match(data: bytes) -> None:
    with pytest.raises(BadRequest, match="^no credentials server URL$"):
        request.server(data)


@pytest.mark.parametrize(
    ("data", "server", "credential"),
    [
        (b'{"ServerURL":"reg","Username":"u","Secret":"s"}', "reg", Credential("u", "s")),
        (b'{"serverurl":"reg","USERNAME":"u","secret":"s","More":[1]}', "reg", Credential("u", "s")),
        (b'{"ServerURL":" reg ","Username":"u","Secret":"s"} and more', "reg", Credential("u", "s")),
        (b'{\r\n  "ServerURL": "reg",\n  "Username": "u",\n  "Secret": "s"\n}\n', "reg", Credential("u", "s")),
        (b'{"ServerURL":"reg","Username":"u"}', "reg", Credential("u", "")),
        (b'{"ServerURL":"reg","Username":"u","Secret":null}', "reg", Credential("u", "")),
        (
            b'{"ServerURL":"reg","Username":"\\u003ctoken\\u003e","Secret":"t"}',
            "reg",
            Credential("", "t", is_identity_token=True),
        ),
        (b'{"ServerURL":"reg","Username":"\xff","Secret":"s"}', "reg", Credential("\ufffd", "s")),
    ],
)
def test_a_payload_is_read_as_leniently_as_the_reference_does(data: bytes, server: str, credential: Credential) -> None:
    assert request.credential(data) == (server, credential)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "EOF"),
        (b" \n", "EOF"),
        (b"null", "no credentials server URL"),
        (b"{}", "no credentials server URL"),
        (b'{"ServerURL":"  ","Username":"u"}', "no credentials server URL"),
        (b'{"ServerURL":"reg"}', "no credentials username"),
        (b'{"ServerURL":"reg","Username":""}', "no credentials username"),
        (b"[]", "the payload is not a JSON object"),
        (b'{"ServerURL":1,"Username":"u"}', "the ServerURL of the payload is not a string"),
        (b"nonsense", "the payload is not JSON: line 1, column 1: a value should stand here"),
        (b'\xef\xbb\xbf{"ServerURL":"reg"}', "the payload is not JSON: line 1, column 1: a value should stand here"),
    ],
)
def test_what_is_wrong_with_a_payload_is_said(data: bytes, says: str) -> None:
    with pytest.raises(BadRequest) as caught:
        request.credential(data)
    assert caught.value.message == says


@given(st.text(min_size=1), st.text())
def test_every_text_that_go_can_write_comes_through(username: str, secret: str) -> None:
    payload = f'{{"ServerURL":"reg","Username":{quote(username)},"Secret":{quote(secret)}}}\n'
    _server, found = request.credential(payload.encode())
    assert found.secret.reveal() == secret
    assert found.is_identity_token == (username == "<token>")
    assert found.username == ("" if found.is_identity_token else username)


@given(st.binary())
def test_anything_else_is_refused_in_one_line(data: bytes) -> None:
    try:
        request.credential(data)
    except BadRequest as error:
        assert error.message.isprintable()
