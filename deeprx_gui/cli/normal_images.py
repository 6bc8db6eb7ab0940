"""Which pictures of those that were named ``fit`` may learn from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from deeprx_gui.cli.left_out import tell_left_out
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.left_out import LeftOutReason
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.work.collect_normals import CollectedNormals, collect_normals

_REASONS = {
    LeftOutReason.BAD_PART: say("The name of its folder says that the part is not good."),
    LeftOutReason.MASK: say("It is a mask that marks a defect, not the picture of a part."),
    LeftOutReason.UNSURE: say("The name of its folder leaves open whether the part is good."),
}


def collect_normal_images(
    given: Iterable[Path],
) -> tuple[CollectedNormals, tuple[Path, ...], tuple[SkippedImage, ...]]:
    """Return what was found, the pictures to learn from, and those left out with the reason.

    Of a data set only ``train/good`` is taken. Copies are left out, masks, and pictures in folders
    whose names say that their parts are not good or leave it open. Raises RequestError when nothing
    was found.
    """
    taken = drive(collect_normals([absolute(path) for path in given], ()))
    for copy, original in taken.copies:
        print_note(
            tr("Left out: {copy} is a copy of {original}.", copy=copy.name, original=original)
        )
    tell_left_out(taken.left_out)
    skipped = (i for i in taken.left_out if i.reason in _REASONS)
    return taken, taken.new, tuple(SkippedImage(i.path, _REASONS[i.reason]) for i in skipped)
