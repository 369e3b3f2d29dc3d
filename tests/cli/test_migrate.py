"""``dockpass migrate``."""

from __future__ import annotations

from typing import Any

ALICES = {"auth": "YWxpY2U6d29uZGVy"}  # alice:wonder
BOBS = {"auth": "Ym9iOnBsYWlu"}


def install(home: Any) -> None:
    assert home.run("helper", "install", "dockpass", "--dir", str(home.tools)).code == 0


def test_nothing_to_move(home: Any) -> None:
    done = home.run("migrate")
    assert (done.code, done.out) == (0, "")
    assert done.err == "Nothing to move: no login lies in config.json in plain text\n"
    assert home.config == {}


def test_a_dry_run_and_then_the_move(home: Any) -> None:
    config = {"auths": {"a.test": ALICES, "b.test": BOBS, "broken.test": {"auth": "!"}}}
    home.write(config)
    done = home.run("migrate", "--dry-run")
    assert (done.code, done.out) == (0, "a.test: would be moved\nb.test: would be moved\n")
    assert "Warning: broken.test stays: " in done.err
    assert home.config == config
    install(home)
    done = home.run("migrate")
    assert (done.code, done.out) == (0, "a.test: moved to the vault\nb.test: moved to the vault\n")
    assert home.auths == {"a.test": {}, "b.test": {}, "broken.test": {"auth": "!"}}
    assert home.places_of("wonder") == []
    again = home.run("migrate")
    assert (again.code, again.out) == (0, "")
    assert home.run("logout", "broken.test").code == 0
    assert home.run("migrate").err == "Nothing to move: no login lies in config.json in plain text\n"
    rows = [line.split() for line in home.run("list").out.splitlines()]
    assert [row[0] for row in rows[1:]] == ["a.test", "b.test"]


def test_without_the_helper(home: Any) -> None:
    config = {"auths": {"a.test": ALICES}}
    home.write(config)
    done = home.run("migrate")
    assert (done.code, done.out) == (1, "")
    assert "dockpass helper install dockpass" in done.err
    assert home.config == config


def test_another_config_json(home: Any) -> None:
    install(home)
    folder = home.folder / "other"
    folder.mkdir()
    (folder / "config.json").write_text('{"auths": {"a.test": {"auth": "YWxpY2U6d29uZGVy"}}}')
    assert home.run("migrate", "--config", str(folder)).out == "a.test: moved to the vault\n"
    assert "wonder" not in (folder / "config.json").read_text()
    assert not home.config.get("auths")


def test_what_is_in_a_key_does_not_act_on_the_terminal(home: Any) -> None:
    home.write({"auths": {"a\u001b[2J.test": ALICES}})
    done = home.run("migrate", "--dry-run")
    assert "\x1b" not in done.out + done.err


def test_servers_by_name(home: Any) -> None:
    install(home)
    home.write({"auths": {"a.test": ALICES, "b.test": BOBS}})
    done = home.run("migrate", "https://A.test/", "c.test")
    assert (done.code, done.out) == (0, "a.test: moved to the vault\n")
    assert done.err == "Nothing to move for c.test: no login of it lies in config.json in plain text\n"
    assert home.auths == {"a.test": {}, "b.test": BOBS}
    assert home.run("migrate", "not a host").code == 1
    assert home.auths == {"a.test": {}, "b.test": BOBS}


def test_what_breaks_is_said_and_the_others_are_moved(home: Any) -> None:
    install(home)
    home.write({"auths": {"a.test": ALICES}})
    assert home.run("migrate").code == 0
    [sealed] = (home.folder / ".local/share/dockpass/vault/a.test").glob("*.age")
    sealed.write_bytes(b"x")
    home.write({"auths": {"a.test": ALICES, "b.test": BOBS}})
    done = home.run("migrate", "-q")
    assert (done.code, done.out) == (1, "b.test: moved to the vault\n")
    assert "Error: a.test is not moved: " in done.err
    assert home.auths == {"a.test": ALICES, "b.test": {}}


def test_between_two_stores(home: Any) -> None:
    install(home)
    one, other = home.helper("one"), home.helper("other")
    home.write({"credsStore": "one"})
    for server, user in (("a.test", "alice"), ("b.test", "bob")):
        one.keep(server, user, "wonder")
    done = home.run("migrate", "--from", "one", "--to", "other", "--dry-run")
    assert (done.code, done.out) == (0, "a.test: would be moved\nb.test: would be moved\n")
    assert done.err == "credsStore in config.json would then name other\n"
    assert (sorted(one.kept), other.kept) == (["a.test", "b.test"], {})
    done = home.run("migrate", "--from", "one", "--to", "other", "--config", home.path.removesuffix("/config.json"))
    assert (done.code, done.out) == (0, "a.test: moved to other\nb.test: moved to other\n")
    assert done.err == "credsStore in config.json names other now\n"
    assert (one.kept, sorted(other.kept)) == ({}, ["a.test", "b.test"])
    assert home.config == {
        "credsStore": "other",
        "auths": {"a.test": {}, "b.test": {}},
        "credHelpers": {"a.test": "other", "b.test": "other"},  # for podman, which does not look at credsStore
    }
    assert home.run("migrate", "--from", "one", "--to", "other").err == "Nothing to move: no login is in one\n"
    done = home.run("migrate", "--from", "other", "--to", "age", "b.test", "c.test")
    assert (done.code, done.out) == (0, "b.test: moved to the vault\n")
    assert done.err == "Nothing to move for c.test: no login of it is in other\n"
    rows = {line.split()[0]: line.split()[2] for line in home.run("list").out.splitlines()[1:]}
    assert rows == {"a.test": "other", "b.test": "age"}


def test_into_plain_text_with_a_warning(home: Any) -> None:
    home.helper("one").keep("a.test", "alice", "wonder")
    done = home.run("migrate", "--from", "one", "--to", "file")
    assert (done.code, done.out) == (0, "a.test: moved to config.json\n")
    assert "Warning: " in done.err
    assert "plain text" in done.err
    assert home.auths == {"a.test": ALICES}


def test_what_is_no_way_says_what_is(home: Any) -> None:
    for words, said in (
        (("--from", "age"), "dockpass migrate --from STORE --to STORE"),
        (("--to", "memory"), "--to age"),
        (("--from", "nothere"), "docker-credential-nothere"),
    ):
        done = home.run("migrate", *words)
        assert (done.code, done.out) == (1, "")
        assert said in done.err


def test_on_a_terminal_it_counts(home: Any, sit: Any) -> None:
    install(home)
    home.write({"auths": {"a.test": ALICES, "b.test": BOBS}})
    session = sit("migrate")
    session.see("a.test: moved to the vault (1 of 2)")
    session.see("b.test: moved to the vault (2 of 2)")
    assert session.end() == 0


def test_a_named_login_that_stays_is_a_failure(home: Any) -> None:
    install(home)
    home.write({"auths": {"a.test": {"auth": "!"}}})
    assert home.run("migrate").code == 0
    done = home.run("migrate", "a.test")
    assert (done.code, done.out) == (1, "")
    assert "a.test stays: " in done.err
    assert home.run("migrate", "b.test").code == 0
    assert home.run("migrate", "").code == 1
