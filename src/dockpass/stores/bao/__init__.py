"""How OpenBao and HashiCorp Vault are spoken to: one API, one HTTP connection an operation.

- :mod:`~dockpass.stores.bao.settings` reads the field's own variables: where the server is, whom to trust, who we are.
- :mod:`~dockpass.stores.bao.session` asks the server, and :mod:`~dockpass.stores.bao.trouble` says what is wrong where
  it does not do what it was asked.
- :mod:`~dockpass.stores.bao.sign_in` gets a token, and renews one that is near its end.
- :mod:`~dockpass.stores.bao.kv` is the engine KV version 2, :mod:`~dockpass.stores.bao.layout` what a login is called
  and what stands in it.
"""
