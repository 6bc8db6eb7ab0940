"""Taking revision files apart and putting them together again, honestly or not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from deeprx_gui.profiles.archive import pack, reseal


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


def sealed_zip(
    entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]],
    packed: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip of anything at all, with a seal that fits; ``packed`` entries are compressed."""
    buffer = io.BytesIO()
    packed = packed or {}
    with zipfile.ZipFile(buffer, "w") as container:
        for entry, data in entries:
            if entry in packed:
                container.writestr(entry, packed[str(entry)], zipfile.ZIP_DEFLATED)
            else:
                container.writestr(entry, data)
        container.comment = b"deeprx-profile sha256 " + b"0" * 64
    return reseal(buffer.getvalue())
