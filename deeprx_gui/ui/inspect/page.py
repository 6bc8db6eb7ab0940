"""The Inspect page: one verdict after another, to be read from three metres."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.message import say
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.inspect import InspectModel, Phase, RunState
from deeprx_gui.state.session import Session
from deeprx_gui.ui.inspect.body import InspectBody, Scrolled
from deeprx_gui.ui.inspect.sheets import InspectSheets
from deeprx_gui.ui.inspect.top_bar import TopBar
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text
from deeprx_gui.ui.kit.empty_state import EmptyReason, EmptyState
from deeprx_gui.ui.kit.touch import TOUCH
from deeprx_gui.ui.page import Page

POLL_MS: Final = 33

_NO_PROFILE: Final = EmptyReason(
    "profiles",
    say("No product is chosen"),
    say("Choose the product that is on the line now."),
    say("Choose a product"),
    primary=True,
)
_NO_SOURCE: Final = EmptyReason(
    "camera",
    say("No source of pictures is chosen"),
    say("Say where pictures come from: a camera, a folder, a stream."),
    say("Set up"),
    primary=True,
)


class InspectPage(Page):
    """What a person asks for leaves as a signal; what is so comes from the model.

    ``decided`` carries a ``Decision``, ``picture_requested`` the ``InspectedPart`` whose kept
    picture is wanted (answer: ``picture.show_whole``). ``poll`` runs 30 times a second while the
    page is on screen.
    """

    start_requested = Signal()
    stop_requested = Signal()
    trigger_requested = Signal()
    decided = Signal(object)
    product_requested = Signal()
    setup_requested = Signal()
    escape_requested = Signal()
    picture_requested = Signal(object)

    def __init__(
        self,
        session: Session,
        model: InspectModel,
        sheets: InspectSheets,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._model = session, model
        self._station = Station()
        self.operator = False
        self.sheets = sheets
        self.top = TopBar()
        self.empty = EmptyState(_NO_PROFILE)
        self.body = InspectBody()
        self.picture = self.body.picture
        self._whole = QStackedWidget()
        self._whole.addWidget(self.empty)
        self._whole.addWidget(Scrolled(self.body))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        column.setSpacing(theme.S)
        column.addWidget(self.top)
        column.addWidget(self._whole, 1)
        self.poll = QTimer(self)
        self.poll.setInterval(POLL_MS)
        # In a turn of its own: the verdict is painted first, and neither makes the window stall.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._show_picture)
        self._connect()
        self._profile_changed()

    def _connect(self) -> None:
        model, body, run = self._model, self.body, self.body.run
        self._session.profile_changed.connect(self._profile_changed)
        self._session.profile_saved.connect(self._profile_changed)
        model.run_changed.connect(self._show_run)
        model.product_changed.connect(self._show_nothing)
        model.judged.connect(self._show_part)
        model.counts_changed.connect(body.counters.show_counts)
        model.bad_changed.connect(body.bad.show_bad)
        model.cycle_changed.connect(body.counters.show_cycle)
        model.troubles_changed.connect(body.show_troubles)
        model.serial_changed.connect(run.show_serial)
        for source, target in (
            (run.start_requested, self.start_requested),
            (run.stop_requested, self.stop_requested),
            (run.trigger.clicked, self.trigger_requested),
            (run.field.trigger_pressed, self._space),
            (run.field.decided, self.decided),
            (body.decision.decided, self.decided),
            (body.counters.reset.clicked, self._ask_reason),
            (body.bad.chosen, self._show_bad_part),
            (self.empty.button.clicked, self._mend),
            (self.top.product.clicked, self.product_requested),
            (self.top.setup.clicked, self.setup_requested),
        ):
            source.connect(target)
        body.counters.show_counts(model.counts)
        body.bad.show_bad(model.bad)

    # -- what a person may ask for ----------------------------------------------------------

    def run_main(self) -> None:
        """Start or stop (F5)."""
        if self._whole.currentIndex() == 0:
            self._mend()
        elif self._model.run.active:
            self.stop_requested.emit()
        else:
            self.start_requested.emit()

    @property
    def takes_scans(self) -> bool:
        """Whether there is a field for what a scanner types."""
        return self._whole.currentIndex() == 1

    # -- what the controllers say ------------------------------------------------------------

    def show_station(self, station: Station, source: Text, *, files: bool = False) -> None:
        """Follow the station's settings; ``source`` in words, ``files``: every picture is judged.

        With files there is nothing to trigger and nothing live.
        """
        self._station = station
        self.body.run.show_trigger(station.trigger, files=files)
        self.picture.set_has_live(station.source is not None and not files)
        self.top.show_source(source)
        self._show_reason()

    def show_live(self, frame: Frame) -> None:
        """Show what the source sees now."""
        self.picture.show_live(frame)

    def set_operator(self, operator: bool) -> None:
        """Switch operator mode on or off: larger controls, no navigation."""
        self.operator = operator
        self.setStyleSheet(TOUCH if operator else "")
        self.top.set_operator(operator)
        self.body.set_operator(operator)
        self.sheets.set_operator(operator)
        self._show_reason()

    # -- following --------------------------------------------------------------------------

    @Slot()
    def _profile_changed(self) -> None:
        profile = self._session.profile
        self.top.show_product("" if profile is None else profile.name)
        if profile is not None:
            self.picture.set_profile(profile)
        self._show_reason()

    def _show_reason(self) -> None:
        ready = self._session.profile is not None and self._station.source is not None
        if not ready:
            self.empty.show_reason(_NO_PROFILE if self._session.profile is None else _NO_SOURCE)
            self.empty.button.setVisible(self._session.profile is None or not self.operator)
        self._whole.setCurrentIndex(1 if ready or self._model.run.active else 0)

    @Slot()
    def _show_nothing(self) -> None:
        """Take the verdict and the picture of another product off the screen."""
        self._soon.stop()
        self.picture.look_back()
        self.picture.show_current(None)
        self.body.verdict.show_record(None, self._model.run)

    @Slot(object)
    def _show_run(self, run: RunState) -> None:
        current = self._model.current
        holding = run.phase is Phase.HOLDING
        if run.phase is Phase.STARTING:
            self.picture.look_back()
            self.picture.show_current(None)
        self.body.verdict.show_record(None if current is None else current.record, run)
        self.body.set_holding(holding)
        self.body.run.show_run(run)
        self.top.product.setEnabled(run.phase not in (Phase.STARTING, Phase.STOPPING))
        if holding:
            self.picture.look_back()
        self._show_reason()

    @Slot(object)
    def _show_part(self, inspected: InspectedPart) -> None:
        run = self._model.run
        self.body.verdict.show_record(inspected.record, run)
        self._soon.start()
        wants = self._station.sound and inspected.record.decision is None
        if wants and inspected.record.verdict in (Verdict.NG, Verdict.ERROR):
            QApplication.beep()

    @Slot()
    def _show_picture(self) -> None:
        self.picture.show_current(self._model.current)

    @Slot(object)
    def _show_bad_part(self, inspected: InspectedPart) -> None:
        self.picture.look_at(inspected)
        self.picture_requested.emit(inspected)

    @Slot()
    def _mend(self) -> None:
        if self.empty.reason is _NO_PROFILE:
            self.product_requested.emit()
        else:
            self.setup_requested.emit()

    @Slot()
    def _ask_reason(self) -> None:
        """Ask why the counts are set to zero."""
        self.sheets.reset.open()

    @Slot()
    def _space(self) -> None:
        if self.body.run.trigger.isEnabled():
            self.trigger_requested.emit()

    # -- language, theme, events ------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand keys to the scanner's field, wherever the focus is; Escape goes back or asks."""
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif self._whole.currentIndex() == 0 or not self.body.run.field.take(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Take Tab for the end of a scan that began while a button had the focus."""
        ended = following and self.body.run.field.finish()
        return ended or super().focusNextPrevChild(following)

    def _escape(self) -> None:
        field = self.body.run.field
        if field.text():
            field.clear()
        elif self.picture.looking is not None:
            self.picture.look_back()
        elif self._model.run.active:
            self.escape_requested.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Poll the live image while the page is visible."""
        super().showEvent(event)
        self.poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop polling the live image while hidden."""
        super().hideEvent(event)
        self.poll.stop()
