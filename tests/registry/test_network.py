"""What a user says of the network, as one value."""

from __future__ import annotations

import pytest

from dockpass.errors import UsageError
from dockpass.registry.network import Network


def test_nothing_said() -> None:
    assert Network.told() is None


def test_each_word_has_its_place() -> None:
    said = Network.told(cacert="ca", cert="crt", key="key", cert_dir="dir", timeout=60, connect_timeout=2.5)
    assert said is not None
    assert (said.ca_files, said.client_pairs, said.cert_dir) == (("ca",), (("crt", "key"),), "dir")
    assert (said.timeout, said.connect_timeout) == (60, 2.5)


@pytest.mark.parametrize("word", ["cacert", "cert", "cert_dir", "timeout", "connect_timeout"])
def test_one_word_alone(word: str) -> None:
    """The rest is as if nothing had been said."""
    value = 7.0 if "timeout" in word else "x"
    said = Network.told(**{word: value})  # type: ignore[arg-type]
    assert said is not None
    found = {
        "cacert": said.ca_files == ("x",),
        "cert": said.client_pairs == (("x", "x"),),
        "cert_dir": said.cert_dir == "x",
        "timeout": said.timeout == 7,
        "connect_timeout": said.connect_timeout == 7,
    }
    assert [name for name, is_said in found.items() if is_said] == [word]
    assert {said.timeout, said.connect_timeout} - {7} <= {30, 10}


def test_a_key_without_a_certificate() -> None:
    with pytest.raises(UsageError, match="key is given, and no cert"):
        Network.told(key="key")


@pytest.mark.parametrize("seconds", [0, -1, 3600.1, float("nan"), float("inf")])
@pytest.mark.parametrize("word", ["timeout", "connect_timeout"])
def test_what_is_no_time(word: str, seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Network.told(**{word: seconds})  # type: ignore[arg-type]


def test_the_same_through_other_proxies() -> None:
    said = Network(ca_files=("ca",), client_pairs=(("c", "k"),), cert_dir="d", timeout=1, connect_timeout=2)
    other = said.through({"HTTPS_PROXY": "http://p"}, "config.json")
    assert (other.proxies, other.proxies_place) == ({"HTTPS_PROXY": "http://p"}, "config.json")
    for name in ("ca_files", "client_pairs", "cert_dir", "timeout", "connect_timeout"):
        assert getattr(other, name) == getattr(said, name)
