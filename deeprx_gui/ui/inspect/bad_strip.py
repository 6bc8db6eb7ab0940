"""The last NG parts as small pictures; a touch shows one again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.message import say
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import CardFrame
from deeprx_gui.ui.picture.tile_strip import Tile, TileStrip


class BadStrip(CardFrame):
    """``chosen`` carries the ``InspectedPart`` that a person wants to see again."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.S)
        self._bad: tuple[InspectedPart, ...] = ()
        self._cache = ThumbnailCache(self)
        self._title = theme.level(QLabel(), "small")
        self._nothing = theme.level(QLabel(), "hint")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.strip = TileStrip(self._cache, self._tip)
        self.strip.asking = True
        self.strip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.strip.chosen.connect(self._choose)
        # As high as the strip, so that the picture stays where it is when the first NG comes.
        self._nothing.setFixedHeight(self.strip.sizeHint().height())
        inside = QVBoxLayout()
        inside.setSpacing(0)
        inside.addWidget(self._title)
        inside.addWidget(self.strip)
        inside.addWidget(self._nothing)
        self.body.addLayout(inside)
        bind(self._title.setText, say("Last NG parts"))
        bind(self._nothing.setText, say("No NG part so far."))
        bind(self.strip.setAccessibleName, say("Last NG parts"))

    def set_compact(self, compact: bool) -> None:
        """Leave the title out where height is short; the strip says it to a screen reader."""
        self._title.setVisible(not compact)
        side, above = (theme.XS, 0) if compact else (theme.S, theme.S)
        self.body.setContentsMargins(side, above, side, above)

    def show_bad(self, bad: Sequence[InspectedPart]) -> None:
        """Show these, newest first."""
        known = {b.record.uid for b in self._bad}
        self._bad = tuple(bad)
        for part in self._bad:
            if part.frame is not None and part.record.uid not in known:
                self._cache.put(Path(part.record.uid), part.frame.pixels)
        self.strip.show_tiles(
            [
                Tile(place, Path(b.record.uid), f"{times_limit_text(b.record.times)} ×")
                for place, b in enumerate(self._bad)
            ]
        )
        self.strip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.strip.setVisible(bool(self._bad))
        self._nothing.setVisible(not self._bad)

    def _tip(self, place: int) -> str:
        record = self._bad[place].record
        when = f"{record.when.astimezone():%H:%M:%S}"
        return f"{one_line(record.serial)} · {when}" if record.serial else when

    @Slot(object)
    def _choose(self, place: int) -> None:
        self.chosen.emit(self._bad[place])
