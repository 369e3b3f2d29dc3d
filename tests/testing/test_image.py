"""The image is what its digests say. That docker and podman take it, tests/system shows."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

from dockpass.testing.image import tiny_image


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def test_the_manifest_names_the_blobs_by_digest_and_size() -> None:
    image = tiny_image()
    manifest = json.loads(image.manifest)
    assert image.digest == _digest(image.manifest)
    assert manifest["mediaType"] == image.media_type
    named = {part["digest"]: part["size"] for part in (manifest["config"], *manifest["layers"])}
    assert named == {digest: len(blob) for digest, blob in image.blobs.items()}
    assert all(digest == _digest(blob) for digest, blob in image.blobs.items())


def test_the_layer_holds_the_content_and_the_configuration_its_digest() -> None:
    image = tiny_image(b"some content", architecture="arm64")
    manifest = json.loads(image.manifest)
    layer = gzip.decompress(image.blobs[manifest["layers"][0]["digest"]])
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        file = archive.extractfile("hello.txt")
        assert file is not None
        assert file.read() == b"some content"
    config = json.loads(image.blobs[manifest["config"]["digest"]])
    assert config["rootfs"]["diff_ids"] == [_digest(layer)]
    assert config["architecture"] == "arm64"


def test_the_same_content_makes_the_same_image() -> None:
    assert tiny_image() == tiny_image()
    assert tiny_image(b"other").digest != tiny_image().digest
