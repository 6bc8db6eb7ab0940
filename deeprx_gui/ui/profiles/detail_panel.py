"""The selected profile: open it, what it is, what can be done with it, what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile_card import HistoryEntry, ProfileCard
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import CardFrame, ScrollColumn, line, wrapped
from deeprx_gui.ui.profiles.history_list import HistoryList
from deeprx_gui.ui.profiles.name_editor import NameEditor

SUFFIX = ".deeprx"


class DetailPanel(QWidget):
    """Every request carries the profile's id first: ``(id)``, ``(id, name)``, ``(id, Path)``.

    ``check_requested``: go on with the profile that is open already.
    """

    open_requested = Signal(str)
    check_requested = Signal()
    rename_requested = Signal(str, str)
    duplicate_requested = Signal(str, str)
    export_requested = Signal(str, object, bool)
    delete_requested = Signal(str)
    rollback_requested = Signal(str, int)
    samples_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: ProfileCard | None = None
        self._open_id = ""
        self._ask_for = ""
        self.start_folder = Path.home()
        self.setProperty(FOLDER_KEY, "profiles.export")
        self._name = wrapped("title")
        self.editor = NameEditor()
        self.editor.given.connect(self._named)
        self.editor.closed.connect(self._show_name)
        self._problem = wrapped("bad")
        self.open = QPushButton()
        self.open.setProperty("kind", "primary")
        self.open.setMinimumHeight(44)
        theme.set_icon(self.open, "open", "on_accent")
        self.open.clicked.connect(self._open)
        self._facts = QGridLayout()
        self._fact_labels: list[tuple[QLabel, QLabel]] = []
        self.rename = self._tool("rename", self._rename)
        self.duplicate = self._tool("duplicate", self._duplicate)
        self.export = self._tool("export", self._export)
        self.delete = self._tool("delete", self._delete)
        self.samples = self._tool("shield", self._samples)
        self._history_title = theme.level(QLabel(), "heading")
        self.history = HistoryList()
        self.history.rollback_requested.connect(self._roll_back)
        self._lay_out()
        bind(self.rename.setText, say("Rename"))
        bind(self.duplicate.setText, say("Duplicate"))
        bind(self.export.setText, say("Export…"))
        bind(self.delete.setText, say("Delete"))
        bind(self.samples.setText, say("Limit samples…"))
        bind(self._history_title.setText, say("History"))
        follow(self._show_facts, Change.LANGUAGE)

    def _tool(self, icon: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton()
        theme.set_icon(button, icon)
        button.clicked.connect(run)
        return button

    def _lay_out(self) -> None:
        self._facts.setHorizontalSpacing(theme.L)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        for row in range(6):
            key, value = theme.level(QLabel(), "hint"), wrapped()
            self._facts.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(value, row, 1)
            self._fact_labels.append((key, value))
        tools = QGridLayout()
        tools.setSpacing(theme.S)
        for number, button in enumerate((self.rename, self.duplicate, self.export, self.delete)):
            tools.addWidget(button, number // 2, number % 2)
        card = CardFrame()
        for part in (self._name, self.editor, self._problem, self.open):
            card.body.addWidget(part)
        card.body.addLayout(self._facts)
        tools.addWidget(self.samples, 2, 0, 1, 2)
        card.body.addLayout(tools)
        card.body.addWidget(line())
        card.body.addWidget(self._history_title)
        card.body.addWidget(self.history)
        scroll = ScrollColumn()
        scroll.body.addWidget(card)
        scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)

    @property
    def shown_id(self) -> str:
        """The id of the profile that is shown, empty for none."""
        return self._card.id if self._card is not None else ""

    def show_card(self, card: ProfileCard | None, open_id: str) -> None:
        """Show a profile, ``None`` for none."""
        if card is None or card.id != self.shown_id:
            self.history.show_history(())
            self.editor.hide()
        self._card, self._open_id = card, open_id
        self.setVisible(card is not None)
        self._show_facts()

    def show_history(self, profile_id: str, steps: Sequence[HistoryEntry]) -> None:
        """Show what happened to a profile, unless another one is shown by now."""
        if profile_id == self.shown_id:
            self.history.show_history(steps)

    def start_rename(self) -> None:
        """Ask for another name."""
        self._rename()

    def _show_facts(self) -> None:
        card = self._card
        if card is None:
            return
        usable = card.problem is None
        is_open = card.id == self._open_id
        self.open.setText(tr("Go to Check") if is_open else tr("Open"))
        theme.set_icon(self.open, "arrow-right" if is_open else "open", "on_accent")
        self.open.setVisible(usable)
        for button in (self.rename, self.duplicate, self.export, self.samples):
            button.setEnabled(usable)
        self._problem.setVisible(not usable)
        self._problem.setText("" if card.problem is None else render(card.problem))
        self._name.setText(card.name)
        self._show_name()
        self._say_facts(card)

    def _say_facts(self, card: ProfileCard) -> None:
        saved = "" if card.saved_at is None else moment(card.saved_at)
        facts = (
            (tr("Revision"), revision_label(card.revision) if card.revision else ""),
            (tr("Saved"), saved),
            (tr("By"), card.who),
            (tr("Normal images"), str(card.normals) if card.normals else ""),
            (tr("Backbone"), card.backbone),
            (tr("Detector"), card.detector),
        )
        for (key, value), (title, text) in zip(self._fact_labels, facts, strict=True):
            key.setText(title)
            value.setText(text)
            key.setVisible(bool(text))
            value.setVisible(bool(text))

    @Slot()
    def _show_name(self) -> None:
        self._name.setVisible(not self.editor.isVisibleTo(self))

    @Slot()
    def _open(self) -> None:
        if self.shown_id == self._open_id:
            self.check_requested.emit()
        else:
            self.open_requested.emit(self.shown_id)

    @Slot()
    def _rename(self) -> None:
        if self._card is not None and self._card.problem is None:
            self._ask("rename", self._card.name, tr("Rename"))

    @Slot()
    def _duplicate(self) -> None:
        if self._card is not None:
            copy = tr("{name} (copy)", name=self._card.name)
            self._ask("duplicate", copy, tr("Duplicate"))

    def _ask(self, what: str, name: str, button: str) -> None:
        self._ask_for = what
        self._name.hide()
        self.editor.ask(name, button)

    @Slot(str)
    def _named(self, name: str) -> None:
        request = self.rename_requested if self._ask_for == "rename" else self.duplicate_requested
        request.emit(self.shown_id, name)

    @Slot()
    def _export(self) -> None:
        if self._card is None:
            return
        suggested = f"{self._card.name}_{revision_label(self._card.revision)}{SUFFIX}"
        safe = "".join("_" if c in '<>:"/\\|?*' else c for c in suggested)
        whole = f"{tr('Product profile')} (*{SUFFIX})"
        bare = f"{tr('Product profile without must-find pictures')} (*{SUFFIX})"
        name, chosen = QFileDialog.getSaveFileName(
            self, tr("Export the profile"), str(self.start_folder / safe), f"{whole};;{bare}"
        )
        if name:
            file = Path(name)
            self.start_folder = file.parent
            self.export_requested.emit(self.shown_id, file.with_suffix(SUFFIX), chosen != bare)

    @Slot()
    def _delete(self) -> None:
        self.delete_requested.emit(self.shown_id)

    @Slot()
    def _samples(self) -> None:
        self.samples_requested.emit(self.shown_id)

    @Slot(int)
    def _roll_back(self, revision: int) -> None:
        self.rollback_requested.emit(self.shown_id, revision)
