"""Challenges as real registries send them, as the grammar allows them, and as nobody should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpass.registry.challenge import parse


def read(*lines: str) -> list[tuple[str, dict[str, str]]]:
    """Scheme and parameters of those that may be used."""
    return [(one.scheme, one.params) for one in parse(list(lines)) if not one.unusable]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ['bearer REALM="https://t/x",Service="s"'],
            [("bearer", {"realm": "https://t/x", "service": "s"})],
            id="schemes and names in any case",  # case 24
        ),
        pytest.param(
            ['Bearer realm = "https://t/x" , service="s"'],
            [("bearer", {"realm": "https://t/x", "service": "s"})],
            id="blanks around the equals sign",  # case 25
        ),
        pytest.param(
            [
                (
                    'Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",'
                    'Basic realm="https://codeberg.org/v2",service="container_registry"'
                )
            ],
            [
                (
                    "bearer",
                    {"realm": "https://codeberg.org/v2/token", "service": "container_registry", "scope": "*"},
                ),
                ("basic", {"realm": "https://codeberg.org/v2", "service": "container_registry"}),
            ],
            id="two challenges on one line, each with its own realm",  # case 26
        ),
        pytest.param(
            ['Basic realm="b"', 'Bearer realm="https://t/x"'],
            [("basic", {"realm": "b"}), ("bearer", {"realm": "https://t/x"})],
            id="two challenges on two lines, in order",  # case 27
        ),
        pytest.param(
            ['Bearer realm="r",scope="repository:a/b:pull,push"'],
            [("bearer", {"realm": "r", "scope": "repository:a/b:pull,push"})],
            id="a comma inside quotes",  # case 28
        ),
        pytest.param(
            ['Bearer realm="r",scope="repository:a:pull repository:b:pull"'],
            [("bearer", {"realm": "r", "scope": "repository:a:pull repository:b:pull"})],
            id="two scopes in one value",  # case 29
        ),
        pytest.param(
            ['Bearer realm="r",scope="",service="s"'],
            [("bearer", {"realm": "r", "scope": "", "service": "s"})],
            id="an empty value ends nothing",  # case 30
        ),
        pytest.param(
            ['Bearer realm="https://gcr.io/v2/token",service=gcr.io'],
            [("bearer", {"realm": "https://gcr.io/v2/token", "service": "gcr.io"})],
            id="a value without quotes",  # case 31
        ),
        pytest.param(
            ["Bearer realm=https://t/oauth/token?a=b, service=registry"],
            [("bearer", {"realm": "https://t/oauth/token?a=b", "service": "registry"})],
            id="an address without quotes",  # case 32
        ),
        pytest.param(
            [r'Bearer realm="https:\/\/t\/x"'], [("bearer", {"realm": "https://t/x"})], id="escaped slashes"
        ),  # case 33
        pytest.param(
            [r'Basic realm="a\"b\\",service="s"'],
            [("basic", {"realm": 'a"b\\', "service": "s"})],
            id="an escaped quotation mark",  # case 34
        ),
        pytest.param(
            ['Bearer realm="https://t/x', 'Basic realm="good"'],
            [("basic", {"realm": "good"})],
            id="an open quotation mark spoils its own challenge only",  # case 35
        ),
        pytest.param(
            ['Bearer realm="a",service="s",realm="b"', "Basic"],
            [("basic", {})],
            id="a parameter that stands twice",  # case 36
        ),
        pytest.param(["Basic"], [("basic", {})], id="a scheme alone"),  # case 39
        pytest.param([',, Basic realm="x", ,'], [("basic", {"realm": "x"})], id="empty elements"),  # case 40
        pytest.param(
            ['Bearer abc==, Basic realm="x"'],
            [("basic", {"realm": "x"})],
            id="a bare value after a scheme makes it useless",  # cases 41, 42
        ),
        pytest.param(
            ['Bearer realm="r",error="invalid_token",x-more=1'],
            [("bearer", {"realm": "r", "error": "invalid_token", "x-more": "1"})],
            id="unknown parameters",  # case 43
        ),
        pytest.param(
            ['Basic realm="\xc4rger \xfc"'], [("basic", {"realm": "\xc4rger \xfc"})], id="letters outside ASCII"
        ),  # case 45
        pytest.param(
            ["Negotiate", "NTLM", 'Basic realm="x"'],
            [("negotiate", {}), ("ntlm", {}), ("basic", {"realm": "x"})],
            id="schemes of a proxy beside it",  # case 6
        ),
        pytest.param(
            ["Negotiate, NTLM,Basic"], [("negotiate", {}), ("ntlm", {}), ("basic", {})], id="schemes on one line"
        ),
        pytest.param(
            ['BASIC realm="Sonatype Nexus Repository Manager"'],
            [("basic", {"realm": "Sonatype Nexus Repository Manager"})],
            id="a scheme in capitals",  # case 157
        ),
        pytest.param(
            ['Basic realm=openshift,error="no"'],
            [("basic", {"realm": "openshift", "error": "no"})],
            id="one value with quotes and one without",
        ),
        pytest.param(
            ['Bearer realm="https://t/x",service="registry.aliyuncs.com:cn-hangzhou:26842"'],
            [("bearer", {"realm": "https://t/x", "service": "registry.aliyuncs.com:cn-hangzhou:26842"})],
            id="colons in the service",
        ),
        pytest.param(
            ['Bearer realm="r" service="s"'],
            [("bearer", {"realm": "r", "service": "s"})],
            id="a comma forgotten",
        ),
        pytest.param(
            ["Bearer realm=,service=s"],
            [("bearer", {"realm": "", "service": "s"})],
            id="an empty value without quotes",
        ),
        pytest.param(
            ["Bearer realm=r,service="],
            [("bearer", {"realm": "r", "service": ""})],
            id="an empty value at the end",
        ),
        pytest.param(
            ['Basic realm="x", ;;; "", Bearer realm="y"'],
            [("basic", {"realm": "x"}), ("bearer", {"realm": "y"})],
            id="junk between",
        ),
        pytest.param(['a=b, Basic realm="x"'], [("basic", {"realm": "x"})], id="a parameter without a scheme"),
        pytest.param(['"open, Basic'], [("basic", {})], id="junk first"),
        pytest.param(['Basic realm="x\\'], [], id="an escape of nothing"),
        pytest.param(['Bearer realm="a"@'], [], id="junk right behind a value"),
        pytest.param(['Bearer realm=a"b'], [], id="a quotation mark inside a value"),
        pytest.param(["Bear@er realm=x"], [], id="a scheme that is no word"),
        pytest.param(['Bearer realm="a\x00b"'], [], id="a control character"),
        pytest.param(['Bearer service="a\x7f"'], [], id="another control character"),
        pytest.param(['Basic realm="a\tb"'], [("basic", {"realm": "a\tb"})], id="a tab, which is allowed"),
        pytest.param([], [], id="nothing"),
        pytest.param([""], [], id="an empty line"),
    ],
)
def test_is_read(lines: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    assert read(*lines) == expected


def test_why_it_cannot_be_used_is_said() -> None:
    (broken,) = parse(['Bearer realm="https://t/x'])
    assert (broken.scheme, broken.unusable) == ("bearer", "a quotation mark is not closed")
    assert repr(broken) == "Challenge('bearer', {}, 'a quotation mark is not closed')"


def test_the_first_reason_stays() -> None:
    (broken,) = parse(['Bearer a="1",a="2",b="'])
    assert broken.unusable == "a parameter stands twice in it"


def test_a_line_over_the_limit_is_one_useless_challenge() -> None:  # case 46
    long = 'Bearer realm="' + "x" * 8192 + '"'
    found = parse([long, "Basic"])
    assert [(one.scheme, one.unusable) for one in found] == [("bearer", "its line is too long"), ("basic", "")]
    at_the_limit = 'Bearer realm="' + "x" * (8192 - 15) + '"'
    assert read(at_the_limit)


def test_lines_and_challenges_over_the_limit_are_left_out() -> None:  # case 46
    assert [one.scheme for one in parse([f"s{number}" for number in range(20)])] == [f"s{n}" for n in range(16)]
    assert len(parse([", ".join(f"s{number}" for number in range(10))] * 16)) == 16
    # The sixteenth is read to its end.
    assert parse([", ".join(f"s{number} a={number}" for number in range(20))])[-1].params == {"a": "15"}


@pytest.mark.parametrize(
    "line",
    [
        "," * 100_000,
        ", " * 4_000,
        "a " * 4_000,
        "a b=" * 2_000,
        "a " + " " * 8_000,
        "a b" + "=" * 8_000 + "c",
        'a b="' + "\\" * 8_000,
        '"' * 8_000,
        "=" * 8_000,
        'Basic realm="' + '\\"' * 4_000,
    ],
    ids=lambda line: repr(line[:8]),
)
def test_every_character_is_looked_at_a_few_times_only(line: str) -> None:  # case 47
    # Counted, not timed: the text tells how often it is looked into.
    class Counted(str):
        __slots__ = ()
        looks = 0

        def __getitem__(self, key: object) -> str:
            Counted.looks += 1
            return super().__getitem__(key)  # type: ignore[index]

    parse([Counted(line)])
    assert Counted.looks <= 20 * min(len(line), 8192) + 100


@given(st.lists(st.text(), max_size=20))
def test_never_raises(lines: list[str]) -> None:
    for one in parse(lines):
        assert one.scheme == one.scheme.lower()


@given(st.lists(st.text(alphabet='abB =,"\\~/\t;\xe4'), max_size=5))
def test_never_raises_on_what_looks_like_challenges(lines: list[str]) -> None:
    parse(lines)


_TOKEN = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~", min_size=1, max_size=10)
_VALUE = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFF, blacklist_categories=["Cc"]))
_CHALLENGE = st.tuples(_TOKEN, st.dictionaries(_TOKEN, _VALUE, min_size=1, max_size=4))


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(
    st.lists(_CHALLENGE, min_size=1, max_size=16),
    st.sampled_from(["=", " = ", "=\t"]),
    st.sampled_from([",", ", ", " ,, "]),
)
def test_what_is_well_formed_comes_back(challenges: list[tuple[str, dict[str, str]]], equals: str, comma: str) -> None:
    line = comma.join(
        f"{scheme.upper()} " + comma.join(name + equals + _quote(value) for name, value in params.items())
        for scheme, params in challenges
    )
    assert read(line) == challenges
    assert read(*line.split("\n")) == challenges


def test_no_line_after_the_sixteenth_is_read() -> None:
    assert parse([""] * 15 + ['Basic realm="x"']) != []
    assert parse([""] * 16 + ['Basic realm="x"']) == []
