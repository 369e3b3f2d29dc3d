from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockpass.config.document import LIMIT, Document, change, read
from dockpass.credential import Credential
from dockpass.errors import BadCredential, ConfigMalformed, FileUnreadable, FileUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    ActingAs = Callable[[int], AbstractContextManager[None]]

FOO = "Zm9vOmJhcg=="  # foo:bar
ALICE = Credential("alice", "pw")
ALICES = base64.b64encode(b"alice:pw").decode()
TOKEN = Credential("alice", "T", is_identity_token=True)


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str | bytes], str]:
    """Makes a config.json with these contents; gives its folder."""

    def make(contents: str | bytes) -> str:
        data = contents.encode() if isinstance(contents, str) else contents
        (tmp_path / "config.json").write_bytes(data)
        return str(tmp_path)

    return make


def of(text: str | bytes) -> Document:
    """The document of a text, without a file."""
    from dockpass.files.read import Snapshot

    data = text.encode() if isinstance(text, str) else text
    return Document("D/config.json", Snapshot(data, os.stat(".")))


def written(document: Document) -> str:
    assert document.changed
    return document.render().decode()


class TestReading:
    @pytest.mark.parametrize("text", ["", " ", "\n\t\r\n ", "null", " null\n", "{}", "{ }\n"])
    def test_what_is_as_good_as_nothing(self, config: Callable[[str], str], text: str) -> None:
        document = read(config(text))
        assert document.auth_keys() == []
        assert (document.creds_store, document.cred_helpers, document.current_context) == ("", {}, "")
        assert document.http_headers == {}
        assert not document.changed
        assert document.notes == []
        assert document.render() == text.encode()

    def test_no_file_and_no_folder(self, tmp_path: Path) -> None:
        document = read(str(tmp_path / "a"))
        assert document.auth_keys() == []
        assert document.path == str(tmp_path / "a" / "config.json")
        assert document.notes == []
        assert document.render() == b""
        assert os.listdir(tmp_path) == []

    def test_what_it_says(self, config: Callable[[str], str]) -> None:
        document = read(
            config(
                f'{{"auths": {{"b": {{"auth": "{FOO}"}}, "a": {{}}}}, "credsStore": "pass", '
                '"credHelpers": {"gcr.io": "gcloud", "x": ""}, "currentContext": "remote", "HttpHeaders": {"A": "b"}}'
            )
        )
        assert document.auth_keys() == ["b", "a"]
        assert document.has_auth("a")
        assert not document.has_auth("c")
        assert document.auth("b") == Credential("foo", "bar")
        assert document.auth("a") is None
        assert document.auth("c") is None
        assert document.creds_store == "pass"
        assert document.cred_helpers == {"gcr.io": "gcloud", "x": ""}
        assert document.current_context == "remote"
        assert document.http_headers == {"A": "b"}

    @pytest.mark.parametrize(
        ("entry", "credential"),
        [
            (f'{{"auth": "{FOO}"}}', Credential("foo", "bar")),
            ('{"username": "u", "password": "p"}', Credential("u", "p")),
            (f'{{"username": "u", "password": "p", "auth": "{FOO}"}}', Credential("foo", "bar")),
            (f'{{"auth": "{FOO}", "identitytoken": "T"}}', Credential("foo", "T", is_identity_token=True)),
            ('{"auth": "Zm9vOg=="}', None),
            ('{"auth": ""}', None),
            ('{"auth": null, "email": 5}', None),
            ("{}", None),
            ("null", None),
            (f'{{"AUTH": "{FOO}"}}', Credential("foo", "bar")),
            (f'{{"auth": "x", "Auth": "{FOO}"}}', Credential("foo", "bar")),
            (f'{{"auth": "{FOO}", "auth": null}}', Credential("foo", "bar")),
            ('{"u\u017fername": "u", "pa\u017f\u017fword": "p"}', Credential("u", "p")),
            ('{"identityto\u212aen": "T"}', Credential("", "T", is_identity_token=True)),
            ('{"username": "u\\ud800", "password": "\\udcff"}', Credential("u\ufffd", "\ufffd")),
        ],
    )
    def test_entries(self, entry: str, credential: Credential | None) -> None:
        document = of(f'{{"auths": {{"reg": {entry}}}}}')
        assert document.auth("reg") == credential
        assert document.notes == []

    def test_a_user_name_without_a_secret(self) -> None:
        document = of('{"auths": {"reg": {"auth": "Zm9vOg=="}, "other": {}}}')
        assert document.username("reg") == "foo"
        assert document.username("other") == ""
        assert document.username("none") == ""

    def test_names_are_matched_as_go_does(self) -> None:
        document = of(
            f'{{"AUTHS": {{"a": {{"auth": "{FOO}"}}}}, "CredsStore": "x", "CREDHELPERS": {{"A": "y"}}, '
            '"auth\u017f": {"b": {}}, "CURRENTCONTEXT": "c", "httpheaders": {}}'
        )
        assert document.auth_keys() == ["a", "b"]
        assert document.creds_store == "x"
        assert document.cred_helpers == {"A": "y"}  # the keys themselves are compared exactly
        assert document.current_context == "c"

    def test_keys_are_compared_exactly(self) -> None:
        document = of(f'{{"auths": {{"REG": {{"auth": "{FOO}"}}, "r\\u0065g2": {{}}}}}}')
        assert not document.has_auth("reg")
        assert document.has_auth("reg2")

    def test_repeated_objects_are_merged_and_the_last_entry_counts_whole(self) -> None:
        document = of(
            f'{{"auths": {{"a": {{"auth": "{FOO}"}}, "b": {{"auth": "{FOO}"}}}}, '
            '"auths": {"a": {"identitytoken": "T"}, "c": {}, "c": {"username": "u", "password": "p"}}}'
        )
        assert document.auth_keys() == ["a", "b", "c"]
        assert document.auth("a") == Credential("", "T", is_identity_token=True)
        assert document.auth("b") == Credential("foo", "bar")
        assert document.auth("c") == Credential("u", "p")

    def test_null_empties_objects_and_leaves_strings(self) -> None:
        document = of(
            '{"auths": {"a": {}}, "auths": null, "credsStore": "x", "credsStore": null, '
            '"credHelpers": {"a": "b"}, "credHelpers": null, "credHelpers": {"c": null}, "currentContext": null}'
        )
        assert document.auth_keys() == []
        assert document.creds_store == "x"
        assert document.cred_helpers == {"c": ""}
        assert document.current_context == ""


