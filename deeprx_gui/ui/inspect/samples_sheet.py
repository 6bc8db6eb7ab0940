"""Limit samples before the line inspects: what is asked for, what each got, and the way on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_samples import SampleResult
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS, times_sign_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.small_picture import SmallPicture

_WIDTH: Final = 620
_PICTURE: Final = 72
_MARKS: Final[Mapping[bool | None, tuple[str, str]]] = {
    None: ("–", ""),
    True: ("✓", "passed"),
    False: ("✕", "failed"),
}
"""The sign, and its colour in the style sheet."""


class SampleLine(QWidget):
    """One limit sample: its picture, what was agreed, and what it got."""

    def __init__(self, name: str, expected: Verdict, note: str, pixels: ByteImage | None) -> None:
        super().__init__()
        self._expected, self._note = expected, note
        self._result: SampleResult | None = None
        self._wanted = False
        self.picture = SmallPicture(_PICTURE, pixels, say("Picture of the limit sample"))
        self.mark = theme.level(QLabel(), "figure")
        self.mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mark.setFixedWidth(44)
        self.title, self.words = wrapped("strong"), wrapped("hint")
        self.title.setText(name)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.mark)
        row.addWidget(self.picture)
        row.addLayout(column, 1)
        follow(self._write, Change.LANGUAGE)

    @property
    def result(self) -> SampleResult | None:
        return self._result

    def show_result(self, result: SampleResult | None, *, wanted: bool = False) -> None:
        """Show what it got; ``wanted``: it is the one to be shown to the camera now."""
        self._result, self._wanted = result, wanted
        self._write()

    def _write(self) -> None:
        result = self._result
        sign, outcome = _MARKS[None if result is None else result.passed]
        self.mark.setText("▶" if self._wanted else sign)
        self.mark.setProperty("outcome", "" if self._wanted else outcome)
        self.mark.style().unpolish(self.mark)
        self.mark.style().polish(self.mark)
        expected = render(VERDICT_WORDS[self._expected])
        if result is None:
            text = tr("Agreed: {expected}", expected=expected)
        else:
            text = tr(
                "Agreed: {expected} · judged: {verdict} {times}",
                expected=expected,
                verdict=render(VERDICT_WORDS[result.verdict]),
                times=times_sign_text(result.times),
            )
        error = None if result is None or result.error is None else render(result.error)
        self.words.setText(" – ".join(filter(None, (text, error or self._note))))


class SamplesSheet(Sheet):
    """The buttons ``check`` and ``picture`` ask for a check and for the picture of one sample.

    ``release_requested`` carries the reason; ``broken_off``: it was closed while it asked.
    """

    release_requested = Signal(str)
    broken_off = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.why, self.guide = wrapped(), wrapped("strong")
        self.lines: tuple[SampleLine, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.S)
        self.problem = wrapped("bad")
        self.check, self.picture = QPushButton(), QPushButton()
        self.check.setProperty("kind", "primary")
        self.picture.setProperty("kind", "primary")
        theme.set_icon(self.check, "play", "on_accent")
        theme.set_icon(self.picture, "camera", "on_accent")
        self.reason, self.release = QLineEdit(), QPushButton()
        self.reason.setMaxLength(200)
        theme.set_icon(self.release, "lock")
        self._locked = QWidget()
        self._asking = False
        self._lay_out()
        self.release.clicked.connect(self._release)
        self.reason.textChanged.connect(self._follow)
        self.reason.returnPressed.connect(self._release)
        bind(self.heading.setText, say("Limit samples"))
        bind(self.check.setText, say("Check now"))
        bind(self.picture.setText, say("Take the picture"))
        bind(self.release.setText, say("Engineer releases the line…"))
        for told in (self.reason.setPlaceholderText, self.reason.setAccessibleName):
            bind(told, say("Reason of the release"))
        self._follow()

    def _lay_out(self) -> None:
        locked = QVBoxLayout(self._locked)
        locked.setContentsMargins(0, 0, 0, 0)
        locked.setSpacing(theme.S)
        locked.addWidget(line())
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.reason, 1)
        row.addWidget(self.release)
        locked.addLayout(row)
        self.body.addWidget(self.why)
        self.body.addWidget(self.guide)
        self.body.addLayout(self._list)
        self.body.addWidget(self.problem)
        self.put_foot(self.check, self.picture, self._locked)

    # -- what the controller tells it -----------------------------------------------------------

    def show_due(
        self,
        why: Message,
        samples: Sequence[tuple[str, Verdict, str, ByteImage | None]],
    ) -> None:
        """Say why they are asked for, and list them; without any only a release is left."""
        bind(self.why.setText, why)
        lines = (SampleLine(*sample) for sample in samples)
        self.lines = refill(self._list, self.lines, lines)
        self.problem.hide()
        self._state(checking=False, asking=False)
        self.reason.clear()

    def show_checking(self) -> None:
        """Show that they are being judged; what they got before goes."""
        for one in self.lines:
            one.show_result(None)
        self.problem.hide()
        self._state(checking=True, asking=False)

    def ask_for(self, place: int) -> None:
        """Ask for the sample at ``place`` before the camera."""
        for number, one in enumerate(self.lines):
            one.show_result(one.result, wanted=number == place)
        bind(
            self.guide.setText,
            say(
                "Lay “{name}” before the camera, then take the picture ({n} of {all}).",
                name=self.lines[place].title.text(),
                n=place + 1,
                all=len(self.lines),
            ),
        )
        self._state(checking=True, asking=True)
        self.picture.setFocus()

    def show_result(self, place: int, result: SampleResult) -> None:
        """Show what the sample at ``place`` got."""
        if place < len(self.lines):
            self.lines[place].show_result(result)

    def show_problem(self, problem: Message) -> None:
        """Say why the line stays locked."""
        bind(self.problem.setText, problem)
        self.problem.show()
        self._state(checking=False, asking=False)

    def close_sheet(self) -> None:
        """Close; a check that asks for parts is broken off."""
        asked = self._asking
        self._asking = False
        super().close_sheet()
        if asked:
            self.broken_off.emit()

    # -- inside ---------------------------------------------------------------------------------

    def _state(self, *, checking: bool, asking: bool) -> None:
        self._asking = asking
        self.why.setVisible(self.problem.isHidden())
        self.guide.setVisible(asking)
        self.picture.setVisible(asking)
        self.check.setVisible(bool(self.lines) and not asking)
        self.check.setEnabled(not checking)
        self._locked.setVisible(not checking)

    @Slot()
    def _follow(self) -> None:
        self.release.setEnabled(bool(self.reason.text().strip()))

    @Slot()
    def _release(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.release_requested.emit(reason)
