"""A workbook keeps text as text: zeros in front, long numbers, and what would be a formula."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.results import xlsx
from deeprx_gui.results.xlsx import Cell, write_workbook

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(heading: list[str], rows: list[list[Cell]]) -> zipfile.ZipFile:
    stream = io.BytesIO()
    for _ in write_workbook(stream, heading, rows):
        pass
    return zipfile.ZipFile(stream)


def read(book: zipfile.ZipFile | Path, sheet: int = 1) -> list[list[str | float | None]]:
    """The cells as another program reads them: text where the file says text, else numbers."""
    opened = zipfile.ZipFile(book) if isinstance(book, Path) else book
    root = ET.fromstring(opened.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314 - ours
    rows: list[list[str | float | None]] = []
    for row in root.iter(f"{_NAMESPACE}row"):
        cells: list[str | float | None] = []
        for cell in row.iter(f"{_NAMESPACE}c"):
            text, number = cell.find(f".//{_NAMESPACE}t"), cell.find(f"{_NAMESPACE}v")
            if text is not None:
                assert cell.get("t") == "inlineStr"
                cells.append(text.text)
            else:
                cells.append(None if number is None else float(number.text or ""))
        rows.append(cells)
    return rows


@pytest.mark.parametrize(
    "serial", ["00123", "1234567890123456789", "1E5", "2026-03-01", "=1+1", "@SUM(A1)", "-5", "+5"]
)
def test_a_serial_number_stays_as_it_was_scanned(serial: str) -> None:
    book = written(["Serial number", "Score"], [[serial, 1.5]])
    assert read(book)[1] == [serial, 1.5]
    assert not any(b"<f>" in book.read(name) for name in book.namelist()), "no formula anywhere"


def test_control_characters_do_not_break_the_file() -> None:
    (_, (cell,)) = read(written(["a"], [["\x00\x1b[31m\u202e\ud800_x0041_" + "あ"]]))
    assert cell == "\\u0000\\u001b[31m\\u202e\ufffd_x005F_x0041_あ"


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_any_text_gives_a_file_that_can_be_read(texts: list[str]) -> None:
    (_, cells) = read(written(["x"] * len(texts), [list(texts)]))
    assert len(cells) == len(texts)


def test_times_are_times_and_nothing_is_nothing() -> None:
    book = written(["a", "b", "c"], [[datetime(2026, 3, 1, 12), float("nan"), None]])  # noqa: DTZ001
    assert read(book)[1] == [46082.5, None, None]


def test_rows_that_do_not_fit_go_to_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    book = written(["n"], [[n] for n in range(5)])
    assert [read(book, n) for n in (1, 2, 3)] == [
        [["n"], [0.0], [1.0]],
        [["n"], [2.0], [3.0]],
        [["n"], [4.0]],
    ]
    assert b'sheetId="3"' in book.read("xl/workbook.xml")


def test_a_cell_is_no_longer_than_excel_allows() -> None:
    (_, (cell,)) = read(written(["a"], [["x" * 40_000]]))
    assert isinstance(cell, str)
    assert len(cell) == 32_767


def test_every_part_is_named_in_the_table_of_contents() -> None:
    book = written(["a"], [])
    types = book.read("[Content_Types].xml").decode()
    for name in book.namelist():
        ET.fromstring(book.read(name))  # noqa: S314 - ours
        assert name.endswith((".rels", "[Content_Types].xml")) or f"/{name}" in types