class TestMalformed:
    @pytest.mark.parametrize(
        ("contents", "line", "column", "reason"),
        [
            ('{"auths": {}', 1, 13, "a comma or a closing brace should stand here"),
            ('{\n\t"auths": {},\n}', 3, 1, "a name in double quotes should stand here"),
            ("// comment\n{}", 1, 1, "a value should stand here"),
            ('{"auths": {}} trailing', 1, 15, "more text after the end"),
            ('{"auths": {}}{"auths": {}}', 1, 14, "more text after the end"),
            ("\ufeff{}", 1, 1, "a byte order mark"),
            (b'{\n "a": "\xff"}', 2, 8, "bytes that are not UTF-8"),
            ("{}".encode("utf-16"), 1, 1, "the text is UTF-16, and should be UTF-8"),
            (b"\xfe\xff\0{\0}", 1, 1, "the text is UTF-16, and should be UTF-8"),
            ("{}\n\0\0", 2, 1, "a NUL byte"),
            ("\0" * 4096, 1, 1, "a NUL byte"),
            ("[]", 1, 1, "an object {...} should stand here"),
            ('\n"text"', 2, 1, "an object {...} should stand here"),
            ("5", 1, 1, "an object {...} should stand here"),
            ('{"auths": []}', 1, 11, "auths should be an object {...}"),
            ('{"auths": {}, "AUTHS": 5}', 1, 24, "auths should be an object {...}"),
            ('{"credsStore": {}}', 1, 16, "credsStore should be a string"),
            ('{"credsStore": "x", "credsStore": 1}', 1, 35, "credsStore should be a string"),
            ('{"currentContext": false}', 1, 20, "currentContext should be a string"),
            ('{"credHelpers": "x"}', 1, 17, "credHelpers should be an object {...}"),
            ('{\n"credHelpers": {"a": "b", "c": 1}}', 2, 32, "every value in credHelpers should be a string"),
            ('{"HttpHeaders": {"a": ["b"]}}', 1, 23, "every value in HttpHeaders should be a string"),
            ("{" * 1_000_000, 1, 2, "a name in double quotes should stand here"),
            ('{"a":' * 100_000, 1, 321, "nested too deep"),
            ("[" * 400_000, 1, 65, "nested too deep"),
        ],
    )
    def test_it_is_refused_and_not_touched(
        self, config: Callable[[str | bytes], str], contents: str | bytes, line: int, column: int, reason: str
    ) -> None:
        folder = config(contents)
        path = os.path.join(folder, "config.json")
        if isinstance(contents, str) and contents.count("{") + contents.count("[") > 500_000:
            with pytest.raises(FileUnreadable, match="more than 500000 values"):
                read(folder)
            return
        before = os.stat(path)
        for act in (lambda: read(folder), lambda: change(folder, lambda document: document.set_auth("reg", ALICE))):
            with pytest.raises(ConfigMalformed) as caught:
                act()
            error = caught.value
            assert (error.line, error.column) == (line, column)
            assert error.message.startswith(f"cannot read {path}: line {line}, column {column}: {reason}")
            assert error.path == path
            assert "not touched" in str(error.hint)
        after = os.stat(path)
        assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
            before.st_ino,
            before.st_mtime_ns,
            before.st_ctime_ns,
        )
        assert os.listdir(folder) == ["config.json"]

    def test_nothing_of_the_contents_is_in_the_message(self) -> None:
        with pytest.raises(ConfigMalformed) as caught:
            of('{"auths": {"reg": {"auth": "hunter2" "x": hunter2}}}')
        assert "hunter2" not in f"{caught.value} {caught.value.hint}"

    def test_more_values_than_any_config_has(self) -> None:
        with pytest.raises(FileUnreadable, match="more than 500000 values"):
            of('{"a": [' + "1," * 600_000 + "1]}")


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(100 << 20)


