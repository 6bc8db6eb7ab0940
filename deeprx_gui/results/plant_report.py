"""Stations side by side as a report to print and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deeprx_gui.domain.plant_columns import PLANT_COLUMNS
from deeprx_gui.domain.plant_report import PlantReport, StationFigures
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import cell_text
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.page.shell import document, heading
from deeprx_gui.results.records.report import wanted
from deeprx_gui.results.writing import write_file, writing_whole
from deeprx_gui.results.xlsx import SUFFIX, write_workbook

_WIDTH, _HEIGHT = 1000.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 984.0, 20.0, 190.0
_STROKES: Final = ("", "8 4", "2 3", "12 4 2 4", "1 5")
"""Lines are told apart by their dashes, too, for those who see no colours and for paper."""
_COLOURS: Final = ("#2563eb", "#c2410c", "#15803d", "#7e22ce", "#0f766e", "#a16207")


def write_plant_report(path: Path, report: PlantReport) -> None:
    """Write the report as one HTML file in the reader's language. Raises StorageError."""
    write_file(path, plant_html(report).encode("utf-8"))


def write_plant_table(path: Path, report: PlantReport) -> None:
    """Write a row per product and station: a workbook for ``.xlsx``, else CSV.

    Raises StorageError.
    """
    titles = [render(column.title) for column in PLANT_COLUMNS]
    rows = [[column.value(row) for column in PLANT_COLUMNS] for row in report.rows]
    if path.suffix.lower() == SUFFIX:
        with writing_whole(path) as stream:
            for _ in write_workbook(stream, titles, rows):
                pass
        return
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([cell_text(cell) if isinstance(cell, str) else cell for cell in row])
    write_file(path, text.getvalue().encode("utf-8", "replace"))


def plant_html(report: PlantReport) -> str:
    """Return the report as one self-contained HTML document in the reader's language."""
    title = tr("Stations side by side")
    about = " · ".join(render(message) for message in wanted(report.query))
    products: dict[str, list[StationFigures]] = {}
    for row in report.rows:
        products.setdefault(row.profile_id, []).append(row)
    return document(
        title,
        heading(title, datetime.now(UTC), about),
        _differences(report),
        tag("section", tag("h2", tr("Figures")), _table(report.rows)),
        *(_trends(rows) for rows in products.values() if any(len(row.trend) > 1 for row in rows)),
    )


def _differences(report: PlantReport) -> Html:
    told = [tag("li", render(sentence)) for sentence in report.differences]
    nothing = tr("No station reads clearly otherwise than the others of its product.")
    return tag(
        "section",
        tag("h2", tr("What differs")),
        tag("ul", told) if told else tag("p", nothing),
    )


def _table(rows: Sequence[StationFigures]) -> Html:
    heads = [
        tag("th", render(column.title), style="text-align:right" if column.number else None)
        for column in PLANT_COLUMNS
    ]
    lines = [
        tag(
            "tr",
            [
                tag("td", column.text(row), style="text-align:right" if column.number else None)
                for column in PLANT_COLUMNS
            ],
        )
        for row in rows
    ]
    return tag("table", tag("thead", tag("tr", heads)), tag("tbody", lines))


def _trends(rows: Sequence[StationFigures]) -> Html:
    """Return the medians of the OK scores of one product, a line for each station."""
    points = [point for row in rows for point in row.trend]
    first = min(point.when for point in points).timestamp()
    last = max(point.when for point in points).timestamp()
    highest = max(1.1, *(point.median * 1.05 for point in points))
    span = max(last - first, 1.0)

    def x(when: datetime) -> float:
        return _LEFT + (when.timestamp() - first) / span * (_RIGHT - _LEFT)

    def y(median: float) -> float:
        return _BOTTOM - median / highest * (_BOTTOM - _TOP)

    lines, names = [], []
    for number, row in enumerate(rows):
        colour, dash = _COLOURS[number % len(_COLOURS)], _STROKES[number % len(_STROKES)]
        spots = " L".join(f"{x(p.when):.1f} {y(p.median):.1f}" for p in row.trend)
        style = f"stroke:{colour};stroke-width:2;fill:none;stroke-dasharray:{dash or 'none'}"
        lines.append(tag("path", d=f"M{spots}", style=style) if spots else None)
        mark = tag(
            "svg",
            tag("path", d="M0 6 L36 6", style=style),
            viewBox="0 0 36 12", width=36, height=12,
        )  # fmt: skip
        name = " · ".join(filter(None, (row.line, row.station)))
        names.append(tag("span", mark, f" {name} "))
    begin = f"{min(p.when for p in points).astimezone():%Y-%m-%d %H:%M}"
    end = f"{max(p.when for p in points).astimezone():%Y-%m-%d %H:%M}"
    drawing = join(
        tag("line", x1=_LEFT, x2=_RIGHT, y1=y(1.0), y2=y(1.0), class_="limit REVIEW"),
        tag("text", tr("suggested limit"), x=_RIGHT, y=y(1.0) - 6, text_anchor="end"),
        *(
            tag("text", times_limit_text(v), x=_LEFT - 8, y=y(v) + 4, text_anchor="end")
            for v in (0.0, 0.5, 1.0)
        ),
        tag("text", begin, x=_LEFT, y=_BOTTOM + 20),
        tag("text", end, x=_RIGHT, y=_BOTTOM + 20, text_anchor="end"),
        *lines,
    )
    title = tr("{product}: median score of OK parts", product=rows[0].profile)
    chart = tag("svg", drawing, viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}", role="img", aria_label=title)
    return tag("section", tag("h2", title), chart, tag("p", names, class_="legend"))
