"""A choice among what verdicts were given by: all of it, or one product, one station."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from deeprx_gui.ui.kit.binding import Text, bind, bind_items
from deeprx_gui.ui.kit.choice_row import NoWheelComboBox


class RecordedFilterBox(NoWheelComboBox):
    """Offers (id, name) pairs below a first entry that means all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: tuple[tuple[str, str], ...] = ()
        self._all: Text = ""

    @property
    def chosen(self) -> str:
        """The id that is chosen, empty for all."""
        place = self.currentIndex() - 1
        return self._seen[place][0] if 0 <= place < len(self._seen) else ""

    def offer(self, seen: Sequence[tuple[str, str]]) -> None:
        """Offer these; what is chosen stays chosen."""
        if tuple(seen) != self._seen:
            chosen = self.chosen
            self._seen = tuple(seen)
            self._fill(chosen)

    def bind_texts(self, everything: Text, name: Text) -> None:
        """Bind the text of the first entry and what the choice is called."""
        self._all = everything
        bind(self.setAccessibleName, name)
        self._fill(self.chosen)

    def _fill(self, chosen: str) -> None:
        self.clear()
        bind_items(self, [self._all, *(name for _, name in self._seen)])
        places = [key for key, _ in self._seen]
        self.setCurrentIndex(places.index(chosen) + 1 if chosen in places else 0)
