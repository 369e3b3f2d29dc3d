"""A secret in each of the forms in which it may travel."""

from __future__ import annotations

import base64


def forms(secret: str) -> tuple[bytes, ...]:
    """What to search raw bytes for.

    Args:
        secret: Letters, digits, ``-`` and ``_``, so that it is the same in a form, in a URL and in JSON.

    Returns:
        The secret as it is, and the middle of its base64 (of either alphabet) for each place that it may have in a
        longer text, as in ``user:password``.

    """
    found = [secret.encode()]
    for place in range(3):
        padded = bytes(place) + secret.encode()
        first, last = (place * 8 + 5) // 6, len(padded) * 8 // 6
        found += [encode(padded)[first:last] for encode in (base64.b64encode, base64.urlsafe_b64encode)]
    return tuple(dict.fromkeys(found))


def holds(data: bytes, secret: str) -> bool:
    """Whether ``data`` has the secret in it, in any of its forms, and in whatever case: host names have only one."""
    folded = data.lower()
    return any(form.lower() in folded for form in forms(secret))
