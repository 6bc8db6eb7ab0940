"""The table and the report of remembered verdicts, and the check of the whole store."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import pytest

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Cause, Decision, KeepRule
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.i18n import set_language
from deeprx_gui.results.records.export import export_csv
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.report import export_report, kept_picture
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.records.store_check import check_store
from tests.results.records.conftest import START, frame, inspected, record

Result = TypeVar("Result")


def run(job: Generator[Progress, None, Result]) -> Result:
    while True:
        try:
            next(job)
        except StopIteration as stop:
            result: Result = stop.value
            return result


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def shift(store: RecordStore) -> RecordStore:
    """A shift of 40 parts over four hours, with pictures; two decided by people."""
    recorder = Recorder(store, PictureKeeper(store.folder, KeepRule()))
    for number in range(40):
        verdict = VERDICTS[0 if number % 4 else number % 16 // 4]
        part = record(number, verdict, serial=f"SN-{number:04d}")
        part = replace(
            part,
            when=START + number * timedelta(minutes=6),
            score=part.score + number / 10,
            causes=(Cause.DARK,) if number == 4 else (),
            station="Line 3",
            station_id="three",
            operator="=佐藤",
            method="patchcore · efficientnet-lite0",
        )
        recorder.record(inspected(part, frame(number + 100)))
    recorder.close()
    store.decide(9, Decision.OK, who="佐藤", note="=1+1")
    store.decide(2, Decision.NG, who="鈴木")
    return store


def table(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_holds_every_verdict_in_its_order(shift: RecordStore, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    assert run(export_csv(path, shift, RecordQuery())) == 40
    rows = table(path)
    assert [row["Number"] for row in rows] == [str(n) for n in range(1, 41)]
    ng = rows[8]
    assert (ng["Verdict"], ng["Decision"], ng["Decided by"]) == ("NG", "OK", "佐藤")
    assert ng["Note"] == "'=1+1"
    assert ng["× suggested limit"] == "2.0800"
    assert ng["Time (UTC)"] == "2026-11-23T06:48:00.000000Z"
    assert rows[4]["Condition of the picture"] == "dark"
    assert rows[12]["Message"] == "a.png is gone."
    assert rows[12]["Score"] == ""
    assert list(ng)[:3] == ["Number", "Time", "Verdict"]
    assert list(ng)[-6:] == [
        "Time (UTC)", "Identifier", "Station", "Operator", "Method", "Station ID",
    ]  # fmt: skip
    assert (ng["Station"], ng["Operator"]) == ("Line 3", "'=佐藤")


def test_the_table_of_a_search(shift: RecordStore, tmp_path: Path) -> None:
    query = RecordQuery(verdicts=frozenset({Verdict.NG}))
    assert run(export_csv(tmp_path / "ng.csv", shift, query)) == len(table(tmp_path / "ng.csv")) > 1
    assert run(export_csv(tmp_path / "no.csv", shift, RecordQuery(serial="none"))) == 0
    assert table(tmp_path / "no.csv") == []


def test_a_long_table_is_written_in_pieces_and_can_be_stopped(
    store: RecordStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.results.records.export._LINES_AT_ONCE", 3)
    monkeypatch.setattr("deeprx_gui.results.records.store._CHUNK", 4)
    for number in range(10):
        store.add(record(number))
    job = export_csv(tmp_path / "t.csv", store, RecordQuery())
    assert [p.done for p in job] == [3, 6, 9, 10]
    assert [row["Number"] for row in table(tmp_path / "t.csv")] == [str(n) for n in range(1, 11)]
    stopped = export_csv(tmp_path / "stopped.csv", store, RecordQuery())
    next(stopped)
    stopped.close()
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ""] == ["t.csv"]


def test_a_table_that_cannot_be_written_says_so(shift: RecordStore, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StorageError):
        run(export_csv(tmp_path / "folder.csv", shift, RecordQuery()))


class Page(HTMLParser):
    """What is on a page: its words and its pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.images: list[str] = []
        self.bars: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img":
            self.images.append(str(found["src"]))
        if tag == "rect" and found.get("class") in set(Verdict):
            self.bars.append(str(found["class"]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_the_report_of_a_shift(shift: RecordStore, tmp_path: Path) -> None:
    query = RecordQuery(
        since=START, until=START + timedelta(hours=4), profile_id="gear", station_id="three"
    )
    path = tmp_path / "report.html"
    summary = run(export_report(path, shift, query, profile="ギア <A&B>", picture=thumbnail))
    assert summary.counts.total == 40
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert "Inspection history: ギア <A&B>" in page.text
    assert "Parts per hour" in page.text
    assert "Median score of OK parts in × suggested limit" in page.text
    assert "False calls: 1 part was REVIEW or NG, and a person decided it is OK." in page.text
    assert "Misses: 1 part was OK, and a person decided it is NG." in page.text
    assert "佐藤 decided: OK" in page.text
    assert "Station Line 3 · from" in page.text
    for line in ("Station: Line 3", "Operator: =佐藤", "Method: patchcore · efficientnet-lite0"):
        assert line in page.text
    assert len(page.images) == summary.counts.ng
    for image in page.images:
        assert base64.b64decode(image.removeprefix("data:image/jpeg;base64,"))[:2] == b"\xff\xd8"
    assert len(page.bars) == sum(
        bool(n) for h in summary.per_hour for n in (h.ok, h.review, h.ng, h.error)
    )
    assert not re.search(r"<script|https?://|onerror|<link", text)
    assert "default-src" in text


def test_the_report_speaks_japanese(shift: RecordStore, tmp_path: Path) -> None:
    set_language("ja")
    run(export_report(tmp_path / "r.html", shift, RecordQuery(), picture=thumbnail))
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "検査履歴" in text
    assert "確認" in text


def test_the_report_of_nothing(store: RecordStore, tmp_path: Path) -> None:
    run(export_report(tmp_path / "r.html", store, RecordQuery(text="x", decided=True)))
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<svg" not in text
    assert "containing “x”" in text


def test_a_report_over_years_and_a_clock_in_1970(store: RecordStore, tmp_path: Path) -> None:
    for number in range(300):
        store.add(record(number, when=START + number * timedelta(hours=30)))
    store.add(record(999, when=START - timedelta(days=20_000)))
    summary = run(export_report(tmp_path / "r.html", store, RecordQuery()))
    assert len(summary.trend) <= 240
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert 50 < len(page.bars) <= 96
    assert "Parts in 7 days each" in page.text


def test_hostile_words_stay_words(store: RecordStore, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    store.add(record(1, Verdict.NG, serial=evil, profile=evil, item=evil, picture="../../x.jpg"))
    run(export_report(tmp_path / "r.html", store, RecordQuery(), profile=evil, picture=thumbnail))
    assert "<script" not in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["", "../x.jpg", "/etc/passwd", "C:\\x.jpg", "pictures/gone.jpg"])
def test_a_kept_picture_lies_in_the_folder_of_the_store(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.jpg").write_bytes(b"x")
    (tmp_path / "in").mkdir()
    assert kept_picture(tmp_path / "in", record(1, picture=name)) is None


def test_a_sound_store(shift: RecordStore) -> None:
    found = run(check_store(shift))
    assert found.sound
    assert (found.verdicts, found.pictures) == (40, 10 - 3)  # every fourth, of which 3 are OK


def test_a_missing_picture_is_named(shift: RecordStore) -> None:
    (lost, *_) = shift.page(RecordQuery(verdicts=frozenset({Verdict.NG})))
    (shift.folder / lost.picture).unlink()
    found = run(check_store(shift))
    assert not found.sound
    assert [(m.number, m.picture) for m in found.missing] == [(lost.number, lost.picture)]
    shift.pictures_gone([lost.picture])
    assert run(check_store(shift)).sound


def test_counters_that_do_not_fit_are_found(shift: RecordStore) -> None:
    with shift._writing()._transaction() as connection:
        connection.execute("UPDATE hours SET parts = parts + 1 WHERE verdict = 2")
    (problem,) = run(check_store(shift)).problems
    assert "counters per hour do not fit" in str(problem)
