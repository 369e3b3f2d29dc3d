"""The smallest image that docker, podman, skopeo and buildah agree to pull: one layer, with one file in it.

Reference: https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True, slots=True)
class Image:
    """An image in memory.

    Attributes:
        manifest: The manifest's bytes.
        media_type: Its ``Content-Type``.
        digest: Its digest, as ``sha256:...``.
        blobs: What it refers to (the configuration and the layer), by digest.

    """

    manifest: bytes
    media_type: str
    digest: str
    blobs: dict[str, bytes]


def tiny_image(content: bytes = b"hello\n", *, architecture: str = "amd64") -> Image:
    """An image that holds ``content`` as the file ``/hello.txt``. The same content makes the same digests."""
    layer = _tar("hello.txt", content)
    packed = gzip.compress(layer, mtime=0)
    config = _json(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Cmd": ["/hello"]},
            "created": "2026-01-01T00:00:00Z",
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
            "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "dockpass.testing"}],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "size": len(config), "digest": _digest(config)},
            "layers": [{"mediaType": _LAYER, "size": len(packed), "digest": _digest(packed)}],
        }
    )
    blobs = {_digest(config): config, _digest(packed): packed}
    return Image(manifest, _MANIFEST, _digest(manifest), blobs)


def _tar(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
