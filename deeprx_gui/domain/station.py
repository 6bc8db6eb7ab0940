"""Station: how this PC inspects, apart from what any one product needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from deeprx_gui.domain.inspection import KeepRule, Trigger
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import SourceSpec


@dataclass(frozen=True)
class StationIdentity:
    """Who this installation is: ``id`` stays for ever, ``name`` is what people call it."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Station:
    """Settings of the Inspect page; kept per PC (``deeprx_gui.station``), not per profile.

    ``every`` is the timer's period and ``takt`` the line's, both in seconds (takt 0: none given).
    ``change`` is how much of the picture must change for "part arrives", 0..1. ``confirm_review``
    and ``confirm_ng``: a person decides before the line goes on. ``operator_start``: begin in
    operator mode with ``last_profile``. ``counted_since``: what went by before does not count any
    more (``None``: count from the start of the day), ``counted_reason`` why. ``name``: what people
    call this station, empty: the PC's own name.
    """

    source: SourceSpec | None = None
    trigger: Trigger = Trigger.CONTINUOUS
    every: float = 1.0
    change: float = 0.05
    takt: float = 0.0
    keep: KeepRule = field(default_factory=KeepRule)
    confirm_review: bool = False
    confirm_ng: bool = False
    sound: bool = False
    outputs: tuple[OutputSpec, ...] = ()
    operator_start: bool = False
    last_profile: str = ""
    counted_since: datetime | None = None
    counted_reason: str = ""
    name: str = ""
