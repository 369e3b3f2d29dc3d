"""How a registry lets one in: what it asks for, whom it may name, and the conversation of a login.

The conversation (:mod:`~dockpass.registry.flow`) is a generator. It yields requests and is sent responses, and touches
no network. Four kinds of programs must hold this conversation in the same way: our own command line, the daemon, and
the adapters for two HTTP libraries. With one flow there is one place in which it is decided where a password goes, and
a test can play any registry by hand, however hostile. :mod:`~dockpass.registry.driver` sends the requests over our own
connections; :mod:`~dockpass.registry.client` puts both together. How the registry is reached is said beforehand
(:mod:`~dockpass.registry.network`, :mod:`~dockpass.registry.settings`), and :mod:`~dockpass.registry.trace` shows what
was said, without secrets.

A request after the login is such a conversation as well (:mod:`~dockpass.registry.tokens.access`): it finds out how the
registry lets one in, gets a token for what the request needs (:mod:`~dockpass.registry.tokens.admission`), and keeps it
in memory, for nobody else (:mod:`~dockpass.registry.tokens.cache`). What a request needs is told from its method and
target (:mod:`~dockpass.registry.tokens.need`), in which no name stands that was not looked at
(:mod:`~dockpass.registry.tokens.name`). Where content is kept elsewhere, it is followed there with nothing in hand
(:mod:`~dockpass.registry.tokens.follow`). :mod:`~dockpass.registry.tokens.obtain` gets a token over our own
connections.

What is trusted, and when. The registry's origin, because the user named it: it is shown the credentials, but only after
it has asked for them, or has let us in without asking. A redirect is followed to the same origin, or from HTTP up to
HTTPS on the same host, and nowhere else. A token server is trusted if :mod:`~dockpass.registry.realm` says so, by what
is known of names (:mod:`~dockpass.registry.known`), and then once more by the address that its name stands for
(:mod:`~dockpass.registry.permit`, :mod:`~dockpass.registry.reach`): a harmless name may lead to the metadata service of
a cloud. A name that looks like another one is pointed out (:mod:`~dockpass.registry.lookalike`). An address that a
registry sends is read by :mod:`~dockpass.registry.url` alone, which repairs nothing. HTTPS is never followed by plain
HTTP. Credentials that were refused are not sent again. A login asks for no scope: some registries answer wrong
credentials with a token that is good for nothing. Some give that to anybody, and whether a login proves anything there
can be found out (:mod:`~dockpass.registry.ghost`).

What a registry says is never trusted. Its challenges (:mod:`~dockpass.registry.challenge`) are read with tolerance and
used with none. Its tokens (:mod:`~dockpass.registry.token`) are checked as what they become, headers. Its words
(:mod:`~dockpass.registry.refusal.words`) are shown after ours, because they often say what is wrong, but on one line,
without anything that could act on a terminal, and with every trace of the secret covered
(:mod:`~dockpass.registry.refusal.covers`). What an answer means for the user is decided in
:mod:`~dockpass.registry.refusal.verdict`: only refused credentials are called refused.
"""
