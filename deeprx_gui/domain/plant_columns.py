"""The columns of stations side by side, for window, report, table and command line alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.plant_report import StationFigures
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import UNKNOWN, percent_cell, times_limit_text

Value = str | int | float | None


@dataclass(frozen=True)
class PlantColumn:
    """``key`` in JSON; ``value`` for tables and JSON, ``text`` for people (from ``value``)."""

    key: str
    title: Message
    value: Callable[[StationFigures], Value]
    write: Callable[[Value], str] | None = None

    @property
    def number(self) -> bool:
        """Whether it stands on the right."""
        return self.write is not None

    def text(self, row: StationFigures) -> str:
        """Return what people read."""
        value = self.value(row)
        if self.write is not None:
            return self.write(value)
        return one_line(str(value)) if value else ""


def _count(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) and value else UNKNOWN


def _share(value: Value) -> str:
    return percent_cell(value if isinstance(value, float) else None)


def _times(value: Value) -> str:
    return times_limit_text(value) if isinstance(value, float) else UNKNOWN


def _places(row: StationFigures) -> str:
    """Return the middles of the fields with most NG parts: ``35/75 % (14)``, across and down."""
    return ", ".join(
        f"{10 * place.across + 5}/{10 * place.down + 5} % ({place.parts})"
        for place in row.places[:3]
    )


PLANT_COLUMNS: Final = (
    PlantColumn("product", say("Product"), lambda row: row.profile),
    PlantColumn("line", say("Line"), lambda row: row.line),
    PlantColumn("station", say("Station"), lambda row: row.station),
    PlantColumn("parts", say("Parts"), lambda row: row.total, _count),
    PlantColumn("ok", say("OK"), lambda row: row.ok, _count),
    PlantColumn("review", say("REVIEW"), lambda row: row.review, _count),
    PlantColumn("ng", say("NG"), lambda row: row.ng, _count),
    PlantColumn("error", say("ERROR"), lambda row: row.error, _count),
    PlantColumn("yield", say("Yield"), lambda row: row.yielded, _share),
    PlantColumn("false_calls", say("False calls"), lambda row: row.false_calls, _count),
    PlantColumn("misses", say("Missed"), lambda row: row.misses, _count),
    PlantColumn("median", say("OK score"), lambda row: row.median, _times),
    PlantColumn("places", say("Most NG at (across/down)"), _places),
)
