"""Words and numbers that tables, pictures and reports share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict

VERDICT_WORDS: Final[Mapping[Verdict, Message]] = {
    Verdict.OK: say("OK"),
    Verdict.REVIEW: say("REVIEW"),
    Verdict.NG: say("NG"),
    Verdict.ERROR: say("ERROR"),
}

LABEL_WORDS: Final[Mapping[Label, Message]] = {
    Label.GOOD: say("Good"),
    Label.BAD: say("Bad"),
    Label.UNKNOWN: say("Unknown"),
}

DECISION_WORDS: Final[Mapping[Decision, Message]] = {
    Decision.OK: say("OK"),
    Decision.NG: say("NG"),
}

CAUSE_NAMES: Final[Mapping[Cause, Message]] = {
    Cause.DARK: say("dark"),
    Cause.BRIGHT: say("bright"),
    Cause.BLURRED: say("blurred"),
    Cause.SHIFTED: say("shifted"),
    Cause.FROZEN: say("the same picture again"),
    Cause.DIRT: say("dirt"),
}


def times_text(times: float) -> str:
    """Return a score in × limit as text, a dash when there is none."""
    if not math.isfinite(times):
        return "–"
    return f"{times:.2f}" if times < 100 else f"{times:.0f}"