class TestOddFiles:
    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (make_folder, "it is a folder, not a file"),
            (make_pipe, "it is a pipe, not a file"),
            (link_to_device, "it is a device, not a file"),
            (make_huge, "it is larger than 16 MiB"),
        ],
    )
    def test_it_is_refused_at_once(  # case 144
        self, tmp_path: Path, make: Callable[[Path], None], reason: str
    ) -> None:
        make(tmp_path / "config.json")
        for act in (lambda: read(str(tmp_path)), lambda: change(str(tmp_path), lambda it: it.set_auth("reg", ALICE))):
            with pytest.raises(FileUnreadable) as caught:
                act()
            assert caught.value.message == f"cannot read {tmp_path}/config.json: {reason}"
        assert os.listdir(tmp_path) == ["config.json"]

    def test_the_folder_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(FileUnreadable, match="a part of its path is not a folder"):
            read(str(tmp_path / "file"))

    def test_not_readable(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_text("{}")
        os.chown(path, somebody, somebody)
        os.chown(open_path, somebody, somebody)
        path.chmod(0)
        with acting_as(somebody):
            for act in (lambda: read(open_path), lambda: change(open_path, lambda it: it.set_auth("reg", ALICE))):
                with pytest.raises(FileUnreadable, match="permission denied"):
                    act()
        assert path.read_text() == "{}"

    def test_nearly_too_large(self, config: Callable[[str], str]) -> None:
        folder = config('{"a": "' + "x" * (LIMIT - 200) + '"}')
        assert change(folder, lambda document: document.set_auth("reg", ALICE))
        assert read(folder).auth("reg") == ALICE


class TestBrokenEntries:
    TEXT = (
        '{"auths": {"good": {"auth": "' + FOO + '"}, "bad": {"auth": "hunter2!", "email": "x"}, '
        '"nocolon": {"auth": "aHVudGVyMg=="}, "number": {"auth": 5}, "text": "hunter2", "list": [], '
        '"nouser": {"password": "hunter2"}, "\\u001b[31mx\\u202ey\\ud800": {"auth": "!"}}}'
    )

    def test_each_is_named_and_nothing_else_suffers(self) -> None:
        document = of(self.TEXT)
        assert document.auth("good") == Credential("foo", "bar")
        assert document.notes == [
            'the entry "bad" in D/config.json cannot be used: its auth is not base64',
            'the entry "nocolon" in D/config.json cannot be used: its auth is not user:password',
            'the entry "number" in D/config.json cannot be used: its auth is not a string',
            'the entry "text" in D/config.json cannot be used: it is not an object {...}',
            'the entry "list" in D/config.json cannot be used: it is not an object {...}',
            'the entry "nouser" in D/config.json cannot be used: it has a password, but no user name',
            'the entry "\\x1b[31mx\\u202ey\ufffd" in D/config.json cannot be used: its auth is not base64',
        ]
        assert len(document.auth_keys()) == 8

    @pytest.mark.parametrize("key", ["bad", "nocolon", "number", "text", "list", "nouser"])
    def test_who_asks_for_it_gets_an_error(self, key: str) -> None:
        document = of(self.TEXT)
        with pytest.raises(ConfigMalformed) as caught:
            document.auth(key)
        assert f'"{key}"' in caught.value.message
        assert "hunter2" not in caught.value.message
        assert caught.value.hint == "log in with -u NAME to replace it, or log out to remove it"
        assert caught.value.path == "D/config.json"
        assert document.has_auth(key)

    def test_so_does_who_asks_for_its_user_name(self) -> None:
        document = of(self.TEXT)
        with pytest.raises(ConfigMalformed, match="bad"):
            document.username("bad")
        assert document.username("nouser") == ""

    def test_they_are_kept_as_they_are(self) -> None:
        document = of(self.TEXT)
        document.set_auth("new", ALICE)
        text = written(document)
        tokens = ['"bad"', '"hunter2!"', '"x"', '"aHVudGVyMg=="', "5", '"text"', "[]", '"\\u001b[31mx\\u202ey\\ud800"']
        places = [text.index(token) for token in tokens]
        assert places == sorted(places)

    @pytest.mark.parametrize("key", ["bad", "text", "list", "number"])
    def test_a_login_replaces_it(self, key: str) -> None:
        document = of(self.TEXT)
        document.set_auth(key, ALICE)
        again = of(written(document))
        assert again.auth(key) == ALICE
        assert len(again.notes) == 5 + 1

    @pytest.mark.parametrize("key", ["bad", "text", "number"])
    def test_a_marker_replaces_it(self, key: str) -> None:
        document = of(self.TEXT)
        document.set_marker(key)
        assert of(written(document)).auth(key) is None

    def test_a_logout_removes_it(self) -> None:
        document = of(self.TEXT)
        assert document.remove_auth("bad")
        assert "hunter2!" not in written(document)
        assert not document.has_auth("bad")
        assert len(document.notes) == 6

    def test_a_long_key_is_cut_in_the_note(self) -> None:
        (note,) = of('{"auths": {"' + "k" * 10_000 + '": 5}}').notes
        assert len(note) < 200


class TestWriting:
    def test_a_first_login(self) -> None:
        document = of("")
        document.set_auth("reg.test", Credential("foo", "bar"))
        assert written(document) == f'{{\n\t"auths": {{\n\t\t"reg.test": {{\n\t\t\t"auth": "{FOO}"\n\t\t}}\n\t}}\n}}'

    def test_an_identity_token(self) -> None:
        document = of("")
        document.set_auth("reg.test", TOKEN)
        assert json.loads(written(document)) == {
            "auths": {"reg.test": {"auth": base64.b64encode(b"alice:").decode(), "identitytoken": "T"}}
        }
        assert list(json.loads(written(document))["auths"]["reg.test"]) == ["auth", "identitytoken"]

    def test_untouched_means_the_same_bytes(self) -> None:
        text = ' {"x" : 1,\r\n"auths":{ } , "y":[1.0 ,2]}\n\n'
        assert of(text).render() == text.encode()

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("", ["auths", "credsStore"]),
            ("null", ["auths", "credsStore"]),
            ("{}", ["auths", "credsStore"]),
            ('{"auths": null}', ["auths", "credsStore"]),
            ('{"HttpHeaders": {}}', ["auths", "HttpHeaders", "credsStore"]),
        ],
    )
    def test_auths_is_always_there(self, text: str, names: list[str]) -> None:
        document = of(text)
        document.set_creds_store("pass")
        assert list(json.loads(written(document))) == names
        assert '"auths": {},' in written(document)

    def test_every_other_token_is_kept(self) -> None:
        text = (
            '{"zz":1.0e+2,"auths":{"b":{"auth":"' + FOO + '","email":"\\u0061@b"}},"\\u0079":"\\/<",'
            '"list":[1,{"q":[]}],"zz":-0,"HttpHeaders":{"User-Agent":"mine"}}'
        )
        document = of(text)
        document.set_auth("a", ALICE)
        document.set_auth("b", ALICE)
        document.set_creds_store("pass")
        expected = f"""{{
	"zz": 1.0e+2,
	"auths": {{
		"a": {{
			"auth": "{ALICES}"
		}},
		"b": {{
			"auth": "{ALICES}",
			"email": "\\u0061@b"
		}}
	}},
	"\\u0079": "\\/<",
	"list": [
		1,
		{{
			"q": []
		}}
	],
	"zz": -0,
	"HttpHeaders": {{
		"User-Agent": "mine"
	}},
	"credsStore": "pass"
}}"""
        assert written(document) == expected

    @pytest.mark.parametrize(
        ("before", "key", "after"),
        [
            ("a c e", "d", "a c d e"),
            ("a c e", "0", "0 a c e"),
            ("a c e", "f", "a c e f"),
            ("c a e", "d", "c a e d"),
            ("", "d", "d"),
            ("B a", "C", "B C a"),  # by bytes, as Go sorts
            ("a é", "z", "a z é"),
        ],
    )
    def test_a_new_entry_goes_to_its_sorted_place(self, before: str, key: str, after: str) -> None:
        document = of(json.dumps({"auths": {each: {} for each in before.split()}}))
        document.set_auth(key, ALICE)
        assert of(written(document)).auth_keys() == after.split()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("auths", "auths credsStore"),
            ("", "auths credsStore"),
            ("auths HttpHeaders credHelpers", "auths HttpHeaders credsStore credHelpers"),
            ("auths unknown currentContext", "auths credsStore unknown currentContext"),
            ("HttpHeaders", "auths HttpHeaders credsStore"),
            ("currentContext psFormat auths", "currentContext psFormat auths credsStore"),
            ("unknown", "auths credsStore unknown"),
        ],
    )
    def test_a_new_member_goes_where_docker_would_put_it(self, before: str, after: str) -> None:
        value: dict[str, Any] = {
            name: {} if name in ("auths", "HttpHeaders", "credHelpers") else "x" for name in before.split()
        }
        document = of(json.dumps(value))
        document.set_creds_store("pass")
        assert list(json.loads(written(document))) == after.split()

    def test_fields_that_are_no_credential_are_kept(self) -> None:
        document = of(
            '{"auths": {"reg": {"newer": 1, "password": "p", "Email": "e", "username": "u", "registrytoken": "r"}}}'
        )
        document.set_auth("reg", TOKEN)
        assert json.loads(written(document))["auths"]["reg"] == {
            "auth": base64.b64encode(b"alice:").decode(),
            "newer": 1,
            "Email": "e",
            "identitytoken": "T",
            "registrytoken": "r",
        }
        # Docker's order where there is one: auth, email, identitytoken, registrytoken.
        assert list(json.loads(written(document))["auths"]["reg"]) == [
            *("auth", "newer", "Email", "identitytoken", "registrytoken")
        ]

    def test_the_fields_of_a_credential_are_replaced_where_they_stand(self) -> None:
        document = of(f'{{"auths": {{"reg": {{"x": 1, "AUTH": "{FOO}", "identitytoken": "T", "auth": "{FOO}"}}}}}}')
        document.set_auth("reg", ALICE)
        assert json.loads(written(document))["auths"]["reg"] == {"x": 1, "AUTH": ALICES}
        document = of('{"auths": {"reg": {"auth": "Zm9v\\u004fmJhcg==", "username": "old"}}}')
        document.set_auth("reg", Credential("foo", "other"))
        assert "username" not in written(document)

    def test_a_token_for_the_same_user_keeps_auth_as_it_was_written(self) -> None:
        document = of('{"auths": {"reg": {"auth": "Zm9v\\u004fg==", "identitytoken": "old"}}}')
        document.set_auth("reg", Credential("foo", "new", is_identity_token=True))
        assert '"Zm9v\\u004fg=="' in written(document)

    @pytest.mark.parametrize(
        ("text", "credential"),
        [
            (f'{{"auths": {{"reg": {{"auth": "{ALICES}", "email": "x"}}}}}}', ALICE),
            ('{"auths": {"reg": {"username": "alice", "password": "pw"}}}', ALICE),
            ('{"auths": {"reg": {"username": "alice", "identitytoken": "T"}}}', TOKEN),
            (f'{{"AUTHS": {{"reg": {{"auth": "x"}}, "reg": {{"auth": "{ALICES}"}}}}}}', ALICE),
        ],
    )
    def test_setting_what_is_there_changes_nothing(self, text: str, credential: Credential) -> None:
        document = of(text)
        document.set_auth("reg", credential)
        assert not document.changed
        assert document.render() == text.encode()

    def test_a_credential_that_docker_would_misread(self) -> None:
        document = of("")
        with pytest.raises(BadCredential):
            document.set_auth("reg", Credential("a:b", "c"))
        assert not document.changed

    def test_an_entry_in_the_first_of_two_objects_is_replaced_there(self) -> None:
        document = of(f'{{"auths": {{"a": {{"auth": "{FOO}"}}}}, "auths": {{"b": {{}}}}}}')
        document.set_auth("a", ALICE)
        document.set_auth("c", ALICE)
        again = of(written(document))
        assert again.auth_keys() == ["a", "b", "c"]
        assert again.auth("a") == ALICE
        assert written(document).count('"auths"') == 2

    def test_old_secrets_of_a_repeated_key_are_gone(self) -> None:
        text = (
            f'{{"auths": {{"a": {{"auth": "{FOO}"}}, "a": {{"auth": "{FOO}"}}, "b": {{}}}}, "auths": null, '
            f'"auths": {{"a": {{"auth": "{FOO}"}}, "x": {{"auth": "{FOO}"}}}}}}'
        )
        document = of(text)
        document.set_auth("a", ALICE)
        assert of(written(document)).auth("a") == ALICE
        assert written(document).count(FOO) == 1
        document = of(text)
        document.set_marker("a")
        assert of(written(document)).has_auth("a")
        assert written(document).count(FOO) == 1
        document = of(text)
        assert document.remove_auth("a")
        assert not of(written(document)).has_auth("a")
        assert written(document).count(FOO) == 1

    def test_after_a_null_comes_an_object(self) -> None:
        document = of('{"auths": {"a": {}}, "auths": null}')
        document.set_auth("a", ALICE)
        assert of(written(document)).auth("a") == ALICE
        document = of('{"auths": {"reg": null}}')
        document.set_auth("reg", ALICE)
        assert of(written(document)).auth("reg") == ALICE


