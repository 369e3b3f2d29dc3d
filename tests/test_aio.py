"""The library for asyncio: the same functions, on threads."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from typing import TYPE_CHECKING

import pytest

import dockpass
from dockpass import aio
from dockpass.account import log_in, log_out, look_up, tokens
from dockpass.credential import Credential
from dockpass.testing.registry import ScriptedRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from dockpass.testing.answers import Script


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_AUTH_CONFIG", raising=False)
    monkeypatch.setenv("DOCKPASS_STORE", "file")
    return str(tmp_path / "docker")


def test_in_and_out_again(config: str) -> None:
    async def run() -> None:
        with ScriptedRegistry({"foo": "bar"}) as registry:
            done = await aio.login(registry.address, "foo", "bar", config=config)
            assert (done.server.key, done.username, done.store) == (registry.address, "foo", "file")
            assert await aio.get(registry.address, config=config) == Credential("foo", "bar")
            (entry,) = await aio.logins(config=config)
            assert (entry.server, entry.username) == (registry.address, "foo")
            assert (await aio.logout(registry.address, config=config)).erased == [(registry.address, "file")]
            assert await aio.get(registry.address, config=config) is None

    asyncio.run(run())


def test_a_token(config: str) -> None:
    async def run() -> None:
        with ScriptedRegistry({"foo": "bar"}, auth="bearer") as registry:
            await aio.login(registry.address, "foo", "bar", config=config)
            given = await asyncio.gather(
                *(aio.token(f"{registry.address}/team/app", "pull", "push", config=config) for _ in range(5))
            )
            assert len({one.value.reveal() for one in given}) == 1
            grant = registry.token_server.grant(given[0].value.reveal())
            assert grant is not None
            assert grant.access == {"team/app": frozenset({"pull", "push"})}

    asyncio.run(run())


def test_every_argument_is_handed_on(config: str) -> None:
    """And the signatures are the same, so that what one can do the other can."""
    for name, function in (
        ("login", log_in.login),
        ("get", look_up.get),
        ("logins", look_up.logins),
        ("logout", log_out.logout),
        ("token", tokens.token),
    ):
        here = dict(inspect.signature(getattr(aio, name)).parameters)
        there = dict(inspect.signature(function).parameters)
        there.pop("waiting", None)  # a callback from a thread is of no use to a coroutine
        assert here == there, name
    assert set(aio.__all__) == {"get", "login", "logins", "logout", "token"}

    async def run() -> None:
        with ScriptedRegistry({"foo": "bar"}) as registry:
            done = await aio.login(
                registry.address, "foo", "bar", store="memory", plain_http=True, token_host="x.test", config=config
            )
            assert done.store == "memory"
            with pytest.raises(dockpass.Refused):
                await aio.login(registry.address, "foo", "wrong", config=config)

    asyncio.run(run())
    assert log_out.logout(None, config=config).erased == []


def test_many_at_once_do_not_wait_for_each_other(config: str) -> None:
    """Each registry answers only when all have been asked; and no login is lost."""
    count = 4
    together = threading.Barrier(count, timeout=60)

    def meet(_request: object) -> Script:
        together.wait()
        return registries[0]._behave(_request)  # type: ignore[arg-type]

    registries = [ScriptedRegistry({"foo": "bar"}) for _ in range(count)]

    async def run() -> None:
        await asyncio.gather(*(aio.login(registry.address, "foo", "bar", config=config) for registry in registries))

    for registry in registries:
        registry.__enter__()
        registry.answer("/v2/", meet)
    try:
        asyncio.run(run())
    finally:
        for registry in registries:
            registry.__exit__(None, None, None)
    with open(f"{config}/config.json", encoding="utf-8") as file:
        assert sorted(json.load(file)["auths"]) == sorted(registry.address for registry in registries)
