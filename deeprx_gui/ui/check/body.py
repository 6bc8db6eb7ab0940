"""The parts of the Check page, how they are laid out and what they mean to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.search import choice_in, doubt, summary, why
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.check.evaluation import Evaluation
from deeprx_gui.ui.check.filter_bar import ResultFilterBar
from deeprx_gui.ui.check.keys import CHECK_KEYS
from deeprx_gui.ui.check.label_bar import LabelBar
from deeprx_gui.ui.check.limit_advice import LimitAdvice
from deeprx_gui.ui.check.limits_card import LimitsCard
from deeprx_gui.ui.check.pending_images_card import PendingImagesCard
from deeprx_gui.ui.check.picture_panel import PicturePanel
from deeprx_gui.ui.check.results_table import ResultsTable
from deeprx_gui.ui.check.verdict_changes import VerdictChangeStrip
from deeprx_gui.ui.corrections.correction_bar import CorrectionBar
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.columns import PictureColumns, list_column
from deeprx_gui.ui.kit.drop_zone import DropZone
from deeprx_gui.ui.kit.export_button import ExportButton
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.status_line import Banner

_DROP: Final = say("Drop pictures or folders to check here")
_DROP_HINT: Final = say(
    "Good, bad or unknown parts. In folders called good and NG, or in a data set with test/good, "
    "the pictures are labelled by the folder."
)
_LEFT, _RIGHT = 352, 776


class CheckBody(PictureColumns):
    """Left: what was scored. Right: one picture of it, the limits, and what they change."""

    def __init__(
        self,
        session: Session,
        results: ResultsModel,
        thumbnails: ThumbnailCache,
        suffixes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._results = session, results
        self.banner, self.strip = Banner(), JobStrip()
        self.drop_zone = DropZone(_DROP, _DROP_HINT, suffixes=suffixes)
        self.waiting = PendingImagesCard()
        self.export = ExportButton()
        self.drop_zone.setProperty(FOLDER_KEY, "check.pictures")
        self.export.setProperty(FOLDER_KEY, "check.export")
        self.filter_bar = ResultFilterBar(results)
        self.table = ResultsTable(results)
        self.labels, self.keep_sample = LabelBar(), QToolButton()
        self.corrections = CorrectionBar()
        self.picture = PicturePanel(session)
        self.limits = LimitsCard(session, results)
        self.advice = LimitAdvice(session, results)
        self.flips = VerdictChangeStrip(session, results, thumbnails)
        self.evaluation = Evaluation(session, results)
        self.title = theme.level(QLabel(), "title")
        self.add, self.clear = QPushButton(), QToolButton()
        self._files, self._folder = QAction(self), QAction(self)
        self.choice, self.details = wrapped("hint"), QToolButton()
        self.choice_line = FixedSizeLabel(colour="muted", pixels=12)
        self._how = QWidget()
        self._left = QStackedWidget()
        self._lay_out()
        self._connect()
        self._say_choice()
        self._show_choice()
        bind(self.title.setText, say("Check"))
        bind(self.keep_sample.setAccessibleName, say("Limit sample…"))
        bind(
            self.keep_sample.setToolTip,
            say("Keep this picture with the verdict it has to get, and look at those kept"),
        )
        bind(self.add.setText, say("Add"))
        bind(self.add.setToolTip, say("Choose pictures to score"))
        bind_tip(self.details, say("How these settings were chosen"))
        bind_tip(self.clear, say("Take all pictures out of the list (the files stay)"))
        bind(self._files.setText, say("Files…"))
        bind(self._folder.setText, say("Folder…"))
        follow(results.refresh_texts, Change.LANGUAGE, owner=self)

    def _lay_out(self) -> None:
        theme.set_icon(self.add, "add")
        theme.set_icon(self.keep_sample, "shield")
        theme.set_icon(self.clear, "delete", "muted")
        self.clear.setProperty("kind", "quiet")
        theme.set_icon(self._files, "image")
        theme.set_icon(self._folder, "folder")
        menu = QMenu(self)
        menu.addActions([self._files, self._folder])
        self.add.setMenu(menu)
        theme.set_icon(self.details, "info", "muted")
        self.details.setProperty("kind", "quiet")
        self.details.setCheckable(True)
        self._below = QHBoxLayout()
        self._below.setSpacing(theme.L)
        self._below.addWidget(self.flips, 1)
        self._below.addWidget(self.evaluation)
        self.limits.body.addWidget(self.advice)
        self.limits.body.addLayout(self._below)
        self._about = QWidget()
        about = QHBoxLayout(self._about)
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(theme.XS)
        about.addWidget(self.corrections, 1)
        about.addWidget(self.keep_sample)
        self.picture.body.addWidget(self._about)
        left = self._left_column()
        self.fill("check", left=left, picture=self.picture, companion=self.limits)
        self.setStretchFactor(0, 2)
        self.setStretchFactor(1, 5)
        self.setSizes([_LEFT, _RIGHT])

    def turn(self, beside: bool, *, narrow: bool) -> None:  # noqa: ARG002 - follow_room knows
        """Show the pictures that change under the picture, where the limits stand beside it.

        In a low window they stand with the limits.
        """
        self.limits.set_narrow(narrow)
        self.advice.set_narrow(narrow)
        self.evaluation.set_narrow(narrow)
        self._place_flips()

    def follow_room(self) -> None:
        """Decide anew; in a low window the picture comes before the pictures that change."""
        super().follow_room()
        self._place_flips()

    def _place_flips(self) -> None:
        flips, body = self.flips, self.picture.body
        page = self.parentWidget()
        needed = self.picture.minimumSizeHint().height()
        if body.indexOf(flips) < 0:
            needed += flips.minimumSizeHint().height() + body.spacing()
        if not self.beside:
            wanted: QBoxLayout = self._below
        elif page is None or needed <= page.height():
            wanted = body
        else:
            wanted = self.limits.body
        if wanted.indexOf(flips) < 0:
            wanted.insertWidget(0 if wanted is self._below else wanted.count(), flips)
            wanted.setStretchFactor(flips, 1 if wanted is self._below else 0)

    def _left_column(self) -> QWidget:
        top = QHBoxLayout()
        top.setSpacing(theme.XS)
        top.addWidget(self.title, 1)
        top.addWidget(self.clear)
        top.addWidget(self.add)
        top.addWidget(self.export)
        scored = QWidget()
        rows = QVBoxLayout(scored)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        rows.addWidget(self.filter_bar)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.labels)
        self._left.addWidget(self.drop_zone)
        self._left.addWidget(scored)
        how = QHBoxLayout(self._how)
        how.setContentsMargins(0, 0, 0, 0)
        how.setSpacing(theme.XS)
        how.addWidget(self.choice_line, 1)
        how.addWidget(self.choice, 1)
        how.addWidget(self.details, 0, Qt.AlignmentFlag.AlignTop)
        passing = (self._how, self.banner, self.strip, self.waiting)
        left, column = list_column(top, passing)
        column.addWidget(self._left, 1)
        return left

    def _connect(self) -> None:
        self.clear.clicked.connect(self._remove_all)
        self._files.triggered.connect(self.drop_zone.choose_files)
        self._folder.triggered.connect(self.drop_zone.choose_folder)
        self.labels.chosen.connect(self._label)
        self._session.profile_changed.connect(self._say_choice)
        self.details.toggled.connect(self._show_choice)
        self.evaluation.opened.connect(self._open_cell)
        self.flips.tiles.chosen.connect(self.go_to)
        self.picture.tools.large.toggled.connect(self.show_large)

    def add_keys(self, page: QWidget) -> None:
        """Give the page keys for looking; letters typed into a field stay letters."""
        view, tools = self.picture.view, self.picture.tools
        run: Mapping[str, Callable[[], None]] = {
            "fit": view.fit,
            "actual": view.actual_size,
            "nearer": view.zoom_in,
            "farther": view.zoom_out,
            "heat": tools.heat.toggle,
            "below": tools.below.toggle,
            "compare": tools.compare.toggle,
            "large": tools.large.toggle,
            "search": self.filter_bar.search.setFocus,
        }
        for spec in CHECK_KEYS:
            for key in spec.keys:
                shortcut = QShortcut(QKeySequence(key), page)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(run[spec.key])

    # -- following --------------------------------------------------------------------------

    def follow_limits(self) -> None:
        """Show everything under the session's limits; this runs at every step of a drag."""
        self.filter_bar.show_counts()
        self.limits.follow_limits()
        self.advice.follow_limits()
        self.picture.follow_limits()
        self.flips.follow()
        self.evaluation.follow_limits()

    def follow_contents(self) -> None:
        """Show other scores or labels: histogram, curve, counts."""
        self.filter_bar.show_counts()
        self.limits.follow_contents()
        self.limits.follow_limits()
        self.advice.follow_contents()
        self.flips.follow()
        self.evaluation.follow_contents()

    def follow_size(self) -> None:
        """Show the drop zone while nothing is scored, the table after that."""
        scored = len(self._results.rows) > 0
        self._left.setCurrentIndex(1 if scored else 0)
        told = (self.add, self.clear, self.export, self.flips, self.picture.tools, self._about)
        for widget in told:
            widget.setVisible(scored)
        self.picture.expect(scored)
        self.follow_label()

    def follow_label(self) -> None:
        """Show the label of the current row."""
        number = self.table.current()
        self.labels.show_label(None if number is None else self._results.rows.label_of(number))
        verdict = None if number is None else self._results.rows.verdict_of(number)
        self.corrections.show_verdict(verdict)

    @Slot()
    def _say_choice(self) -> None:
        """Say why the profile's settings are what they are, where the program chose them."""
        profile = self._session.profile
        chosen = None if profile is None else choice_in(profile.extra)
        self._how.setVisible(chosen is not None)
        if chosen is not None:
            bind(self.choice_line.setText, summary(chosen))
            unsure = doubt(chosen)
            text = (
                why(chosen)
                if unsure is None
                else say("{first} {second}", first=why(chosen), second=unsure)
            )
            bind(self.choice.setText, text)

    @Slot()
    def _show_choice(self) -> None:
        """Show one line about the choice, or where a person asks all of it."""
        whole = self.details.isChecked()
        self.choice_line.setVisible(not whole)
        self.choice.setVisible(whole)

    @Slot(object, object)
    def _open_cell(self, label: Label, verdict: Verdict) -> None:
        """Show the pictures behind a number of the confusion matrix."""
        self.filter_bar.show_only(label, verdict)
        if self._results.rowCount():
            self.table.selectRow(0)

    @Slot()
    def _remove_all(self) -> None:
        self._results.remove(range(len(self._results.rows)))

    @Slot(object)
    def _label(self, label: Label) -> None:
        self.table.label_chosen(label)
        self.follow_label()

    @Slot(object)
    def go_to(self, number: int) -> None:
        """Show a result, even where the filter hid it."""
        if not self.table.go_to(number):
            self.filter_bar.show_everything()
            self.table.go_to(number)