class TestMarkers:
    def test_a_new_one(self) -> None:
        document = of("")
        document.set_marker("reg")
        assert written(document) == '{\n\t"auths": {\n\t\t"reg": {}\n\t}\n}'

    def test_in_place_of_a_credential(self) -> None:
        document = of(
            f'{{"auths": {{"reg": {{"auth": "{FOO}", "identitytoken": "T", "username": "u", "password": "p", '
            '"email": "x", "registrytoken": "r"}}}'
        )
        document.set_marker("reg")
        assert json.loads(written(document)) == {"auths": {"reg": {"email": "x", "registrytoken": "r"}}}

    @pytest.mark.parametrize("entry", ["{}", "null", '{"email": "x"}', '{"auth": ""}', '{"auth": null}'])
    def test_one_that_is_there(self, entry: str) -> None:
        document = of(f'{{"auths": {{"reg": {entry}}}}}')
        document.set_marker("reg")
        assert not document.changed

    def test_removed(self) -> None:
        document = of('{"auths": {"reg": {}}}')
        assert document.remove_auth("reg")
        assert not document.remove_auth("reg")
        assert written(document) == '{\n\t"auths": {}\n}'

    def test_nothing_to_remove(self) -> None:
        document = of("{}")
        assert not document.remove_auth("reg")
        assert not document.remove_helper("reg")
        assert not document.changed


