"""Which pictures of those that were named ``fit`` may learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.work.collect_normals import CollectedNormals, collect_normals


def collect_normal_images(
    given: Iterable[Path],
) -> tuple[CollectedNormals, tuple[Path, ...], tuple[SkippedImage, ...]]:
    """Return what was found, the pictures to learn from, and those left out with the reason.

    Of a data set only ``train/good`` is taken. Copies are left out, and pictures in folders whose
    names say that their parts are not good. Raises RequestError when nothing was found.
    """
    taken = drive(collect_normals([absolute(path) for path in given], ()))
    for copy, original in taken.copies:
        print_note(
            tr("Left out: {copy} is a copy of {original}.", copy=copy.name, original=original)
        )
    _tell(taken.bad)
    reason = say("The name of its folder says that the part is not good.")
    return taken, taken.new, tuple(SkippedImage(path, reason) for path in taken.bad)


def _tell(bad: Sequence[Path]) -> None:
    folders = sorted({path.parent for path in bad})
    if folders:
        print_note(
            tr_n(
                "Left out: {n} picture in folders whose names say that the parts are not good: "
                "{folders}.",
                "Left out: {n} pictures in folders whose names say that the parts are not good: "
                "{folders}.",
                n=len(bad),
                folders=", ".join(map(str, folders)),
            )
        )
