"""The store `openbao` and a real OpenBao server."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from dockpass.credential import Credential
from dockpass.errors import StoreError, StoreFailed, StoreLocked, StoreUnavailable
from dockpass.stores.openbao import OpenBaoStore
from dockpass.testing.registry import ScriptedRegistry
from dockpass.testing.stores import StoreSuite
from real.bao import Bao, bao_server
from real.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVER = "reg.example.com:5000"
LOGIN = "reg.example.com%3A5000/alice"
ALICE, BOB = Credential("alice", "wonder"), Credential("bob", "builder")


@pytest.fixture(scope="module")
def bao() -> Iterator[Bao]:
    with bao_server() as server:
        yield server


@pytest.fixture
def path() -> str:
    """Where the logins of a test lie: apart from those of others."""
    return f"logins/{uuid.uuid4().hex}"


def _store(bao: Bao, path: str, token: str = "", **more: str) -> OpenBaoStore:
    environ = bao.as_somebody(token or bao.root)
    return OpenBaoStore({**environ, "DOCKPASS_OPENBAO_PATH": path, **more})


def _machine(bao: Bao, path: str, **more: str) -> OpenBaoStore:
    """That of a machine which has no token of its own."""
    return OpenBaoStore({**bao.as_somebody(), "DOCKPASS_OPENBAO_PATH": path, **more})


def _reader(path: str) -> str:
    return f"""
        path "secret/data/{path}/*"     {{ capabilities = ["read"] }}
        path "secret/metadata/{path}/*" {{ capabilities = ["list", "read"] }}
        path "secret/metadata/{path}"   {{ capabilities = ["list"] }}
    """


class TestTheSuite(StoreSuite):
    @pytest.fixture(autouse=True)
    def place(self, bao: Bao, path: str) -> None:
        self.bao, self.path = bao, path

    def make_store(self) -> OpenBaoStore:
        return _store(self.bao, self.path)


class TestWithItsCommandLine:
    def test_bao_reads_what_we_wrote(self, bao: Bao, path: str) -> None:
        _store(bao, path).put(SERVER, ALICE)
        expected = {"server": SERVER, "username": "alice", "secret": "wonder"}
        assert bao.fields(f"secret/{path}/{LOGIN}") == expected
        assert bao.fields(f"secret/{path}/reg.example.com%3A5000") == {"server": SERVER, "active": "alice"}

    def test_and_an_identity_token(self, bao: Bao, path: str) -> None:
        _store(bao, path).put("reg.example.com", Credential("", "token", is_identity_token=True))
        found = bao.fields(f"secret/{path}/reg.example.com/%3Ctoken%3E")
        assert found == {"server": "reg.example.com", "username": "", "secret": "token", "is_identity_token": True}

    @pytest.mark.parametrize("more", [(), ("username=alice",), ("server=reg.example.com:5000", "username=alice")])
    def test_we_read_what_bao_wrote(self, bao: Bao, path: str, more: tuple[str, ...]) -> None:
        bao.run("kv", "put", f"secret/{path}/{LOGIN}", "secret=wonder", *more)
        assert _store(bao, path).get(SERVER) == ALICE
        assert _store(bao, path).list() == {SERVER: "alice"}

    def test_an_identity_token_that_bao_wrote(self, bao: Bao, path: str) -> None:
        bao.run("kv", "put", f"secret/{path}/reg.example.com/%3Ctoken%3Ealice", "secret=t", "is_identity_token=true")
        assert _store(bao, path).get("reg.example.com") == Credential("alice", "t", is_identity_token=True)

    def test_a_login_that_was_copied_to_another_registry_is_not_given(self, bao: Bao, path: str) -> None:
        _store(bao, path).put(SERVER, ALICE)
        fields = [f"{name}={value}" for name, value in bao.fields(f"secret/{path}/{LOGIN}").items()]
        bao.run("kv", "put", f"secret/{path}/evil.example.com/alice", *fields)
        with pytest.raises(StoreFailed, match=r"is a login for reg\.example\.com:5000") as raised:
            _store(bao, path).get("evil.example.com")
        assert "wonder" not in str(raised.value)

    def test_two_users_whom_nobody_chose_between(self, bao: Bao, path: str) -> None:
        for user in ("alice", "bob"):
            bao.run("kv", "put", f"secret/{path}/reg.example.com/{user}", "secret=s")
        store = _store(bao, path)
        with pytest.raises(StoreFailed, match="not said which one"):
            store.get("reg.example.com")
        assert store.list() == {}
        assert len(store.notes) == 1
        store.put("reg.example.com", BOB)
        assert store.get("reg.example.com") == BOB
        assert (store.list(), store.notes) == ({"reg.example.com": "bob"}, [])

    def test_a_login_that_was_deleted_and_one_that_came_instead(self, bao: Bao, path: str) -> None:
        store = _store(bao, path)
        store.put("reg.example.com", ALICE)
        bao.run("kv", "delete", f"secret/{path}/reg.example.com/alice")
        assert store.get("reg.example.com") is None
        assert store.list() == {}
        bao.run("kv", "put", f"secret/{path}/reg.example.com/bob", "secret=builder")
        assert store.get("reg.example.com") == BOB
        assert store.list() == {"reg.example.com": "bob"}
        store.put("reg.example.com", ALICE)
        assert store.get("reg.example.com") == ALICE

    def test_erased_leaves_nothing_of_any_version(self, bao: Bao, path: str) -> None:
        store = _store(bao, path)
        for secret in ("first", "second"):
            store.put(SERVER, Credential("alice", secret))
        store.put(SERVER, BOB)
        assert bao.run("kv", "get", "-field=secret", "-version=1", f"secret/{path}/{LOGIN}") == "first"
        assert store.erase(SERVER) is True
        assert "No value found" in bao.try_to("kv", "get", "-version=1", f"secret/{path}/{LOGIN}")
        assert "No value found" in bao.try_to("kv", "list", f"secret/{path}")

    def test_check_and_set_may_be_required(self, bao: Bao) -> None:
        mount = f"strict-{uuid.uuid4().hex}"
        bao.run("secrets", "enable", f"-path={mount}", "-version=2", "kv")
        _wait_until(lambda: "No value found" in bao.try_to("kv", "list", mount))
        bao.run("write", f"{mount}/config", "cas_required=true")
        store = _store(bao, "dockpass", DOCKPASS_OPENBAO_MOUNT=mount)
        for secret in ("one", "two"):
            store.put(SERVER, Credential("alice", secret))
        assert store.get(SERVER) == Credential("alice", "two")


class TestManyAtOnce:
    def test_of_many_who_write_one_login_one_is_kept_and_all_users_are(self, bao: Bao, path: str) -> None:
        credentials = [Credential(f"user{number}", f"secret{number}") for number in range(8)]
        _at_once([lambda one=one: _store(bao, path).put(SERVER, one) for one in credentials])
        assert _store(bao, path).get(SERVER) in credentials
        listed = bao.run("kv", "list", f"secret/{path}/reg.example.com%3A5000").split()[2:]
        assert sorted(listed) == sorted(one.username for one in credentials)

    def test_of_many_who_exchange_one_login_one_does(self, bao: Bao, path: str) -> None:
        _store(bao, path).put(SERVER, ALICE)
        done: list[bool] = []
        new = [Credential("alice", f"new{number}") for number in range(8)]
        _at_once([lambda one=one: done.append(_store(bao, path).exchange(SERVER, ALICE, one)) for one in new])
        assert sorted(done) == [False] * 7 + [True]
        assert _store(bao, path).get(SERVER) in new
        assert (
            bao.json("kv", "metadata", "get", "-format=json", f"secret/{path}/{LOGIN}")["data"]["current_version"] == 2
        )

    def test_who_reads_while_others_write_sees_one_of_theirs(self, bao: Bao, path: str) -> None:
        _store(bao, path).put(SERVER, ALICE)
        seen: list[Credential | None] = []
        written = threading.Event()

        def write(credential: Credential) -> None:
            for _ in range(5):
                _store(bao, path).put(SERVER, credential)

        def read() -> None:
            while not written.is_set():
                seen.append(_store(bao, path).get(SERVER))

        reading = threading.Thread(target=read)
        reading.start()
        try:
            _at_once([lambda one=one: write(one) for one in (ALICE, BOB, Credential("carol", "s"))])
        finally:
            written.set()
            reading.join()
        assert seen
        assert set(seen) <= {ALICE, BOB, Credential("carol", "s")}


class TestWhoMayWhat:
    def test_who_may_only_read(self, bao: Bao, path: str) -> None:
        _store(bao, path).put(SERVER, ALICE)
        bao.policy(path.replace("/", "-"), _reader(path))
        store = _store(bao, path, bao.token(f"-policy={path.replace('/', '-')}"))
        assert store.get(SERVER) == ALICE
        assert store.get("other.example.com") is None
        assert store.list() == {SERVER: "alice"}
        with pytest.raises(StoreFailed, match=r"does not let this token write") as raised:
            store.put(SERVER, BOB)
        assert raised.value.hint is not None
        assert f'path "secret/data/{path}/' in raised.value.hint
        with pytest.raises(StoreFailed, match="does not let this token delete"):
            store.erase(SERVER)
        assert store.get(SERVER) == ALICE

    def test_who_may_nothing(self, bao: Bao, path: str) -> None:
        store = _store(bao, path, bao.token("-policy=default"))
        for act in (lambda: store.get(SERVER), lambda: store.put(SERVER, ALICE), store.list):
            with pytest.raises(StoreFailed, match="does not let this token"):
                act()

    def test_who_may_not_even_look_at_the_token(self, bao: Bao, path: str) -> None:
        name = path.replace("/", "-")
        bao.policy(name, f'path "secret/data/{path}/none" {{ capabilities = ["read"] }}')
        store = _store(bao, path, bao.token(f"-policy={name}", "-no-default-policy"))
        with pytest.raises(StoreFailed, match="does not let this token read"):
            store.get(SERVER)

    @pytest.mark.parametrize("token", ["nonsense", "s.aaaaaaaaaaaaaaaaaaaaaaaa"])
    def test_a_token_of_nobody(self, bao: Bao, path: str, token: str) -> None:
        with pytest.raises(StoreLocked, match="does not take the token") as raised:
            _store(bao, path, token).get(SERVER)
        assert token not in f"{raised.value} {raised.value.hint}"

    def test_a_token_that_was_revoked(self, bao: Bao, path: str) -> None:
        token = bao.token()
        store = _store(bao, path, token)
        assert store.get(SERVER) is None
        bao.run("token", "revoke", token)
        for act in (lambda: store.get(SERVER), lambda: store.put(SERVER, ALICE), store.list):
            with pytest.raises(StoreLocked, match="does not take the token"):
                act()

    def test_a_token_that_has_expired(self, bao: Bao, path: str) -> None:
        token = bao.token("-ttl=1s")
        _wait_until(lambda: "permission denied" in bao.try_to("token", "lookup", token=token))
        with pytest.raises(StoreLocked, match="does not take the token: it has expired") as caught:
            OpenBaoStore({**bao.as_somebody(token), "DOCKPASS_OPENBAO_PATH": path}).get(SERVER)
        assert "bao login" in str(caught.value.hint)

    def test_a_token_in_its_file(self, bao: Bao, path: str, tmp_path: Path) -> None:
        environ = {**bao.as_somebody(), "HOME": str(tmp_path), "DOCKPASS_OPENBAO_PATH": path}
        with pytest.raises(StoreLocked, match="there is no token"):
            OpenBaoStore(environ).get(SERVER)
        done = subprocess.run(["bao", "login", "-no-print", "-"], env=environ, input=bao.root, text=True, check=False)
        assert done.returncode == 0
        assert (tmp_path / ".vault-token").exists()
        OpenBaoStore(environ).put(SERVER, ALICE)
        assert OpenBaoStore(environ).get(SERVER) == ALICE


class TestSignIn:
    @pytest.fixture(autouse=True)
    def reader(self, bao: Bao, path: str) -> str:
        _store(bao, path).put(SERVER, ALICE)
        name = path.replace("/", "-")
        bao.policy(name, _reader(path))
        return name

    @pytest.mark.parametrize("kind", ["service", "batch"])
    def test_by_approle(self, bao: Bao, path: str, reader: str, tmp_path: Path, kind: str) -> None:
        mount = f"machines-{uuid.uuid4().hex}"
        bao.run("auth", "enable", f"-path={mount}", "approle")
        role = f"auth/{mount}/role/builder"
        bao.run("write", role, f"token_policies={reader}", f"token_type={kind}", "token_ttl=60s")
        (tmp_path / "role").write_text(bao.run("read", "-field=role_id", f"{role}/role-id") + "\n")
        (tmp_path / "secret").write_text(bao.run("write", "-f", "-field=secret_id", f"{role}/secret-id") + "\n")
        variables = {
            "DOCKPASS_OPENBAO_AUTH": "approle",
            "DOCKPASS_OPENBAO_AUTH_MOUNT": mount,
            "DOCKPASS_OPENBAO_ROLE_ID_FILE": str(tmp_path / "role"),
            "DOCKPASS_OPENBAO_SECRET_ID_FILE": str(tmp_path / "secret"),
        }
        store = _machine(bao, path, **variables)
        assert store.get(SERVER) == ALICE
        assert store.list() == {SERVER: "alice"}
        with pytest.raises(StoreFailed, match="does not let this token write"):
            store.put(SERVER, BOB)
        (tmp_path / "secret").write_text("another\n")
        with pytest.raises(StoreLocked, match=r"refused to sign us in by approle .*invalid role or secret ID"):
            _machine(bao, path, **variables).get(SERVER)

    @pytest.mark.parametrize("method", ["jwt", "kubernetes"])
    def test_by_a_signed_token(self, bao: Bao, path: str, reader: str, tmp_path: Path, method: str) -> None:
        # Kubernetes signs in by the same call; its own method would ask a cluster, so a jwt method stands in for it.
        mount = f"tokens-{uuid.uuid4().hex}"
        key = ECKey.generate_key("P-256")
        (tmp_path / "key.pem").write_bytes(key.as_pem(private=False))
        bao.run("auth", "enable", f"-path={mount}", "jwt")
        bao.run("write", f"auth/{mount}/config", f"jwt_validation_pubkeys=@{tmp_path / 'key.pem'}")
        bao.run(
            "write", f"auth/{mount}/role/builder", "role_type=jwt", "bound_audiences=bao", "user_claim=sub",
            f"token_policies={reader}", "token_ttl=60s",
        )  # fmt: skip
        now = int(time.time())
        claims = {"sub": "ci", "aud": "bao", "iat": now, "exp": now + 300}
        (tmp_path / "jwt").write_text(jwt.encode({"alg": "ES256"}, claims, key))
        variables = {
            "DOCKPASS_OPENBAO_AUTH": method,
            "DOCKPASS_OPENBAO_AUTH_MOUNT": mount,
            "DOCKPASS_OPENBAO_ROLE": "builder",
            "DOCKPASS_OPENBAO_JWT_FILE": str(tmp_path / "jwt"),
        }
        assert _machine(bao, path, **variables).get(SERVER) == ALICE
        (tmp_path / "jwt").write_text(jwt.encode({"alg": "ES256"}, {**claims, "aud": "another"}, key))
        with pytest.raises(StoreLocked, match=f"refused to sign us in by {method}"):
            _machine(bao, path, **variables).get(SERVER)

    def test_by_a_method_that_is_not_there(self, bao: Bao, path: str, tmp_path: Path) -> None:
        (tmp_path / "role").write_text("role")
        variables = {
            "DOCKPASS_OPENBAO_AUTH": "approle",
            "DOCKPASS_OPENBAO_AUTH_MOUNT": "nowhere",
            "DOCKPASS_OPENBAO_ROLE_ID_FILE": str(tmp_path / "role"),
        }
        with pytest.raises(StoreLocked, match="refused to sign us in by approle at auth/nowhere"):
            _machine(bao, path, **variables).get(SERVER)

    def test_a_token_that_is_near_its_end_is_given_more_time(self, bao: Bao, path: str, reader: str) -> None:
        token = bao.token(f"-policy={reader}", "-ttl=1h")
        bao.run("token", "renew", "-increment=60", token)
        assert bao.json("token", "lookup", "-format=json", token)["data"]["ttl"] <= 60
        _store(bao, path, token).get(SERVER)
        assert bao.json("token", "lookup", "-format=json", token)["data"]["ttl"] > 3000


class TestNamespaces:
    def test_logins_are_those_of_the_namespace(self, bao: Bao, path: str) -> None:
        name = f"team-{uuid.uuid4().hex}"
        bao.run("namespace", "create", name)
        bao.run("secrets", "enable", f"-namespace={name}", "-path=secret", "-version=2", "kv")
        _wait_until(lambda: "No value found" in bao.try_to("kv", "list", f"-namespace={name}", "secret"))
        there = _store(bao, path, BAO_NAMESPACE=name)
        there.put(SERVER, ALICE)
        assert there.get(SERVER) == ALICE
        assert _store(bao, path).get(SERVER) is None
        assert bao.run("kv", "get", f"-namespace={name}", "-field=secret", f"secret/{path}/{LOGIN}") == "wonder"

    def test_a_namespace_that_is_not_there(self, bao: Bao, path: str) -> None:
        with pytest.raises(StoreUnavailable, match="has no namespace nowhere"):
            _store(bao, path, BAO_NAMESPACE="nowhere").get(SERVER)


class TestWhatIsNotThere:
    def test_no_such_mount(self, bao: Bao, path: str) -> None:
        store = _store(bao, path, DOCKPASS_OPENBAO_MOUNT="nowhere")
        for act in (
            lambda: store.get(SERVER),
            lambda: store.put(SERVER, ALICE),
            lambda: store.erase(SERVER),
            store.list,
        ):
            with pytest.raises(StoreUnavailable, match="has nothing mounted at nowhere") as raised:
                act()
            assert "bao secrets enable -path=nowhere" in (raised.value.hint or "")

    def test_a_mount_of_version_1_is_said_to_be_one_and_nothing_is_written(self, bao: Bao, path: str) -> None:
        mount = f"old-{uuid.uuid4().hex}"
        bao.run("secrets", "enable", f"-path={mount}", "-version=1", "kv")
        store = _store(bao, path, DOCKPASS_OPENBAO_MOUNT=mount)
        for act in (
            lambda: store.get(SERVER),
            lambda: store.put(SERVER, ALICE),
            lambda: store.erase(SERVER),
            store.list,
        ):
            with pytest.raises(StoreUnavailable, match="is not KV version 2") as raised:
                act()
            assert "bao kv enable-versioning" in (raised.value.hint or "")
        assert "No value found" in bao.try_to("kv", "list", mount)

    def test_an_authority_that_is_not_trusted(self, bao: Bao, path: str) -> None:
        environ = {**bao.environ, "DOCKPASS_OPENBAO_PATH": path}
        del environ["BAO_CACERT"]
        with pytest.raises(StoreUnavailable, match="signed by an unknown authority") as raised:
            OpenBaoStore(environ).get(SERVER)
        assert "BAO_CACERT" in (raised.value.hint or "")

    def test_a_certificate_for_another_name(self, bao: Bao, path: str) -> None:
        """The server's is for 127.0.0.1 and localhost."""
        environ = {**bao.environ, "DOCKPASS_OPENBAO_PATH": path}
        assert OpenBaoStore({**environ, "BAO_TLS_SERVER_NAME": "localhost"}).get(SERVER) is None
        with pytest.raises(StoreUnavailable, match=r"is not for the name bao\.example\.com") as raised:
            OpenBaoStore({**environ, "BAO_TLS_SERVER_NAME": "bao.example.com"}).get(SERVER)
        assert raised.value.hint

    def test_plain_http_to_a_server_that_speaks_tls(self, bao: Bao) -> None:
        environ = {**bao.environ, "BAO_ADDR": bao.address.replace("https", "http")}
        with pytest.raises(StoreError):
            OpenBaoStore(environ).get(SERVER)


