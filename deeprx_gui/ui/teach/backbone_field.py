"""Which network looks at the pictures, at which levels of detail; what to do if it is absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import wrapped

_NETWORK_FILES = "*.pth *.pt *.safetensors *.onnx *.deeprx-network"


class BackboneField(QWidget):
    """The backbone and its taps.

    ``changed`` tells that a person chose otherwise; ``import_requested`` carries a weights file,
    ``fetch_requested`` the name of a backbone.
    """

    changed = Signal()
    import_requested = Signal(object)
    fetch_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[BackboneStatus, ...] = ()
        self._settings = FitSettings()
        self.row = ChoiceRow()
        self.row.chosen.connect(self._choose)
        self.advice = wrapped("small")
        self._import = QPushButton()
        theme.set_icon(self._import, "import")
        self._import.clicked.connect(self._ask_for_file)
        self.fetch = QPushButton()
        theme.set_icon(self.fetch, "export")
        self.fetch.clicked.connect(self._ask_for_fetch)
        self._taps_title = QLabel()
        self._taps_title.setProperty("level", "strong")
        self._taps_hint = wrapped("small")
        self._taps = QHBoxLayout()
        self._taps.setSpacing(theme.S)
        self._boxes: list[tuple[int, QCheckBox]] = []
        self._needed = True
        self._without = wrapped("small")
        self.start_folder = Path.home()
        self.setProperty(FOLDER_KEY, "teach.backbone")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.row)
        column.addWidget(self._without)
        column.addWidget(self.advice)
        column.addWidget(self.fetch)
        column.addWidget(self._import)
        column.addSpacing(theme.S)
        column.addWidget(self._taps_title)
        column.addLayout(self._taps)
        column.addWidget(self._taps_hint)
        bind(self._import.setText, say("Import weights…"))
        bind(self.fetch.setText, say("Download"))
        bind(self._taps_title.setText, say("Level of detail"))
        bind(
            self._taps_hint.setText,
            say("Small numbers see fine structure, large ones see shapes."),
        )
        bind(
            self._without.setText,
            say("The chosen detector looks at colours and needs no network."),
        )
        self._show_network()

    def show_backbones(self, backbones: Sequence[BackboneStatus]) -> None:
        """Show what this PC has."""
        self._all = tuple(backbones)
        self._show_network()

    def show_settings(self, settings: FitSettings) -> None:
        """Show what is chosen."""
        self._settings = settings
        self._show_network()

    def default_taps(self, name: str) -> tuple[int, ...]:
        """Return the levels of detail a network is used at unless someone chooses otherwise."""
        found = next((b for b in self._all if b.name == name), None)
        return self._settings.taps if found is None else found.default_taps

    def set_needed(self, needed: bool) -> None:
        """Say whether the chosen detector looks through a network at all."""
        if needed != self._needed:
            self._needed = needed
            self._show_network()

    @property
    def obstacle(self) -> Message | None:
        """What to do before one can learn with this network, ``None`` when nothing is."""
        chosen = self.chosen
        absent = chosen is not None and not chosen.installed and self._needed
        return chosen.advice if chosen is not None and absent else None

    def applied_to(self, settings: FitSettings) -> FitSettings:
        """Return the settings with this backbone and these taps."""
        chosen = replace(settings, backbone=self._settings.backbone, taps=self._settings.taps)
        return self.sized(chosen, settings.backbone)

    def sized(self, settings: FitSettings, before: str) -> FitSettings:
        """Return settings with the only picture size their network takes, where there is one.

        ``before``: the network until now; its only size goes with it.
        """
        only, previous = self._size_of(settings.backbone), self._size_of(before)
        if only is not None:
            return replace(settings, preprocessing=Preprocessing(only, keep_aspect=False))
        if previous is not None:
            return replace(settings, preprocessing=FitSettings().preprocessing)
        return settings

    def _size_of(self, name: str) -> int | None:
        return next((b.size for b in self._all if b.name == name), None)

    @property
    def chosen(self) -> BackboneStatus | None:
        """The chosen backbone, ``None`` until the list is known."""
        return next((b for b in self._all if b.name == self._settings.backbone), None)

    def _show_network(self) -> None:
        options = [(b.name, _titled(b)) for b in self._all]
        self.row.bind_texts(
            say("Backbone"), say("Turns a picture into features. It never changes."), options
        )
        self.row.set_value(self._settings.backbone)
        chosen = self.chosen
        absent = chosen is not None and not chosen.installed and self._needed
        self._without.setVisible(not self._needed)
        self.row.box.setEnabled(self._needed)
        self._import.setVisible(self._needed)
        self._taps_title.setVisible(self._needed)
        self._taps_hint.setVisible(self._needed)
        shown = self._needed and chosen is not None and chosen.advice is not None
        self.advice.setVisible(shown)
        if chosen is not None and chosen.advice is not None:
            bind(self.advice.setText, chosen.advice)
        self.fetch.setVisible(absent and chosen is not None and chosen.fetchable)
        self._show_taps(chosen)

    def _show_taps(self, chosen: BackboneStatus | None) -> None:
        shown = [stride for stride, _ in self._boxes]
        wanted = chosen.taps if chosen else tuple(sorted({*shown, *self._settings.taps}))
        if shown != list(wanted):
            for _, box in self._boxes:
                box.setParent(None)
                box.deleteLater()
            while self._taps.count():
                self._taps.takeAt(0)
            self._boxes = [(stride, QCheckBox()) for stride in wanted]
            for _, box in self._boxes:
                box.clicked.connect(self._tapped)
                self._taps.addWidget(box)
            self._taps.addStretch(1)
        for stride, box in self._boxes:
            box.setText(f"1/{stride}")
            box.setChecked(stride in self._settings.taps)
            box.setVisible(self._needed)

    @Slot(object)
    def _choose(self, name: object) -> None:
        chosen = next(b for b in self._all if b.name == name)
        self._settings = replace(self._settings, backbone=chosen.name, taps=chosen.default_taps)
        self._show_network()
        self.changed.emit()

    @Slot()
    def _tapped(self) -> None:
        taps = tuple(stride for stride, box in self._boxes if box.isChecked())
        self._settings = replace(self._settings, taps=taps)
        self.changed.emit()

    @Slot()
    def _ask_for_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            tr("Choose the network's file"),
            str(self.start_folder),
            f"{tr('Network files')} ({_NETWORK_FILES});;{tr('All files')} (*)",
        )
        if name:
            self.start_folder = Path(name).parent
            self.import_requested.emit(Path(name))

    @Slot()
    def _ask_for_fetch(self) -> None:
        self.fetch_requested.emit(self._settings.backbone)


def _titled(backbone: BackboneStatus) -> Message:
    """Return a network's name, with what stands in the way of learning with it."""
    if backbone.needs_full:
        return say("{name} (full edition only)", name=backbone.title)
    if not backbone.installed:
        return say("{name} (not installed)", name=backbone.title)
    return backbone.title
