"""What was learnt: the promise, what was left out, who does not belong, and where to go next."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from deeprx_gui.domain.fit import FitOutcome
from deeprx_gui.domain.learning_curve import curve_words
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import bad_known, limit_question, one_step_more
from deeprx_gui.domain.limit_ways import promised_by_more
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.part_words import parts_of_profile
from deeprx_gui.domain.search import Chosen, doubt, why
from deeprx_gui.domain.sees import SEES_TITLE
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import CardFrame, line, wrapped
from deeprx_gui.ui.limit_words import SETTERS_TITLE, who_sets
from deeprx_gui.ui.teach.words import promise


class FitSummaryCard(CardFrame):
    """Hidden until ``show_lesson``.

    Its buttons: ``go`` on to Check; ``again``, to take the suspects out and learn again;
    ``setters``, to look at the images that set the limit; ``sees``, at the smallest defects found.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._headline = theme.level(QLabel(), "heading")
        self.summary = wrapped("hint")
        self._choice = wrapped()
        self._unsure = wrapped("hint")
        self.counted = wrapped()
        self.promise = wrapped()
        self.curve = wrapped("hint")
        self.who = wrapped()
        self.setters = QPushButton()
        self.sees = QPushButton()
        theme.set_icon(self.setters, "search")
        theme.set_icon(self.sees, "image")
        self.unread = wrapped()
        self.remark = wrapped()
        self._line = line()
        self.doubt = wrapped()
        self.again = QPushButton()
        theme.set_icon(self.again, "learn")
        self.go = QPushButton()
        self.go.setProperty("kind", "primary")
        theme.set_icon(self.go, "arrow-right", "on_accent")
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self._icon)
        top.addWidget(self._headline, 1)
        self.body.addLayout(top)
        for widget in (
            self.summary,
            self._choice,
            self._unsure,
            self.counted,
            self.promise,
            self.curve,
            self.unread,
            self.remark,
            self._line,
            self.doubt,
            self.again,
            self.go,
            self.who,
            self.setters,
            self.sees,
        ):
            self.body.addWidget(widget)
        self.hide()
        theme.set_pixmap(self._icon, "success", "ok", 22)
        bind(self._headline.setText, say("Learned"))
        bind(self.go.setText, say("Go to Check"))
        bind(self.setters.setText, SETTERS_TITLE)
        bind(self.sees.setText, SEES_TITLE)

    def show_lesson(self, lesson: FitOutcome | None, suspects: int) -> None:
        """Show what was learnt and how many images are suspicious; ``None`` shows nothing."""
        self.setVisible(lesson is not None)
        if lesson is None:
            return
        profile = lesson.profile
        bind(
            self.again.setText,
            say_n("Remove it and learn again", "Remove them and learn again", n=suspects),
        )
        bind(
            self.summary.setText,
            say_n(
                "“{name}” revision {revision}: {n} image in {seconds} s ({runtime}). Saved.",
                "“{name}” revision {revision}: {n} images in {seconds} s ({runtime}). Saved.",
                n=len(profile.normals),
                name=profile.name,
                revision=profile.revision,
                seconds=f"{lesson.seconds:.0f}"
                if lesson.seconds >= 10
                else f"{lesson.seconds:.1f}",
                runtime=lesson.runtime,
            ),
        )
        self._say_choice(lesson.chosen)
        counted = parts_of_profile(profile)
        self.counted.setVisible(counted is not None)
        bind(self.counted.setText, counted or "")
        promised = promise(
            profile.suggested.ng_promise, profile.held_out_scheme, grouped=counted is not None
        )
        step = one_step_more(profile, bad_known(profile, ()))
        if step is not None:
            promised = say("{first} {second}", first=promised, second=step_words(step))
        bind(self.promise.setText, promised)
        bind(self.curve.setText, curve_words(promised_by_more(profile)))
        bind(self.who.setText, who_sets(limit_question(profile)))
        self._say_unused(lesson)
        self.remark.setVisible(lesson.remark is not None)
        bind(self.remark.setText, lesson.remark or "")
        doubtful = suspects > 0
        self._line.setVisible(doubtful)
        self.doubt.setVisible(doubtful)
        self.again.setVisible(doubtful)
        bind(
            self.doubt.setText,
            say_n(
                "{n} image looks different from the others (marked in the tray). If it is not a "
                "good part, remove it: it would make the inspection blind to such defects.",
                "{n} images look different from the others (marked in the tray). If they are not "
                "good parts, remove them: they would make the inspection blind to such defects.",
                n=suspects,
            ),
        )

    def _say_unused(self, lesson: FitOutcome) -> None:
        """Say what was left out and why: what could not be read, and what was not in place."""
        misplaced = len(lesson.misplaced)
        unread = len(lesson.skipped) - misplaced
        said = []
        if unread:
            said.append(
                say_n(
                    "{n} picture could not be read and was left out. It stands first in the tray.",
                    "{n} pictures could not be read and were left out. They stand first in the "
                    "tray.",
                    n=unread,
                )
            )
        if misplaced:
            said.append(
                say_n(
                    "In {n} picture the part is not in place; it was left out. It stands first in "
                    "the tray.",
                    "In {n} pictures the part is not in place; they were left out. They stand "
                    "first in the tray.",
                    n=misplaced,
                )
            )
        self.unread.setVisible(bool(said))
        if said:
            both = say("{first} {second}", first=said[0], second=said[-1])
            bind(self.unread.setText, both if len(said) > 1 else said[0])

    def _say_choice(self, chosen: Chosen | None) -> None:
        """Say what the program chose, why, and how sure that is."""
        unsure = None if chosen is None else doubt(chosen)
        self._choice.setVisible(chosen is not None)
        self._unsure.setVisible(unsure is not None)
        bind(self._choice.setText, "" if chosen is None else why(chosen))
        bind(self._unsure.setText, unsure or "")
