"""The scenes of corrections: what waits and the must-find set, and the gate that refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.gate import GateReport, Outcome, Replay, ReplayedPart, Truth, gate_report
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.note_corrections import take_in

if TYPE_CHECKING:
    from deeprx_gui.app import Program

CORRECTIONS: Final = "corrections"
GATE: Final = "gate-refuses"
_EACH: Final = 3


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


def corrections_scenes(camera: Camera) -> None:
    """Photograph both sheets over the Check page; what was noted for it is taken back."""
    if not (camera.wanted(CORRECTIONS) or camera.wanted(GATE)):
        return
    program = camera.program
    profile, rows = program.session.profile, program.results.rows
    if profile is None:
        raise SystemExit("nothing was learnt")
    store, who = program.job_service.services.store, program.job_service.settings.who
    kinds = {Label.GOOD: CorrectionKind.WAS_OK, Label.BAD: CorrectionKind.MISSED}
    for label, kind in kinds.items():
        chosen = [item.path for n, item in enumerate(rows.items) if rows.label_of(n) is label]
        for path in chosen[:_EACH]:
            take_in(store, profile.id, kind, path, who=who)
    bad = [one.id for one in store.corrections.book(profile.id).said(CorrectionKind.MISSED)]
    store.corrections.applied(profile.id, bad[:-1], profile.revision)
    corrections = program.shared.corrections
    corrections.open(profile.id)
    camera.wait(corrections.sheet.isVisible)
    camera.settle()
    camera.shoot(CORRECTIONS)
    corrections.sheet.close_sheet()
    names = [one.name for one in store.corrections.book(profile.id).must_find]
    program.shared.gate.ask(_report(names, profile.revision), lambda _report: None)
    camera.settle()
    camera.shoot(GATE)
    program.shared.gate.sheet.close_sheet()
    book = store.corrections.book(profile.id)
    store.corrections.take_back(profile.id, [one.id for one in book.pending])
    store.corrections.remove_must_find(profile.id, [one.id for one in book.must_find])


def _report(names: list[str], revision: int) -> GateReport:
    def part(name: str, truth: Truth, before: float, after: float) -> ReplayedPart:
        return ReplayedPart(name, truth, _said(before), _said(after), truth is Truth.BAD)

    lost = [part(name, Truth.BAD, 1.31 + n / 10, 0.93 - n / 50) for n, name in enumerate(names)]
    good = [part(f"SN-{2040 + n}", Truth.GOOD, 1.08, 0.91) for n in range(2)]
    return gate_report(Replay(revision, 0, (*lost, *good), gone=4), 0.05)


def _said(times: float) -> Outcome:
    return Outcome(Verdict.OK if times <= 1 else Verdict.NG, times)
