"""The Check page: score pictures, look at them, move the limits and see everything follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QShortcut,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, Scored
from deeprx_gui.i18n import tr
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui import theme
from deeprx_gui.ui.check.evaluation import Evaluation
from deeprx_gui.ui.check.export_button import ExportButton
from deeprx_gui.ui.check.filter_bar import FilterBar
from deeprx_gui.ui.check.flips import FlipStrip
from deeprx_gui.ui.check.frame_shelf import FrameShelf
from deeprx_gui.ui.check.label_bar import LabelBar
from deeprx_gui.ui.check.limits_card import LimitsCard
from deeprx_gui.ui.check.no_profile import NoProfile
from deeprx_gui.ui.check.pacer import Pacer
from deeprx_gui.ui.check.picture_panel import PicturePanel
from deeprx_gui.ui.check.results_table import ResultsTable
from deeprx_gui.ui.check.waiting_card import WaitingCard
from deeprx_gui.ui.page import Page
from deeprx_gui.ui.widgets.drop_zone import DropZone, dropped_paths
from deeprx_gui.ui.widgets.job_strip import JobStrip
from deeprx_gui.ui.widgets.status_line import Banner

_DROP: Final = say("Drop pictures or folders to check here")
_DROP_HINT: Final = say(
    "Good, bad or unknown parts. In folders called good and NG, or in a data set with test/good, "
    "the pictures are labelled by the folder."
)
_STEP_MS: Final = 40
_REFILL_MS: Final = 150


class CheckPage(Page):
    """What a person asks for leaves as a signal; what comes of it arrives by a method.

    ``score_requested`` carries ``tuple[ToScore, ...]`` whose paths may be folders (``work.gather``
    opens them); ``picture_requested`` a ``Path`` to be answered by ``show_picture`` or
    ``picture_failed``; ``csv_requested``, ``report_requested`` (files) and ``overlays_requested``
    (a folder) a ``Path``; ``save_limits_requested`` the reason; ``opacity_changed`` 0..1.
    """

    score_requested = Signal(object)
    cancel_requested = Signal()
    picture_requested = Signal(object)
    csv_requested = Signal(object)
    overlays_requested = Signal(object)
    report_requested = Signal(object)
    save_limits_requested = Signal(str)
    opacity_changed = Signal(float)

    def __init__(
        self,
        session: Session,
        results: ResultsModel,
        thumbnails: ThumbnailCache | None = None,
        suffixes: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self._busy = False
        self._shelf = FrameShelf()
        self._stepping, self._refilling = Pacer(_STEP_MS, self), Pacer(_REFILL_MS, self)
        self.banner, self.strip = Banner(), JobStrip()
        self.no_profile = NoProfile()
        self.drop_zone = DropZone(_DROP, _DROP_HINT, suffixes=suffixes)
        self.waiting = WaitingCard()
        self.export = ExportButton()
        self.filter_bar = FilterBar(results)
        self.table = ResultsTable(results)
        self.labels = LabelBar()
        self.evaluation = Evaluation(session, results)
        self.picture = PicturePanel(session)
        self.limits = LimitsCard(session, results)
        self.flips = FlipStrip(session, results, thumbnails or ThumbnailCache(self))
        self._title = theme.level(QLabel(), "title")
        self._files, self._folder = QPushButton(), QPushButton()
        self._left, self._whole = QStackedWidget(), QStackedWidget()
        self._lay_out()
        self._connect()
        self._add_keys()
        self.setAcceptDrops(True)
        self.retranslate()
        self._profile_changed()

    # -- building ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme.set_icon(self._files, "image")
        theme.set_icon(self._folder, "folder")
        below = QHBoxLayout()
        below.setSpacing(theme.L)
        below.addWidget(self.flips, 1)
        below.addWidget(self.evaluation)
        self.limits.body.addLayout(below)
        right = QSplitter(Qt.Orientation.Vertical)
        right.setObjectName("check.right")
        right.addWidget(self.picture)
        right.addWidget(self.limits)
        right.setStretchFactor(0, 1)
        right.setStretchFactor(1, 0)
        right.setSizes([10_000, 1])
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.setObjectName("check.columns")
        columns.addWidget(self._left_column())
        columns.addWidget(right)
        columns.setStretchFactor(0, 2)
        columns.setStretchFactor(1, 5)
        columns.setSizes([428, 700])
        for splitter in (right, columns):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(theme.M)
        self._whole.addWidget(self.no_profile)
        self._whole.addWidget(columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.banner)
        column.addWidget(self._whole, 1)
        column.addWidget(self.strip)

    def _left_column(self) -> QWidget:
        top = QHBoxLayout()
        top.setSpacing(theme.XS)
        top.addWidget(self._title, 1)
        for button in (self._files, self._folder, self.export):
            top.addWidget(button)
        table = QWidget()
        rows = QVBoxLayout(table)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        for widget in (self.filter_bar, self.table, self.labels):
            rows.addWidget(widget, 1 if widget is self.table else 0)
        self._left.addWidget(self.drop_zone)
        self._left.addWidget(table)
        left = QWidget()
        left.setMinimumWidth(360)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addWidget(self.waiting)
        column.addWidget(self._left, 1)
        return left

    def _connect(self) -> None:
        session, results = self._session, self._results
        session.profile_changed.connect(self._profile_changed)
        session.profile_saved.connect(self._contents_changed)
        session.limits_changed.connect(self._limits_changed)
        results.contents_changed.connect(self._contents_changed)
        self.drop_zone.paths_chosen.connect(self.take)
        self._files.clicked.connect(self.drop_zone.choose_files)
        self._folder.clicked.connect(self.drop_zone.choose_folder)
        self.waiting.score_requested.connect(self._score)
        self.strip.cancel_requested.connect(self.cancel_requested)
        self.table.current_changed.connect(self._show_current)
        self.labels.chosen.connect(self._label)
        self.flips.chosen.connect(self._go_to)
        self.limits.save_requested.connect(self.save_limits_requested)
        self.picture.opacity_changed.connect(self.opacity_changed)
        self.picture.tools.large.toggled.connect(self.limits.setHidden)
        self.export.csv_requested.connect(self.csv_requested)
        self.export.overlays_requested.connect(self.overlays_requested)
        self.export.report_requested.connect(self.report_requested)

    def _add_keys(self) -> None:
        view, tools = self.picture.view, self.picture.tools
        keys: tuple[tuple[str, Callable[[], None]], ...] = (
            ("F", view.fit),
            ("1", view.actual_size),
            ("+", view.zoom_in),
            ("=", view.zoom_in),
            ("-", view.zoom_out),
            ("O", tools.heat.toggle),
            ("N", tools.compare.toggle),
            ("L", tools.large.toggle),
            ("Ctrl+F", self.filter_bar.search.setFocus),
        )
        for key, run in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # -- what a person may ask for ----------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("Check")

    def undo_stack(self) -> QUndoStack | None:
        """Return the session's: limits moved and labels given."""
        return self._session.undo_stack

    def run_main(self) -> None:
        """Score what waits (F5)."""
        self.waiting.start()

    def choose_images(self) -> None:
        """Ask for pictures (Ctrl+O)."""
        if self._session.profile is not None:
            self.drop_zone.choose_files()

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        """Let files and folders wait to be scored."""
        if self._session.profile is not None:
            self.waiting.add(paths)
            self.waiting.score.setFocus()

    # -- what the workbench answers ---------------------------------------------------------

    def job_progress(self, progress: Progress) -> None:
        """Show how far scoring or an export is."""
        self._busy = True
        self.strip.show_progress(progress)
        self._show_ready()

    def job_ended(self, message: Message | None = None, kind: str = "error") -> None:
        """Say that the job is over, with a sentence where there is something to say."""
        self._busy = False
        self.strip.finish()
        if message is not None:
            self.banner.show_message(message, kind)
        self._show_ready()

    def add_results(self, batch: Sequence[Scored]) -> None:
        """Append results; the first of all becomes the current one."""
        self._results.add(batch)
        if self.table.current() is None and self._results.rowCount():
            self.table.selectRow(0)

    def show_picture(self, path: Path, frame: Frame) -> None:
        """Answer ``picture_requested``."""
        self._shelf.put(path, frame)
        self.picture.show_frame(path, frame)

    def picture_failed(self, path: Path, message: Message) -> None:
        """Answer ``picture_requested``: it cannot be shown."""
        self.picture.show_failure(path, message)

    @property
    def image_folder(self) -> Path:
        """Where dialogs for pictures open; follows the last choice."""
        return self.drop_zone.start_folder

    @image_folder.setter
    def image_folder(self, folder: Path) -> None:
        self.drop_zone.start_folder = folder

    @property
    def export_folder(self) -> Path:
        """Where dialogs for exports open; follows the last choice."""
        return self.export.folder

    @export_folder.setter
    def export_folder(self, folder: Path) -> None:
        self.export.folder = folder

    # -- following --------------------------------------------------------------------------

    @Slot()
    def _profile_changed(self) -> None:
        profile = self._session.profile
        self._shelf.clear()
        self.banner.clear()
        self.picture.show_item(None)
        self.picture.follow_profile()
        self.filter_bar.show_everything()
        self._whole.setCurrentIndex(0 if profile is None else 1)
        if profile is not None:
            self.export.base_name = profile.name
            self.waiting.offer_again(self._results.scored_before)
        self._show_ready()
        self._contents_changed()

    @Slot()
    def _limits_changed(self) -> None:
        """Let everything on the page follow; this runs at every step of a drag."""
        self.filter_bar.show_counts()
        self.limits.follow_limits()
        self.picture.follow_limits()
        self.flips.follow()
        self.evaluation.follow_limits()

    @Slot()
    def _contents_changed(self) -> None:
        self._left.setCurrentIndex(1 if len(self._results.rows) else 0)
        self.export.setEnabled(len(self._results.rows) > 0)
        self._show_label()
        self._refilling.ask(self._refill)

    def _refill(self) -> None:
        self.filter_bar.show_counts()
        self.limits.follow_contents()
        self.limits.follow_limits()
        self.flips.follow()
        self.evaluation.follow_contents()

    @Slot(object)
    def _show_current(self, number: int | None) -> None:
        item = None if number is None else self._results.rows.items[number]
        self.picture.show_item(item)
        self._show_label()
        if item is None or item.error is not None:
            return
        frame = self._shelf.get(item.path)
        if frame is None:
            self._stepping.ask(self._ask_picture)
        else:
            self.picture.show_frame(item.path, frame)

    def _ask_picture(self) -> None:
        item = self.picture.item
        if item is not None and item.error is None:
            self.picture_requested.emit(item.path)

    def _show_label(self) -> None:
        number = self.table.current()
        self.labels.show_label(None if number is None else self._results.rows.label_of(number))

    def _show_ready(self) -> None:
        self.waiting.set_ready(self._session.profile is not None and not self._busy)

    @Slot(object)
    def _score(self, items: object) -> None:
        self.banner.clear()
        self._busy = True
        self.strip.start(say("Getting ready …"))
        self._show_ready()
        self.score_requested.emit(items)

    @Slot(object)
    def _label(self, label: Label) -> None:
        self.table.label_chosen(label)
        self._show_label()

    @Slot(object)
    def _go_to(self, number: int) -> None:
        if not self.table.go_to(number):
            self.filter_bar.show_everything()
            self.table.go_to(number)

    # -- language, theme, events ------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text of the page in the current language, every colour in the theme's."""
        self._title.setText(self.title())
        self._files.setText(tr("Files …"))
        self._files.setToolTip(tr("Choose pictures to score"))
        self._folder.setText(tr("Folder …"))
        self._folder.setToolTip(tr("Choose a folder to score"))
        for part in (self.limits, self.picture, self.evaluation):
            part.follow_theme()
        self.flips.model.follow_theme()
        for widget in (
            self.banner,
            self.strip,
            self.no_profile,
            self.drop_zone,
            self.waiting,
            self.export,
            self.filter_bar,
            self.labels,
            self.evaluation,
            self.picture,
            self.limits,
            self.flips,
        ):
            widget.retranslate()
        self._results.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look below the heat while Space is held."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.picture.peek(True)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the heat again."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.picture.peek(False)
            return
        super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders anywhere on the page."""
        if self._session.profile is not None and dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Let what was dropped wait."""
        event.acceptProposedAction()
        self.take(dropped_paths(event.mimeData()))
