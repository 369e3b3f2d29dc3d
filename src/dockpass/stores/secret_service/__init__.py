"""The Secret Service as a client: the D-Bus interface of GNOME Keyring, KWallet and KeePassXC.

A keyring is somebody else's program behind somebody else's bus, and each of the two may be missing, silent, locked or
in the middle of asking a person. What docker's helper makes of all that is "not found". Here each is an error of its
own, and nothing waits for ever.

- :mod:`~dockpass.stores.secret_service.message` packs and reads D-Bus messages.
- :mod:`~dockpass.stores.secret_service.bus` is a connection to the session bus: calls, answers, time limits.
- :mod:`~dockpass.stores.secret_service.prompt` has the service ask a person, and waits for the answer.
- :mod:`~dockpass.stores.secret_service.keyring` is what one does there: search, unlock, read, create, delete.
- :mod:`~dockpass.stores.secret_service.trouble` has the words for what can go wrong.

Secrets cross the bus as they are (the session is ``plain``): the bus is a socket of this user's alone, and whoever can
read along can ask the keyring as well as we can.

Reference: https://specifications.freedesktop.org/secret-service-spec/latest/
"""
