"""What tests of logging in need, and what dockpass is tested with itself. Shipped, so that others can use it.

A client of registries is mostly judged by what it does when things go wrong, and the real programs rarely do anything
wrong on request. So there is a registry here that does as it is told
(:class:`dockpass.testing.registry.ScriptedRegistry`): it asks for a login in each of the ways that registries do, gives
tokens and identity tokens, and can be made to stall, lie, cut off and flood (:mod:`dockpass.testing.answers`). It is a
real server on a real socket rather than a stub of the client's transport, because the transport is half of what can go
wrong; and it holds a real image, so that docker, podman and skopeo can prove a login by using it.

It stands on raw sockets and no HTTP library (:mod:`dockpass.testing.reception`): a library would not let it misbehave.
What it takes in is kept as it came (:mod:`dockpass.testing.received`), and tests assert on that: what a client sent, to
whom, over which connection, is the evidence; what it printed is not.
Where a script of yours raises, leaving the ``with`` block raises it again: a mistake of the test must not look like a
fault of the client.

The registries that people use differ in small things that break clients: :mod:`dockpass.testing.profiles` has them all
as data, and plays each.

Any program that logs in can be scored against some five hundred good, odd and hostile servers
(:mod:`dockpass.testing.hostile`). Beside it stand the suite that every store of credentials must pass
(:class:`dockpass.testing.stores.StoreSuite`) and a credential helper program that fails on request
(:class:`dockpass.testing.helper_program.HelperProgram`).

Nothing here imports pytest or anything else outside Python's own library, save that certificates for the hostile
servers are made with trustme, where it is installed; and nothing is imported before it is used::

    from dockpass.testing.registry import ScriptedRegistry

    with ScriptedRegistry(users={"alice": "secret"}, auth="bearer") as registry: ...
"""
