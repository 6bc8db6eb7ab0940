"""A fit: what is asked for, what it will take, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deeprx_gui.domain.doctor import Reason
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.search import Chosen, SearchOutcome

_FEW_MISPLACED = 2
_SHARE_MISPLACED = 0.1


@dataclass(frozen=True)
class FitRequest:
    """What to learn from.

    ``bad``: pictures of bad parts, which a search for the best settings may look at; nothing is
    learnt from them and no limit is set by them.

    ``profile_id``: learn a new revision of this profile; ``None`` starts a new profile ``name``.

    ``kept``: images that a person said are good parts when asked who sets the limit; ``left_out``:
    those that a person took out then, ``why_left_out``: the doctor's reason for some of them. All
    are remembered in the revision.

    ``hold_misplaced``: save nothing where ``too_many_misplaced``; somebody looks first.

    ``found``: a search for settings that was made before, on the same images; it is not repeated.

    ``overrule``: an engineer's reason to put the revision in use though the gate is against it.
    """

    name: str
    images: tuple[Path, ...]
    settings: FitSettings
    who: str = ""
    why: str = ""
    profile_id: str | None = None
    bad: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    left_out: tuple[Path, ...] = ()
    why_left_out: Mapping[Path, Reason] = field(default_factory=dict)
    hold_misplaced: bool = False
    found: SearchOutcome | None = None
    overrule: str = ""


@dataclass(frozen=True)
class SkippedImage:
    """A picture that was not used, and why; ``misplaced``: it was read, the part not found."""

    path: Path
    reason: Message
    misplaced: bool = False


def too_many_misplaced(misplaced: int, images: int) -> bool:
    """Say whether positioning failed in more than a few of so many normal images."""
    return misplaced > max(_FEW_MISPLACED, images * _SHARE_MISPLACED)


@dataclass(frozen=True, eq=False)
class FitOutcome:
    """What came out: ``profile`` is saved, unless it is ``held`` until somebody has looked.

    It is not saved either where the gate is against it (``refused``).

    ``chosen``: what the program chose, where it was asked to. ``remark``: what is to be said about
    the normal images as pictures. ``parts``: which part each of the profile's normals shows.
    ``gate``: how it was judged against the revision in use, ``None`` where there was none.
    """

    profile: Profile
    skipped: tuple[SkippedImage, ...]
    seconds: float
    runtime: str
    chosen: Chosen | None = None
    remark: Message | None = None
    parts: Parts | None = None
    held: bool = False
    gate: GateReport | None = None

    @property
    def refused(self) -> bool:
        """Whether the gate kept it from being saved."""
        return self.gate is not None and not self.gate.passed

    @property
    def misplaced(self) -> tuple[SkippedImage, ...]:
        """The normal images in which positioning did not find the part."""
        return tuple(image for image in self.skipped if image.misplaced)


@dataclass(frozen=True)
class FitForecast:
    """What a fit will take on this PC: seconds, and megabytes of memory at the process's peak.

    From tables at once (``work.predict``), or from a rehearsal on a few of its own pictures
    (``work.rehearsal``; ADR 0020). ``problem`` says why it would not fit, if it would not.
    ``measured``: this PC's own speed went in; otherwise the figures are those of a desktop PC.
    ``further_mb``: what it takes beyond what the process holds already; a rehearsal's only.
    """

    seconds: float
    megabytes: float
    problem: Message | None = None
    measured: bool = False
    further_mb: float = 0.0
