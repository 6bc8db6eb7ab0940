"""Scenes of one result on the Check page: why it is NG, and keeping it as a limit sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.ui.limit_samples_sheet import LimitSamplesSheet
from deeprx_gui.ui.why_sheet import WhySheet

if TYPE_CHECKING:
    from deeprx_gui.app import Program

WHY: Final = "why-ng"
KEEP: Final = "limit-sample-keep"
NOTES: Final = {
    "ja": ("少しむらがある。ここまでは良品", "ここから不良。品質課と合意"),
    "en": ("A little uneven: still good", "Bad from here on, agreed with quality"),
}
"""What is written on the limit samples of the good and of the bad part."""


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""


def result_scenes(camera: Camera, language: str) -> None:
    """Photograph both sheets over the results; what was kept is taken out again."""
    if camera.wanted(WHY):
        _why(camera)
    if camera.wanted(KEEP):
        _keep(camera, language)


def _choose(camera: Camera, wanted: Verdict, label: Label, *, closest: bool) -> None:
    """Select a rightly judged result: the closest to the review limit, or the farthest."""
    program, limits = camera.program, camera.program.session.limits
    if limits is None:
        raise SystemExit("no profile is open")
    rows = program.results.rows
    fitting = [
        (abs(item.value - limits.review), n)
        for n, item in enumerate(rows.items)
        if item.score is not None
        and judge(item.value, limits) is wanted
        and rows.label_of(n) is label
    ]
    program.check_page.body.go_to(min(fitting)[1] if closest else max(fitting)[1])
    camera.settle()


def _why(camera: Camera) -> None:
    program = camera.program
    _choose(camera, Verdict.NG, Label.BAD, closest=False)
    program.check_page.body.picture.why.click()

    def explained() -> list[WhySheet]:
        sheets = program.window.findChildren(WhySheet)
        return [one for one in sheets if one.isVisible() and one.cards]

    camera.wait(lambda: bool(explained()))
    camera.settle()
    camera.shoot(WHY)
    for sheet in explained():
        sheet.close_sheet()


def _keep(camera: Camera, language: str) -> None:
    """Keep a part just below the limit, then ask for the first one above it."""
    good, bad = NOTES[language]
    sheet = _offer(camera, Verdict.OK, good)
    sheet.good.click()
    camera.settle()
    camera.wait(lambda: bool(sheet.rows))
    sheet.close_sheet()
    _offer(camera, Verdict.NG, bad)
    camera.shoot(KEEP)
    sheet.rows[0].remove.click()
    camera.wait(lambda: not sheet.rows)
    sheet.close_sheet()
    camera.settle()


def _offer(camera: Camera, verdict: Verdict, note: str) -> LimitSamplesSheet:
    program = camera.program
    label = Label.GOOD if verdict is Verdict.OK else Label.BAD
    _choose(camera, verdict, label, closest=True)
    program.check_page.body.keep_sample.click()
    camera.settle()
    (sheet,) = program.window.findChildren(LimitSamplesSheet)
    camera.wait(sheet.isVisible)
    sheet.note.setText(note)
    return sheet
