"""``proxies`` of config.json, read as docker's own program reads it."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.config.document import Document
from dockpass.errors import ConfigMalformed
from dockpass.files.read import Snapshot

PROXY = "http://u:s3cret@proxy.test:3128"


def of(text: str) -> Document:
    return Document("D/config.json", Snapshot(text.encode(), os.stat(".")))


@pytest.mark.parametrize(
    ("proxies", "found"),
    [
        ({}, {}),
        (None, {}),
        ({"default": None}, {}),
        ({"default": {}}, {}),
        ({"default": {"httpsProxy": PROXY}}, {"HTTPS_PROXY": PROXY}),
        (
            {"default": {"httpProxy": "a", "httpsProxy": "b", "noProxy": "c,d", "ftpProxy": "e", "allProxy": "f"}},
            {"HTTP_PROXY": "a", "HTTPS_PROXY": "b", "NO_PROXY": "c,d"},
        ),
        ({"default": {"httpsProxy": "", "httpProxy": None, "noProxy": "c"}}, {"NO_PROXY": "c"}),
        ({"default": {"HTTPSPROXY": "b"}}, {"HTTPS_PROXY": "b"}),
        # An engine's own, and a name that is compared exactly.
        ({"tcp://docker.test:2376": {"httpsProxy": "b"}, "Default": {"httpsProxy": "c"}}, {}),
        ({"default": {"httpsProxy": "b", "unknown": [1, {}]}, "other": 5}, {"HTTPS_PROXY": "b"}),
    ],
)
def test_what_default_names(proxies: Any, found: dict[str, str]) -> None:
    assert of(json.dumps({"proxies": proxies})).proxies == found
    assert of(json.dumps({"PROXIES": proxies})).proxies == found


def test_none() -> None:
    assert of("").proxies == {}
    assert of('{"auths": {}}').proxies == {}


def test_the_last_one_counts() -> None:
    text = (
        '{"proxies": {"default": {"httpProxy": "a"}}, "proxies": {"default": {"httpsProxy": "b", "httpsProxy": "c"}}}'
    )
    assert of(text).proxies == {"HTTPS_PROXY": "c"}
    assert of('{"proxies": {"default": {"httpProxy": "a"}}, "proxies": null}').proxies == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"proxies": "s3cret"}', "line 1, column 13: proxies should be an object"),
        ('{"proxies":\n["s3cret"]}', "line 2, column 1: proxies should be an object"),
        ('{"proxies": {"default": "s3cret"}}', "proxies.default should be an object"),
        ('{"proxies": {"default": {"httpsProxy": ["s3cret"]}}}', "httpsProxy in proxies.default should be a string"),
        ('{"proxies": {"default": {"noProxy": 5}}}', "noProxy in proxies.default should be a string"),
    ],
)
def test_another_shape(text: str, says: str) -> None:
    document = of(text)  # a lookup, which needs no network, goes on working
    with pytest.raises(ConfigMalformed) as caught:
        _ = document.proxies
    assert says in caught.value.message
    assert "s3cret" not in caught.value.message + str(caught.value.hint)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["default", "httpProxy", "httpsProxy", "noProxy", "x"]), inner, max_size=3)
    ),
)


@given(JSON)
def test_anything_is_read_or_an_error(proxies: Any) -> None:
    document = of(json.dumps({"proxies": proxies}))
    try:
        found = document.proxies
    except ConfigMalformed:
        return
    assert set(found) <= {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
    assert all(found.values())
    assert not document.changed
