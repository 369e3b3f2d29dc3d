"""What one does with logins: log in, log out, look up, use, move.

The rooms below know one thing each: a registry's way of letting in, a store's way of keeping, config.json's way of
saying which store. Here they are put together into what people do, once, for the command line, the library and
whatever else comes. Three rules make it what it is.

The order of a login is fixed: first config.json and the store, then the registry, then the store again. A helper that
is not there is found before a password is typed or sent; a login is kept only after the registry accepted it; success
is said only after it is kept.

One registry has many spellings, and a login that was made under one is found and forgotten under every other. The
exact key comes first, then whatever else in a store means the same registry.

Nothing is believed. After a logout every place is asked again, and what is still there is an error that says where.

A login is an :class:`~dockpass.account.attempt.Attempt`, from the store that is chosen to the login that is kept there;
:mod:`~dockpass.account.proof` shows the credential to the registry, :mod:`~dockpass.account.again` starts from what is
kept already, :mod:`~dockpass.account.precedence` says what counts before it and :mod:`~dockpass.account.advice` what
keeps others from using it. :mod:`~dockpass.account.log_in` is all that as one call, and
:mod:`~dockpass.account.in_python` words its hints for who makes it; :mod:`~dockpass.account.log_out`,
:mod:`~dockpass.account.look_up` and :mod:`~dockpass.account.tokens` are the other calls.

A token server that only the user can vouch for is asked about once (:mod:`~dockpass.account.consent`,
:mod:`~dockpass.account.pins`); :mod:`~dockpass.account.facts` is where such things are remembered. The proxies that
config.json names count for all of it (:mod:`~dockpass.account.proxies`).

Logins move from store to store (:mod:`~dockpass.account.moving`), and out of the vault and into another one as one file
(:mod:`~dockpass.account.export_vault`, :mod:`~dockpass.account.import_vault`).

Docker and podman come to what is kept by programs on PATH. :mod:`~dockpass.account.helpers` puts them there,
:mod:`~dockpass.account.launcher` writes one, :mod:`~dockpass.account.installed` looks at one that is there,
:mod:`~dockpass.account.programs` at everybody's, and :mod:`~dockpass.account.traces` takes all of it away again.
"""
