"""Which scopes a request needs, and which targets are sent at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.errors import UsageError
from dockpass.registry.tokens import need

SHA256 = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("method", "target", "scopes"),
    [
        ("GET", "/v2/", ""),
        ("GET", "/v2/_catalog?n=10", "registry:catalog:*"),
        ("GET", "/v2/team/app/tags/list?last=x", "repository:team/app:pull"),
        ("HEAD", "/v2/team/app/manifests/1.0", "repository:team/app:pull"),
        ("GET", f"/v2/team/app/manifests/{SHA256}", "repository:team/app:pull"),
        ("GET", f"/v2/team/app/manifests/{SHA256.replace(':', '%3A')}", "repository:team/app:pull"),
        ("GET", f"/v2/team/app/blobs/{SHA256}", "repository:team/app:pull"),
        ("GET", f"/v2/team/app/referrers/{SHA256}", "repository:team/app:pull"),
        ("PUT", "/v2/team/app/manifests/1.0", "repository:team/app:pull,push"),
        ("DELETE", f"/v2/team/app/manifests/{SHA256}", "repository:team/app:delete"),
        ("POST", "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"),
        ("PATCH", "/v2/team/app/blobs/uploads/0b-1?_state=x%2Fy", "repository:team/app:pull,push"),
        ("GET", "/v2/a/blobs/uploads/b/blobs/uploads/1", "repository:a/blobs/uploads/b:pull"),
        (
            "POST",
            f"/v2/a/blobs/uploads/?mount={SHA256}&from=team%2Fb",
            "repository:a:pull,push repository:team/b:pull",
        ),  # case 76
        ("GET", f"/v2/a/blobs/{SHA256}?from=b", "repository:a:pull"),
        ("GET", "/v2/team/app/something/else", ""),
        ("PUT", "/artifacts-uploads/x/y", ""),
        ("GET", "/", ""),
    ],
)
def test_a_request_tells_what_it_needs(method: str, target: str, scopes: str) -> None:
    assert " ".join(map(str, need.of(method, target))) == scopes


@pytest.mark.parametrize(
    "target",
    [
        "",
        "v2/",
        "http://evil.example/v2/",
        "//evil.example/v2/",
        "/v2/../admin",
        "/v2/team/app/manifests/..",
        "/v2/team/app/../../other/app/manifests/1.0",
        "/v2/team/%2e%2e/other/manifests/1.0",
        "/v2/team%2fapp/manifests/1.0",
        "/v2/team%252fapp/manifests/1.0",
        "/v2/team\\app/manifests/1.0",
        "/v2/team%5capp/manifests/1.0",
        "/v2/team/app/./manifests/1.0",
        "/uploads/%252e%252e/admin",
        "/uploads/a%25",
        "/uploads/..",
        "/uploads//x",
        "/uploads/%7f",
        "/v2//app/manifests/1.0",
        "/v2/team app/manifests/1.0",
        "/v2/team/app%00/manifests/1.0",
        "/v2/team/app%0d%0aX:y/manifests/1.0",
        "/v2/team/äpp/manifests/1.0",
        "/v2/Team/app/manifests/1.0",
        "/v2/manifests/1.0",
        "/v2/team/app/manifests/-x",
        "/v2/team/app/manifests/sha256:abc",
        "/v2/team/app/manifests/sha256:" + "g" * 64,
        "/v2/team/app/blobs/latest",
        "/v2/team/app/blobs/sha256:..",
        "/v2/team/app/referrers/1.0",
        "/v2/a/blobs/uploads/?mount=x&from=../b",
        "/v2/a/blobs/uploads/?mount=x&from=",
        "/v2/a/blobs/uploads/?mount=x&from=b:pull%20repository:c",
    ],
)
def test_a_target_with_a_name_that_is_none_is_refused(target: str) -> None:
    with pytest.raises(UsageError) as caught:
        need.of("POST" if "uploads" in target else "GET", target)
    assert caught.value.message.isprintable()


@given(st.sampled_from(["GET", "PUT", "POST", "DELETE"]), st.text(max_size=40))
def test_any_target_is_understood_or_refused(method: str, rest: str) -> None:
    try:
        found = need.of(method, "/v2/" + rest)
    except UsageError as error:
        assert error.message.isprintable()
    else:
        assert all(".." not in one.name.split("/") for one in found)
