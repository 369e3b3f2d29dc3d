"""Where credentials rest, and how it is found out which place that is.

A store has four methods (:mod:`~dockpass.stores.contract`), and three outcomes where other tools have two: a
credential; ``None``, it has none; an exception, it is broken. Taking the third for the second is how a password comes
to be sent to the wrong place, or written in plain text because the keyring was locked. So most of what is here is about
telling them apart, and helper programs make that hard: they fail in words, on standard output, with one exit status for
everything.

Each store is one small class, and what belongs around a store is another store around it, not a switch inside:

- :mod:`~dockpass.stores.age` is the vault, :mod:`~dockpass.stores.file` config.json in plain text,
  :mod:`~dockpass.stores.memory` this process, :mod:`~dockpass.stores.environment` what ``DOCKER_AUTH_CONFIG`` holds.
- :mod:`~dockpass.stores.program` is any ``docker-credential-NAME``. :mod:`~dockpass.stores.on_path` finds it,
  :mod:`~dockpass.stores.child` runs it, :mod:`~dockpass.stores.inherited` says what it gets of the environment,
  :mod:`~dockpass.stores.foreground` lends it the terminal, :mod:`~dockpass.stores.answer` reads what it says when it
  succeeds, and :mod:`~dockpass.stores.complaint` when it fails.
- :mod:`~dockpass.stores.built_in` names those of our own that need no such program. Four keep logins where docker's
  helpers of the same name do, and no more than :mod:`~dockpass.stores.protocol` can carry:
  :mod:`~dockpass.stores.secretservice` (spoken to by :mod:`~dockpass.stores.secret_service`),
  :mod:`~dockpass.stores.password_store` (:mod:`~dockpass.stores.gpg`),
  :mod:`~dockpass.stores.osxkeychain` (:mod:`~dockpass.stores.keychain_services`, whose errors
  :mod:`~dockpass.stores.keychain_trouble` explains; :mod:`~dockpass.stores.registry_url` takes a server apart for it)
  and :mod:`~dockpass.stores.wincred` (:mod:`~dockpass.stores.credential_manager`,
  :mod:`~dockpass.stores.credential_trouble`).
- :mod:`~dockpass.stores.openbao` is a server for a fleet, and :mod:`~dockpass.stores.bao` how it is spoken to;
  :mod:`~dockpass.stores.keyring_` is Python's ``keyring``; :mod:`~dockpass.stores.plugged` finds what other packages
  bring.
- :mod:`~dockpass.stores.vaulted` leads docker and podman to what the vault has, :mod:`~dockpass.stores.marked` keeps
  docker's mark in config.json for what a helper has, and :mod:`~dockpass.stores.beside` finds what config.json has
  where it does not know of the store. Who moves logins sees to that himself, and gets a store without
  (:mod:`~dockpass.stores.bare`).
- :mod:`~dockpass.stores.chain` is several as one.
- :mod:`~dockpass.stores.route` picks, by what config.json says (:mod:`~dockpass.stores.lead`), or else by the platform
  (:mod:`~dockpass.stores.platform_default`); :mod:`~dockpass.stores.by_name` knows what a name means, and
  :mod:`~dockpass.stores.configured` gives all of them.

Stores know keys, not registries. That ``docker.io`` and ``https://index.docker.io/v1/`` are one is decided above them.
"""
