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
"""
