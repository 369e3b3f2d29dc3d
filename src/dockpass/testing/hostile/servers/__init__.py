"""The servers, one file a family."""

from __future__ import annotations

from dockpass.testing.hostile.servers import (
    challenges,
    codings,
    good,
    odd,
    realms,
    redirects,
    sizes,
    slow,
    tokens,
    transport,
    words,
)

SCENES = (
    *good.SCENES,
    *odd.SCENES,
    *challenges.SCENES,
    *realms.SCENES,
    *tokens.SCENES,
    *sizes.SCENES,
    *transport.SCENES,
    *redirects.SCENES,
    *words.SCENES,
    *slow.SCENES,
    *codings.SCENES,
)
"""All of them."""
