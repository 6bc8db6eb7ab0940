"""The weights of one backbone on this PC, and whether the file is still what was installed."""

from __future__ import annotations

import hashlib
import importlib.util
import stat
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.edition import is_light
from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones import plan_file
from deeprx_gui.engine.backbones.catalogue import BackboneSpec

_LARGEST_FILE = 2 * 1024**3


@dataclass(frozen=True)
class Weights:
    """Weights ready to be loaded.

    ``file`` is a safetensors file of ours (``converted``) or the publisher's own file inside an
    installed package. ``sha256`` is the hash of the publisher's file: it names the weights in
    profiles. ``file_sha256`` is what the bytes of ``file`` must hash to. A plan has none, it is
    sealed in itself: ``prepared`` elsewhere, or shipped with the light edition.
    """

    spec: BackboneSpec
    file: Path
    sha256: str
    file_sha256: str
    max_stride: int
    converted: bool
    prepared: bool = False


def packaged(spec: BackboneSpec) -> Weights | None:
    """Return the weights of a built-in backbone: its package's, or the light edition's plan."""
    if spec.package is None:
        return None
    published = spec.published[0]
    found = importlib.util.find_spec(spec.package)
    if found is not None and found.origin is not None:
        name = f"{spec.name}-{published.sha256[:8]}.pth"
        file = Path(found.origin).parent / "models" / name
        if file.exists():
            sha256 = published.sha256
            return Weights(spec, file, sha256, sha256, published.max_stride, converted=False)
    plan = plan_file.SHIPPED / plan_file.name_of(spec.name, published.sha256)
    reach = plan_file.reach(plan) if is_light() else None
    return None if reach is None else Weights(spec, plan, published.sha256, "", reach, True)


def check_unchanged(weights: Weights) -> None:
    """Raise BackboneError when the stored file is no longer what was installed."""
    if weights.file_sha256:
        unchanged = hash_file(weights.file) == weights.file_sha256
    else:
        unchanged = plan_file.reach(weights.file) is not None
    if not unchanged:
        raise damaged(weights.spec)


def damaged(spec: BackboneSpec) -> BackboneError:
    """Return the error that says what to do about a damaged file."""
    return BackboneError(
        say("The weights stored for {name} are damaged. Import the file again.", name=spec.name)
    )


def hash_file(file: Path) -> str:
    """Return the sha256 of a file. Raises BackboneError when it cannot be read or is none."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would wait, a device would never end
            raise BackboneError(
                say("{file} is not a file on a disk. Choose another one.", file=file.name)
            )
        if status.st_size > _LARGEST_FILE:
            raise BackboneError(
                say(
                    "{file} is too large to be a weights file. Choose another file.", file=file.name
                )
            )
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BackboneError(
            say(
                "{file} cannot be read: {reason}. Check the path and the permissions.",
                file=file,
                reason=error.strerror or str(error),
            )
        ) from error
