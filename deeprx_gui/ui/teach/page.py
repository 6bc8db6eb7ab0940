"""Teach: a tray of normal images, how to learn, Learn, and what was learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.compare import Combination, CompareRequest
from deeprx_gui.domain.fit import FitForecast, FitOutcome, FitRequest
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS, FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.parts import PartsFrom
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.view import WHOLE
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.notice import Notice
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.state.view_draft import ViewDraft
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.frames import CardFrame, ScrollColumn, line, wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.status_line import Banner
from deeprx_gui.ui.page import Page
from deeprx_gui.ui.picture.region_editor import RegionEditor
from deeprx_gui.ui.teach.compare_sheet import CompareSheet
from deeprx_gui.ui.teach.fit_summary_card import FitSummaryCard
from deeprx_gui.ui.teach.parts_field import PartsField
from deeprx_gui.ui.teach.profile_target import ProfileTarget
from deeprx_gui.ui.teach.settings_form import SettingsForm
from deeprx_gui.ui.teach.tray_panel import TrayPanel
from deeprx_gui.ui.teach.view_field import ViewField, ViewSettings
from deeprx_gui.ui.teach.words import forecast, why_not

_SIDE = 400
_CALM_MS = 150


class TeachPage(Page):
    """What a person asks for here leaves as a signal; what comes of it arrives by a method.

    ``learn_requested`` and ``forecast_wanted`` carry a ``FitRequest``, ``compare_opened`` and
    ``compare_requested`` a ``CompareRequest``, ``parts_wanted`` the paths of the normal images.
    Pictures, networks, cancelling and going on to Check are asked for by the parts: ``panel``,
    ``form.backbone``, ``strip`` and ``lesson``.
    """

    learn_requested = Signal(object)
    forecast_wanted = Signal(object)
    compare_opened = Signal(object)
    compare_requested = Signal(object)
    parts_wanted = Signal(object)

    def __init__(
        self,
        session: Session,
        tray: TrayModel,
        thumbnails: ThumbnailCache,
        suffixes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.tray = tray
        self._busy = False
        self.draft = ViewDraft(self)
        self._expected: FitForecast | None = None
        self._compared: frozenset[Path] = frozenset()
        self.banner = Banner()
        self.panel = TrayPanel(tray, thumbnails, suffixes)
        self.target = ProfileTarget()
        self.form = SettingsForm()
        self.view_field = ViewField(self.draft)
        self.view_settings = ViewSettings(self.draft)
        self.parts_field = PartsField(tray)
        self.editor = RegionEditor(self.draft)
        self.compare = CompareSheet(suffixes)
        self.compare_button = QPushButton()
        self.lesson = FitSummaryCard()
        self.learn = QPushButton()
        self.strip = JobStrip()
        self._method = theme.level(QLabel(), "heading")
        self.note = wrapped("hint")
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._lay_out()
        self._connect()
        bind(self.panel.title.setText, say("Teach"))
        bind(self._method.setText, say("How to learn"))
        bind(self.compare_button.setText, say("Compare on my images…"))
        follow(self._refresh, Change.LANGUAGE)
        if self._session.profile is not None:
            self._profile_changed()

    def _lay_out(self) -> None:
        self.learn.setProperty("kind", "primary")
        self.learn.setMinimumHeight(48)
        theme.set_icon(self.learn, "learn", "on_accent")
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_icon(self.compare_button, "compare")
        # From the outside in: Qt styles a widget anew with everything in it at each move.
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        column.setSpacing(theme.M)
        column.addWidget(self.banner)
        self._stages = QStackedWidget()
        column.addWidget(self._stages, 1)
        self._usual = QWidget()
        self._stages.addWidget(self._usual)
        halves = QHBoxLayout(self._usual)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(theme.XL)
        halves.addWidget(self.panel, 1)
        holder = QWidget()
        holder.setFixedWidth(_SIDE)
        halves.addWidget(holder)
        self._lay_out_side(holder)
        self._stages.addWidget(self.editor)
        self._stages.addWidget(self.compare)
        column.addWidget(self.strip)

    def _lay_out_side(self, holder: QWidget) -> None:
        side = QVBoxLayout(holder)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.S)
        self.side = scroll = ScrollColumn()
        side.addWidget(scroll, 1)
        scroll.body.addWidget(self.lesson)
        how = CardFrame()
        scroll.body.addWidget(how)
        scroll.body.addStretch(1)
        how.body.addWidget(self.target)
        how.body.addWidget(line())
        how.body.addWidget(self.view_field)
        how.body.addWidget(line())
        how.body.addWidget(self._method)
        how.body.addWidget(self.form)
        self.form.expander.body.addWidget(self.view_settings)
        self.form.expander.body.addWidget(self.parts_field)
        how.body.addWidget(self.compare_button)
        side.addWidget(self.note)
        side.addWidget(self.learn)

    def _connect(self) -> None:
        self.target.changed.connect(self._refresh)
        self.form.changed.connect(self._settings_changed)
        self.view_field.edit.clicked.connect(self.edit_region)
        self.editor.done.connect(self.show_tray)
        self.compare_button.clicked.connect(self.open_compare)
        self.compare.done.connect(self.show_tray)
        self.compare.start.clicked.connect(self._compare)
        self.compare.taken.connect(self._take)
        self.draft.changed.connect(self._refresh)
        self.learn.clicked.connect(self.run_main)
        self.lesson.again.clicked.connect(self._learn_without_suspects)
        self._calm.timeout.connect(self._ask_forecast)
        self.tray.changed.connect(self._refresh)
        self._session.profile_changed.connect(self._profile_changed)
        self._session.profile_saved.connect(self._profile_saved)

    # -- what a person may ask for --------------------------------------------------------

    @property
    def plan(self) -> FitRequest:
        """The fit as it is set up now."""
        return FitRequest(
            self.target.profile_name,
            self.tray.normals,
            replace(self.form.settings, view=self.draft.view, parts=self.tray.rule),
            profile_id=self.target.profile_id,
            kept=self.tray.accepted,
            left_out=self.tray.left_out,
            why_left_out=self.tray.why_left_out,
        )

    def undo_stack(self) -> QUndoStack | None:
        """Return the tray's, or the region's while that is edited."""
        return self.draft.undo_stack if self.editing else self.tray.undo_stack

    @property
    def busy(self) -> bool:
        """Whether a job runs that this page has asked for."""
        return self._busy

    @property
    def editing(self) -> bool:
        """Whether the region is being edited."""
        return self._stages.currentWidget() is self.editor

    @Slot()
    def edit_region(self) -> None:
        """Draw the region in the selected normal image, or in the first."""
        paths = self.tray.paths
        if not paths:
            return
        chosen = self.panel.view.selected
        self._stages.setCurrentWidget(self.editor)
        self.editor.open_pictures(paths, chosen[0] if chosen else None)
        self.editor.canvas.setFocus()
        self.undo_switched.emit()

    def show_positioning(self) -> None:
        """Lead to how far positioning may go."""
        self.show_tray()
        self.form.expander.set_open(True)
        self.side.ensureWidgetVisible(self.view_settings.quality)
        self.view_settings.shift.setFocus()

    @Slot()
    def show_tray(self) -> None:
        """Go back to the tray."""
        if self._stages.currentWidget() is not self._usual:
            self._stages.setCurrentWidget(self._usual)
            self.view_field.edit.setFocus()
            self.undo_switched.emit()

    @Slot()
    def open_compare(self) -> None:
        """Compare detectors and networks on these images."""
        self._stages.setCurrentWidget(self.compare)
        self.compare.table.setFocus()
        self.undo_switched.emit()
        self.compare_opened.emit(self._request())

    @Slot()
    def _compare(self) -> None:
        if not self._busy:
            self.compare_requested.emit(self._request())

    @Slot(object)
    def _take(self, chosen: FitSettings | Combination) -> None:
        if isinstance(chosen, FitSettings):
            self.form.apply_settings(chosen)
        else:
            self.form.use(chosen)
        self._settings_changed()
        self.show_tray()

    def _request(self) -> CompareRequest:
        plan, sheet = self.plan, self.compare
        return CompareRequest(plan.images, sheet.labelled, sheet.model.ticked, plan.settings)

    @Slot()
    def run_main(self) -> None:
        """Learn, or compare where that is shown, if everything needed is there."""
        if self._stages.currentWidget() is self.compare:
            if self.compare.start.isEnabled():
                self._compare()
        elif not self._busy and not self.editing and self._obstacle() is None:
            self.learn_requested.emit(self.plan)

    def choose_images(self) -> None:
        """Ask for image files."""
        self.panel.empty.choose_files()

    def start_new(self, name: str = "") -> None:
        """Begin a new profile with an empty tray."""
        self.show_tray()
        self.draft.reset(WHOLE)
        self.tray.fill(())
        self.lesson.show_lesson(None, 0)
        self.target.start_new(name)
        self._refresh()

    # -- what comes of it -------------------------------------------------------------------

    def set_settings(self, settings: FitSettings) -> None:
        """Show these settings."""
        self.form.set_settings(settings)
        self._settings_changed()

    def show_backbones(self, backbones: Sequence[BackboneStatus]) -> None:
        """Show which networks this PC has."""
        self.form.show_backbones(backbones)
        self._refresh()

    def show_forecasts(
        self, presets: Mapping[str, FitForecast], chosen: FitForecast | None
    ) -> None:
        """Show what each preset, and what is chosen, will take."""
        self._expected = chosen
        self.form.show_forecasts(presets)
        self.learn.setEnabled(not self._busy and self._obstacle() is None)
        self._say_note()

    def job_started(self, note: Message) -> None:
        """Show that learning, or looking through folders, began."""
        self._busy = True
        self.banner.clear()
        focused = self.learn.hasFocus()
        self.strip.start(note)
        self._refresh()
        if focused:  # a disabled button would hand the focus to whatever comes next
            self.strip.setFocus()

    def job_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.strip.show_progress(progress)

    def job_ended(self, notice: Notice | None = None) -> None:
        """Show that it ended, and what there is to say about it."""
        self._busy = False
        self.strip.finish()
        if notice is not None:
            self.banner.show_message(notice.message, notice.kind, notice.action, notice.run)
        self._refresh()

    def show_lesson(self, lesson: FitOutcome) -> None:
        """Show what was learnt; the tray was marked before."""
        self.lesson.show_lesson(lesson, len(self.tray.suspects))
        self.panel.view.scrollToTop()
        if self.isVisible():
            (self.lesson.again if self.tray.suspects else self.lesson.go).setFocus()
        self.side.verticalScrollBar().setValue(0)  # the settings below may have been scrolled to

    # -- inside ------------------------------------------------------------------------------

    def _obstacle(self) -> Message | None:
        problem = self.form.backbone.obstacle or why_not(self.plan)
        if problem is None and self._expected is not None:
            problem = self._expected.problem
        return problem

    @Slot()
    def _refresh(self) -> None:
        again = self.target.profile_id is not None
        self.learn.setText(tr("Learn a new revision") if again else tr("Learn"))
        self.learn.setEnabled(not self._busy and self._obstacle() is None)
        self.view_field.set_ready(bool(self.tray.images))
        self.compare_button.setEnabled(len(self.tray.normals) >= FEWEST_NORMALS)
        self.compare.set_busy(self._busy)
        entry = self.form.detector.info
        self.view_field.show_need(entry is not None and entry.needs_positioning)
        self._say_note()
        self._calm.start()

    def _say_note(self) -> None:
        obstacle = self._obstacle()
        if obstacle is None and self._expected is not None:
            obstacle = forecast(self._expected)
        self.note.setText("" if obstacle is None else render(obstacle))

    @Slot()
    def _settings_changed(self) -> None:
        self.panel.set_rate(self.form.settings.false_call_rate)
        self._refresh()

    @Slot()
    def _ask_forecast(self) -> None:
        self.forecast_wanted.emit(self.plan)
        images = frozenset(self.tray.paths)
        if self.tray.rule.by is PartsFrom.AUTO and images != self._compared:
            self._compared = images
            self.parts_wanted.emit(self.tray.paths)

    @Slot()
    def _profile_changed(self) -> None:
        profile = self._session.profile
        self.show_tray()
        self.draft.reset(WHOLE if profile is None else profile.view)
        self.target.show_profile(profile)
        self.banner.clear()
        self.lesson.show_lesson(None, 0)
        self._refresh()

    @Slot()
    def _profile_saved(self) -> None:
        self.target.show_profile(self._session.profile)

    @Slot()
    def _learn_without_suspects(self) -> None:
        self.tray.remove([i.path for i in self.tray.suspects])
        self.target.show_profile(self._session.profile)
        self.run_main()
