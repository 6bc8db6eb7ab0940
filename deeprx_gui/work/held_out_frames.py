"""The normal images with the highest held-out scores, as far as they are on this PC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Profile

MOST = 5


def highest_held_out(profile: Profile) -> Iterator[Frame]:
    """Yield at most five pictures, the highest held-out score first."""
    scored = [(n.held_out, n.source) for n in profile.normals if n.held_out is not None]
    for _, source in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:MOST]:
        file = Path(source)
        if not file.is_absolute():
            continue
        try:
            yield decode(file)
        except ImageError:
            continue
