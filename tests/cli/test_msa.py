"""``deeprx msa``: figures, sheet and table, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import Run
from tests.made_record import made_record

TABLE = "part,truth,<Sato>-1,<Sato>-2,Mori-1,Mori-2\n" + "".join(
    f"g{n},OK,OK,OK,OK,OK\nb{n},NG,NG,NG,{'OK' if n == 0 else 'NG'},NG\n" for n in range(10)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "study.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_figures_as_json(run: Run, table: Path) -> None:
    ran = run("msa", table, "--json")
    assert ran.code == 0  # 1 of 20 bad parts let through, 5 %, is still bearable
    assert ran.json["parts"] == 20
    sato, mori = ran.json["appraisers"]
    assert (sato["right"]["share"], sato["right"]["verdict"]) == (1.0, "OK")
    assert (mori["missed"]["count"], mori["missed"]["of"]) == (1, 20)
    assert mori["missed"]["verdict"] == "REVIEW"
    assert ran.json["all_alike"]["count"] == 19


def test_one_who_lets_too_many_bad_parts_through(run: Run, table: Path) -> None:
    table.write_text(TABLE.replace("b1,NG,NG,NG,NG,NG", "b1,NG,NG,NG,OK,NG"), encoding="utf-8")
    ran = run("msa", table, "--json")
    assert ran.code == 1
    assert ran.json["appraisers"][1]["missed"]["verdict"] == "NG"


def test_sheet_and_table_in_both_languages(run: Run, table: Path, tmp_path: Path) -> None:
    for lang, word in (("en", "Bad parts let through"), ("ja", "見逃した不良")):
        sheet, ratings = tmp_path / f"{lang}.html", tmp_path / f"{lang}.csv"
        run("msa", table, "--sheet", sheet, "--csv", ratings, "--lang", lang)
        page = sheet.read_text(encoding="utf-8")
        assert word in page
        assert "&lt;Sato&gt;" in page
        assert "<Sato>" not in page
        lines = ratings.read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 1 + 20 * 4


def test_from_history(run: Run, data_dir: Path, tmp_path: Path) -> None:
    store = RecordStore(data_dir / "results")
    for n, (serial, verdict) in enumerate(
        [("7", Verdict.OK), ("8", Verdict.NG)] * 3 + [("9", Verdict.OK)], 1
    ):
        store.add(made_record(n, verdict, serial=serial, station="Line 1"))
    store.close()
    truth = tmp_path / "samples.csv"
    truth.write_text("serial,truth\n7,good\n8,bad\n", encoding="utf-8")
    ran = run("msa", "--history", "--truth", truth, "--json")
    assert ran.code == 0
    assert (ran.json["parts"], ran.json["trials"]) == (2, 3)
    assert ran.json["appraisers"][0]["name"] == "Line 1"
    assert ran.json["spreads"][0]["deviation"] == pytest.approx(0.0, abs=1e-12)
    assert "alike every time 100.0 %" in run("msa", "--history", "--truth", truth).out


def test_what_was_meant_is_asked(run: Run, table: Path) -> None:
    assert "Name a table" in run("msa").err
    assert "Name a table" in run("msa", table, "--history").err
    assert "belongs to --history" in run("msa", table, "--truth", table).err
    assert run("msa", table.with_name("missing.csv")).code == 2
