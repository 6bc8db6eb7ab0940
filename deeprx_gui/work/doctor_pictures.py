"""Pictures of what the training-set doctor named, with the odd place framed."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.domain.doctor import NamedPicture
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.limit_pictures import SIDE, LimitPicture, framed


def doctor_pictures(named: Sequence[NamedPicture]) -> Generator[Progress, None, None]:
    """Yield a ``LimitPicture`` for each, in order; ``place`` is where it is odd."""
    for number, each in enumerate(named, 1):
        source = str(each.path)
        box = next((f.box for f in each.findings if f.box is not None), None)
        try:
            small = thumbnail(each.path, SIDE)
        except ImageError as error:
            picture = LimitPicture(source, error=error.message)
        else:
            shown = small if box is None or not each.accused else framed(small, box)
            picture = LimitPicture(source, shown, box)
        yield Progress(number, len(named), say("Opening the picture"), item=picture)
