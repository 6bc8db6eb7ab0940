"""One line below the image: the size of each region above the limit, highest score first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.blobs import Blob, blobs
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel

_CALM_MS: Final = 100
"""Sizes need not follow a drag at the display's pace: the colours do."""
_MOST: Final = 20


class BlobStrip(FixedSizeLabel):
    """Measures one picture's coloured places under the limits. ``found`` are those it tells."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(colour="muted", pixels=12, parent=parent)
        self._wanted: tuple[Score, Frame, Profile, Limits] | None = None
        self._limits: Limits | None = None
        # A timer and a tuple rather than a closure that waits: a strip that is let go while one
        # waited was seen to crash PySide's garbage collection.
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._measure)
        self.found: tuple[Blob, ...] = ()
        follow(self._write, Change.LANGUAGE)

    def clear(self) -> None:
        """Clear the text: there is no image yet."""
        self._calm.stop()
        self._wanted = self._limits = None
        self.found = ()
        self.setText("")

    def measure(self, score: Score, frame: Frame, profile: Profile, limits: Limits) -> None:
        """Say, in a moment, what is coloured in this picture under these limits."""
        self._wanted = (score, frame, profile, limits)
        if not self._calm.isActive():
            self._calm.start()

    def _write(self) -> None:
        if self._limits is not None:
            self.setText(sentence(self.found, self._limits))

    @Slot()
    def _measure(self) -> None:
        if self._wanted is None:
            return
        score, frame, profile, limits = self._wanted
        self.found = blobs(
            score.map,
            limits.review,
            width=frame.width,
            height=frame.height,
            mm_per_pixel=profile.view.mm_per_pixel,
            min_cells=profile.scoring.min_area,
            most=_MOST,
        )
        self._limits = limits
        self._write()


def sentence(found: Sequence[Blob], limits: Limits) -> str:
    """Say how many places there are and how large each is, the hottest first."""
    if not found:
        return tr("Nothing lies above the review limit.")
    count = tr_n("{n} place:", "{n} places:", n=len(found))
    return f"{count}  " + "   |   ".join(one(blob, limits) for blob in found)


def one(blob: Blob, limits: Limits) -> str:
    """Say a place's own × limit, its length and its area: in millimetres where that is known."""
    times = score_text(blob.score, limits)
    if blob.length_mm is not None and blob.area_mm2 is not None:
        return tr(
            "{times} ×, length {length} mm, area {area} mm²",
            times=times,
            length=f"{blob.length_mm:.3g}",
            area=f"{blob.area_mm2:.3g}",
        )
    return tr(
        "{times} ×, length {length} px, area {area} px²",
        times=times,
        length=f"{blob.length_px or 0:.0f}",
        area=f"{blob.area_px or 0:,.0f}",
    )
