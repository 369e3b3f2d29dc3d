"""Move logins from one store into another.

One at a time, and each in this order (:mod:`~dockpass.account.moving.one`): into the new store, read back from there
and compared, then config.json led there, and only then out of the old store. Killed anywhere, a login is in the old
store, or in both, never in none; run again, the move goes on where it was.

Others may log in and out meanwhile. What is taken from the old store is exactly what the new one gave back; a login
that changed is moved as it is now. And what the new store had before, or got meanwhile, it keeps: nobody knows which of
two logins is the newer one, so it is written only where it has none, and only if it still has none in that moment.

What config.json says decides what may be moved at all (:mod:`~dockpass.account.moving.way`): a login that it says is
elsewhere stays, and no login goes where docker and podman would not find it.
"""