class TestHelpers:
    def test_a_first_one(self) -> None:
        document = of('{"currentContext": "c"}')
        document.set_helper("reg", "pass")
        assert list(json.loads(written(document))) == ["auths", "credHelpers", "currentContext"]
        assert document.cred_helpers == {"reg": "pass"}

    def test_another_name(self) -> None:
        document = of('{"CREDHELPERS": {"b": "x", "reg": "old"}, "credHelpers": {"reg": "older"}}')
        document.set_helper("reg", "new")
        document.set_helper("a", "y")
        again = of(written(document))
        assert again.cred_helpers == {"b": "x", "reg": "new", "a": "y"}
        assert "old" not in written(document)

    def test_the_empty_name_is_a_name(self) -> None:
        document = of("")
        document.set_helper("reg", "")
        assert document.changed
        assert of(written(document)).cred_helpers == {"reg": ""}

    def test_what_is_there(self) -> None:
        document = of('{"credHelpers": {"reg": "pass", "null": null}}')
        document.set_helper("reg", "pass")
        document.set_helper("null", "")
        document.set_creds_store("")
        assert not document.changed

    def test_removed_with_its_object_when_it_was_the_last(self) -> None:
        document = of('{"credHelpers": {"reg": "a", "reg": "b", "x": "c"}, "credHelpers": {"reg": "d"}}')
        assert document.remove_helper("reg")
        assert json.loads(written(document)) == {"auths": {}, "credHelpers": {"x": "c"}}
        assert document.remove_helper("x")
        assert json.loads(written(document)) == {"auths": {}}

    def test_login_and_logout_leave_what_was_there(self) -> None:
        text = '{\n\t"auths": {},\n\t"currentContext": "c"\n}'
        document = of(text)
        document.set_helper("reg", "pass")
        document.set_marker("reg")
        document.remove_helper("reg")
        document.remove_auth("reg")
        assert written(document) == text

    def test_the_store_for_all(self) -> None:
        document = of("")
        document.set_creds_store("a")
        document.set_creds_store("b")
        assert document.creds_store == "b"
        assert json.loads(written(document)) == {"auths": {}, "credsStore": "b"}
        document.set_creds_store("")
        assert json.loads(written(document)) == {"auths": {}}

    @pytest.mark.parametrize("name", ["new", ""])
    def test_the_store_for_all_among_several(self, name: str) -> None:
        document = of('{"credsStore": "a", "CredsStore": "b", "credsStore": null}')
        assert document.creds_store == "b"
        document.set_creds_store(name)
        assert of(written(document)).creds_store == name
        assert written(document).lower().count("credsstore") == bool(name)


