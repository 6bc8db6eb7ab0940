"""Station: how this PC inspects, apart from what any one product needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from deeprx_gui.domain.field import Answer, Field, FieldKind
from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.limit_samples import SampleDemand, SampleRule, SampleWay
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import SourceSpec

ANSWER_WITHIN: Final = 2.0
"""Seconds that a trigger waits for its picture, unless set otherwise or the takt is longer."""


@dataclass(frozen=True)
class StationIdentity:
    """Who this installation is: ``id`` stays for ever, ``name`` is what people call it."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Station:
    """Settings of the Inspect page; kept per PC (``deeprx_gui.station``), not per profile.

    ``every`` is the timer's period and ``takt`` the line's, both in seconds (takt 0: none given).
    ``change`` is how much of the picture must change for "part arrives", 0..1. ``answer_within``:
    seconds within which a trigger's picture must be there (0: 2 s, or the takt if that is longer),
    ``gap``: shortest time in ms between two triggers from the same place, ``waiting``: so many
    triggers may be without a verdict. ``frozen_error``: a picture that stands still is an ERROR.
    ``confirm_review`` and ``confirm_ng``: a person decides before the line goes on.
    ``strict_pictures``: a picture of another size, colour kind or range than learnt is an ERROR,
    not only a remark. ``operator_start``: begin in operator mode with ``last_profile``.
    ``counted_since``: what went by before does not count any more (``None``: count from the start
    of the day), ``counted_reason`` why. ``name``: what people call this station, empty: the PC's
    own name. ``samples``, ``sample_way`` and ``sample_hours``: when and how the limit samples of a
    product are asked for before it is inspected.
    """

    source: SourceSpec | None = None
    trigger: Trigger = Trigger.CONTINUOUS
    every: float = 1.0
    change: float = 0.05
    takt: float = 0.0
    answer_within: float = 0.0
    gap: int = 30
    waiting: int = 8
    frozen_error: bool = False
    keep: KeepRule = field(default_factory=KeepRule)
    confirm_review: bool = False
    confirm_ng: bool = False
    strict_pictures: bool = False
    sound: bool = False
    outputs: tuple[OutputSpec, ...] = ()
    operator_start: bool = False
    last_profile: str = ""
    counted_since: datetime | None = None
    counted_reason: str = ""
    name: str = ""
    samples: SampleRule = SampleRule.OFF
    sample_way: SampleWay = SampleWay.REPLAYED
    sample_hours: float = 8.0

    @property
    def demand(self) -> SampleDemand:
        """What is asked for of limit samples."""
        return SampleDemand(self.samples, self.sample_way, self.sample_hours)

    @property
    def answer_seconds(self) -> float:
        """Seconds within which a trigger's picture must be there."""
        return self.answer_within or max(ANSWER_WITHIN, self.takt)


def _by_key(*fields: Field) -> Mapping[str, Field]:
    return {each.key: each for each in fields}


FIELDS: Final = _by_key(
    Field(
        "trigger", say("Trigger"), FieldKind.CHOICE, Trigger.CONTINUOUS,
        choices=(
            Answer(Trigger.CONTINUOUS, say("Continuous (every image)")),
            Answer(Trigger.KEY, say("Key, button or external command")),
            Answer(Trigger.TIMER, say("Timer")),
            Answer(Trigger.CHANGE, say("On part arrival (image change)")),
        ),
    ),
    Field("every", say("Trigger interval (s)"), FieldKind.NUMBER, 1.0, minimum=0.02,
          maximum=86_400),
    Field("change", say("Change threshold (% of the image)"), FieldKind.NUMBER, 0.05,
          minimum=0, maximum=1,
          hint=say("Smaller: detects small parts. Larger: ignores shadows and hands.")),
    Field("takt", say("Takt time (s)"), FieldKind.NUMBER, 0.0, minimum=0, maximum=86_400,
          hint=say("0: not set. A warning is shown when it is exceeded.")),
    Field("answer_within", say("Longest wait from trigger to picture (s)"), FieldKind.NUMBER, 0.0,
          minimum=0, maximum=3600,
          hint=say("0: 2 s, or the takt time if that is longer. Later the part gets an ERROR.")),
    Field("gap", say("Shortest time between two triggers (ms)"), FieldKind.WHOLE, 30,
          minimum=0, maximum=10_000,
          hint=say("What follows sooner from the same place is a bounce of the same trigger.")),
    Field("waiting", say("Most triggers without a verdict"), FieldKind.WHOLE, 8,
          minimum=1, maximum=1000, hint=say("Further triggers are refused and counted.")),
    Field("frozen_error", say("ERROR when the picture stands still"), FieldKind.SWITCH,
          default=False,
          hint=say("A camera that repeats its last picture would pass every further part.")),
    Field("confirm_review",
          say("Wait for confirmation on REVIEW"), FieldKind.SWITCH,
          default=False),
    Field("confirm_ng", say("Wait for confirmation on NG"),
          FieldKind.SWITCH, default=False),
    Field("strict_pictures", say("ERROR on pictures of another size or kind than learnt"),
          FieldKind.SWITCH, default=False),
    Field("sound", say("Sound on NG and error"), FieldKind.SWITCH, default=False),
    Field("operator_start", say("Start in operator mode with the last product"), FieldKind.SWITCH,
          default=False),
    Field("name", say("Name of this station"), FieldKind.TEXT, "",
          hint=say("It stands in every verdict. Empty: the name of this PC.")),
    Field(
        "samples", say("Check limit samples before inspecting"), FieldKind.CHOICE, SampleRule.OFF,
        hint=say("Until they are judged as agreed, the line cannot be started."),
        choices=(
            Answer(SampleRule.OFF, say("Do not ask")),
            Answer(SampleRule.START, say("After every start of the program")),
            Answer(SampleRule.HOURS, say("Every so many hours")),
        ),
    ),
    Field(
        "sample_way", say("How limit samples are checked"), FieldKind.CHOICE, SampleWay.REPLAYED,
        choices=(
            Answer(SampleWay.REPLAYED, say("By their stored pictures")),
            Answer(SampleWay.SHOWN, say("By showing the parts to the camera")),
        ),
    ),
    Field("sample_hours", say("Hours between two checks of limit samples"), FieldKind.NUMBER, 8.0,
          minimum=0.1, maximum=1000),
)  # fmt: skip
"""What is asked about a station; ``change`` is a share, shown in percent."""

KEEP_FIELDS: Final = _by_key(
    Field(
        "keep", say("Images to save"), FieldKind.CHOICE, Keep.BAD,
        choices=(
            Answer(Keep.BAD, say("NG, review and error")),
            Answer(Keep.EVERY, say("NG, review, error and some OK")),
            Answer(Keep.ALL, say("All")),
            Answer(Keep.NONE, say("None")),
        ),
    ),
    Field("nth", say("Save every n-th OK image"), FieldKind.WHOLE, 100, minimum=1,
          maximum=1_000_000),
    Field("png", say("Save as lossless PNG (larger files)"), FieldKind.SWITCH, default=False),
    Field("free_megabytes", say("Space left free on the disk"), FieldKind.WHOLE, 2048, "MB",
          minimum=0, maximum=100_000_000),
)  # fmt: skip
"""What is asked about the pictures that are kept (``KeepRule``)."""
