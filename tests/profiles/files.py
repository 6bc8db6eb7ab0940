"""Taking revision files apart and putting them together again, honestly or not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from deeprx_gui.profiles.archive import pack


def members(data: bytes) -> dict[str, bytes]:
    """The parts of a revision file."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return {name: container.read(name) for name in container.namelist()}


def document(data: bytes) -> dict[str, Any]:
    """Its ``profile.json``."""
    raw: dict[str, Any] = json.loads(members(data)["profile.json"])
    return raw


def repacked(
    data: bytes, raw: Mapping[str, Any] | str, parts: Mapping[str, bytes] | None = None
) -> bytes:
    """The file with another ``profile.json`` (and parts), sealed as if it were genuine.

    Hashes are brought in line unless ``raw`` is the literal text to put in.
    """
    found = {**members(data), **(parts or {})}
    del found["profile.json"]
    if isinstance(raw, str):
        text = raw
    else:
        hashes = {name: hashlib.sha256(part).hexdigest() for name, part in found.items()}
        text = json.dumps({**raw, "members": hashes})
    return pack({"profile.json": text.encode("utf-8", "surrogatepass"), **found})
