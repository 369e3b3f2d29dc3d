"""docker-credential-*: the program's side of the credential helper protocol.

docker, podman and the rest start a helper for every operation on a registry, so here start-up is the cost: what ``get``
from the vault imports is held to a list by a test, and everything else stands in functions that only the other actions
call.

The protocol is small and its reference implementation is forgiving in what it reads; both are followed to the letter,
for a helper that is a little stricter breaks a pull somewhere. Machine text goes to standard output, and one exact line
there means "not found". Whatever a person should read goes to standard error, which no client parses.

:mod:`~dockpass.helper.request` reads what the client sends, :mod:`~dockpass.helper.serve` answers from any store, and
:mod:`~dockpass.helper.own` is ``docker-credential-dockpass`` itself, with the short way from the vault to the answer;
:mod:`~dockpass.helper.drop_in` stands in for docker's own helpers.

Reference: https://github.com/docker/docker-credential-helpers#development
"""
