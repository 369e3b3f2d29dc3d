"""Put the tiny image into a registry, by its HTTP API.

Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
"""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from dockpass.testing.image import tiny_image

if TYPE_CHECKING:
    import ssl


def push(url: str, repository: str, authorization: str, context: ssl.SSLContext | None) -> None:
    """Push it as ``repository:1.0``.

    Args:
        url: The registry's address with its scheme, without a path.
        repository: Its name.
        authorization: The header that lets one push.
        context: For https.

    """
    image = tiny_image()

    def send(method: str, target: str, body: bytes = b"", kind: str = "application/octet-stream") -> str:
        headers = {"Authorization": authorization, "Content-Type": kind}
        request = urllib.request.Request(target, body, headers, method=method)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=30) as response:
            return str(response.headers.get("Location", ""))

    for digest, blob in image.blobs.items():
        upload = urljoin(url, send("POST", f"{url}/v2/{repository}/blobs/uploads/"))
        send("PUT", f"{upload}{'&' if '?' in upload else '?'}digest={digest}", blob)
    send("PUT", f"{url}/v2/{repository}/manifests/1.0", image.manifest, image.media_type)
