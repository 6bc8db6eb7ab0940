"""The pictures whose verdict changes by moving a limit: how many, which, and from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.picture.tile_strip import Tile, TileStrip

_MOST: Final = 60
"""Nobody looks at more tiles than this; the sentence and the filter count them all."""
_REST_MS: Final = 120
_TOP: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


def transition_text(before: Verdict, after: Verdict) -> str:
    """Return ``OK→REVIEW`` in the current language."""
    return f"{render(VERDICT_WORDS[before])}→{render(VERDICT_WORDS[after])}"


def verdict_changes_text(transitions: Mapping[tuple[Verdict, Verdict], int]) -> Message:
    """Say how many verdicts differ from those under the saved limits."""
    total = sum(transitions.values())
    if total == 0:
        return say("No verdict changes.")
    parts = [
        say("{count} {change}", count=count, change=transition_text(*pair))
        for pair, count in sorted(transitions.items())
    ]
    listed = reduce(lambda one, more: say("{first}, {second}", first=one, second=more), parts)
    return say_n("{n} changes: {parts}", "{n} change: {parts}", n=total, parts=listed)


class VerdictChangeStrip(QWidget):
    """The sentence and the tiles, hottest first; ``tiles.chosen``: the number of a result."""

    def __init__(
        self,
        session: Session,
        results: ResultsModel,
        thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self.sentence = FixedSizeLabel(lines=2, align=_TOP)
        self.tiles = TileStrip(thumbnails, self._tip)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.tiles.ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.sentence)
        column.addWidget(self.tiles)
        column.addStretch(1)
        bind(self.tiles.setAccessibleName, say("Pictures whose verdict changes"))
        follow(self.follow, Change.LANGUAGE)

    def follow(self) -> None:
        """Show what differs from the saved limits now; pictures are opened once a drag rests."""
        self.sentence.setText(render(verdict_changes_text(self._results.rows.transitions())))
        self.tiles.asking = False
        self.tiles.show_tiles(self._changed())
        self._rest.start()

    def _changed(self) -> list[Tile]:
        rows = self._results.rows
        changed = np.flatnonzero(rows.changed)
        hottest = changed[np.argsort(-rows.values[changed], kind="stable")][:_MOST]
        words: dict[tuple[Verdict, Verdict], str] = {}
        tiles = []
        for number in map(int, hottest):
            pair = (VERDICTS[int(rows.saved_verdicts[number])], rows.verdict_of(number))
            if pair not in words:
                words[pair] = transition_text(*pair)
            tiles.append(Tile(number, rows.items[number].path, words[pair]))
        return tiles

    def _tip(self, number: int) -> str:
        rows = self._results.rows
        before = VERDICTS[int(rows.saved_verdicts[number])]
        times = score_text(float(rows.values[number]), self._session.limits)
        change = transition_text(before, rows.verdict_of(number))
        return f"{rows.names[number]}\n{change}, {times} ×"