def _run(environ: Mapping[str, str], *words: str, payload: str = "") -> str:
    """What a program prints, which must succeed."""
    done = subprocess.run(words, env=environ, input=payload, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def test_a_login_and_docker_s_helper_find_the_same_place(bao: Bao, path: str, tmp_path: Path) -> None:
    """The program that docker runs is run by dockpass too, and must look where dockpass has kept the login."""
    (tmp_path / "bin").mkdir()
    environ = {
        **bao.environ,
        "HOME": str(tmp_path),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{bao.environ['PATH']}",
        "DOCKPASS_STORE": "openbao",
        "DOCKPASS_OPENBAO_PATH": path,
    }

    run = functools.partial(_run, environ)
    dockpass = [sys.executable, "-m", "dockpass"]
    with ScriptedRegistry(users={"ci": "s3cret"}) as registry:
        run(*dockpass, "helper", "install", "openbao", "--dir", str(tmp_path / "bin"))
        run(*dockpass, "login", "-u", "ci", "--password-stdin", registry.address, payload="s3cret")
        assert json.loads((tmp_path / ".docker/config.json").read_text())["credHelpers"] == {
            registry.address: "openbao"
        }
        answer = json.loads(run("docker-credential-openbao", "get", payload=registry.address))
        assert answer == {"ServerURL": registry.address, "Username": "ci", "Secret": "s3cret"}
        assert registry.address in run(*dockpass, "list")
        run(*dockpass, "logout", registry.address)
    assert "No value found" in bao.try_to("kv", "list", f"secret/{path}")


def test_a_machine_of_a_fleet_is_led_to_what_others_have_written(bao: Bao, path: str, tmp_path: Path) -> None:
    """Nobody has logged in on it: it signs in, installs the helper, and docker and podman find what is there."""
    hub = "https://index.docker.io/v1/"
    keeper = _store(bao, path)
    for server in (SERVER, hub):
        keeper.put(server, Credential("ci", "s3cret"))
    bao.policy(path.replace("/", "-"), _reader(path))
    (tmp_path / "bin").mkdir()
    environ = {
        **bao.as_somebody(bao.token(f"-policy={path.replace('/', '-')}")),
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{bao.environ['PATH']}",
        "DOCKPASS_STORE": "openbao",
        "DOCKPASS_OPENBAO_PATH": path,
    }

    run = functools.partial(_run, environ)
    install = [sys.executable, "-m", "dockpass", "helper", "install", "openbao", "--dir", str(tmp_path / "bin")]
    run(*install)
    keeper.put("later.test", Credential("ci", "s3cret"))
    run(*install)
    led = json.loads((tmp_path / ".docker/config.json").read_text())["credHelpers"]
    assert led == dict.fromkeys([SERVER, hub, "docker.io", "later.test"], "openbao")
    for server in led:
        assert json.loads(run("docker-credential-openbao", "get", payload=server))["Secret"] == "s3cret"
    assert run(sys.executable, "-m", "dockpass", "list").count("\n") == 4
    podman = need("podman")
    for server in (SERVER, "docker.io", "later.test"):
        assert run(podman, "login", "--get-login", server) == "ci\n"


def test_what_is_kept_is_not_in_the_audit_log(bao: Bao, path: str) -> None:
    store = _store(bao, path)
    store.put(SERVER, Credential("alice", "in-no-log"))
    store.get(SERVER)
    log = (bao.folder / "audit.log").read_text()
    assert f"secret/data/{path}/{LOGIN}" in log
    assert "in-no-log" not in log
    assert bao.root not in log


def test_what_the_page_has_an_operator_do_works(bao: Bao, tmp_path: Path) -> None:
    """Every command of the how-to page that sets the server up, in order and as it stands there."""
    page = (Path(__file__).parents[2] / "docs/how-to/keep-logins-in-openbao.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(bao .*?)^```", page, re.MULTILINE | re.DOTALL)
    enable = re.search(r"^    (bao secrets enable .*)$", page, re.MULTILINE)
    assert enable is not None
    key = ECKey.generate_key("P-256")
    (tmp_path / "ci.pub").write_bytes(key.as_pem(private=False))
    shutil.copy(bao.authority.path, tmp_path / "ca.crt")
    environ = {**bao.environ, "HOME": str(tmp_path)}

    def run(script: str) -> None:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            env=environ, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (script, done.stdout, done.stderr)

    run(enable[1])
    _wait_until(lambda: "No value found" in bao.try_to("kv", "list", "registries"))
    for block in blocks:
        run(block)
    assert len(blocks) == 6

    def store(**more: str) -> OpenBaoStore:
        return OpenBaoStore({**bao.as_somebody(), "DOCKPASS_OPENBAO_MOUNT": "registries", **more})

    server, login = "registry.example.com", Credential("ci", "wonder")
    keeper = store(BAO_TOKEN=bao.token("-policy=registry-logins-keeper"))
    keeper.put(server, login)
    keeper.put("other.example.com", login)
    machine = store(
        DOCKPASS_OPENBAO_AUTH="approle",
        DOCKPASS_OPENBAO_ROLE_ID_FILE=str(tmp_path / "role-id"),
        DOCKPASS_OPENBAO_SECRET_ID_FILE=str(tmp_path / "secret-id"),
    )
    now = int(time.time())
    claims = {"sub": "ci", "aud": "bao", "project_path": "team/app", "iat": now, "exp": now + 300}
    (tmp_path / "ci.jwt").write_text(jwt.encode({"alg": "ES256"}, claims, key))
    job = store(
        DOCKPASS_OPENBAO_AUTH="jwt", DOCKPASS_OPENBAO_ROLE="ci", DOCKPASS_OPENBAO_JWT_FILE=str(tmp_path / "ci.jwt")
    )
    for reader in (machine, job):
        assert reader.get(server) == login
        assert reader.get("none.example.com") is None
        assert reader.list() == {server: "ci", "other.example.com": "ci"}
        for act in (lambda: reader.put(server, ALICE), lambda: reader.erase(server)):  # noqa: B023
            with pytest.raises(StoreFailed, match="does not let this token"):
                act()
    one = store(BAO_TOKEN=bao.token("-policy=registry-logins-one"))
    assert one.get(server) == login
    with pytest.raises(StoreFailed, match="does not let this token"):
        one.get("other.example.com")
    run(
        "printf %s newer > password.txt; bao kv put registries/dockpass/registry.example.com/ci secret=- < password.txt"
    )
    assert machine.get(server) == Credential("ci", "newer")
    run("bao write registries/config max_versions=1")
    assert keeper.erase(server) is True
    run('cp secret-id secret-id.old; bao write auth/approle/role/ci/secret-id/destroy secret_id="$(cat secret-id.old)"')
    with pytest.raises(StoreLocked, match="refused to sign us in by approle"):
        store(
            DOCKPASS_OPENBAO_AUTH="approle",
            DOCKPASS_OPENBAO_ROLE_ID_FILE=str(tmp_path / "role-id"),
            DOCKPASS_OPENBAO_SECRET_ID_FILE=str(tmp_path / "secret-id"),
        ).get(server)
    bao.run("secrets", "disable", "registries")
    for mount in ("approle", "kubernetes", "jwt"):
        bao.run("auth", "disable", mount)


def test_sealed_and_ended_and_started_again(bao: Bao, path: str) -> None:
    store = _store(bao, path)
    store.put(SERVER, ALICE)
    try:
        bao.run("operator", "seal")
        for act in (lambda: store.get(SERVER), lambda: store.put(SERVER, BOB), store.list):
            with pytest.raises(StoreLocked, match="is sealed") as raised:
                act()
            assert raised.value.hint == "have it unsealed: bao operator unseal"
        bao.end()
        with pytest.raises(StoreUnavailable, match="connection refused") as unavailable:
            store.get(SERVER)
        assert "is the server running" in (unavailable.value.hint or "")
        bao.start()
        with pytest.raises(StoreLocked, match="is sealed"):
            store.get(SERVER)
    finally:
        bao.end()
        bao.start()
        bao.unseal()
    assert store.get(SERVER) == ALICE


def test_while_it_is_started_again_there_is_a_login_or_an_error_and_never_none(bao: Bao, path: str) -> None:
    store = _store(bao, path)
    store.put(SERVER, ALICE)
    ended = threading.Event()
    seen: list[Credential | StoreError | None] = []

    def ask() -> None:
        while not ended.is_set():
            try:
                seen.append(store.get(SERVER))
            except StoreError as error:
                seen.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        bao.end()
        bao.start()
        bao.unseal()
    finally:
        ended.set()
        asking.join()
    assert any(isinstance(one, StoreError) for one in seen)
    assert all(one == ALICE or (isinstance(one, StoreError) and one.hint) for one in seen)
    assert store.get(SERVER) == ALICE


def _wait_until(holds: object, tries: int = 200) -> None:
    for _ in range(tries):
        if holds():  # type: ignore[operator]
            return
    raise AssertionError("it never came")


def _at_once(acts: list[object]) -> None:
    errors: list[Exception] = []

    def run(act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
