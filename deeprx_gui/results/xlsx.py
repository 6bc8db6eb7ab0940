"""Tables for Excel: an ``.xlsx`` file whose text cells stay text.

Excel reads a CSV file as if each cell were typed: ``00123`` becomes 123, sixteen digits lose the
last, ``=…`` is run. In a workbook the type of each cell is written down, so none of that happens
(ADR 0023). Rows are written as they come; memory does not grow with their number.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Final
from xml.sax.saxutils import escape

from deeprx_gui.domain.visible_text import one_line

SUFFIX: Final = ".xlsx"
MOST_ROWS: Final = 1_048_576
"""Of one sheet, heading included; more rows go to further sheets, each with the heading."""
MOST_LETTERS: Final = 32_767
"""Of one cell."""

Cell = str | float | int | datetime | None
"""Text, a number, a local time (its zone is not written), or nothing."""

_NOT_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_TEXT, _HEADING, _MOMENT = 1, 2, 3
_DAY_SECONDS: Final = 86_400
_LINES_AT_ONCE: Final = 500
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/>'
    "</numFmts>"
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)


def write_workbook(
    stream: BinaryIO, heading: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Iterator[int]:
    """Write a workbook; yields how many rows are written, some hundred at a time.

    It is whole when the iterator has ended. Raises what ``stream`` and ``rows`` raise.
    """
    left = iter(rows)
    done, sheets, more = 0, 0, True
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        while more:
            sheets += 1
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write(_sheet_start(len(heading)) + _row(heading, _HEADING))
                more = False
                lines: list[bytes] = []
                for number, row in enumerate(left, 2):
                    lines.append(_row(row, _TEXT))
                    done += 1
                    if len(lines) == _LINES_AT_ONCE:
                        sheet.write(b"".join(lines))
                        lines.clear()
                        yield done
                    if number == MOST_ROWS:
                        more = True
                        break
                sheet.write(b"".join(lines) + b"</sheetData></worksheet>")
        for name, text in _parts(sheets):
            book.writestr(name, text)
    yield done


def _sheet_start(columns: int) -> bytes:
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols><col min="1" max="{columns}" width="16" '
        'customWidth="1"/></cols><sheetData>'
    ).encode()


def _row(cells: Sequence[Cell], text_style: int) -> bytes:
    return f"<row>{''.join(_cell(cell, text_style) for cell in cells)}</row>".encode()


def _cell(value: Cell, text_style: int) -> str:
    if isinstance(value, str) and value:
        return (
            f'<c s="{text_style}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(_text(value))}</t></is></c>"
        )
    if isinstance(value, datetime):
        day = value.replace(tzinfo=None) - datetime(1899, 12, 30)  # noqa: DTZ001 - has no zone
        return f'<c s="{_MOMENT}"><v>{day.total_seconds() / _DAY_SECONDS:.11f}</v></c>'
    if isinstance(value, int | float) and math.isfinite(value):
        return f"<c><v>{value!r}</v></c>"
    return "<c/>"


def _text(value: str) -> str:
    """Return what XML can hold and Excel reads back as it is."""
    clean = _LOOKS_ESCAPED.sub("_x005F_", _NOT_XML.sub("\ufffd", one_line(value)))
    return clean if len(clean) <= MOST_LETTERS else clean[: MOST_LETTERS - 1] + "…"


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the parts that say what the sheets are."""
    numbers = range(1, sheets + 1)
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers]
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in parts
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{overrides}</Types>"
        ),
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    listed = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets>'
            "</workbook>"
        ),
    )
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
