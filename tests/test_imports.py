"""What is imported is paid for at every start, so it is held to lists: these do not depend on how busy the machine is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pyrage
import pytest
import trustme

import dockpass
from dockpass.account import launcher
from dockpass.testing.helper_program import HelperProgram
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))

# Of Python's own, what every command may import: C modules, and what Python itself imports at its usual start.
START = {"__future__", "_collections_abc", "_json", "_stat", "binascii", "errno", "fcntl", "gc"}
START |= {
    "genericpath",
    "os",
    "os.path",
    "posixpath",
    "stat",
}

# A socket cannot be had for less.
SOCKET = {"_socket"}

# TLS: only where it is spoken.
TLS = {
    "_collections",
    "_functools",
    "_operator",
    "_sre",
    "_ssl",
    "_struct",
    "base64",
    "array",
    "collections",
    "collections.abc",
    "copyreg",
    "enum",
    "functools",
    "itertools",
    "keyword",
    "math",
    "operator",
    "re",
    "re._casefix",
    "re._compiler",
    "re._constants",
    "re._parser",
}
TLS |= {"reprlib", "select", "selectors", "socket", "ssl", "struct", "types", "warnings"}

# To exchange two files in one step: a system call that Python does not offer. Loaded while the registry thinks.
EXCHANGE = {"_ctypes"}

# What only failures, tokens, proxies or TLS need: not for a login that works by name and password over plain HTTP.
SELDOM = {
    "dockpass.files.cause",
    "dockpass.files.inplace",
    "dockpass.account.again",
    "dockpass.account.consent",
    "dockpass.account.log_in",
    "dockpass.account.look_up",
    "dockpass.account.pins",
    "dockpass.account.precedence",
    "dockpass.account.proxies",
    "dockpass.cli.network",
    "dockpass.config.proxies",
    "dockpass.http.no_proxy",
    "dockpass.http.proxy",
    "dockpass.http.race",
    "dockpass.registry.settings.proxies",
    "dockpass.http.tls",
    "dockpass.http.tls_failure",
    "dockpass.http.trouble",
    "dockpass.http.trust",
    "dockpass.registry.refusal.advice",
    "dockpass.registry.refusal.covers",
    "dockpass.registry.refusal.front",
    "dockpass.registry.refusal.hosted",
    "dockpass.registry.settings.by_origin",
    "dockpass.registry.settings.insecure",
    "dockpass.registry.called",
    "dockpass.registry.known",
    "dockpass.registry.lookalike",
    "dockpass.registry.percent",
    "dockpass.registry.permit",
    "dockpass.registry.reach",
    "dockpass.registry.realm",
    "dockpass.registry.refusal.self_hosted",
    "dockpass.registry.token",
    "dockpass.registry.settings.trust",
    "dockpass.registry.trace",
    "dockpass.registry.url",
    "dockpass.registry.refusal.verdict",
    "dockpass.registry.waiting",
    "dockpass.registry.refusal.wanted",
    "dockpass.registry.refusal.words",
    "dockpass.stores.program",
}

# The same for a login into the vault.
SELDOM_IN_A_VAULT = {
    "dockpass.account.launcher",
    "dockpass.account.moving.migrate",
    "dockpass.vault.by_program",
    "dockpass.vault.unlocked",
}

# Of ours: exactly these. Each module is a file to be found and read.
PROGRAM = {"", "cli", "cli.main", "cli.options", "cli.terminal", "display", "errors"}
ON_DISK = {
    "config",
    *(f"config.{name}" for name in (["auths", "document", "entry", "location", "matching", "reading", "tree"])),
}
ON_DISK |= {"files", "files.place", "files.read", "strictjson"}
WRITTEN = {"files.exchange", "files.flock", "files.fresh", "files.lease", "files.lock", "files.replace"}
WRITTEN |= {"files.rewrite", "files.unread"}
ACCOUNT = {"account", "credential", "server"}
ACCOUNT |= {"stores", "stores.contract", "stores.file", "stores.lead", "stores.route"}
REGISTRY = {
    "http",
    *(f"http.{name}" for name in ["address", "connection", "deadline", "dial", "message", "opener", "probe"]),
}
REGISTRY |= {
    "registry",
    *(f"registry.{name}" for name in ["ask", "challenge", "client", "driver", "flow", "network", "step", "talk"]),
}
OURS = {
    "--version": PROGRAM | {"version"},
    "list": PROGRAM | ACCOUNT | ON_DISK | {"account.look_up", "cli.list", "cli.help", "stores.configured"},
    "logout": PROGRAM | ACCOUNT | ON_DISK | WRITTEN | {"cli.logout", "account.log_out", "account.look_up"},
    "login": PROGRAM
    | ACCOUNT
    | ON_DISK
    | WRITTEN
    | REGISTRY
    | {"cli.login", "cli.secret", "account.attempt", "account.proof", "version"},
}

CONFIG = '{"auths": {"other.test": {"auth": "Zm9vOmJhcg=="}}}'


def _imported(code: str, *words: str, **environ: str) -> set[str]:
    """The modules that ``code`` imports, in a Python that imports nothing of its own accord."""
    script = f"import sys; sys.path.append({SOURCE!r}); before = set(sys.modules)\n{code}\nsys.stdout.flush()\n"
    script += "print('\\0', *(set(sys.modules) - before), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *words],
        input="bar",
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/nonexistent", **environ},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.partition("\0")[2].split())


def _pythons(modules: set[str]) -> set[str]:
    return {module for module in modules if module.partition(".")[0] != "dockpass"}


def _command(*words: str, **environ: str) -> set[str]:
    code = "from dockpass.cli.main import main; code = main(sys.argv[1:])\nif code: sys.exit(f'exit code {code}')"
    return _imported(code, *words, **environ)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["list"], ["logout", "reg.test"]], ids=" ".join)
def test_a_command_that_asks_no_registry_imports_next_to_nothing(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(CONFIG, "utf-8")
    found = _command(*words, HOME=str(tmp_path), DOCKER_CONFIG=str(tmp_path))
    assert _pythons(found) <= START
    assert not any(module.startswith(("dockpass.http", "dockpass.registry", "dockpass.testing")) for module in found)


@pytest.mark.parametrize("command", OURS)
def test_a_command_reads_only_the_files_of_ours_that_it_needs(command: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(CONFIG, "utf-8")
    with ScriptedRegistry({"foo": "bar"}) as registry:
        rest = {"logout": [registry.address], "login": ["-u", "foo", "--password-stdin", registry.address]}
        environ = {"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path), "DOCKPASS_STORE": "file"}
        found = _command(command, *rest.get(command, []), **environ)
    ours = {name.partition(".")[2] for name in found - _pythons(found)}
    assert ours == OURS[command]


def test_a_login_over_plain_http_imports_no_more_than_a_socket(tmp_path: Path) -> None:
    with ScriptedRegistry({"foo": "bar"}) as registry:
        words = ("login", "-u", "foo", "--password-stdin", registry.address)
        found = _command(*words, HOME=str(tmp_path), DOCKPASS_STORE="file")
    assert _pythons(found) <= START | SOCKET | EXCHANGE
    assert not SELDOM & found
    assert not {"dockpass.testing", "dockpass.aio"} & found


def test_a_login_into_the_vault_loads_nothing_that_only_other_cases_need(tmp_path: Path) -> None:
    launcher.install("dockpass", str(tmp_path))
    environ = {"HOME": str(tmp_path), "PATH": str(tmp_path)}
    with ScriptedRegistry({"foo": "bar"}) as registry:
        script = f"sys.path.append({os.path.dirname(os.path.dirname(pyrage.__file__))!r})\n"
        script += "from dockpass.cli.main import main; code = main(sys.argv[1:])\nif code: sys.exit(code)"
        for _ in range(2):
            found = _imported(script, "login", "-u", "foo", "--password-stdin", registry.address, **environ)
            assert "dockpass.vault.keep" in found
            assert {name for name in _pythons(found) if name.partition(".")[0] != "pyrage"} <= START | SOCKET | EXCHANGE
            assert not (SELDOM | SELDOM_IN_A_VAULT) & found


@pytest.mark.parametrize("store", ["age", "file", "scripted"])
def test_what_a_store_prepares_is_all_that_it_needs_to_keep_a_login(store: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(CONFIG, "utf-8")
    launcher.install("dockpass", str(tmp_path))
    HelperProgram(tmp_path)
    prepared = f"""
