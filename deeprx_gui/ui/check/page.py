"""The Check page: score pictures, look at them, move the limits and see everything follow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QUndoStack
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from deeprx_gui.domain.check_findings import foreign_set, step_forward_words
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.check.body import CheckBody
from deeprx_gui.ui.check.frame_cache import FrameCache
from deeprx_gui.ui.check.picture_panel import PicturePanel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.columns import ScrolledColumns
from deeprx_gui.ui.kit.drop_zone import dropped_paths
from deeprx_gui.ui.kit.empty_state import EmptyReason, EmptyState
from deeprx_gui.ui.kit.throttle import Throttle
from deeprx_gui.ui.page import Page

_STEP_MS: Final = 40
"""Holding an arrow key down runs through the table faster than pictures can be opened."""
_REFILL_MS: Final = 150

_NO_PROFILE: Final = EmptyReason(
    "profiles",
    say("No product profile is open"),
    say("Open one on the Profiles page, or teach a new one. Then score pictures here."),
    say("Go to Profiles"),
    primary=True,
)


class CheckPage(Page):
    """What a person asks for leaves as a signal; what comes of it arrives by a method.

    ``score_requested`` carries ``tuple[PendingImage, ...]`` whose paths may be folders
    (``work.gather``
    opens them); ``picture_requested`` a ``Path`` to be answered by ``show_picture`` or
    ``picture_failed``. ``sample_offered`` carries the product's id and the ``Path`` of the picture
    that may become a limit sample. Exports, saving limits, opacity and cancelling are asked for by
    the parts: ``body.export``, ``body.limits``, ``picture`` and ``strip``.
    """

    score_requested = Signal(object)
    picture_requested = Signal(object)
    sample_offered = Signal(str, object)

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
        self._chosen_here: int | None = None
        self._shown_id = ""
        self._waiting: dict[str, tuple[PendingImage, ...]] = {}
        self._shelf = FrameCache()
        self._stepping, self.refilling = Throttle(_STEP_MS, self), Throttle(_REFILL_MS, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        self._whole = QStackedWidget()
        column.addWidget(self._whole)
        self.no_profile = EmptyState(_NO_PROFILE)
        self._whole.addWidget(self.no_profile)
        scrolled = ScrolledColumns()
        self._whole.addWidget(scrolled)
        shown, place = thumbnails or ThumbnailCache(self), scrolled.viewport()
        self.body = CheckBody(session, results, shown, suffixes, place)
        scrolled.hold(self.body)
        self.banner, self.strip = self.body.banner, self.body.strip
        self.body.add_keys(self)
        self.setAcceptDrops(True)
        self._connect()
        self._profile_changed()

    def _connect(self) -> None:
        session, body = self._session, self.body
        session.profile_changed.connect(self._profile_changed)
        session.profile_saved.connect(self._contents_changed)
        session.limits_changed.connect(body.follow_limits)
        self._results.contents_changed.connect(self._contents_changed)
        body.drop_zone.paths_chosen.connect(self.take)
        body.waiting.score_requested.connect(self._score)
        body.table.current_changed.connect(self._show_current)
        body.keep_sample.clicked.connect(self._offer_sample)

    # -- what a person may ask for ----------------------------------------------------------

    def undo_stack(self) -> QUndoStack | None:
        """Return the session's: limits moved and labels given."""
        return self._session.undo_stack

    def run_main(self) -> None:
        """Score the pending images (F5)."""
        self.body.waiting.start()

    def choose_images(self) -> None:
        """Ask for pictures (Ctrl+O)."""
        if self._session.profile is not None:
            self.body.drop_zone.choose_files()

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        """Add files and folders to the pending images."""
        if self._session.profile is not None:
            self.body.waiting.add(paths)
            self.body.waiting.score.setFocus()

    # -- what the controllers answer --------------------------------------------------------

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

    def add_results(self, batch: Sequence[ScoredImage]) -> None:
        """Append results; the first of all becomes the current one."""
        self._results.add(batch)
        if self.body.table.current() is None and self._results.rowCount():
            self.body.table.selectRow(0)
            self._chosen_here = self.body.table.current()

    def show_run(self, first: int) -> None:
        """Show what is worst of a run that ended, and what is to be said about it.

        ``first``: the number of its first result. What a person selected meanwhile stays.
        """
        rows = self._results.rows
        if self.body.table.current() in (None, self._chosen_here):
            worst = rows.worst_ng(first)
            if worst is not None and self.body.table.go_to(worst):
                self._chosen_here = worst
        judged = [(rows.verdict_of(n), rows.label_of(n)) for n in range(first, len(rows))]
        foreign, step = foreign_set(judged), self._results.step_forward
        if foreign is not None:
            self.banner.show_message(foreign, NoticeKind.WARNING)
        elif step is not None:
            self.banner.show_message(step_forward_words(step), NoticeKind.INFO)

    def show_picture(self, path: Path, frame: Frame) -> None:
        """Show the requested image."""
        self._shelf.put(path, frame)
        self.picture.show_frame(path, frame)

    def picture_failed(self, path: Path, message: Message) -> None:
        """Show why the requested image cannot be displayed."""
        self.picture.show_failure(path, message)

    # -- what is remembered between two runs ------------------------------------------------

    @property
    def picture(self) -> PicturePanel:
        """The picture; its opacity is a preference."""
        return self.body.picture

    @property
    def image_folder(self) -> Path:
        """Where dialogs for pictures open; follows the last choice."""
        return self.body.drop_zone.start_folder

    @image_folder.setter
    def image_folder(self, folder: Path) -> None:
        self.body.drop_zone.start_folder = folder

    @property
    def export_folder(self) -> Path:
        """Where dialogs for exports open; follows the last choice."""
        return self.body.export.start_folder

    @export_folder.setter
    def export_folder(self, folder: Path) -> None:
        self.body.export.start_folder = folder

    # -- following --------------------------------------------------------------------------

    @Slot()
    def _profile_changed(self) -> None:
        profile = self._session.profile
        self._shelf.clear()
        self.banner.clear()
        self.picture.show_item(None)
        self.body.keep_sample.setEnabled(False)
        self.picture.follow_profile()
        self.body.filter_bar.show_everything()
        self._whole.setCurrentIndex(0 if profile is None else 1)
        if profile is not None:
            self.body.export.base_name = profile.name
            self._show_waiting(profile.id)
        self._show_ready()
        self._contents_changed()

    def _show_waiting(self, profile_id: str) -> None:
        """Show what waits of this product: what was scored of it before, or what was added."""
        waiting = self.body.waiting
        if profile_id == self._shown_id:
            kept = waiting.items if not waiting.again else ()
        else:
            if not waiting.again:
                self._waiting[self._shown_id] = waiting.items
            kept = self._waiting.pop(profile_id, ())
        self._shown_id = profile_id
        before = self._results.scored_before
        have = {item.path for item in before}
        fresh = [item for item in kept if item.path not in have]
        waiting.offer_again((*before, *fresh), again=not fresh)

    @Slot()
    def _contents_changed(self) -> None:
        self.body.follow_size()
        self.refilling.ask(self.body.follow_contents)

    @Slot(object)
    def _show_current(self, number: int | None) -> None:
        item = None if number is None else self._results.rows.items[number]
        self.picture.show_item(item)
        self.body.follow_label()
        self.body.keep_sample.setEnabled(item is not None and item.error is None)
        if item is None or item.error is not None:
            return
        frame = self._shelf.get(item.path)
        if frame is None:
            self._stepping.ask(self._ask_picture)
        else:
            self.picture.show_frame(item.path, frame)

    @Slot()
    def _offer_sample(self) -> None:
        profile, item = self._session.profile, self.picture.item
        if profile is not None and item is not None:
            self.sample_offered.emit(profile.id, item.path)

    def _ask_picture(self) -> None:
        item = self.picture.item
        if item is not None and item.error is None:
            self.picture_requested.emit(item.path)

    def _show_ready(self) -> None:
        self.body.waiting.set_ready(self._session.profile is not None and not self._busy)

    @Slot(object)
    def _score(self, items: object) -> None:
        self.banner.clear()
        self._busy = True
        self.strip.start(say("Getting ready…"))
        self._show_ready()
        self.score_requested.emit(items)

    # -- language, theme, events ------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hide the heat map while Space is held."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.picture.peek(True)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
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
        """Add the dropped files to the pending images."""
        event.acceptProposedAction()
        self.take(dropped_paths(event.mimeData()))
