"""What one does with logins: log in, log out, look up.

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
keeps others from using it. :mod:`~dockpass.account.log_in` is all that as one call.
"""
