"""One line below the image: the size of each region above the limit, highest score first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.blobs import Blob, Places
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.marked_places import places_above
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel

_CALM_MS: Final = 100
"""Sizes need not follow a drag at the display's pace: the colours do."""


class BlobStrip(FixedSizeLabel):
    """Measures one picture's coloured places under the limits.

    ``found`` are those it tells; ``measured``: there are others now.
    """

    measured = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(colour="muted", pixels=12, parent=parent)
        self._wanted: tuple[Score, Frame, Profile, Limits] | None = None
        self.limits: Limits | None = None
        # A timer and a tuple rather than a closure that waits: a strip that is let go while one
        # waited was seen to crash PySide's garbage collection.
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._measure)
        self.places = Places()
        follow(self._write, Change.LANGUAGE)

    @property
    def found(self) -> tuple[Blob, ...]:
        return self.places.hottest

    def clear(self) -> None:
        """Clear the text: there is no image yet."""
        self._calm.stop()
        self._wanted = self.limits = None
        self.places = Places()
        self.setText("")

    def measure(self, score: Score, frame: Frame, profile: Profile, limits: Limits) -> None:
        """Say what is coloured in this picture under these limits: at once, while dragged soon."""
        self._wanted = (score, frame, profile, limits)
        if not self._calm.isActive():
            self._measure()

    def _write(self) -> None:
        if self.limits is not None:
            self.setText(sentence(self.places, self.limits))

    @Slot()
    def _measure(self) -> None:
        if self._wanted is None:
            return
        score, frame, profile, limits = self._wanted
        self._wanted = None
        self.places = places_above(score.map, limits, frame.width, frame.height, profile)
        self.limits = limits
        self._write()
        self.measured.emit()
        self._calm.start()


def sentence(found: Places, limits: Limits) -> str:
    """Say how many places there are and how large each is, the hottest first."""
    if not found.total:
        return tr("Nothing lies above the review limit.")
    told = len(found.hottest)
    if told < found.total:
        count = tr("{n} places, the {most} highest:", n=found.total, most=told)
    else:
        count = tr_n("{n} place:", "{n} places:", n=told)
    return f"{count}  " + "   |   ".join(one(blob, limits) for blob in found.hottest)


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
