"""The hosts of the stage: every name that leads somewhere, and whether an address is one to keep out of."""

from __future__ import annotations

import ipaddress

HOSTS = {
    "registry.test": ("192.0.2.10",),
    "registry6.test": ("2001:db8::10",),
    "token.registry.test": ("192.0.2.11",),
    "cdn.registry.test": ("192.0.2.12",),
    "twofold.registry.test": ("::1", "192.0.2.13"),
    "other.test": ("192.0.2.66",),
    "registry.test.other.test": ("192.0.2.66",),
    "notregistry.test": ("192.0.2.67",),
    "registry-test.test": ("192.0.2.67",),
    "xn--regstry-q4a.test": ("192.0.2.68",),
    "intranet": ("192.0.2.69",),
    "inside.registry.test": ("10.0.0.7",),
    "metadata.registry.test": ("169.254.169.254",),
    "loop.registry.test": ("127.0.0.1",),
    "metadata.google.internal": ("169.254.169.254",),
    "localhost": ("127.0.0.1", "::1"),
}
"""Addresses set aside for examples stand for the world: they are neither private nor loopback."""

PORTS = (80, 443, 2375, 5000, 6379, 8080, 8443)
"""Where every address listens. Whether TLS or plain HTTP is spoken is seen from the first byte."""

_WORLD = tuple(ipaddress.ip_network(text) for text in ("192.0.2.0/24", "2001:db8::/32"))


def name_of(address: str) -> str:
    """The first host at an address; an address that is inside, or has no name, is its own name."""
    if is_inside(address):
        return address
    return next((name for name, addresses in HOSTS.items() if address in addresses), address)


def is_inside(address: str) -> bool:
    """Whether an address stands for something inside a machine, a network or a cloud."""
    number = ipaddress.ip_address(address)
    return not any(number in network for network in _WORLD)


def hosts_file() -> str:
    """All of it, as /etc/hosts has it."""
    return "".join(f"{address} {name}\n" for name, addresses in HOSTS.items() for address in addresses)
