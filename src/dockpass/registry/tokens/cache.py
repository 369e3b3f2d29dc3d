"""Tokens in memory, so that a second request need not ask for one.

A token must never serve anybody but whom it was issued to, and a cache is where that goes wrong: one that goes by host
and scope hands one account's token to another. Here a token is found again only by everything that it was issued for:
the registry's origin, the token servers and services that it named, the account, a fingerprint of the secret, the
scopes, whether plain HTTP was allowed, and the client certificate. The fingerprint is keyed with a number that is drawn
for each cache and kept nowhere else, so that it is of no use to anybody.

How long a token is good is counted from the moment in which it was asked for, by a clock that nobody sets. What the
token server says about the time of day is not used.

Many threads may share a cache. Where several want the same, one asks and the others wait: :mod:`turns
<dockpass.registry.tokens.turn>`.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock  # what threading.Lock is, without threading's 3 ms

from dockpass.registry.tokens import scope
from dockpass.registry.tokens.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from dockpass.credential import Credential, Secret
    from dockpass.registry.tokens.scope import Scope
    from dockpass.registry.tokens.way import Place, Way
    from dockpass.server import Server

MOST = 1000
"""So many tokens are kept, and so many ways in."""
MARGIN = 10
"""A token is given up so many seconds before its end, or after nine tenths of its life, whichever is later."""


def clock() -> float:
    """Seconds since some moment. It goes on while the machine sleeps, if there is such a clock."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Holder:
    """Whose a token is: where it is good, by whom it was issued, and for which login. A value.

    Args:
        place: From where the registry is talked to.
        mark: The :attr:`Way.mark` of its way in.
        account: User name, kind and fingerprint of the secret; ``None`` for whoever is not logged in.

    """

    __slots__ = ("account", "mark", "place")

    def __init__(self, place: Place, mark: tuple[Hashable, ...], account: tuple[str, bool, bytes] | None) -> None:
        self.place = place
        self.mark = mark
        self.account = account

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Holder):
            return NotImplemented
        return (self.place, self.mark, self.account) == (other.place, other.mark, other.account)

    def __hash__(self) -> int:
        return hash((self.place, self.mark, self.account))


class Kept:
    """A token in the cache.

    Attributes:
        value: The token.
        scopes: What it was asked for, in canonical form.
        asked: When it was asked for, by the cache's clock.
        life: For how many seconds from then it is good.

    """

    __slots__ = ("asked", "life", "scopes", "value")

    def __init__(self, value: Secret, scopes: tuple[Scope, ...], asked: float, life: float) -> None:
        self.value = value
        self.scopes = scopes
        self.asked = asked
        self.life = life

    @property
    def end(self) -> float:
        """When it is given up."""
        return self.asked + self.life - min(MARGIN, self.life / 10)

    def __repr__(self) -> str:
        return f"Kept({self.value!r}, {' '.join(map(str, self.scopes))!r})"


