"""Reports over stations, the views for other programs, and the indexes behind History."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import password
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.record_rows import COLUMNS, JOINS
from deeprx_gui.central.records import CentralRecords
from deeprx_gui.central.report import plant_report
from deeprx_gui.central.search import Edge, branches, filter_of, page_sql
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.plant_report import PlantReport
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import resources_dir
from deeprx_gui.results.plant_report import write_plant_report, write_plant_table
from tests.central.filled import fill
from tests.central.postgres_server import OWNER_PASSWORD
from tests.central.test_records import opened
from tests.results.records.conftest import START, record

IDS = {"A": "a" * 32, "B": "b" * 32}
LINES = {IDS["A"]: "Line 1", IDS["B"]: "<Line 3>"}
VIEWS = (
    "station_list", "yield_by_hour", "decided_parts", "false_calls_by_hour", "ng_places",
    "top_ng_places", "drift_by_hour", "verdict_list",
)  # fmt: skip
Login = Callable[[str], tuple[CentralPlace, str]]


def parts() -> list[Record]:
    """Of each station 30 parts in three hours: every 5th NG, a false call each 10th; one missed."""
    made = []
    for station in "AB":
        for n in range(30):
            verdict = Verdict.NG if n % 5 == 0 else Verdict.OK
            part = record(
                n,
                verdict,
                uid=UUID(int=n * 1000 + ord(station)).hex,
                when=START + timedelta(minutes=6 * n),
                station=f"Press {station}",
                station_id=IDS[station],
                profile_id="gear",
                places="[[0.31, 0.72, 0.01, 20.0], [0.9, 0.1, 0.01, 13.0]]" if n % 5 == 0 else "",
            )
            if n % 10 == 0 or n == 7:
                said = Decision.OK if n % 10 == 0 else Decision.NG
                part = replace(
                    part, decision=said, decided_by="佐藤", decided_at=START + timedelta(days=1)
                )
            made.append(part)
    return made


def add_up(centre: CentralRecords, query: RecordQuery) -> PlantReport:
    """Run the report to its end."""
    return drive(plant_report(centre.ask, query))


def test_stations_are_added_up_side_by_side(owner: CentralConnection, tmp_path: Path) -> None:
    fill(owner, parts(), LINES)
    centre = opened(owner.place)
    report = add_up(centre, RecordQuery())
    assert [(r.line, r.station) for r in report.rows] == [
        ("<Line 3>", "Press B"), ("Line 1", "Press A"),
    ]  # fmt: skip
    for row in report.rows:
        assert (row.ok, row.ng, row.decided, row.false_calls, row.misses) == (24, 6, 3, 3, 1)
        assert row.yielded == pytest.approx(0.8)
        assert [(p.across, p.down, p.parts) for p in row.places] == [(3, 7, 6)]
        assert row.median == pytest.approx(0.5, abs=0.006)
    later = add_up(centre, RecordQuery(since=START + timedelta(hours=1), line="Line 1"))
    assert [row.total for row in later.rows] == [20]
    assert add_up(centre, RecordQuery(line="nowhere")).rows == ()
    centre.close()
    write_plant_report(tmp_path / "r.html", report)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "&lt;Line 3&gt;" in page
    assert "<Line 3>" not in page
    assert "80.0 %" in page
    write_plant_table(tmp_path / "r.csv", report)
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[2][:5] == ["ギア <A&B>", "Line 1", "Press A", "30", "24"]
    write_plant_table(tmp_path / "r.xlsx", report)
    assert (tmp_path / "r.xlsx").read_bytes()[:2] == b"PK"


def test_views_say_in_words_what_the_tables_hold(owner: CentralConnection, login: Login) -> None:
    fill(owner, parts(), LINES)
    with CentralConnection(*login("deeprx_reader")) as reader:
        run = reader.run
        assert run("SELECT sum(ok), sum(ng), sum(parts), min(yield) FROM yield_by_hour")[0][:3] == [
            48, 12, 60,
        ]  # fmt: skip
        assert run("SELECT hour FROM yield_by_hour ORDER BY 1 LIMIT 1")[0][0] == START
        assert run("SELECT sum(false_calls), sum(misses) FROM false_calls_by_hour") == [[6, 2]]
        assert run("SELECT DISTINCT verdict, decision, false_call, missed FROM decided_parts") in (
            [["NG", "OK", True, False], ["OK", "NG", False, True]],
            [["OK", "NG", False, True], ["NG", "OK", True, False]],
        )
        assert run("SELECT count(*), max(rank) FROM ng_places") == [[24, 2]]
        assert run("SELECT DISTINCT field_across, field_down FROM top_ng_places") == [[3, 7]]
        ((median, ok_parts),) = run("SELECT avg(median), sum(ok_parts) FROM drift_by_hour")
        assert float(median) == pytest.approx(0.5, abs=0.006)
        assert ok_parts == 48
        assert run("SELECT sum(ng_parts), max(worst_times) FROM top_ng_places")[0][0] == 12
        words = run("SELECT verdict, count(*) FROM verdict_list GROUP BY 1 ORDER BY 1")
        assert words == [["NG", 12], ["OK", 48]]
        assert run("SELECT station, line FROM station_list ORDER BY 1") == [
            ["Press A", "Line 1"], ["Press B", "<Line 3>"],
        ]  # fmt: skip
        for view in VIEWS:
            with pytest.raises(CentralError):
                run(f"DELETE FROM {view}")  # noqa: S608 - our words


def test_the_median_is_that_of_all_scores_and_not_of_a_rare_one(owner: CentralConnection) -> None:
    scores = [0.5] * 7 + [0.51]
    good = [part for part in parts() if part.verdict is Verdict.OK]
    made = zip(good, scores, strict=False)
    fill(owner, [replace(p, score=p.score / p.times * score) for p, score in made], LINES)
    ((lowest, highest),) = owner.run("SELECT min(median), max(median) FROM drift_by_hour")
    assert 0.5 <= lowest <= 0.505
    centre = opened(owner.place)
    points = [p for row in add_up(centre, RecordQuery()).rows for p in row.trend]
    assert min(p.median for p in points) == pytest.approx(lowest)
    assert max(p.median for p in points) == pytest.approx(highest)
    assert sum(p.parts for p in points) == len(scores)
    centre.close()


def test_a_long_report_is_added_up_from_days(
    owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = [replace(p, when=p.when + timedelta(days=3), uid=f"{n:032x}")
             for n, p in enumerate(parts(), 1)]  # fmt: skip
    fill(owner, [*parts(), *later], LINES)
    centre = opened(owner.place)
    fine = add_up(centre, RecordQuery(since=START + timedelta(hours=1)))
    monkeypatch.setattr("deeprx_gui.central.report._MOST_SLOTS", 1)
    monkeypatch.setattr("deeprx_gui.central.report._SIZES", ((1, 1), (24, 1), (7 * 24, 60)))
    coarse = add_up(centre, RecordQuery(since=START + timedelta(hours=1)))
    assert coarse.bucket >= timedelta(days=7)
    for one, other in zip(fine.rows, coarse.rows, strict=True):
        assert replace(one, trend=()) == replace(other, trend=())
        assert sum(p.parts for p in one.trend) == sum(p.parts for p in other.trend) > 0
    centre.close()


def test_long_counters_are_the_sums_of_short_ones(owner: CentralConnection) -> None:
    fill(owner, parts(), LINES)
    for long, column, length, short, key in (
        ("days", "day", "1 day", "hours", "verdict"),
        ("ok_score_days", "day", "1 day", "ok_scores", "bin"),
        ("ok_score_weeks", "week", "7 days", "ok_scores", "bin"),
    ):
        assert owner.run(
            f"SELECT {column}, station, product, {key}, parts FROM {long} ORDER BY 1, 2, 3, 4"  # noqa: S608
        ) == owner.run(
            f"SELECT date_bin('{length}', hour, '1970-01-01Z'), station, product, {key},"  # noqa: S608
            f" sum(parts)::bigint FROM {short} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )


def test_a_station_sees_no_view(owner: CentralConnection, login: Login) -> None:
    with CentralConnection(*login("deeprx_station")) as station:
        for view in VIEWS:
            with pytest.raises(CentralError):
                station.run(f"SELECT * FROM {view}")  # noqa: S608 - our words


@pytest.mark.parametrize(
    "places",
    ["[[", "[[1, 2]]", '[["a", 1, 1, 1]]', "[[1.2.3, 0, 0, 0]]", "[[1e999, 0, 0, 0]]", "x"],
)
def test_places_that_make_no_sense_spoil_no_view(owner: CentralConnection, places: str) -> None:
    fill(owner, [replace(part, places=places) for part in parts()[:6]], LINES)
    assert owner.run("SELECT count(*) FROM ng_places") == [[0]]
    assert owner.run("SELECT count(*) FROM top_ng_places") == [[0]]


def test_the_command_line_lists_all_stations_and_compares_them(
    owner: CentralConnection,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from deeprx_gui.cli.main import main
    from deeprx_gui.paths import Paths

    monkeypatch.setenv(password.VARIABLE, OWNER_PASSWORD)
    history = ["history", "list", "--all-stations", "--json"]
    assert main([*history, "--data-dir", str(data_dir)]) != 0
    assert "No central database" in capsys.readouterr().err
    fill(owner, parts(), LINES)
    central_settings.save(owner.place, Paths(data_dir).central_file)
    assert main([*history, "--line", "line 1", "--count", "4", "--verdict", "NG"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["count"] == 6
    assert {v["station"] for v in first["verdicts"]} == {"Press A"}
    assert (
        main([*history, "--line", "line 1", "--verdict", "NG", "--before", str(first["next"])]) == 0
    )
    assert len(json.loads(capsys.readouterr().out)["verdicts"]) == 2
    assert main(["history", "list", "--line", "Line 1"]) != 0
    assert "--all-stations" in capsys.readouterr().err
    assert main([*history, "--line", "nowhere"]) != 0
    assert "Line 1" in capsys.readouterr().err
    report = ["central", "report", str(data_dir / "r.html"), "--line", "line 1", "--json"]
    assert main([*report, "--data-dir", str(data_dir)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["station"], row["parts"], row["false_calls"]) == ("Press A", 30, 3)
    assert "Press A" in (data_dir / "r.html").read_text(encoding="utf-8")


# -- the plans ---------------------------------------------------------------------------------


@pytest.fixture
def many(owner: CentralConnection) -> CentralConnection:
    """30,000 rows of three months and four stations, analysed."""
    for n in range(4):
        owner.run(
            "INSERT INTO stations (id, name, line, installation) VALUES (:id, 'S', :line, 'x')",
            id=f"{n:032x}", line=f"L{n // 2}",
        )  # fmt: skip
    owner.script(
        "INSERT INTO products (profile_id, name) SELECT 'p' || n, 'P' FROM generate_series(0, 9) n;"
        "SELECT make_month('2026-09-01'), make_month('2026-10-01'), make_month('2026-11-01');"
        "ALTER TABLE verdicts DISABLE TRIGGER verdicts_count;"
        "INSERT INTO verdicts (at, uid, station, product, context, row, verdict, times, serial)"
        " SELECT '2026-09-01Z'::timestamptz + n * interval '4 minutes', gen_random_uuid(),"
        " 1 + n % 4, 1 + n / 3000, 1, n, CASE WHEN n % 50 = 0 THEN 2 ELSE 0 END, 0.5,"
        " 'SN' || lpad(n::text, 8, '0') FROM generate_series(0, 29999) n;"
        "ANALYZE;"
    )
    return owner


PLANS = {
    "first page": (RecordQuery(), "verdicts_2026_11_pkey"),
    "NG": (RecordQuery(verdicts=frozenset({Verdict.NG})), "verdict_at"),
    "NG or REVIEW": (RecordQuery(verdicts=frozenset({Verdict.NG, Verdict.REVIEW})), "Append"),
    "product": (RecordQuery(profile_id="p3"), "product_at"),
    "NG of a product": (
        RecordQuery(profile_id="p3", verdicts=frozenset({Verdict.NG})), "verdict_at",
    ),
    "station": (RecordQuery(station_id=f"{1:032x}"), ""),
    "line": (RecordQuery(line="L1"), ""),
    "serial number": (RecordQuery(serial="sn00012"), "lower(serial) ~"),
    "a week": (
        RecordQuery(since=START - timedelta(days=50), until=START - timedelta(days=43)), "pkey",
    ),
}  # fmt: skip


def test_no_page_reads_a_whole_month(many: CentralConnection) -> None:
    centre = opened(many.place)
    for query, index in PLANS.values():
        _explain(centre, query, index)
    centre.close()


def _explain(centre: CentralRecords, query: RecordQuery, index: str) -> None:
    wanted = filter_of(centre.ask, query)
    assert wanted is not None
    for edge in (None, Edge(START - timedelta(days=20), UUID(int=0))):
        sql, values = page_sql(
            branches(centre.ask, wanted), wanted, newest_first=True, edge=edge, columns=COLUMNS,
            joins=JOINS,
        )  # fmt: skip
        values |= {"count": 100, "skip": 0, "both": 100}
        plan = "\n".join(row[0] for row in centre.ask(f"EXPLAIN {sql}", values))
        assert "Seq Scan on verdicts_2026" not in plan, plan
        assert index in plan, plan


def test_rights_keep_the_indexes_useful(many: CentralConnection, login: Login) -> None:
    """Rows are protected by policies, which must not keep a search out of its index."""
    centre = opened(*login("deeprx_reader"))
    plan = centre.ask(
        "EXPLAIN SELECT 1 FROM verdicts v WHERE v.serial <> '' AND lower(v.serial) LIKE"
        " lower(:serial)",
        {"serial": "sn00012%"},
    )
    assert not [row[0] for row in plan if "Seq Scan on verdicts_2026" in row[0]]
    centre.close()
    assert resources_dir().exists()
