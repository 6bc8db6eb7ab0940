"""What the sheet of the library shows, asked in one go, and what its choices mean."""

from __future__ import annotations

from typing import Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, content
from deeprx_gui.central.library_stations import proposals, runs, stations
from deeprx_gui.domain.library import Scope
from deeprx_gui.ui.profiles.library_sheet import LibraryView, ReleasePlan

_DAY: Final = 24.0


def library_view(connection: CentralConnection) -> LibraryView:
    """Return what is in the library. Raises CentralError."""
    known = content(connection)
    lines = sorted({one.line for one in stations(connection) if one.line})
    return LibraryView(known, runs(connection, known), proposals(connection), tuple(lines))


def stages_of(plan: ReleasePlan) -> tuple[Stage, ...]:
    """Return whom a release or rollout goes to, and when."""
    if not plan.line:
        return (Stage(),)
    first = Stage(Scope(line=plan.line))
    return (first, Stage(hours=_DAY)) if plan.then_all else (first,)
