"""``deeprx samples``: kept in the profile, checked before a shift, signed in a record."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui import station as stations
from deeprx_gui.domain.limit_samples import SampleRule, SampleWay
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.store import ProfileStore
from tests.cli.conftest import NAME, Run, save_settings


@pytest.fixture
def kept(home: Path, parts: Path, run: Run) -> Path:
    """One sample that has to pass, one that has to be stopped."""
    save_settings(home, operator="佐藤")
    good, bad = parts / "new" / "1.png", parts / "bad" / "1.png"
    assert run("samples", "add", NAME, good, "--expect", "OK").code == 0
    assert run("samples", "add", NAME, bad, "--expect", "ng", "--note", "傷 0.3 mm").code == 0
    return home


def lock_out(home: Path, rule: SampleRule, way: SampleWay = SampleWay.REPLAYED) -> None:
    stations.save(Station(samples=rule, sample_way=way), home / "station.json")


def spoil(home: Path) -> None:
    """Limits so lax that the bad sample passes."""
    store = ProfileStore(home / "profiles")
    profile = store.load(NAME)
    far = Limits(profile.limits.review * 1000, profile.limits.ng * 1000)
    store.save(replace(profile, limits=far))


def test_they_are_kept_listed_and_removed(kept: Path, run: Run) -> None:
    listed = run("samples", "list", NAME, "--json").json
    assert [(s["number"], s["expected"], s["note"]) for s in listed["samples"]] == [
        (1, "OK", ""),
        (2, "NG", "傷 0.3 mm"),
    ]
    assert listed["samples"][0]["who"] == "佐藤"
    assert "傷 0.3 mm" in run("samples", "list", NAME).out
    changes = run("profiles", "history", NAME, "--json").json
    assert "+1 limit sample" in json.dumps(changes)
    left = run("samples", "remove", NAME, "1", "--json").json
    assert left["samples"] == 1
    assert run("samples", "list", NAME, "--json").json["samples"][0]["expected"] == "NG"


def test_a_check_is_signed_and_kept(kept: Path, run: Run, tmp_path: Path) -> None:
    ran = run("samples", "run", NAME, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["passed"]
    assert [r["verdict"] for r in ran.json["results"]] == ["OK", "NG"]
    assert ran.json["operator"] == "佐藤"
    assert ran.json["station"]
    spoil(kept)
    failed = run("samples", "run", NAME)
    assert failed.code == 1
    assert "1 limit sample was not judged as agreed" in failed.out
    assert "✕" in failed.out
    table, sheet = tmp_path / "記録.csv", tmp_path / "記録.html"
    listed = run("samples", "records", NAME, "--csv", table, "--sheet", sheet, "--json").json
    assert [r["passed"] for r in listed["records"]] == [True, False]
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + 4
    assert rows[1][1] == NAME
    assert rows[4][10] == "no"
    page = sheet.read_text(encoding="utf-8")
    assert "傷 0.3 mm" in page
    assert "佐藤" in page
    assert "Checked by" in page
    assert len(run("samples", "records").out.splitlines()) == 2


def test_the_sheet_speaks_japanese(kept: Path, run: Run, tmp_path: Path) -> None:
    run("samples", "run", NAME)
    sheet = tmp_path / "s.html"
    run("samples", "records", NAME, "--sheet", sheet, "--lang", "ja")
    assert "限度見本" in sheet.read_text(encoding="utf-8")


def test_the_line_begins_when_they_are_judged_as_agreed(
    kept: Path, parts: Path, run: Run, tmp_path: Path
) -> None:
    lock_out(kept, SampleRule.START)
    shutil.copytree(parts / "new", tmp_path / "line")
    inspect = ("inspect", NAME, "--source", f"folder:{tmp_path / 'line'}")
    ran = run(*inspect, "--json")
    assert ran.code in {0, 1}, ran.err
    assert ran.json["parts"] == 2
    assert "2 limit samples were judged as agreed" in ran.err
    assert run("samples", "records", "--json").json["records"][0]["passed"]
    again = run(*inspect, "--json")
    assert "limit samples" not in again.err, "they were checked a moment ago"


def test_the_line_is_locked_until_they_pass_or_an_engineer_releases_it(
    kept: Path, parts: Path, run: Run, tmp_path: Path
) -> None:
    lock_out(kept, SampleRule.HOURS)
    spoil(kept)
    shutil.copytree(parts / "new", tmp_path / "line")
    inspect = ("inspect", NAME, "--source", f"folder:{tmp_path / 'line'}", "--json")
    ran = run(*inspect)
    assert ran.code == 2
    assert "The line stays locked" in ran.err
    assert "deeprx samples release" in ran.err
    without = run("samples", "release", NAME)
    assert without.code == 2
    assert "needs a reason" in without.err
    assert run("samples", "release", NAME, "--why", "lamp is changed at noon").code == 0
    assert run(*inspect).json["parts"] == 2
    last = run("samples", "records", "--json").json["records"][-1]
    assert last["released"] == "lamp is changed at noon"
    assert not last["passed"]


def test_missing_ones_are_said(home: Path, parts: Path, run: Run) -> None:
    lock_out(home, SampleRule.START)
    ran = run("inspect", NAME, "--source", f"folder:{parts / 'new'}")
    assert ran.code == 2
    assert "This station asks for limit samples, but the product has none" in ran.err


def test_those_that_are_to_be_shown_are_shown_in_the_window(
    kept: Path, parts: Path, run: Run
) -> None:
    lock_out(kept, SampleRule.START, SampleWay.SHOWN)
    ran = run("inspect", NAME, "--source", f"folder:{parts / 'new'}")
    assert ran.code == 2
    assert "Check them in the window" in ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", NAME, "no-such.png", "--expect", "OK"), "no-such.png"),
        (("add", NAME, __file__, "--expect", "OK"), "not a picture"),
        (("add", NAME, "{good}"), "add --expect OK or --expect NG"),
        (("add", NAME, "{good}", "--expect", "REVIEW"), "Write OK or NG"),
        (("add", NAME, "{again}", "--expect", "OK"), "is a limit sample already"),
        (("remove", NAME, "9"), "has no limit sample 9; it has 2"),
        (("remove", NAME, "0"), "1 or more"),
        (("run", "Nobody"), "There is no profile “Nobody”"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    kept: Path, parts: Path, run: Run, words: tuple[str, ...], says: str
) -> None:
    files = sorted((parts / "new").iterdir())
    typed = [w.format(good=files[1], again=files[0]) if "{" in w else w for w in words]
    ran = run("samples", *typed)
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert len(ProfileStore(kept / "profiles").load(NAME).limit_samples) == 2


def test_a_check_without_any_says_so(home: Path, run: Run) -> None:
    ran = run("samples", "run", NAME)
    assert ran.code == 2
    assert "has none" in ran.err


def test_a_record_that_was_damaged_loses_one_line(kept: Path, run: Run) -> None:
    run("samples", "run", NAME)
    file = kept / "limit-samples" / "records.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"when": "torn\n' + b"\x00\xff\n" + b'{"when": 5}\n')
    run("samples", "run", NAME)
    assert [r["passed"] for r in run("samples", "records", "--json").json["records"]] == [True] * 2


def test_a_picture_with_a_review_is_stopped_too(kept: Path, run: Run) -> None:
    """What has to be stopped may be REVIEW: a person looks at it."""
    store = ProfileStore(kept / "profiles")
    profile = store.load(NAME)
    times = run("samples", "run", NAME, "--json").json["results"][1]["times"]
    raw = times * profile.suggested.review
    store.save(replace(profile, limits=Limits(raw * 0.9, raw * 1.1)))
    ran = run("samples", "run", NAME, "--json").json
    assert ran["results"][1]["verdict"] == Verdict.REVIEW
    assert ran["passed"]
