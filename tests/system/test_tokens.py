"""Tokens that a real registry verifies: for what was asked for, for two repositories at once, and after it was lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.credential import Credential
from dockpass.errors import Denied
from dockpass.http.deadline import Deadline
from dockpass.registry.driver import Connections, drive
from dockpass.registry.network import Network
from dockpass.registry.tokens import access, follow, obtain, scope
from dockpass.registry.tokens.admission import Admission
from dockpass.registry.tokens.cache import Cache
from dockpass.registry.tokens.turn import on_threads
from dockpass.server import Server

if TYPE_CHECKING:
    from dockpass.http.message import Response
    from real.registry import Registry


class Client:
    """Requests to a real registry, over our own connections."""

    def __init__(self, registry: Registry) -> None:
        self.cache = Cache()
        self.server = Server.parse(registry.address)
        self.network = Network(ca_files=(registry.ca,) if registry.ca else ())
        self.repository = registry.image.partition("/")[2].rpartition(":")[0]
        self.credential = Credential(registry.user, registry.password)
        origin = self.server.origin(registry.scheme)
        self.admission = Admission(self.server, self.credential, origin=origin, cache=self.cache)

    def drive(self, flow: Any) -> Response:
        deadline = Deadline(60)
        connections = Connections(
            self.server, deadline=deadline, network=self.network, environ={}, note=lambda _text: None
        )
        try:
            answer: Response = drive(on_threads(flow, deadline), connections)
            return answer
        finally:
            connections.close()

    def get(self, target: str, **options: Any) -> Response:
        return self.drive(follow.get(self.admission, target, **options))

    def blob(self) -> str:
        """The digest of a blob of the image."""
        kind = (
            (
                "Accept",
                "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
            ),
        )
        manifest = self.get(f"/v2/{self.repository}/manifests/1.0", headers=kind)
        assert manifest.status == 200
        digest: str = json.loads(manifest.body)["config"]["digest"]
        return digest


@pytest.fixture(params=["registry_token", "registry_token_x5c"])
def registry(request: pytest.FixtureRequest) -> Registry:
    found: Registry = request.getfixturevalue(request.param)
    return found


def test_content_is_let_out(registry: Registry) -> None:
    client = Client(registry)
    assert client.get(f"/v2/{client.repository}/blobs/{client.blob()}").status == 200
    assert len(client.cache) == 1


def test_by_a_password_alone_too(registry_tls: Registry) -> None:
    client = Client(registry_tls)
    assert client.get(f"/v2/{client.repository}/blobs/{client.blob()}").status == 200


def test_a_blob_is_mounted_from_another_repository(registry: Registry) -> None:  # case 76
    client = Client(registry)
    target = f"/v2/another/place/blobs/uploads/?mount={client.blob()}&from={client.repository}"
    mounted = client.drive(access.send(client.admission, "POST", target))
    assert mounted.status == 201


def test_a_token_for_less_does_not_do(registry: Registry) -> None:
    client = Client(registry)
    pull = scope.parse(f"repository:{client.repository}:pull")
    with pytest.raises(Denied, match="does not let it do that"):
        client.drive(access.send(client.admission, "POST", "/v2/another/place/blobs/uploads/", scopes=pull))


def test_a_token_that_is_no_good_any_more_is_renewed(registry: Registry) -> None:  # case 123
    client = Client(registry)
    target = f"/v2/{client.repository}/tags/list"
    assert client.get(target).status == 200
    (there,) = client.cache._tokens.values()
    (kept,) = there.values()
    kept.value = type(kept.value)(kept.value.reveal()[:-4] + "AAAA")
    assert client.get(target).status == 200


def test_a_token_of_its_own(registry: Registry) -> None:
    client = Client(registry)
    wanted = scope.parse(f"repository:{client.repository}:pull")
    kept = obtain.token(
        client.server, wanted, client.credential, cache=client.cache, network=client.network, environ={}
    )
    assert kept.value.reveal().count(".") == 2
