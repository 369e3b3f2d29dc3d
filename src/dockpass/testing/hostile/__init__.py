"""Hostile and odd registries, to score a program that logs in.

A client of registries talks to whoever answers. Most of what can go wrong there has gone wrong before, in one client
after another: a password that follows a redirect, a token server that is the cloud's metadata service, an error message
that moves the cursor up and writes "Login Succeeded". Here each of these is a server of a few lines
(:mod:`dockpass.testing.hostile.servers`), beside as many that are merely odd and that a client must be able to log in
to: one that refuses everything is of no use either.

What is right is not read from the client's words but seen from outside: which bytes arrived where, with what exit code
the program ended, how long it took, how much memory it used, what it printed
(:mod:`dockpass.testing.hostile.judge`). Nothing of it is particular to dockpass; any command line will do::

    python -m dockpass.testing.hostile -- docker login -u {user} --password-stdin {server}

Clients do follow a registry to the addresses that it names, so each run happens in a network of its own that leads
nowhere, in which every address there is belongs to these servers (:mod:`dockpass.testing.hostile.network`).
"""
