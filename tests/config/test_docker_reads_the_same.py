"""The rules of Go's decoder, asked of docker itself, where it is installed.

``docker context use`` reads config.json and writes back what it understood.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from dockpass.config.document import change, read
from dockpass.credential import Credential

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.config.document import Document

DOCKER = shutil.which("docker")
pytestmark = pytest.mark.skipif(DOCKER is None, reason="docker is not installed here")

FOO = "Zm9vOmJhcg=="


def rewritten_by_docker(folder: Path) -> None:
    for words in (["create", "other", "--docker", "host=unix:///nowhere"], ["use", "other"]):
        subprocess.run(
            [str(DOCKER), "--config", str(folder), "context", *words],
            capture_output=True,
            check=True,
            env={"PATH": str(folder), "HOME": str(folder)},  # no helper there that docker would take by itself
        )


@pytest.mark.parametrize(
    "text",
    [
        f'{{"AUTHS": {{"a": {{"auth": "{FOO}"}}}}, "auths": {{"b": {{"AUTH": "{FOO}"}}}}}}',
        '{"CredsStore": "x", "credsStore": null}',
        '{"credsStore": "x", "creds\u017ftore": "y"}',
        f'{{"auths": {{"a": {{"auth": "{FOO}"}}}}, "auths": null}}',
        '{"credHelpers": {"r": null, "q": ""}, "CREDHELPERS": {"q": "z"}}',
        f'{{"auths": {{"a": {{"auth": "{FOO}", "identitytoken": "t"}}, "a": {{"identitytoken": "q"}}, "n": null}}}}',
        '{"auths": {"u": {"username": "u"}, "p": {"username": "u", "password": "p", "PASSWORD": null}, "A": {}}}',
        '{"auths": {"a": {"auth": "Zm9v\\nOmJhcg==\\r"}, "e": {"auth": ""}, "nul": {"auth": "Zm9vOgBiYXIA"}}}',
        '{"auths": {"\\ud800": {"username": "\\udc00", "password": "p\\u0001"}}}',
        "null",
        "\n",
    ],
)
def test_what_a_file_says(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    ours = read(str(tmp_path))
    before = {key: (ours.auth(key), ours.username(key)) for key in ours.auth_keys()}
    routes = ours.creds_store, ours.cred_helpers
    rewritten_by_docker(tmp_path)
    docker = read(str(tmp_path))
    assert {key: (docker.auth(key), docker.username(key)) for key in docker.auth_keys()} == before
    assert (docker.creds_store, docker.cred_helpers) == routes
    assert docker.current_context == "other"


def test_what_we_write_is_what_docker_would_write(tmp_path: Path) -> None:
    def logins(document: Document) -> None:
        document.set_auth("reg.test", Credential("alice", "p<w>&"))
        document.set_auth("a.test:5000", Credential("alice", "T", is_identity_token=True))
        document.set_marker("https://index.docker.io/v1/")
        document.set_helper("gcr.io", "gcloud")
        document.set_creds_store("pass")

    change(str(tmp_path), logins)
    ours = (tmp_path / "config.json").read_text()
    rewritten_by_docker(tmp_path)
    theirs = (tmp_path / "config.json").read_text()
    assert theirs == ours.removesuffix("\n}") + ',\n\t"currentContext": "other"\n}'
    assert list(json.loads(theirs)) == ["auths", "credsStore", "credHelpers", "currentContext"]
