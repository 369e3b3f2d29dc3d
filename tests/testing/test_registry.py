"""The scripted registry as a whole, spoken to by Python's own HTTP client."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from dockpass.testing import registry as module
from dockpass.testing.answers import Answer, redirect
from dockpass.testing.image import tiny_image
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.testing.received import Received

_USERS = {"alice": "secret"}


def _ask(
    registry: ScriptedRegistry,
    path: str,
    authorization: str | None = None,
    *,
    method: str = "GET",
    port: int = 0,
    context: ssl.SSLContext | None = None,
    body: str | None = None,
) -> tuple[int, Any, bytes]:
    host = registry.address.rpartition(":")[0].strip("[]")
    if context is None:
        connection = http.client.HTTPConnection(host, port or registry.port, timeout=20)
    else:
        connection = http.client.HTTPSConnection(host, port or registry.port, timeout=20, context=context)
    try:
        connection.request(method, path, body, {} if authorization is None else {"Authorization": authorization})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def _basic(login: str = "alice:secret") -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def _bearer(registry: ScriptedRegistry, query: str = "", authorization: str | None = None, **where: Any) -> str:
    status, _headers, body = _ask(registry, f"/token?{query}", authorization or _basic(), **where)
    assert status == 200
    return f"Bearer {json.loads(body)['token']}"


def test_basic() -> None:
    with ScriptedRegistry(_USERS) as registry:
        status, headers, body = _ask(registry, "/v2/")
        assert status == 401
        assert headers.get_all("WWW-Authenticate") == ['Basic realm="scripted registry"']
        assert headers["Docker-Distribution-Api-Version"] == "registry/2.0"
        assert json.loads(body)["errors"][0]["code"] == "UNAUTHORIZED"
        assert _ask(registry, "/v2/", _basic())[0] == 200
        assert _ask(registry, "/v2/", _basic("alice:wrong"))[0] == 401
        assert _ask(registry, "/v2/", "Bearer x")[0] == 401


def test_bearer() -> None:
    with ScriptedRegistry(_USERS, auth="bearer", scope="") as registry:
        assert registry.realm == f"http://127.0.0.1:{registry.port}/token"
        status, headers, _body = _ask(registry, "/v2/")
        assert (status, headers.get_all("WWW-Authenticate")) == (
            401,
            [f'Bearer realm="{registry.realm}",service="scripted.registry",scope=""'],
        )
        assert _ask(registry, "/v2/", _basic())[0] == 401
        token = _bearer(registry, "service=scripted.registry")
        assert _ask(registry, "/v2/", token)[0] == 200
        registry.token_server.withdraw()
        status, headers, _body = _ask(registry, "/v2/", token)
        assert status == 401
        assert headers["WWW-Authenticate"].endswith(',error="invalid_token"')


def test_both() -> None:
    with ScriptedRegistry(_USERS, auth="both", service=None) as registry:
        _status, headers, _body = _ask(registry, "/v2/")
        assert headers.get_all("WWW-Authenticate") == [
            f'Bearer realm="{registry.realm}"',
            'Basic realm="scripted registry"',
        ]
        assert _ask(registry, "/v2/", _basic())[0] == 200
        assert _ask(registry, "/v2/", _bearer(registry))[0] == 200


def test_a_secret_that_is_good_with_any_name() -> None:
    with ScriptedRegistry({"*": "token", "alice": "secret"}) as registry:
        for login, status in (("bob:token", 200), ("alice:secret", 200), ("bob:secret", 401), ("bob:", 401)):
            assert _ask(registry, "/v2/", _basic(login))[0] == status


def test_a_refusal_of_ones_own() -> None:
    refusals = {"old": Answer(403, "expired"), "*": Answer(401, "who?")}
    for auth, path in (("basic", "/v2/"), ("bearer", "/token")):
        with ScriptedRegistry(_USERS, auth=auth, refusals=refusals) as registry:  # type: ignore[arg-type]
            assert _ask(registry, path, _basic("alice:old"))[::2] == (403, b"expired")
            status, headers, body = _ask(registry, path, _basic("alice:wrong"))
            assert (status, body) == (401, b"who?")
            assert ("WWW-Authenticate" in headers) is (path == "/v2/")


def test_none() -> None:
    with ScriptedRegistry(auth="none") as registry:
        assert _ask(registry, "/v2/")[0] == 200
        assert _ask(registry, "/v2/", _basic("alice:wrong"))[0] == 200


def test_an_open_ping_refuses_wrong_credentials_all_the_same() -> None:
    with ScriptedRegistry(_USERS, open_ping=True) as registry:
        assert _ask(registry, "/v2/")[0] == 200
        assert _ask(registry, "/v2/", _basic("alice:wrong"))[0] == 401
        assert _ask(registry, "/v2/", _basic())[0] == 200
        assert _ask(registry, "/v2/team/app/tags/list")[0] == 401


@pytest.mark.parametrize("auth", ["none", "basic", "bearer"])
def test_the_image(auth: Any) -> None:
    image = tiny_image()
    with ScriptedRegistry(_USERS, auth=auth) as registry:
        assert registry.image == f"127.0.0.1:{registry.port}/team/app:1.0"
        given = None
        if auth != "none":
            status, headers, _body = _ask(registry, "/v2/team/app/manifests/1.0")
            assert status == 401
            given = _basic()
        if auth == "bearer":
            assert 'scope="repository:team/app:pull"' in headers["WWW-Authenticate"]
            status, headers, _body = _ask(registry, "/v2/team/app/tags/list", _bearer(registry))
            assert (status, headers["WWW-Authenticate"][-27:]) == (401, ',error="insufficient_scope"')
            given = _bearer(registry, "scope=repository:team/app:pull")
        for reference in ("1.0", image.digest):
            status, headers, body = _ask(registry, f"/v2/team/app/manifests/{reference}", given)
            assert (status, headers["Content-Type"], body) == (200, image.media_type, image.manifest)
            assert headers["Docker-Content-Digest"] == image.digest
        status, headers, body = _ask(registry, "/v2/team/app/manifests/1.0", given, method="HEAD")
        assert (status, headers["Content-Length"], body) == (200, str(len(image.manifest)), b"")
        for digest, blob in image.blobs.items():
            assert _ask(registry, f"/v2/team/app/blobs/{digest}", given)[2] == blob
        assert json.loads(_ask(registry, "/v2/team/app/tags/list", given)[2]) == {"name": "team/app", "tags": ["1.0"]}


def test_what_is_not_there() -> None:
    with ScriptedRegistry(auth="none", repository="app") as registry:
        assert _ask(registry, "/v2/app/manifests/2.0")[0] == 404
        assert _ask(registry, "/v2/team/app/manifests/1.0")[0] == 404
        assert _ask(registry, "/v2/app/manifests/1.0")[0] == 200
        assert _ask(registry, "/")[0] == 404
        assert _ask(registry, "/v2/", method="DELETE")[0] == 405


def test_a_challenge_of_ones_own() -> None:
    with ScriptedRegistry(challenge='Bearer realm="{realm}",x="{port}{token_port}{y}"') as registry:
        port = registry.port
        assert _ask(registry, "/v2/")[1].get_all("WWW-Authenticate") == [
            f'Bearer realm="http://127.0.0.1:{port}/token",x="{port}{port}{{y}}"'
        ]
    with ScriptedRegistry(challenge=["Negotiate", "Basic"]) as registry:
        for _again in range(2):
            assert _ask(registry, "/v2/")[1].get_all("WWW-Authenticate") == ["Negotiate", "Basic"]
    with ScriptedRegistry(challenge=()) as registry:
        status, headers, _body = _ask(registry, "/v2/")
        assert (status, headers.get_all("WWW-Authenticate")) == (401, None)


def test_a_token_server_apart() -> None:
    with ScriptedRegistry(_USERS, auth="bearer", apart=True) as registry:
        assert registry.token_port != registry.port
        assert registry.realm == f"http://127.0.0.1:{registry.token_port}/token"
        assert _ask(registry, "/v2/", _bearer(registry, port=registry.token_port))[0] == 200
        assert [request.port for request in registry.requests] == [registry.token_port, registry.port]
        assert registry.connections == 2


def test_identity_tokens() -> None:
    with ScriptedRegistry(_USERS, auth="bearer", refresh_tokens=True, rotate=True) as registry:
        body = _ask(registry, "/token?offline_token=true", _basic())[2]
        form = f"grant_type=refresh_token&service=s&client_id=c&refresh_token={json.loads(body)['refresh_token']}"
        status, _headers, body = _ask(registry, "/token", method="POST", body=form)
        assert status == 200
        assert _ask(registry, "/v2/", "Bearer " + json.loads(body)["access_token"])[0] == 200
        assert _ask(registry, "/token", method="POST", body=form)[0] == 401


def test_scripted_answers_come_in_turn() -> None:
    def echo(request: Received) -> Answer:
        return Answer(418, request.target)

    with ScriptedRegistry(auth="none") as registry:
        registry.answer("/v2/", Answer(500), None)
        registry.answer("/v2/", echo, redirect("/v2/"))
        registry.answer("/elsewhere", Answer(201))
        assert [_ask(registry, "/v2/?x=y")[0] for _time in range(6)] == [500, 200, 418, 307, 200, 200]
        assert _ask(registry, "/elsewhere")[0] == 201
        assert [request.target for request in registry.asked("/v2/")] == ["/v2/?x=y"] * 6
        assert len(registry.requests) == 7


def test_many_at_once() -> None:
    with ScriptedRegistry(_USERS) as registry:
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(_ask(registry, "/v2/", _basic())[0]))
            for _number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 20
        assert len(registry.asked("/v2/")) == 20


def test_tls_by_files(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.private_key_pem.write_to_path(str(key))
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with ScriptedRegistry(_USERS, auth="bearer", tls=(str(certificate), str(key))) as registry:
        assert registry.url == f"https://{registry.address}"
        assert registry.realm == f"{registry.url}/token"
        assert _ask(registry, "/v2/", _bearer(registry, context=context), context=context)[0] == 200


def test_a_port_that_was_asked_for() -> None:
    host = "127.0.0.77" if sys.platform == "linux" else "127.0.0.1"  # where nobody else takes ports
    with socket.create_server((host, 0)) as free:
        port = free.getsockname()[1]
    with ScriptedRegistry(_USERS, host=host, port=port) as registry:
        assert registry.address == f"{host}:{port}"
        assert registry.token_port == port
        assert _ask(registry, "/v2/", _basic())[0] == 200


def test_another_address_of_the_loopback() -> None:
    with ScriptedRegistry(_USERS, host="127.0.0.2") as registry:
        assert registry.address == f"127.0.0.2:{registry.port}"
        assert _ask(registry, "/v2/", _basic())[0] == 200


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with ScriptedRegistry(_USERS, host="::1") as registry:
        assert registry.url == f"http://[::1]:{registry.port}"
        assert _ask(registry, "/v2/", _basic())[0] == 200


def test_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "registry.sock")
    with ScriptedRegistry(auth="none", unix_socket=path) as registry, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(b"GET /v2/ HTTP/1.0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert registry.requests[0].port == 0


@pytest.mark.parametrize("options", [(), ("--bearer",)])
def test_by_hand(options: tuple[str, ...]) -> None:
    command = (sys.executable, "-m", "dockpass.testing.registry", "--user", "alice:secret", *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"127\.0\.0\.1:\d+", address)
        assert f"{address}/team/app:1.0" in process.stdout.readline()
        connection = http.client.HTTPConnection(address, timeout=20)
        connection.request("GET", "/v2/")
        with connection.getresponse() as response:
            assert response.headers["WWW-Authenticate"].startswith("Bearer " if options else "Basic ")
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_by_hand_in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert module.main(["--user", "alice:secret"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().out.startswith("127.0.0.1:")


def test_a_user_without_a_password_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        module.main(["--user", "alice"])
    assert caught.value.code == 2
    assert "--user wants NAME:PASSWORD, with a colon: alice" in capsys.readouterr().err


def test_importing_brings_neither_pytest_nor_anything_outside_the_standard_library() -> None:
    program = (
        "import sys; import dockpass.testing.registry; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names - set(sys.argv[1:])))"
    )
    # What every start brings, site-packages' own .pth files included, is no import of ours.
    start = subprocess.run(
        (sys.executable, "-c", "import sys; print(*{name.partition('.')[0] for name in sys.modules})"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    done = subprocess.run(
        (sys.executable, "-c", program, *start), capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "['dockpass']"
