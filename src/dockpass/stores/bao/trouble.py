"""What can be wrong with the server, or with our part in it: each with its next step."""

from __future__ import annotations

from dockpass.display import clean
from dockpass.errors import (
    DockpassError,
    ProxyFailed,
    StoreError,
    StoreFailed,
    StoreLocked,
    StoreTimedOut,
    StoreUnavailable,
    TimedOut,
    TLSFailed,
    Unreachable,
)

_REDIRECTS = (301, 302, 303, 307, 308)
_STANDBY = (472, 473)
_NO_LEADER = ("local node not active", "cluster node not found", "standby")


def no_connection(label: str, error: DockpassError) -> StoreError:
    """The server cannot be reached, or what came was no answer of one.

    Args:
        label: Host and port.
        error: What the transport said.

    """
    message = f"OpenBao: {error.message}"
    if isinstance(error, TimedOut):
        return StoreTimedOut(message, "try again; see whether the server and the network are well: bao status")
    if isinstance(error, TLSFailed):
        hint = error.hint or ""
        if "certs.d" in hint or "--" in hint:
            pair = "its client certificate and key" if "client" in hint else ""
            hint = (
                f"name the files of {pair}: BAO_CLIENT_CERT, BAO_CLIENT_KEY"
                if pair
                else "name the file with the certificate of its authority: BAO_CACERT"
            )
            if "plain HTTP" in error.message:
                hint = "have it speak TLS; http:// in BAO_ADDR is for this machine itself only"
        return StoreUnavailable(message, hint or None)
    if isinstance(error, ProxyFailed):
        return StoreUnavailable(message, (error.hint or "").replace("the registry's host", "the server") or None)
    if isinstance(error, Unreachable):
        return StoreUnavailable(message, "is the server running, and is BAO_ADDR right? bao status")
    return StoreFailed(message, f"does OpenBao or Vault listen at {label}, and does BAO_ADDR say https where it does?")


def refused(label: str, status: int, said: str, what: str, *, location: str = "") -> StoreError:
    """The server answered, and did not do it.

    Args:
        label: Host and port.
        status: Of the answer.
        said: The server's own words.
        what: What it should have done: ``read secret/data/dockpass/...``.
        location: Where a redirect leads.

    """
    words = clean(" ".join(said.split()), 300)
    if status in _REDIRECTS or status in _STANDBY or any(text in said for text in _NO_LEADER):
        where = f", and sends to {clean(location, 200)}" if location else ""
        return StoreUnavailable(
            f"OpenBao at {label} is a standby and does not answer for the cluster{where}",
            "name the active server, or the cluster's own name, in BAO_ADDR: bao status; the token goes nowhere else",
        )
    if status == 503 and "sealed" in said:
        return StoreLocked(f"OpenBao at {label} is sealed", "have it unsealed: bao operator unseal")
    if status in (501, 503) and "initialized" in said:
        return StoreUnavailable(f"OpenBao at {label} is not set up yet", "set it up: bao operator init")
    if status == 429:
        return StoreFailed(f"OpenBao at {label} has had too many requests", "try again later, or raise the quota there")
    if status >= 500:
        return StoreFailed(
            f"OpenBao at {label} could not {what}: it failed itself ({status}): {words or 'it did not say why'}",
            "try again; if it happens again, look at the server's log",
        )
    return StoreFailed(
        f"OpenBao at {label} did not {what} ({status}): {words or 'it did not say why'}",
        "look at what it says, and at the variables that begin with BAO_ and DOCKPASS_OPENBAO_",
    )


def no_token(sought: str) -> StoreLocked:
    """There is nothing to show to the server."""
    return StoreLocked(
        f"there is no token for OpenBao: neither BAO_TOKEN nor VAULT_TOKEN is set, and {clean(sought)} is not there",
        "bao login, or have machines sign in by themselves: DOCKPASS_OPENBAO_AUTH=approle, jwt or kubernetes",
    )


def bad_token(label: str) -> StoreLocked:
    """What was shown is no token of the server, or no longer."""
    return StoreLocked(
        f"OpenBao at {label} does not take the token: it has expired, was revoked, or is another server's",
        "bao login, or put a new token where this one came from (BAO_TOKEN, VAULT_TOKEN, ~/.vault-token)",
    )


def forbidden(label: str, what: str, path: str, capability: str) -> StoreFailed:
    """The token is good, and may not do this."""
    return StoreFailed(
        f"OpenBao at {label} does not let this token {what}",
        f'a policy of the token needs: path "{clean(path)}" {{ capabilities = ["{capability}"] }}',
    )


def not_signed_in(label: str, method: str, mount: str, status: int, said: str) -> StoreLocked:
    """It refused what we signed in with."""
    words = clean(" ".join(said.split()), 300) or "it did not say why"
    return StoreLocked(
        f"OpenBao at {label} refused to sign us in by {method} at auth/{clean(mount)} ({status}): {words}",
        "check the role and the files that DOCKPASS_OPENBAO_ variables name, and that the method is enabled there",
    )


def no_mount(label: str, mount: str, namespace: str) -> StoreUnavailable:
    """There is no such engine."""
    there = f" in the namespace {clean(namespace)}" if namespace else ""
    return StoreUnavailable(
        f"OpenBao at {label} has nothing mounted at {clean(mount)}{there}, or does not let this token see it",
        f"bao secrets enable -path={clean(mount)} -version=2 kv, or name the right one in DOCKPASS_OPENBAO_MOUNT",
    )


def not_version_2(label: str, mount: str) -> StoreUnavailable:
    """It is there, and is another kind of engine."""
    return StoreUnavailable(
        f"what OpenBao at {label} has mounted at {clean(mount)} is not KV version 2",
        f"bao kv enable-versioning {clean(mount)}/, or name another one in DOCKPASS_OPENBAO_MOUNT",
    )


def no_namespace(label: str, namespace: str) -> StoreUnavailable:
    """There is no such namespace."""
    return StoreUnavailable(
        f"OpenBao at {label} has no namespace {clean(namespace)}",
        "check BAO_NAMESPACE: bao namespace list",
    )


def busy(what: str) -> StoreFailed:
    """Others wrote the same login all the time."""
    return StoreFailed(f"{what} was changed by others each time that it was to be written", "try again")


def several(what: str) -> StoreFailed:
    """There is more than one login, and it is not said which one is meant."""
    return StoreFailed(
        f"several users have logins for {what} in OpenBao, and it is not said which one is in use",
        "say so by logging in again, or remove the others: bao kv metadata delete",
    )


def garbled(label: str, what: str) -> StoreFailed:
    """It said yes, and then nothing that makes sense."""
    return StoreFailed(
        f"OpenBao at {label} answered something else than OpenBao does, when asked to {what}",
        "is that the address of an OpenBao or Vault server? bao status",
    )
