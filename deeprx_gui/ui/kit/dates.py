"""Dates as people on the line say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from deeprx_gui.i18n import tr


def moment(when: datetime, now: datetime | None = None) -> str:
    """Write a moment in local time: today, yesterday, or the date; ``now`` is for tests."""
    local = when.astimezone()
    today = (now or datetime.now().astimezone()).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return tr("today {time}", time=clock)
    if local.date() == today - timedelta(days=1):
        return tr("yesterday {time}", time=clock)
    return tr(
        "{year}-{month}-{day} {time}",
        year=f"{local:%Y}",
        month=f"{local:%m}",
        day=f"{local:%d}",
        time=clock,
    )


def revision_label(revision: int) -> str:
    """Write a revision as its file is called: ``r0007``."""
    return f"r{revision:04d}"
