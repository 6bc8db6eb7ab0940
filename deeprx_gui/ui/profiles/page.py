"""Profiles: the products this PC can inspect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QUndoStack
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile_card import HistoryEntry
from deeprx_gui.domain.progress import Progress
from deeprx_gui.i18n import tr
from deeprx_gui.state.notice import Notice
from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from deeprx_gui.ui.kit.drop_zone import dropped_paths
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.status_line import Banner
from deeprx_gui.ui.page import Page
from deeprx_gui.ui.profiles.bin_sheet import BinSheet
from deeprx_gui.ui.profiles.card_view import CardView
from deeprx_gui.ui.profiles.detail_panel import SUFFIX, DetailPanel
from deeprx_gui.ui.profiles.welcome import Welcome

_SIDE = 400


class ProfilesPage(Page):
    """What a person asks for leaves as a signal; ids are those of the cards.

    ``import_requested`` carries ``tuple[Path, ...]``; ``history_wanted`` the id of the profile that
    was selected; what the panel at the right asks for is on ``details``.
    """

    new_requested = Signal()
    demo_requested = Signal()
    open_requested = Signal(str)
    import_requested = Signal(object)
    history_wanted = Signal(str)

    def __init__(
        self, session: Session, model: ProfilesModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self._known = False
        self.start_folder = Path.home()
        self.setProperty(FOLDER_KEY, "profiles.import")
        self.setAcceptDrops(True)
        self._title = theme.level(QLabel(), "title")
        self.new = QPushButton()
        self.new.setProperty("kind", "primary")
        theme.set_icon(self.new, "add", "on_accent")
        self.new.clicked.connect(self.new_requested)
        self.importer = QPushButton()
        theme.set_icon(self.importer, "import")
        self.importer.clicked.connect(self.choose_import)
        self.demo = QPushButton()
        theme.set_icon(self.demo, "sample")
        self.demo.clicked.connect(self.demo_requested)
        self.library_button = QPushButton()
        theme.set_icon(self.library_button, "layers")
        self.library_button.hide()  # until a central database is set up
        self.bin_button = QPushButton()
        theme.set_icon(self.bin_button, "delete")
        self.banner = Banner()
        self.view = CardView(model)
        self.details = DetailPanel()
        self.welcome = Welcome()
        self.strip = JobStrip()
        self._lay_out()
        self.confirm, self.bin = ConfirmSheet(self), BinSheet(self)
        self._connect()
        bind(self._title.setText, say("Profiles"))
        bind(self.new.setText, say("New profile"))
        bind(self.importer.setText, say("Import…"))
        self.show_waiting(0)
        bind(self.bin_button.setText, say("Bin"))
        bind(self.bin_button.setToolTip, say("Profiles that were deleted"))
        bind(self.demo.setText, say("Try with sample images"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self._title, 1)
        top.addWidget(self.library_button)
        top.addWidget(self.bin_button)
        top.addWidget(self.demo)
        top.addWidget(self.importer)
        top.addWidget(self.new)
        self.details.setFixedWidth(_SIDE)
        filled = QWidget()
        halves = QHBoxLayout(filled)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(theme.XL)
        halves.addWidget(self.view, 1)
        halves.addWidget(self.details)
        self._stack = QStackedWidget()
        self._stack.addWidget(QWidget())
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(filled)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(top)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)
        column.addWidget(self.strip)

    def _connect(self) -> None:
        self.welcome.new.clicked.connect(self.new_requested)
        self.welcome.demo.clicked.connect(self.demo_requested)
        self.view.open_requested.connect(self.open_requested)
        self.view.selected_changed.connect(self._selected)
        self.details.open_requested.connect(self.open_requested)
        self._model.modelReset.connect(self._refresh)
        self._session.profile_changed.connect(self._opened)
        self._session.profile_saved.connect(self._opened)

    def show_loaded(self) -> None:
        """Say that the list is known by now: an empty one shows how to begin."""
        self._known = True
        self._refresh()

    def show_history(self, profile_id: str, steps: Sequence[HistoryEntry]) -> None:
        """Show what happened to a profile."""
        self.details.show_history(profile_id, steps)

    def show_waiting(self, count: int) -> None:
        """Say on the library's button how many revisions wait for a confirmation here."""
        waits = say_n("Library… ({n} waits)", "Library… ({n} wait)", n=count)
        bind(self.library_button.setText, waits if count else say("Library…"))

    def set_demo_advice(self, advice: Message | None) -> None:
        """Say why the sample images cannot be tried; ``None``: they can."""
        self.welcome.set_demo_advice(advice)
        self.demo.setEnabled(advice is None)

    def job_started(self, note: Message) -> None:
        """Show that something that takes a while began."""
        self.banner.clear()
        self.strip.start(note)
        for button in (self.demo, self.welcome.demo):
            button.setEnabled(False)

    def job_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.strip.show_progress(progress)

    def job_ended(self, notice: Notice | None = None) -> None:
        """Show that it ended."""
        self.strip.finish()
        for button in (self.demo, self.welcome.demo):
            button.setEnabled(True)
        if notice is not None:
            self.banner.show_message(notice.message, notice.kind, notice.action, notice.run)

    @Slot()
    def choose_import(self) -> None:
        """Ask for profile files."""
        names, _ = QFileDialog.getOpenFileNames(
            self,
            tr("Import profiles"),
            str(self.start_folder),
            f"{tr('Product profile')} (*{SUFFIX})",
        )
        if names:
            self.start_folder = Path(names[0]).parent
            self.import_requested.emit(tuple(Path(n) for n in names))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rename on F2, delete on Delete, as file managers do."""
        card = self.view.selected
        if card is not None and event.key() == Qt.Key.Key_F2:
            self.details.start_rename()
        elif card is not None and event.matches(QKeySequence.StandardKey.Delete):
            self.details.delete_requested.emit(card.id)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _profiles_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = _profiles_in(event)
        if files:
            event.acceptProposedAction()
            self.import_requested.emit(files)

    @Slot()
    def _refresh(self) -> None:
        filled = self._model.rowCount() > 0
        self._stack.setCurrentIndex(2 if filled else int(self._known))
        for button in (self.new, self.demo):
            button.setVisible(filled)
        self._selected()

    @Slot()
    def _selected(self) -> None:
        card = self.view.selected
        before = self.details.shown_id
        self.details.show_card(card, self.view.cards.open_id)
        if card is not None and card.id != before:
            self.history_wanted.emit(card.id)

    def undo_stack(self) -> QUndoStack | None:
        """Return the model's: what was deleted."""
        return self._model.undo_stack

    @Slot()
    def _opened(self) -> None:
        profile = self._session.profile
        if profile is not None:
            self.view.select(profile.id)
        self.view.show_open(profile.id if profile is not None else "")
        self._selected()


def _profiles_in(event: QDropEvent) -> tuple[Path, ...]:
    return tuple(p for p in dropped_paths(event.mimeData()) if p.suffix.lower() == SUFFIX)