class TestAccess:
    """Who else could change what the file says."""

    def test_nobody(self, config: Callable[[str], str]) -> None:
        folder = config("{}")
        os.chmod(folder, 0o755)
        os.chmod(os.path.join(folder, "config.json"), 0o644)
        assert read(folder).notes == []

    @pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
    def test_others_can_write_the_file(self, config: Callable[[str], str], mode: int) -> None:
        folder = config("{}")
        os.chmod(os.path.join(folder, "config.json"), mode)
        (note,) = read(folder).notes
        assert note == (
            f"{folder}/config.json can be changed by other users (mode {mode:04o}): chmod go-w would end that"
        )

    def test_others_can_write_the_folder(self, config: Callable[[str], str]) -> None:
        folder = config("{}")
        os.chmod(folder, 0o777)
        (note,) = read(folder).notes
        assert note.startswith(f"{folder} can be changed by other users (mode 0777)")
        os.chmod(folder, 0o1777)  # nobody can replace what is another's there
        assert read(folder).notes == []

    def test_the_folder_of_the_real_file_counts(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "file").write_text("{}")
        os.chmod(tmp_path / "real", 0o777)
        (tmp_path / "config.json").symlink_to("real/file")
        (note,) = read(str(tmp_path)).notes
        assert note.startswith(f"{tmp_path}/real can be changed")

    def test_another_users_file(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_text("{}")
        path.chmod(0o644)
        with acting_as(somebody):
            assert read(open_path).notes == [f"{path} belongs to another user (uid 0), who decides what it says"]
        os.chown(path, somebody, somebody)
        os.chown(open_path, somebody + 1, somebody + 1)
        with acting_as(somebody):
            (note,) = read(open_path).notes
            assert note.startswith(f"{open_path} belongs to another user (uid {somebody + 1})")

    def test_a_folder_that_is_gone(self, tmp_path: Path) -> None:
        os.mkdir(tmp_path / "d")
        (tmp_path / "d" / "config.json").write_text("{}")
        document = read(str(tmp_path / "d"))
        (tmp_path / "d" / "config.json").unlink()
        (tmp_path / "d").rmdir()
        assert document.notes == []


class TestChange:
    def test_it_is_written_durably_and_reads_back(self, tmp_path: Path) -> None:
        folder = str(tmp_path / ".docker")
        assert change(folder, lambda document: document.set_auth("reg", ALICE))
        assert read(folder).auth("reg") == ALICE
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(os.path.join(folder, "config.json")).st_mode) == 0o600
        assert sorted(os.listdir(folder)) == [".config.json.lock", "config.json"]

    def test_what_changes_nothing_is_not_written(self, config: Callable[[str], str]) -> None:
        text = f'{{ "auths": {{"reg": {{"auth": "{ALICES}"}} }} , "x":1}}\n'
        folder = config(text)
        os.chmod(os.path.join(folder, "config.json"), 0o600)
        before = os.stat(os.path.join(folder, "config.json"))
        assert not change(folder, lambda document: document.set_auth("reg", ALICE))
        after = os.stat(os.path.join(folder, "config.json"))
        assert (before.st_mtime_ns, before.st_ctime_ns, before.st_ino) == (
            after.st_mtime_ns,
            after.st_ctime_ns,
            after.st_ino,
        )
        assert os.listdir(folder) == ["config.json"]

    def test_removing_nothing_makes_no_folder(self, tmp_path: Path) -> None:
        def nothing(document: Document) -> None:
            assert not document.remove_auth("reg")

        assert not change(str(tmp_path / "a"), nothing)
        assert os.listdir(tmp_path) == []

    def test_a_file_that_all_can_read_is_closed_when_it_holds_a_secret(self, config: Callable[[str], str]) -> None:
        folder = config("{}")
        path = os.path.join(folder, "config.json")
        os.chmod(path, 0o644)
        assert change(folder, lambda document: document.set_auth("reg", ALICE))
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    @pytest.mark.parametrize(
        ("entry", "mode"),
        [
            (f'{{"auth": "{ALICES}"}}', 0o600),
            ('{"registrytoken": "r"}', 0o600),
            ('{"auth": "broken"}', 0o600),
            ("{}", 0o644),
            ('{"email": "x", "registrytoken": ""}', 0o644),
        ],
    )
    def test_also_when_nothing_is_to_be_written(self, config: Callable[[str], str], entry: str, mode: int) -> None:
        folder = config(f'{{"auths": {{"reg": {entry}}}}}')
        path = os.path.join(folder, "config.json")
        os.chmod(path, 0o644)
        before = os.stat(path).st_mtime_ns
        assert not change(folder, lambda _document: None)
        assert (stat.S_IMODE(os.stat(path).st_mode), os.stat(path).st_mtime_ns) == (mode, before)

    def test_a_link_is_kept(self, tmp_path: Path) -> None:  # case 144
        (tmp_path / "dotfiles").mkdir()
        (tmp_path / "dotfiles" / "docker.json").write_text('{"x": 1}')
        (tmp_path / "config.json").symlink_to("dotfiles/docker.json")
        assert change(str(tmp_path), lambda document: document.set_auth("reg", ALICE))
        assert os.readlink(tmp_path / "config.json") == "dotfiles/docker.json"
        assert json.loads((tmp_path / "dotfiles" / "docker.json").read_text())["x"] == 1
        assert read(str(tmp_path)).auth("reg") == ALICE

    def test_another_users_file_is_refused(self, open_path: str, acting_as: ActingAs, somebody: int) -> None:
        path = Path(open_path, "config.json")
        path.write_text("{}")
        path.chmod(0o666)
        os.chown(open_path, somebody, somebody)
        with acting_as(somebody), pytest.raises(FileUnwritable, match="it belongs to root"):
            change(open_path, lambda document: document.set_auth("reg", ALICE))
        assert path.read_text() == "{}"

    def test_what_the_edit_raises_is_raised(self, config: Callable[[str], str]) -> None:
        folder = config('{"auths": {"reg": {"auth": "!"}}}')

        def edit(document: Document) -> None:
            document.auth("reg")

        with pytest.raises(ConfigMalformed):
            change(folder, edit)

    def test_somebody_was_killed_while_writing_in_place(self, config: Callable[[bytes], str]) -> None:
        from dockpass.files import inplace
        from dockpass.files.place import Place

        old, new = b'{"auths": {"reg": {"auth": "%s"}}}' % ALICES.encode(), b'{\n\t"auths": {}\n}'
        folder = config(old)
        path = os.path.join(folder, "config.json")
        with Place(path) as place:
            inplace._begin_journal(place, os.stat(path), old, new)
        Path(path).write_bytes(new[:8] + old[8:])
        assert read(folder).auth("reg") == ALICE
        assert Path(path).read_bytes() == old
