"""A field of a verdict as text in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.verdict_fields import Kind, VerdictField
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import CAUSE_WORDS, DECISION_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import render


def field_text(field: VerdictField, record: Record) -> str:
    """Return what a record holds in a field; empty where there is nothing.

    Control characters in texts become visible. Numbers have the field's decimals, a point and no
    grouping; times are those of this PC's clock.
    """
    value = field.value(record)
    if value is None:
        return ""
    if isinstance(value, str) and field.kind is Kind.TEXT:
        return one_line(value)
    if field.kind is Kind.NUMBER:
        return f"{value:.{field.decimals}f}" if math.isfinite(value) else ""
    return _TEXTS[field.kind](value)


def local_text(when: datetime) -> str:
    """Return a time on this PC's clock, to the millisecond."""
    local = when.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"


_TEXTS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.WHOLE: str,
    Kind.MOMENT: local_text,
    Kind.UTC: lambda when: f"{when:%Y-%m-%dT%H:%M:%S.%fZ}",
    Kind.VERDICT: lambda verdict: render(VERDICT_WORDS[verdict]),
    Kind.DECISION: lambda decision: render(DECISION_WORDS[decision]),
    Kind.CAUSES: lambda causes: "; ".join(render(CAUSE_WORDS[cause]) for cause in causes),
    Kind.MESSAGE: render,
}
