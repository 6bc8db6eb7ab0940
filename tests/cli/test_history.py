"""``deeprx history``: what was judged is found, decided, exported and checked."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import KeepRule
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import Run, save_settings
from tests.results.records.conftest import START, inspected, record

KEYS = {
    "uid", "number", "when", "profile", "id", "revision", "verdict", "score", "times", "limits",
    "milliseconds", "latency_ms", "runtime", "source", "serial", "item", "picture", "causes",
    "error", "decision", "decided_by", "decided_at", "note",
    "station", "station_id", "operator", "method", "places",
}  # fmt: skip


@pytest.fixture
def results(data_dir: Path) -> Path:
    """A data folder with 20 verdicts and their pictures."""
    folder = data_dir / "results"
    store = RecordStore(folder)
    recorder = Recorder(store, PictureKeeper(folder, KeepRule()))
    for number in range(20):
        station = "ライン 3" if number < 6 else "Line 4"
        part = record(
            number,
            VERDICTS[number % 4],
            serial=f"SN-{number:02d}",
            station=station,
            station_id=f"{station}'s id",
            operator="佐藤",
            method="patchcore · efficientnet-lite0",
        )
        recorder.record(inspected(replace(part, when=START + number * timedelta(minutes=30))))
    recorder.close()
    store.close()
    save_settings(data_dir, language="en", operator="佐藤")
    return folder


def test_nothing_was_ever_judged(run: Run, data_dir: Path) -> None:
    assert run("history", "list").out == "There are no such verdicts.\n"
    answer = run("history", "list", "--json").json
    assert answer == {"count": 0, "more": False, "next": None, "verdicts": []}
    assert run("history", "verify", "--json").json["sound"] is True
    assert not (data_dir / "results").exists()


def test_list_pages_through_what_was_asked_for(run: Run, results: Path) -> None:
    answer = run("history", "list", "--count", 8, "--json").json
    assert (answer["count"], answer["more"], answer["next"]) == (20, False, 13)
    assert [v["number"] for v in answer["verdicts"]] == list(range(20, 12, -1))
    assert set(answer["verdicts"][0]) == KEYS
    assert answer["verdicts"][0]["station"] == "Line 4"
    assert answer["verdicts"][0]["method"] == "patchcore · efficientnet-lite0"
    error = answer["verdicts"][0]
    assert (error["verdict"], error["score"], error["error"]) == ("ERROR", None, "a.png is gone.")
    answer = run("history", "list", "--before", 4, "--json").json
    assert [v["number"] for v in answer["verdicts"]] == [3, 2, 1]


def test_a_station_that_gave_no_verdict_is_said(run: Run, results: Path) -> None:
    answer = run("history", "list", "--station", "Line 9", "--lang", "en")
    assert answer.code == 2
    assert "No verdict comes from a station “Line 9”" in answer.err
    assert "Line 4" in answer.err


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--verdict", "NG,review"], 10),
        (["--verdict", "ok", "--serial", "sn-0"], 3),
        (["--since", "2026-11-23T08:00+00:00", "--until", "2026-11-23T09:00+00:00"], 2),
        (["--until", "2026-11-01"], 0),
        (["--profile", "ギア <a&b>"], 20),
        (["--profile", "gear"], 20),
        (["--text", "部品"], 20),
        (["--station", "line 4"], 14),
        (["--station", "ライン 3's id", "--verdict", "NG"], 1),
        (["--decided", "yes"], 0),
        (["--decided", "no", "--verdict", "NG"], 5),
    ],
)
def test_searches(run: Run, results: Path, words: list[str], count: int) -> None:
    answer = run("history", "list", *words, "--json").json
    assert answer["count"] == len(answer["verdicts"]) == count


def test_the_list_for_people(run: Run, results: Path) -> None:
    ran = run("history", "list", "--count", 2, "--verdict", "NG")
    lines = ran.out.splitlines()
    assert lines[0].split()[:3] == ["Number", "Time", "Verdict"]
    assert lines[1].split()[0] == "19"
    assert "2.00" in lines[1]
    assert "2 of 5." in ran.err
    assert "--before 15" in ran.err


def test_a_decision_is_remembered_with_who_said_it(run: Run, results: Path) -> None:
    answer = run("history", "decide", 3, "ok", "--note", "ほこり", "--json").json
    assert (answer["decision"], answer["decided_by"], answer["note"]) == ("ok", "佐藤", "ほこり")
    (found,) = run("history", "list", "--decided", "ok", "--json").json["verdicts"]
    assert found["number"] == 3
    assert run("history", "decide", 3, "ng").out == ("No. 3 is decided NG (the verdict was NG).\n")
    assert "taken back" in run("history", "decide", 3, "none").out
    ran = run("history", "decide", 99, "ok", "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "request"
    assert "no verdict number 99" in ran.json["error"]


def test_deciding_while_another_program_records(run: Run, results: Path) -> None:
    store = RecordStore(results)
    ran = run("history", "decide", 3, "ok", "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "storage"
    assert "already records into this data folder" in ran.json["error"]
    assert run("history", "list", "--json").json["count"] == 20  # looking is no trouble
    store.close()


def test_a_table(run: Run, results: Path, tmp_path: Path) -> None:
    target = tmp_path / "書出し" / "t"
    answer = run("history", "export", target, "--verdict", "NG", "--json").json
    assert answer == {"file": f"{target}.csv", "verdicts": 5}
    text = Path(answer["file"]).read_text(encoding="utf-8-sig")
    assert [row["Number"] for row in csv.DictReader(io.StringIO(text))] == [
        "3", "7", "11", "15", "19",
    ]  # fmt: skip
    ran = run("history", "export", tmp_path, "--lang", "ja")
    (file,) = tmp_path.glob("*.csv")
    assert str(file) in ran.out


def test_a_report(run: Run, results: Path, tmp_path: Path) -> None:
    run("history", "decide", 3, "ok")
    answer = run("history", "report", tmp_path / "r.html", "--profile", "gear", "--json").json
    assert answer["counts"] == {"OK": 5, "REVIEW": 5, "NG": 5, "ERROR": 5}
    assert answer["yield"] == pytest.approx(1 / 3)
    assert (answer["false_calls"], answer["misses"]) == (1, 0)
    assert sum(hour["NG"] for hour in answer["per_hour"]) == 5
    assert [v["number"] for v in answer["top_ng"]] == [19, 15, 11, 7, 3]
    page = Path(answer["file"]).read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 5
    assert "ギア &lt;A&amp;B&gt;" in page


def test_verify_lists_what_is_missing(run: Run, results: Path) -> None:
    assert run("history", "verify").out.endswith("Everything is sound.\n")
    store = RecordStore(results, read_only=True)
    lost = store.page(RecordQuery(serial="SN-02"))[0]
    store.close()
    (results / lost.picture).unlink()
    ran = run("history", "verify", "--json")
    assert ran.code == 2
    assert ran.json["missing"] == [{"number": 3, "picture": lost.picture}]
    assert f"No. 3: {lost.picture} is missing." in run("history", "verify").out


def test_a_damaged_file_is_said_and_left_alone(run: Run, results: Path) -> None:
    (results / "records.sqlite").write_bytes(b"no database" * 1000)
    ran = run("history", "list", "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "storage"
    assert "damaged" in ran.json["error"]
    assert (results / "records.sqlite").read_bytes() == b"no database" * 1000


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--since", "gestern"], "Write a day or a time"),
        (["list", "--verdict", "GOOD"], "GOOD"),
        (["list", "--profile", "geer"], "No verdict was given with a profile"),
        (["decide", "x", "ok"], "whole number"),
        (["decide", "1", "maybe"], "maybe"),
        (["list", "--decided", "perhaps"], "perhaps"),
    ],
)
def test_requests_that_make_no_sense(run: Run, results: Path, words: list[str], says: str) -> None:
    ran = run("history", *words)
    assert ran.code == 2
    assert says in ran.err
