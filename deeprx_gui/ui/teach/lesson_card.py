"""What was learnt: the promise, what was left out, who does not belong, and where to go next."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from deeprx_gui.domain.fit import FitOutcome
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.ui import theme
from deeprx_gui.ui.teach.words import promise
from deeprx_gui.ui.widgets.frames import CardFrame, line, wrapped


class LessonCard(CardFrame):
    """Hidden until ``show_lesson``.

    ``check_requested``: go on to Check. ``again_requested``: take the suspects out and learn again.
    """

    check_requested = Signal()
    again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lesson: FitOutcome | None = None
        self._suspects = 0
        self._icon = QLabel()
        self._headline = theme.level(QLabel(), "heading")
        self._summary = wrapped("hint")
        self._promise = wrapped()
        self._unread = wrapped()
        self._line = line()
        self._doubt = wrapped()
        self.again = QPushButton()
        theme.set_icon(self.again, "learn")
        self.again.clicked.connect(self.again_requested)
        self.go = QPushButton()
        self.go.setProperty("kind", "primary")
        theme.set_icon(self.go, "arrow-right", "on_accent")
        self.go.clicked.connect(self.check_requested)
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self._icon)
        top.addWidget(self._headline, 1)
        self.body.addLayout(top)
        for widget in (
            self._summary,
            self._promise,
            self._unread,
            self._line,
            self._doubt,
            self.again,
            self.go,
        ):
            self.body.addWidget(widget)
        self.hide()
        self.retranslate()

    def show_lesson(self, lesson: FitOutcome | None, suspects: int) -> None:
        """Show what was learnt and how many images are suspicious; ``None`` shows nothing."""
        self._lesson, self._suspects = lesson, suspects
        self.setVisible(lesson is not None)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts in the current language and theme."""
        self.again.setText(
            tr_n("Remove it and learn again", "Remove them and learn again", n=self._suspects)
        )
        self.go.setText(tr("Go to Check"))
        tokens = theme.current_tokens()
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(theme.pixmap("success", tokens.ok, 22, ratio))
        lesson = self._lesson
        if lesson is None:
            return
        profile = lesson.profile
        self._headline.setText(tr("Learned"))
        self._summary.setText(
            tr_n(
                "“{name}” revision {revision}: {n} image in {seconds} s ({runtime}). Saved.",
                "“{name}” revision {revision}: {n} images in {seconds} s ({runtime}). Saved.",
                n=len(profile.normals),
                name=profile.name,
                revision=profile.revision,
                seconds=f"{lesson.seconds:.0f}"
                if lesson.seconds >= 10
                else f"{lesson.seconds:.1f}",
                runtime=lesson.runtime,
            )
        )
        self._promise.setText(
            render(promise(profile.suggested.ng_promise, profile.held_out_scheme))
        )
        self._unread.setVisible(bool(lesson.skipped))
        self._unread.setText(
            tr_n(
                "{n} picture could not be read and was left out. It stands first in the tray.",
                "{n} pictures could not be read and were left out. They stand first in the tray.",
                n=len(lesson.skipped),
            )
        )
        doubtful = self._suspects > 0
        self._line.setVisible(doubtful)
        self._doubt.setVisible(doubtful)
        self.again.setVisible(doubtful)
        self._doubt.setText(
            tr_n(
                "{n} image looks different from the others (marked in the tray). If it is not a "
                "good part, remove it: it would make the inspection blind to such defects.",
                "{n} images look different from the others (marked in the tray). If they are not "
                "good parts, remove them: they would make the inspection blind to such defects.",
                n=self._suspects,
            )
        )
