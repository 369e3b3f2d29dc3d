"""The store `openbao` and a server that does what a real one does seldom, or should never do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.credential import Credential
from dockpass.errors import (
    BadCredential,
    BadServer,
    FileUnreadable,
    StoreError,
    StoreFailed,
    StoreLocked,
    StoreTimedOut,
    StoreUnavailable,
)
from dockpass.stores.bao import layout, session, sign_in
from dockpass.stores.bao.settings import Settings
from dockpass.stores.inherited import inherited
from dockpass.stores.openbao import OpenBaoStore
from dockpass.testing.answers import Answer, Script, json_answer
from dockpass.testing.listener import Listener
from dockpass.vault.name import encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockpass.testing.received import Received

SERVER = "reg.example.com"
ALICE = Credential("alice", "wonder")
NOTHING = json_answer({"errors": []}, 404)
FORBIDDEN = json_answer({"errors": ["permission denied"]}, 403)
VERSION_2 = json_answer({"data": {"path": "secret/", "type": "kv", "options": {"version": "2"}}})
POINTER, LOGIN = f"GET /v1/secret/data/dockpass/{SERVER}", f"GET /v1/secret/data/dockpass/{SERVER}/alice"
MOUNTS = "GET /v1/sys/internal/ui/mounts/secret"


def _kept(fields: object, version: object = 1) -> Answer:
    return json_answer({"data": {"data": fields, "metadata": {"version": version}}})


class Scripted:
    """A server that answers what it is told to, and 404 to everything else."""

    def __init__(self) -> None:
        bound = socket.socket()
        bound.bind(("127.0.0.1", 0))
        self.answers: dict[str, Script | list[Script]] = {MOUNTS: VERSION_2}
        self.requests: list[Received] = []
        self.listener = Listener(bound, self._respond)

    def _respond(self, request: Received) -> Script:
        self.requests.append(request)
        answer = self.answers.get(f"{request.method} {request.target}", self.answers.get("*", NOTHING))
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer

    def store(self, **more: str) -> OpenBaoStore:
        return OpenBaoStore(self.environ(**more))

    def environ(self, **more: str) -> dict[str, str]:
        return {"BAO_ADDR": f"http://127.0.0.1:{self.listener.port}", "BAO_TOKEN": "t0ken", "HOME": "/nowhere", **more}

    def asked(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.requests]


@pytest.fixture
def bao() -> Iterator[Scripted]:
    scripted = Scripted()
    with contextlib.closing(scripted.listener):
        yield scripted
    assert scripted.listener.errors == []


class TestRequests:
    def test_a_get_is_two_reads_and_a_look_at_the_token(self, bao: Scripted) -> None:
        bao.answers.update({POINTER: _kept({"active": "alice"}), LOGIN: _kept({"secret": "wonder"})})
        assert bao.store().get(SERVER) == ALICE
        assert bao.asked() == [POINTER, LOGIN, "GET /v1/auth/token/lookup-self"]
        assert {request.connection for request in bao.requests} == {1}

    def test_the_token_is_in_the_header_and_nowhere_else(self, bao: Scripted) -> None:
        bao.store().list()
        for request in bao.requests:
            assert request.header("x-vault-token") == "t0ken"
            assert "t0ken" not in request.target
            assert request.header("x-vault-request") == "true"
            assert request.header("x-vault-namespace") is None

    def test_the_token_is_looked_at_once(self, bao: Scripted) -> None:
        store = bao.store()
        store.list()
        store.list()
        assert bao.asked().count("GET /v1/auth/token/lookup-self") == 1

    def test_a_namespace_and_a_path_before_the_api(self, bao: Scripted) -> None:
        environ = bao.environ(VAULT_NAMESPACE="team/a")
        environ["BAO_ADDR"] += "/vault/"
        bao.answers[MOUNTS.replace("/v1", "/vault/v1")] = VERSION_2
        assert OpenBaoStore(environ).get("a/b") is None
        assert bao.requests[0].target == "/vault/v1/secret/data/dockpass/a%252Fb"
        assert bao.requests[0].header("x-vault-namespace") == "team/a"

    def test_a_write_says_over_which_version_it_goes(self, bao: Scripted) -> None:
        bao.answers[POINTER] = _kept({"active": "alice"}, 7)
        bao.answers[LOGIN] = _kept({"secret": "old"}, 3)
        bao.answers[LOGIN.replace("GET", "POST")] = json_answer({"data": {"version": 4}})
        bao.store().put(SERVER, Credential("alice", 'new "\u2028<'))
        written = [json.loads(request.body) for request in bao.requests if request.method == "POST"]
        fields = {"server": SERVER, "username": "alice", "secret": 'new "\u2028<'}
        assert written == [{"options": {"cas": 3}, "data": fields}]

    def test_a_write_that_somebody_came_before_is_done_over_theirs(self, bao: Scripted) -> None:
        conflict = json_answer({"errors": ["check-and-set parameter did not match the current version"]}, 400)
        bao.answers[POINTER] = _kept({"active": "alice"}, 7)
        bao.answers[LOGIN] = [_kept({"secret": "old"}, 3), _kept({"secret": "theirs"}, 4)]
        bao.answers[LOGIN.replace("GET", "POST")] = [conflict, json_answer({"data": {"version": 5}})]
        bao.store().put(SERVER, ALICE)
        assert [json.loads(r.body)["options"]["cas"] for r in bao.requests if r.method == "POST"] == [3, 4]

    def test_but_not_for_ever(self, bao: Scripted) -> None:
        conflict = json_answer({"errors": ["check-and-set parameter did not match the current version"]}, 400)
        bao.answers[POINTER] = _kept({"active": "alice"}, 7)
        bao.answers[LOGIN] = _kept({"secret": "old"}, 3)
        bao.answers[LOGIN.replace("GET", "POST")] = conflict
        with pytest.raises(StoreFailed, match="was changed by others each time"):
            bao.store().put(SERVER, ALICE)
        with pytest.raises(StoreFailed, match="was changed by others each time"):
            bao.store().exchange(SERVER, Credential("alice", "old"), ALICE)
        bao.answers[POINTER] = NOTHING
        bao.answers[POINTER.replace("GET", "POST")] = conflict
        with pytest.raises(StoreFailed, match="which login .* was changed by others"):
            bao.store().put(SERVER, ALICE)

    def test_an_erase_that_others_undo_all_the_time(self, bao: Scripted) -> None:
        bao.answers[f"GET /v1/secret/metadata/dockpass/{SERVER}/?list=true"] = json_answer(
            {"data": {"keys": ["alice"]}}
        )
        with pytest.raises(StoreFailed, match="was changed by others each time"):
            bao.store().erase(SERVER)

    def test_an_exchange_for_another_user(self, bao: Scripted) -> None:
        assert bao.store().exchange(SERVER, ALICE, Credential("bob", "builder")) is False

    def test_what_no_helper_could_be_asked_for_is_not_asked_for(self, bao: Scripted) -> None:
        store = bao.store()
        assert store.get(" reg.example.com") is None
        assert store.erase("reg\n.example.com") is False
        with pytest.raises(BadServer):
            store.put("reg.example.com ", ALICE)
        with pytest.raises(BadCredential):
            store.exchange(SERVER, ALICE, Credential("alice", ""))
        assert bao.requests == []


def _errors(*said: str) -> dict[str, list[str]]:
    return {"errors": list(said)}


@pytest.mark.parametrize(
    ("answer", "kind", "message", "hint"),
    [
        (json_answer(_errors("Vault is sealed"), 503), StoreLocked, "is sealed", "bao operator unseal"),
        (json_answer(_errors("Vault is not initialized"), 503), StoreUnavailable, "is not set up", "bao operator init"),
        (json_answer({}, 501), StoreFailed, "failed itself (501)", "server's log"),
        (json_answer({}, 472), StoreUnavailable, "is a standby", "active server"),
        (json_answer({}, 473), StoreUnavailable, "is a standby", "active server"),
        (Answer(307, headers={"Location": "https://10.0.0.9:8200/v1/\xad"}), StoreUnavailable, "sends to https://10.0.0.9:8200/v1/\\xad", "BAO_ADDR"),
        (json_answer(_errors("local node not active but active cluster node not found"), 500), StoreUnavailable, "is a standby", "active server"),
        (json_answer(_errors("request path quota exceeded"), 429), StoreFailed, "too many requests", "try again later"),
        (json_answer(_errors("disk\x1b]0;evil\x07 full"), 500), StoreFailed, "(500): disk\\x1b]0;evil\\x07 full", "log"),
        (Answer(502, "<html>Bad Gateway</html>"), StoreFailed, "failed itself (502): it did not say why", "log"),
        (json_answer(_errors("what?"), 418), StoreFailed, "(418): what?", "BAO_"),
        (json_answer(_errors("bad path"), 400), StoreFailed, "(400): bad path", "BAO_"),
        (Answer(200, "<html>Welcome</html>"), StoreFailed, "something else than OpenBao", "bao status"),
        (json_answer([1]), StoreFailed, "something else than OpenBao", "bao status"),
        (Answer(200, '{"data": {}, "data": {}}'), StoreFailed, "something else than OpenBao", "bao status"),
        (Answer(200, "{" * 100), StoreFailed, "something else than OpenBao", "bao status"),
        (Script([b"SSH-2.0-OpenSSH\r\n"]), StoreFailed, "OpenBao: ", "listen at 127.0.0.1"),
        (Script([]), StoreFailed, "closed the connection without an answer", "listen at 127.0.0.1"),
        (Script([], "reset"), StoreFailed, "closed the connection without an answer", "listen at 127.0.0.1"),
        (FORBIDDEN, StoreLocked, "does not take the token", "bao login"),
        (json_answer(_errors("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"), 403), StoreLocked, "does not take the token", "bao login"),
        (json_answer(_errors("1 error occurred:\n\t* permission denied\n\n"), 403), StoreFailed, "does not let this token", "capabilities = "),
    ],
)  # fmt: skip
def test_each_trouble_has_its_own_words(
    bao: Scripted, answer: Script, kind: type[StoreError], message: str, hint: str
) -> None:
    bao.answers = {"*": answer}
    store = bao.store()
    acts = (lambda: store.get(SERVER), lambda: store.put(SERVER, ALICE), lambda: store.erase(SERVER), store.list)
    for act in acts:
        with pytest.raises(StoreError) as raised:
            act()
        assert type(raised.value) is kind
        assert message in raised.value.message
        assert hint in (raised.value.hint or "")
        assert "\x1b" not in raised.value.message
        assert not {"t0ken", "wonder"} & {*raised.value.message.split(), *(raised.value.hint or "").split()}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"secret": 1},
        {"secret": ""},
        {"secret": "s", "server": "other.example.com"},
        {"secret": "s", "username": "bob"},
        {"secret": "s", "username": 7},
        {"secret": "s", "username": "<token>"},
        {"secret": "s", "is_identity_token": True},
    ],
)
def test_what_is_no_login_is_not_given(bao: Scripted, fields: dict[str, Any]) -> None:
    bao.answers.update({POINTER: _kept({"active": "alice"}), LOGIN: _kept(fields)})
    with pytest.raises(StoreFailed, match=r"secret/dockpass/reg\.example\.com/alice"):
        bao.store().get(SERVER)


@pytest.mark.parametrize("active", [None, 7, "", "../alice", "a/b", "Alice", "%zz"])
def test_a_pointer_that_makes_no_sense_is_none(bao: Scripted, active: object) -> None:
    bao.answers[POINTER] = _kept({"active": active})
    assert bao.store().get(SERVER) is None


@pytest.mark.parametrize("version", [None, "1", {}])
def test_an_answer_without_a_version_is_none_of_this_engine(bao: Scripted, version: object) -> None:
    bao.answers[POINTER] = _kept({"active": "alice"}, version)
    with pytest.raises(StoreFailed, match="something else than OpenBao"):
        bao.store().get(SERVER)


@pytest.mark.parametrize(
    ("mounted", "message"),
    [
        ({"path": "secret/", "type": "kv", "options": {"version": "1"}}, "is not KV version 2"),
        ({"path": "secret/", "type": "kv", "options": None}, "is not KV version 2"),
        ({"path": "secret/", "type": "cubbyhole", "options": {"version": "2"}}, "is not KV version 2"),
        ({"path": "other/", "type": "kv", "options": {"version": "2"}}, "has nothing mounted at secret"),
        ({}, "has nothing mounted at secret"),
    ],
)
def test_another_engine(bao: Scripted, mounted: dict[str, Any], message: str) -> None:
    bao.answers[MOUNTS] = json_answer({"data": mounted})
    with pytest.raises(StoreUnavailable, match=message):
        bao.store().get(SERVER)


@pytest.mark.parametrize("keys", [None, "alice", [1]])
def test_a_list_that_is_none(bao: Scripted, keys: object) -> None:
    bao.answers["GET /v1/secret/metadata/dockpass/?list=true"] = json_answer({"data": {"keys": keys}})
    with pytest.raises(StoreFailed, match="something else than OpenBao"):
        bao.store().list()


def test_a_list_has_notes_on_what_is_no_login(bao: Scripted) -> None:
    digest = "%23" + "0" * 64
    listing = "GET /v1/secret/metadata/dockpass/{}?list=true"
    there = json_answer({"data": {"current_version": 1, "versions": {"1": {}}}})
    bao.answers[listing.format("")] = json_answer(
        {"data": {"keys": ["note", "Upper/", "reg/", "empty/", f"{digest}/"]}}
    )
    for name in ("reg", digest.replace("%", "%25")):
        bao.answers[listing.format(f"{name}/")] = json_answer({"data": {"keys": ["alice", "below/"]}})
        bao.answers[f"GET /v1/secret/metadata/dockpass/{name}/alice"] = there
    bao.answers[f"GET /v1/secret/data/dockpass/{digest.replace('%', '%25')}/alice"] = _kept(
        {"server": "x", "secret": "s"}
    )
    store = bao.store()
    assert store.list() == {"reg": "alice"}
    assert store.notes == [
        "secret/dockpass/Upper is no login: its name is no server's",
        f"secret/dockpass/{digest} does not say which server it is for: its name is too long to tell",
    ]


def test_names_that_are_too_long_are_kept_and_listed(bao: Scripted) -> None:
    server, name = "r" * 230, layout.user(Credential("ü" * 100, "s"))
    assert name.startswith("%23")
    folder = encode(server).replace("%", "%25")
    place = f"{folder}/{name.replace('%', '%25')}"
    bao.answers["GET /v1/secret/metadata/dockpass/?list=true"] = json_answer({"data": {"keys": [encode(server) + "/"]}})
    bao.answers[f"GET /v1/secret/metadata/dockpass/{folder}/?list=true"] = json_answer({"data": {"keys": [name]}})
    bao.answers[f"GET /v1/secret/metadata/dockpass/{place}"] = json_answer(
        {"data": {"current_version": 1, "versions": {"1": {}}}}
    )
    bao.answers[f"GET /v1/secret/data/dockpass/{place}"] = _kept(layout.fields(server, Credential("ü" * 100, "s")))
    assert bao.store().list() == {server: "ü" * 100}
    assert bao.store().get(server) == Credential("ü" * 100, "s")


def test_a_server_that_does_not_answer(bao: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session.Session.__init__, "__defaults__", (0.2,))
    bao.answers = {"*": Script([float("inf")])}
    with pytest.raises(StoreTimedOut, match=r"did not answer within 0\.2 s"):
        bao.store().get(SERVER)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(StoreUnavailable, match="connection refused") as raised:
        OpenBaoStore({"BAO_ADDR": f"https://127.0.0.1:{port}", "BAO_TOKEN": "t"}).get(SERVER)
    assert "is the server running" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("proxy", "message"),
    [("gopher://p", "HTTPS_PROXY is not the URL of a proxy"), ("http://127.0.0.1:9", "the proxy http://127.0.0.1:9")],
)
def test_a_proxy_that_is_none(proxy: str, message: str) -> None:
    environ = {"BAO_ADDR": "https://bao.invalid", "BAO_TOKEN": "t", "HTTPS_PROXY": proxy}
    with pytest.raises(StoreUnavailable, match=message) as raised:
        OpenBaoStore(environ).get(SERVER)
    assert raised.value.hint
    assert "registry" not in raised.value.hint


def test_https_to_a_server_that_speaks_plain_http(bao: Scripted) -> None:
    address = f"https://127.0.0.1:{bao.listener.port}"
    with pytest.raises(StoreUnavailable, match="speaks plain HTTP") as raised:
        OpenBaoStore({"BAO_ADDR": address, "BAO_TOKEN": "t"}).get(SERVER)
    assert "--plain-http" not in (raised.value.hint or "")


@pytest.mark.parametrize("stage", ["before", "written", "pointed"])
def test_a_login_that_comes_first_is_not_overwritten_by_one_for_an_empty_place(bao: Scripted, stage: str) -> None:
    """Only the answers of a server can put somebody between two of our steps."""
    pointer, login = POINTER, LOGIN
    ours = {"server": SERVER, "username": "alice", "secret": "wonder"}
    bobs = _kept({"server": SERVER, "username": "bob", "secret": "builder"})
    bao.answers["POST /v1/secret/data/dockpass/" + SERVER] = json_answer({"data": {"version": 1}})
    posts = "POST /v1/secret/data/dockpass/" + SERVER + "/alice"
    bao.answers[posts] = json_answer({"data": {"version": 1}})
    bao.answers[f"GET /v1/secret/data/dockpass/{SERVER}/bob"] = bobs
    if stage == "before":
        bao.answers[pointer], bao.answers[login] = _kept({"active": "alice"}), _kept(ours)
    elif stage == "written":
        bao.answers[posts] = json_answer({"errors": ["check-and-set parameter did not match"]}, 400)
    else:
        bao.answers[pointer] = [NOTHING, NOTHING, _kept({"server": SERVER, "active": "bob"})]
        bao.answers[f"DELETE /v1/secret/metadata/dockpass/{SERVER}/alice"] = json_answer({})
    assert bao.store().exchange(SERVER, None, ALICE) is False
    deleted = [asked for asked in bao.asked() if asked.startswith("DELETE")]
    assert len(deleted) == (stage == "pointed")


class TestSignIn:
    @pytest.fixture
    def approle(self, tmp_path: Path) -> dict[str, str]:
        (tmp_path / "role").write_text("role\n")
        (tmp_path / "secret").write_text("s3cret\n")
        return {
            "BAO_TOKEN": "",
            "DOCKPASS_OPENBAO_AUTH": "approle",
            "DOCKPASS_OPENBAO_ROLE_ID_FILE": str(tmp_path / "role"),
            "DOCKPASS_OPENBAO_SECRET_ID_FILE": str(tmp_path / "secret"),
        }

    def _auth(self, token: str, lease: int, *, renewable: bool = True) -> Answer:
        return json_answer({"auth": {"client_token": token, "lease_duration": lease, "renewable": renewable}})

    def test_one_token_serves_a_process(self, bao: Scripted, approle: dict[str, str]) -> None:
        bao.answers["POST /v1/auth/approle/login"] = self._auth("mine", 3600)
        store = bao.store(**approle)
        for _ in range(2):
            assert store.get(SERVER) is None
        assert bao.asked().count("POST /v1/auth/approle/login") == 1
        assert json.loads(bao.requests[0].body) == {"role_id": "role", "secret_id": "s3cret"}
        assert bao.requests[0].header("x-vault-token") is None
        assert {request.header("x-vault-token") for request in bao.requests[1:]} == {"mine"}
        assert "GET /v1/auth/token/lookup-self" not in bao.asked()

    @pytest.mark.parametrize(
        ("renewal", "tokens"),
        [
            ((3600, 200), ["first", "first", "renewed"]),
            ((1, 200), ["first", "first", "second"]),  # at the end of its longest time it is given next to nothing
            ((3600, 403), ["first", "first", "second"]),
        ],
    )
    def test_a_token_near_its_end_is_renewed_or_another_one_is_got(
        self, bao: Scripted, approle: dict[str, str], monkeypatch: pytest.MonkeyPatch,
        renewal: tuple[int, int], tokens: list[str],
    ) -> None:  # fmt: skip
        now = [1000.0]
        monkeypatch.setattr(sign_in, "monotonic", lambda: now[0])
        bao.answers["POST /v1/auth/approle/login"] = [self._auth("first", 3600), self._auth("second", 3600)]
        lease, status = renewal
        bao.answers["POST /v1/auth/token/renew-self"] = self._auth("renewed", lease) if status == 200 else FORBIDDEN
        store = bao.store(**approle)
        store.get(SERVER)
        now[0] += 2300
        store.get(SERVER)
        assert "POST /v1/auth/token/renew-self" not in bao.asked()
        now[0] += 200
        store.get(SERVER)
        shown = [request.header("x-vault-token") for request in bao.requests if request.header("x-vault-token")]
        assert list(dict.fromkeys([*shown, "second" if "second" in shown else "renewed"])) == list(
            dict.fromkeys(tokens)
        )

    def test_a_token_that_cannot_be_renewed(
        self, bao: Scripted, approle: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1000.0]
        monkeypatch.setattr(sign_in, "monotonic", lambda: now[0])
        bao.answers["POST /v1/auth/approle/login"] = self._auth("batch", 60, renewable=False)
        store = bao.store(**approle)
        store.get(SERVER)
        now[0] += 59
        store.get(SERVER)
        assert bao.asked().count("POST /v1/auth/approle/login") == 2

    def test_an_answer_without_a_token(self, bao: Scripted, approle: dict[str, str]) -> None:
        bao.answers["POST /v1/auth/approle/login"] = json_answer({"auth": None})
        with pytest.raises(StoreFailed, match="something else than OpenBao"):
            bao.store(**approle).get(SERVER)

    def test_a_refusal_does_not_tell_what_was_shown(self, bao: Scripted, approle: dict[str, str]) -> None:
        bao.answers["POST /v1/auth/approle/login"] = json_answer(_errors("invalid \x1b[2J secret ID"), 400)
        with pytest.raises(StoreLocked, match=r"invalid \\x1b\[2J secret ID") as raised:
            bao.store(**approle).get(SERVER)
        assert "s3cret" not in f"{raised.value} {raised.value.hint}"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"DOCKPASS_OPENBAO_ROLE_ID_FILE": ""}, "DOCKPASS_OPENBAO_ROLE_ID_FILE is not set"),
            ({"DOCKPASS_OPENBAO_ROLE_ID_FILE": "/nowhere/role"}, "/nowhere/role is not there"),
            ({"DOCKPASS_OPENBAO_ROLE_ID_FILE": os.devnull}, "it is a device"),
            (
                {"DOCKPASS_OPENBAO_AUTH": "jwt", "DOCKPASS_OPENBAO_JWT_FILE": "/nowhere/jwt"},
                "/nowhere/jwt is not there",
            ),
            ({"DOCKPASS_OPENBAO_AUTH": "kubernetes"}, "serviceaccount/token is not there"),
        ],
    )
    def test_files_that_are_not_there(
        self, bao: Scripted, approle: dict[str, str], change: dict[str, str], message: str
    ) -> None:
        with pytest.raises((StoreUnavailable, FileUnreadable), match=message):
            bao.store(**{**approle, **change}).get(SERVER)
        assert bao.requests == []

    @pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
    def test_files_with_nothing_in_them(
        self, bao: Scripted, approle: dict[str, str], tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "secret").write_bytes(content)
        with pytest.raises(StoreUnavailable, match="is empty or no text"):
            bao.store(**approle).get(SERVER)

    def test_a_token_in_a_file(self, bao: Scripted, tmp_path: Path) -> None:
        environ = bao.environ(BAO_TOKEN="", HOME=str(tmp_path))
        with pytest.raises(StoreLocked, match="there is no token"):
            OpenBaoStore(environ).get(SERVER)
        (tmp_path / ".vault-token").write_text("fr0mfile\n")
        assert OpenBaoStore(environ).get(SERVER) is None
        assert OpenBaoStore({**environ, "VAULT_TOKEN": "other"}).get(SERVER) is None
        assert [bao.requests[0].header("x-vault-token"), bao.requests[-1].header("x-vault-token")] == [
            "fr0mfile",
            "other",
        ]

    @pytest.mark.parametrize("token", ["two words", "tök", "a\nb", "a\x00b"])
    def test_what_is_no_token_is_not_sent_nor_shown(self, bao: Scripted, token: str) -> None:
        with pytest.raises(StoreLocked, match="what BAO_TOKEN holds is no token") as raised:
            bao.store(BAO_TOKEN=token).get(SERVER)
        assert token not in f"{raised.value} {raised.value.hint}"
        assert bao.requests == []

    def test_trouble_with_the_renewal_is_no_trouble(self, bao: Scripted) -> None:
        bao.answers["GET /v1/auth/token/lookup-self"] = Answer(500)
        assert bao.store().get(SERVER) is None

    @pytest.mark.parametrize(
        ("data", "renews"),
        [
            ({"ttl": 100, "creation_ttl": 3600, "renewable": True}, True),
            ({"ttl": 100, "creation_ttl": 3600, "period": 200, "renewable": True}, False),
            ({"ttl": 3000, "creation_ttl": 3600, "renewable": True}, False),
            ({"ttl": 100, "creation_ttl": 3600, "renewable": False}, False),
            ({"ttl": "100", "creation_ttl": 3600, "renewable": True}, False),
            ({}, False),
        ],
    )
    def test_only_a_token_near_its_end_is_renewed(self, bao: Scripted, data: dict[str, Any], renews: bool) -> None:
        bao.answers["GET /v1/auth/token/lookup-self"] = json_answer({"data": data})
        bao.store().get(SERVER)
        assert ("POST /v1/auth/token/renew-self" in bao.asked()) is renews

    def test_a_token_does_not_show_itself(self) -> None:
        assert "hvs" not in repr(sign_in.Token("hvs.secret", 60))


class TestSettings:
    def test_it_can_be_used_where_it_is_said_where_the_server_is(self) -> None:
        assert OpenBaoStore({"VAULT_ADDR": "https://bao.example.com"}).probe() is None
        assert "neither BAO_ADDR nor VAULT_ADDR" in (OpenBaoStore({}).probe() or "")

    @pytest.mark.parametrize(
        ("environ", "message"),
        [
            ({}, "neither BAO_ADDR nor VAULT_ADDR is set"),
            ({"BAO_ADDR": "bao.example.com:8200"}, "BAO_ADDR is not the address of a server"),
            ({"VAULT_ADDR": "https://u:pw@bao.example.com"}, "VAULT_ADDR is not .* it holds a user name or a password"),
            ({"BAO_ADDR": "https://bao.example.com/?a"}, "has a query"),
            ({"BAO_ADDR": "http://bao.example.com:8200"}, "names plain HTTP to bao.example.com:8200"),
            ({"BAO_ADDR": "http://10.0.0.1:8200"}, "names plain HTTP"),
            ({"BAO_ADDR": "https://b", "DOCKPASS_OPENBAO_AUTH": "ldap"}, "AUTH names a way .* ldap"),
            ({"BAO_ADDR": "https://b", "DOCKPASS_OPENBAO_MOUNT": "a/../b"}, "MOUNT is not a path"),
            ({"BAO_ADDR": "https://b", "DOCKPASS_OPENBAO_PATH": "a//b"}, "PATH is not a path"),
            ({"BAO_ADDR": "https://b", "DOCKPASS_OPENBAO_PATH": "a?b"}, "PATH is not a path"),
            ({"BAO_ADDR": "https://b", "BAO_CLIENT_CERT": "/c"}, "BAO_CLIENT_CERT is set and BAO_CLIENT_KEY is not"),
            ({"BAO_ADDR": "https://b", "VAULT_CLIENT_KEY": "/c"}, "VAULT_CLIENT_KEY is set and BAO_CLIENT_CERT is not"),
            ({"BAO_ADDR": "https://b", "VAULT_TLS_SERVER_NAME": "c:1"}, "VAULT_TLS_SERVER_NAME is not the name"),
        ],
    )
    def test_what_cannot_be_is_said(self, environ: dict[str, str], message: str) -> None:
        with pytest.raises(StoreUnavailable, match=message) as raised:
            Settings(environ)
        assert raised.value.hint
        assert "pw" not in str(raised.value)

    def test_openbao_before_vault_and_its_authority_alone(self) -> None:
        environ = {"BAO_ADDR": "https://b", "VAULT_ADDR": "https://v", "VAULT_CACERT": "/ca"}
        found = Settings(environ)
        assert str(found.origin) == "https://b"
        assert (found.trust.ca_files, found.trust.system) == (("/ca",), False)
        assert Settings({"BAO_ADDR": "https://b"}).trust.system is True

    def test_the_name_that_the_certificate_has(self) -> None:
        trust = Settings({"BAO_ADDR": "https://10.0.0.1:8200", "BAO_TLS_SERVER_NAME": "bao.example.com"}).trust
        assert trust.server_name == "bao.example.com"
        assert trust != Settings({"BAO_ADDR": "https://10.0.0.1:8200"}).trust

    def test_a_folder_of_authorities_and_a_client_certificate(self, tmp_path: Path) -> None:
        environ = {
            "BAO_ADDR": "https://b",
            "BAO_CAPATH": str(tmp_path),
            "BAO_CLIENT_CERT": "/c",
            "BAO_CLIENT_KEY": "/k",
        }
        with pytest.raises(StoreUnavailable, match="there is no certificate in"):
            Settings(environ)
        for name in ("b.pem", "a.crt", "README"):
            (tmp_path / name).write_text("")
        trust = Settings(environ).trust
        assert trust.ca_files == (str(tmp_path / "a.crt"), str(tmp_path / "b.pem"))
        assert trust.client_pairs == (("/c", "/k"),)
        with pytest.raises(FileUnreadable):
            Settings({**environ, "BAO_CAPATH": str(tmp_path / "none")})

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
    def test_plain_http_to_this_machine(self, host: str) -> None:
        assert Settings({"BAO_ADDR": f"http://{host}:8200"}).origin.scheme == "http"

    def test_and_nowhere_else_whatever_localhost_stands_for(self) -> None:
        asking = session.Session(Settings({"BAO_ADDR": "http://localhost:8200"}))
        asking._is_here("127.0.0.1")
        with pytest.raises(StoreUnavailable, match="not this machine but 10.0.0.1"):
            try:
                asking._is_here("10.0.0.1")
            except Exception as error:
                from dockpass.stores.bao.trouble import no_connection

                raise no_connection("localhost:8200", error) from None  # type: ignore[arg-type]


@given(server=st.text(min_size=1), username=st.text(), secret=st.text(min_size=1), is_token=st.booleans())
def test_what_is_kept_comes_back_from_its_fields(server: str, username: str, secret: str, is_token: bool) -> None:
    credential = Credential(username, secret, is_identity_token=is_token)
    if not is_token and username.startswith("<token>"):
        with pytest.raises(BadCredential):
            layout.user(credential)
        return
    name = layout.user(credential)
    assert layout.is_name(name)
    assert layout.username(name) in (username, None)
    assert layout.credential("place", server, name, dict(layout.fields(server, credential))) == credential


def test_its_helper_gets_what_says_where_logins_lie_and_no_more() -> None:
    ours = {"BAO_ADDR": "https://b", "DOCKPASS_OPENBAO_MOUNT": "m", "DOCKPASS_OPENBAO_SECRET_ID_FILE": "/f"}
    others = {"DOCKPASS_OPENBAO": "?", "DOCKPASS_STORES": "?", "DOCKPASS_PASSWORD": "secret"}
    assert inherited({**ours, **others}) == ours


def test_a_get_loads_little(bao: Scripted) -> None:
    bao.answers.update({POINTER: _kept({"active": "alice"}), LOGIN: _kept({"secret": "wonder"})})
    program = (
        "import sys; before = set(sys.modules); from dockpass.stores.openbao import OpenBaoStore\n"
        f"assert OpenBaoStore().get({SERVER!r}).secret.reveal() == 'wonder'\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    environ = {**bao.environ(), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"json", "re", "typing", "dataclasses", "subprocess", "pathlib", "logging", "socket", "ssl"}
