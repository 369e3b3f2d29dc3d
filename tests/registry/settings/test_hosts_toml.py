"""containerd's ``hosts.toml``."""

from __future__ import annotations

import os
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockpass.errors import FileUnreadable
from dockpass.http.trust import Trust
from dockpass.registry.settings import hosts_toml

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("r.example:5000",)


def read(folder: Path, text: str | bytes, *names: str, notes: list[str] | None = None) -> Trust:
    path = folder / "hosts.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = hosts_toml.read(str(path), names or NAMES, [] if notes is None else notes)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "files"),
    [
        ("'/a/ca.pem'", ["/a/ca.pem"]),
        ("'ca.pem'", ["{}/ca.pem"]),
        ("['a.pem', '/b.pem']", ["{}/a.pem", "/b.pem"]),
        ("[]", []),
    ],
)
def test_authorities(tmp_path: Path, value: str, files: list[str]) -> None:
    expected = tuple(file.format(tmp_path) for file in files)
    assert read(tmp_path, f"ca = {value}") == Trust(expected)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("'both.pem'", [("both.pem", "both.pem")]),
        ("['a.pem', 'b.pem']", [("a.pem", "a.pem"), ("b.pem", "b.pem")]),
        ("[['a.cert', 'a.key'], ['b.pem', '']]", [("a.cert", "a.key"), ("b.pem", "b.pem")]),
    ],
)
def test_client_certificates(tmp_path: Path, value: str, pairs: list[tuple[str, str]]) -> None:
    expected = tuple((str(tmp_path / certificate), str(tmp_path / key)) for certificate, key in pairs)
    assert read(tmp_path, f"client = {value}") == Trust((), expected)


@pytest.mark.parametrize(
    "text",
    [
        "server = 'https://r.example:5000'\nca = '/ca'",
        "server = 'r.example:5000'\nca = '/ca'",
        "server = 'HTTPS://R.EXAMPLE:5000/v2'\nca = '/ca'",
        "[host.'https://r.example:5000']\nca = '/ca'",
        "[host.'r.example:5000']\nca = '/ca'",
        "[host.'http://r.example:5000']\ncapabilities = ['pull']\nca = '/ca'",
        "server = 'https://other.example'\n[host.'https://r.example:5000']\nca = '/ca'",
        "ca = '/ca'\n[host.'https://r.example:5000']\nca = ['/ca']",
    ],
)
def test_what_is_for_the_registry(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Trust(("/ca",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "server = 'https://other.example:5000'\nca = '/ca'",
        "server = 'https://r.example'\nca = '/ca'",
        "[host.'https://mirror.example']\nca = '/ca'\nclient = '/client'",
        "[host.'https://r.example:5001']\nca = '/ca'",
        "[host.'https://x.r.example:5000']\nca = '/ca'",
        "[host.'https://r.example:5000@evil.example']\nca = '/ca'",
        "[host.'https:///']\nca = '/ca'",
    ],
)
def test_what_is_for_others(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Trust()


@pytest.mark.parametrize(("name", "url"), [("r.example", "https://r.example:443"), ("r.example:443", "r.example")])
def test_the_port_of_https_may_be_left_out(tmp_path: Path, name: str, url: str) -> None:
    assert read(tmp_path, f"[host.'{url}']\nca = '/ca'", name) == Trust(("/ca",))


def test_the_check_is_not_skipped(tmp_path: Path) -> None:
    notes: list[str] = []
    text = (
        "skip_verify = true\nserver = 'https://r.example:5000'\n[host.'https://r.example:5000']\nskip_verify = true\n"
    )
    assert read(tmp_path, text, notes=notes) == Trust()
    assert len(notes) == 1
    assert f"{tmp_path}/hosts.toml says skip_verify, and certificates are checked all the same" in notes[0]
    read(tmp_path, "skip_verify = false", notes=notes)
    read(tmp_path, "[host.'https://mirror.example']\nskip_verify = true", notes=notes)
    assert len(notes) == 1


def test_the_rest_is_not_looked_at(tmp_path: Path) -> None:
    text = (
        "capabilities = 1\ndial_timeout = 'x'\noverride_path = 3\nca = '/ca'\n[header]\nauthorization = 'Basic eA=='\n"
    )
    assert read(tmp_path, text) == Trust(("/ca",))


@pytest.mark.parametrize(
    "text",
    [
        "ca = ",
        "ca = 'a'\nca = 'b'",
        b"ca = '\xff'",
        "x = " + "[" * 5000,
        "x = " + "9" * 5000,
        "ca = 1",
        "ca = [1]",
        "ca = ''",
        'ca = "a\\u0000b"',
        "ca = {}",
        "client = true",
        "client = [['a']]",
        "client = [['a', 'b', 'c']]",
        "client = [[1, 2]]",
        "client = [['', 'b']]",
        "host = 1",
        "[host]\n'https://r.example:5000' = 1",
        "server = 1",
    ],
)
def test_what_cannot_be_understood_is_an_error_that_names_the_file(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(FileUnreadable, match="cannot be understood: ") as caught:
        read(tmp_path, text)
    assert caught.value.path == str(tmp_path / "hosts.toml")
    assert str(tmp_path / "hosts.toml") in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_a_file_that_is_gone_or_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hosts.toml"
    notes: list[str] = []
    assert hosts_toml.read(str(path), NAMES, notes) is None
    assert notes == []
    path.write_text("ca = '/ca'")
    # Root may read everything, so the refusal is made here.
    monkeypatch.setattr(os, "access", lambda *_args: False)
    assert hosts_toml.read(str(path), NAMES, notes) is None
    assert notes == [f"{path} cannot be read and is passed over: permission denied"]


WORDS = st.text(string.printable, max_size=20)
KEYS = st.sampled_from(["ca", "client", "server", "host", "skip_verify", "header", "https://r.example:5000", "x"])
VALUES = st.recursive(
    st.one_of(WORDS.map(repr), st.integers().map(str), st.sampled_from(["true", "1.5", "1979-05-27", "nan", "''"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(KEYS, inner).map(lambda pair: f"{{'{pair[0]}' = {pair[1]}}}"),
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"'{pair[0]}' = {pair[1]}"),
    st.tuples(KEYS, KEYS).map(lambda pair: f"['{pair[0]}'.'{pair[1]}']"),
    WORDS,
)


@given(st.one_of(st.lists(LINES, max_size=6).map(lambda lines: "\n".join(lines).encode()), st.binary(max_size=50)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    try:
        found = read(tmp_path, content)
    except FileUnreadable as error:
        assert error.message.startswith(f"{tmp_path}/hosts.toml cannot be understood: ")
        assert error.message.isprintable()
        return
    for path in (*found.ca_files, *(file for pair in found.client_pairs for file in pair)):
        assert os.path.isabs(path)
        assert "\0" not in path