sys.path.append({os.path.dirname(os.path.dirname(pyrage.__file__))!r})
from dockpass.config.document import read
from dockpass.credential import Credential
from dockpass.stores.route import choose
store = choose(read(sys.argv[1]), "reg.test")
store.put("other.test", Credential("alice", "so that there is a vault"))
""".strip().splitlines()
    environ = {"HOME": str(tmp_path), "PATH": str(tmp_path), "DOCKPASS_STORE": store}
    _imported("\n".join(prepared), str(tmp_path), **environ)
    ready = "before = set(sys.modules); store.put('reg.test', Credential('alice', 'secret'))"
    code = "\n".join([*prepared[:-1], "for _ in store.prepare(): pass", ready])
    assert not _imported(code, str(tmp_path), **environ)


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_login_over_https_imports_ssl_and_no_more(auth: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    leaf = authority.issue_cert("127.0.0.1")
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "leaf.pem")
    pair = (str(tmp_path / "leaf.pem"), str(tmp_path / "leaf.pem"))
    with ScriptedRegistry({"foo": "bar"}, auth=auth, tls=pair) as registry:  # type: ignore[arg-type]
        words = ("login", "-u", "foo", "--password-stdin", registry.address)
        found = _command(*words, HOME=str(tmp_path), DOCKPASS_STORE="file", SSL_CERT_FILE=str(tmp_path / "ca.pem"))
    assert "ssl" in found
    assert _pythons(found) <= START | SOCKET | TLS | EXCHANGE
