"""docker's option grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.cli.options import BadOption, Option, parse

OPTIONS = (
    Option("username", "", short="u", value="string"),
    Option("password", "", short="p", value="string"),
    Option("password-stdin", ""),
    Option("quiet", "", short="q"),
    Option("debug", "", short="D"),
    Option("host", "", short="H", value="string"),
)


@pytest.mark.parametrize(
    ("line", "values", "arguments"),
    [
        ("", {}, []),
        ("reg", {}, ["reg"]),
        ("-u bob reg", {"username": "bob"}, ["reg"]),
        ("reg -u bob", {"username": "bob"}, ["reg"]),
        ("-ubob", {"username": "bob"}, []),
        ("-u=bob", {"username": "bob"}, []),
        ("--username bob", {"username": "bob"}, []),
        ("--username=bob", {"username": "bob"}, []),
        ("--username=", {"username": ""}, []),
        ("-u -p", {"username": "-p"}, []),
        ("-p -secret", {"password": "-secret"}, []),
        ("-p --", {"password": "--"}, []),
        ("-p -", {"password": "-"}, []),
        ("--password --username", {"password": "--username"}, []),
        ("-u a -u b", {"username": "b"}, []),
        ("--password-stdin", {"password-stdin": "true"}, []),
        ("--password-stdin=false", {"password-stdin": "false"}, []),
        ("--password-stdin=T", {"password-stdin": "true"}, []),
        ("--password-stdin reg", {"password-stdin": "true"}, ["reg"]),
        ("-qD", {"quiet": "true", "debug": "true"}, []),
        ("-qubob", {"quiet": "true", "username": "bob"}, []),
        ("-q=false", {"quiet": "false"}, []),
        ("-- -u", {}, ["-u"]),
        ("a -- b -q", {}, ["a", "b", "-q"]),
        ("-", {}, ["-"]),
    ],
)
def test_words_are_read_as_docker_reads_them(line: str, values: dict[str, str], arguments: list[str]) -> None:
    parsed = parse(line.split(), OPTIONS)
    assert (parsed.values, parsed.arguments) == (values, arguments)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--nope", "unknown flag: --nope"),
        ("--user bob", "unknown flag: --user"),
        ("--nope=secret", "unknown flag: --nope"),
        ("-z", "unknown shorthand flag: 'z' in -z"),
        ("-zsecret", "unknown shorthand flag: 'z' in -z…"),
        ("-qz", "unknown shorthand flag: 'z' in -z"),
        ("-u", "flag needs an argument: 'u' in -u"),
        ("-qu", "flag needs an argument: 'u' in -qu"),
        ("--username", "flag needs an argument: --username"),
        ("---x", "bad flag syntax: ---x"),
        ("--=x", "bad flag syntax: --=x"),
        ("--password-stdin=maybe", 'invalid argument "maybe" for "--password-stdin" flag: neither true nor false'),
        ("-q=x", 'invalid argument "x" for "-q" flag: neither true nor false'),
        ("-H a -H b", 'invalid argument for "-H, --host" flag: specify only one -H'),
    ],
)
def test_what_docker_refuses_is_refused_in_its_words(line: str, says: str) -> None:
    with pytest.raises(BadOption) as caught:
        parse(line.split(), OPTIONS)
    assert caught.value.message == says


def test_a_program_stops_reading_at_the_command() -> None:
    parsed = parse(["-D", "login", "-u", "x"], OPTIONS, stop=lambda _word: True)
    assert (parsed.values, parsed.arguments) == ({"debug": "true"}, ["login", "-u", "x"])


def test_values_and_switches_are_told_apart() -> None:
    parsed = parse(["-u", "bob", "-q", "-D=false"], OPTIONS)
    assert parsed.get("username") == "bob"
    assert parsed.get("password") is None
    assert parsed.on("quiet")
    assert not parsed.on("debug")
    assert not parsed.on("password-stdin")


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_value_comes_through_unchanged(username: str, password: str) -> None:
    assert parse(["--username", username, "-p", password], OPTIONS).values == {
        "username": username,
        "password": password,
    }
    assert parse([f"--username={username}", f"-p={password}"], OPTIONS).values == {
        "username": username,
        "password": password,
    }


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_words_are_read_or_refused_in_printable_words(words: list[str]) -> None:
    try:
        parse(words, OPTIONS)
    except BadOption as error:
        assert error.message.isprintable()


def test_an_option_that_can_be_given_several_times() -> None:
    options = (Option("recipient", value="key", many=True), Option("identity", value="path"))
    parsed = parse(["--recipient", "one", "--recipient=two", "--identity", "a", "--identity", "b"], options)
    assert parsed.all("recipient") == ["one", "two"]
    assert parsed.get("identity") == "b"
    assert parse([], options).all("recipient") == []
    assert parse(["--recipient", "one\n\ntwo\n"], options).all("recipient") == ["one", "", "two"]