class Cache:
    """Tokens, and ways in.

    Args:
        now: A clock in seconds, for tests.

    """

    def __init__(self, now: Callable[[], float] = clock) -> None:
        self.now = now
        self._key = os.urandom(32)
        self._lock = allocate_lock()
        self._ways: dict[Place, Way] = {}
        self._tokens: dict[Holder, dict[tuple[Scope, ...], Kept]] = {}
        self._turns: dict[tuple[Place | Holder, tuple[Scope, ...]], Turn] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self)} tokens>"

    def __len__(self) -> int:
        """How many tokens are in it."""
        with self._lock:
            return sum(map(len, self._tokens.values()))

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Cache cannot be pickled")

    # Ways in

    def way(self, place: Place) -> Way | None:
        """How the registry lets one in; ``None`` if it is not known yet."""
        with self._lock:
            return self._ways.get(place)

    def learn(self, place: Place, way: Way) -> None:
        """Remember how the registry lets one in."""
        with self._lock:
            self._ways.pop(place, None)
            self._ways[place] = way
            if len(self._ways) > MOST:
                del self._ways[next(iter(self._ways))]

    # Tokens

    def holder(self, place: Place, way: Way, credential: Credential | None) -> Holder:
        """Whose tokens are meant. There is no secret in it."""
        if credential is None:
            return Holder(place, way.mark, None)
        import hashlib

        secret = credential.secret.reveal().encode("utf-8", "surrogatepass")
        fingerprint = hashlib.blake2b(secret, key=self._key, digest_size=32).digest()
        return Holder(place, way.mark, (credential.username, credential.is_identity_token, fingerprint))

    def same(self, holder: Holder, scopes: tuple[Scope, ...]) -> Kept | None:
        """A token that was asked for with exactly these scopes, and is still good."""
        with self._lock:
            kept = self._tokens.get(holder, {}).get(scopes)
        return kept if kept is not None and kept.end > self.now() else None

    def enough(self, holder: Holder, scopes: tuple[Scope, ...]) -> Kept | None:
        """A token that was asked for with these scopes, or with more, and is still good."""
        with self._lock:
            there = list(self._tokens.get(holder, {}).values())
        now = self.now()
        good = [kept for kept in there if kept.end > now and scope.cover(kept.scopes, scopes)]
        # Of several the narrowest: nobody need be shown more than that.
        return min(good, key=lambda kept: sum(one.width for one in kept.scopes), default=None)

    def keep(self, holder: Holder, kept: Kept, turn: Turn) -> None:
        """Keep a token that was asked for in this turn. What was to be forgotten meanwhile is not kept."""
        with self._lock:
            if turn.is_void:
                return
            self._tokens.setdefault(holder, {})[kept.scopes] = kept
            self._sweep()

    def drop(self, holder: Holder, kept: Kept) -> None:
        """Forget a token that the registry does not take; but not one that has taken its place meanwhile."""
        with self._lock:
            there = self._tokens.get(holder, {})
            if there.get(kept.scopes) is kept:
                del there[kept.scopes]

    def rename(self, old: Holder, new: Holder) -> None:
        """Leave the tokens of ``old`` to ``new``: the same login, of which the token server has changed the secret."""
        with self._lock:
            for holder in [one for one in self._tokens if (one.place, one.account) == (old.place, old.account)]:
                heir = Holder(holder.place, holder.mark, new.account)
                self._tokens[heir] = {**self._tokens.pop(holder), **self._tokens.get(heir, {})}

    def forget(self, server: Server) -> None:
        """Forget all tokens for a registry, whosever they are, and how it lets one in.

        A token that is asked for at this moment is not kept either.
        """
        ports = {server.origin("https").port, server.origin("http").port}

        def is_meant(place: Place) -> bool:
            return place.origin.host == server.host and place.origin.port in ports

        with self._lock:
            for place in filter(is_meant, list(self._ways)):
                del self._ways[place]
            for holder in [one for one in self._tokens if is_meant(one.place)]:
                del self._tokens[holder]
            for turn in filter(lambda turn: is_meant(turn.place), self._turns.values()):
                turn.is_void = True

    # Turns

    def begin(self, whose: Place | Holder, scopes: tuple[Scope, ...] = ()) -> tuple[Turn, bool]:
        """Whose turn it is to ask for a way in, or for a token.

        Returns:
            The turn, and whether it is the caller's, who must :meth:`finish` it. Everybody else waits for its end, and
            looks again then.

        """
        with self._lock:
            turn = self._turns.get((whose, scopes))
            if turn is not None:
                return turn, False
            turn = self._turns[whose, scopes] = Turn(whose.place if isinstance(whose, Holder) else whose)
            return turn, True

    def finish(self, turn: Turn) -> None:
        """End one's turn."""
        with self._lock:
            for key in [key for key, one in self._turns.items() if one is turn]:
                del self._turns[key]
        turn.end()

    def _sweep(self) -> None:
        """Make room, if it is needed: first of what is over, then of what ends first."""
        count = sum(map(len, self._tokens.values()))
        if count <= MOST:
            return
        everything = [(kept.end, holder, kept) for holder, there in self._tokens.items() for kept in there.values()]
        everything.sort(key=lambda one: one[0])
        now = self.now()
        for place, (end, holder, kept) in enumerate(everything):
            if end > now and count - place <= MOST:
                break
            del self._tokens[holder][kept.scopes]
        self._tokens = {holder: there for holder, there in self._tokens.items() if there}
