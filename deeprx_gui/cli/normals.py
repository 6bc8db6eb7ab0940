"""Which pictures of those that were named ``fit`` may learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from deeprx_gui.cli.output import note
from deeprx_gui.cli.places import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit import Skipped
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.work.intake import Intake, intake


def take_in(given: Iterable[Path]) -> tuple[Intake, tuple[Path, ...], tuple[Skipped, ...]]:
    """Return what was found, the pictures to learn from, and those left out with the reason.

    Of a data set only ``train/good`` is taken. Copies are left out, and pictures in folders whose
    names say that their parts are not good. Raises RequestError when nothing was found.
    """
    taken = drive(intake([absolute(path) for path in given], ()))
    for copy, original in taken.copies:
        note(tr("Left out: {copy} is a copy of {original}.", copy=copy.name, original=original))
    _tell(taken.bad)
    reason = say("The name of its folder says that the part is not good.")
    return taken, taken.new, tuple(Skipped(path, reason) for path in taken.bad)


def _tell(bad: Sequence[Path]) -> None:
    folders = sorted({path.parent for path in bad})
    if folders:
        note(
            tr_n(
                "Left out: {n} picture in folders whose names say that the parts are not good: "
                "{folders}.",
                "Left out: {n} pictures in folders whose names say that the parts are not good: "
                "{folders}.",
                n=len(bad),
                folders=", ".join(map(str, folders)),
            )
        )
