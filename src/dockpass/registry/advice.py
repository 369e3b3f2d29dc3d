"""What to try next when credentials are refused: in general, and where the registry is a well-known one.

Hosts are compared whole, or from their end behind a dot: ``x.azurecr.io.attacker.example`` is nobody's cloud.
"""

from __future__ import annotations

_REFUSED = {
    "registry-1.docker.io": "check the user name and the password; where two-factor login is on, Docker Hub wants an "
    "access token in place of the password: make one at https://app.docker.com/settings",
    "ghcr.io": "the password is a personal access token (classic) with the scope read:packages, not the account's own",
}
_ECR = (
    "the user name is AWS, and the password one that `aws ecr get-login-password` gave within the last 12 hours, "
    "without a newline at its end"
)
_QUAY = "check the user name (a robot's is written ORGANISATION+NAME) and the secret for stray characters at its end"


def refused(host: str) -> str:
    """The hint for refused credentials of the registry at ``host``."""
    if is_ecr(host):
        return _ECR
    return _REFUSED.get(
        host,
        "check the user name and the password; where two-factor login is on, an access token takes the place of the "
        "password",
    )


def garbled(host: str) -> str:
    """The hint for credentials that the registry at ``host`` could not read."""
    if is_ecr(host):
        return _ECR
    if host == "quay.io":
        return _QUAY
    return "check the user name and the secret for stray characters, such as a newline at the end"


def answers_400(host: str) -> bool:
    """Whether the registry at ``host`` is known to answer 400 to wrong credentials."""
    return host == "quay.io" or is_ecr(host)


def is_ecr(host: str) -> bool:
    """Whether ``host`` is Amazon's registry: ``public.ecr.aws``, or ``ACCOUNT.dkr.ecr.REGION.amazonaws.com``."""
    labels = host.split(".")
    private = (
        labels[1:2] == ["dkr"]
        and labels[2:3] in (["ecr"], ["ecr-fips"])
        and labels[4:] in (["amazonaws", "com"], ["amazonaws", "com", "cn"])
    )
    return host == "public.ecr.aws" or private
