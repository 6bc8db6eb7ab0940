"""The table for Excel."""

from __future__ import annotations

import csv
import io
import locale
from pathlib import Path

import pytest

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.i18n import set_language
from deeprx_gui.results.csv_export import COLUMNS, csv_text, write_csv
from tests.results.conftest import LIMITS, result


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_result_is_a_row_in_its_order(profile: Profile, batch: list[ScoredImage]) -> None:
    found = rows(csv_text(profile, batch, LIMITS))
    assert [r["File"] for r in found] == [
        "ok.png", "missed.png", "review.png", "false call.png", "ng.png", "gone.png",
    ]  # fmt: skip
    assert [r["Verdict"] for r in found] == ["OK", "OK", "REVIEW", "NG", "NG", "ERROR"]
    assert found[4] == {
        "File": "ng.png", "Verdict": "NG", "× suggested limit": "3.1000", "Score": "31.000000",
        "Label": "Bad", "Message": "", "Review limit": "10.000000", "NG limit": "12.000000",
        "Width": "100", "Height": "80", "ms": "2.50", "Profile": "ギア <A&B>", "Revision": "7",
        "Folder": str(Path("/line/lot 1")), "Review limit (× suggested limit)": "1.0000",
        "NG limit (× suggested limit)": "1.2000",
    }  # fmt: skip


def test_an_error_has_its_reason_and_no_numbers(profile: Profile, batch: list[ScoredImage]) -> None:
    error = rows(csv_text(profile, batch, LIMITS))[-1]
    assert error["Message"] == "gone.png is gone."
    assert [error[c] for c in ("× suggested limit", "Score", "Label", "Width", "ms")] == [""] * 5


def test_limits_as_moved_decide_not_those_of_the_profile(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    found = rows(csv_text(profile, batch, LIMITS.moved(review=20.0)))
    assert [r["Verdict"] for r in found] == ["OK"] * 4 + ["NG", "ERROR"]
    assert found[4]["× suggested limit"] == "3.1000", "a part's number stays"


@pytest.mark.parametrize(
    "name",
    ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "\t=1.png", "\r=1.png", "＝1+1.png",
     "＠x.png", '=HYPERLINK("x";"y").png', "=cmd|'C calc'!A0.png"],
)  # fmt: skip
def test_a_file_name_is_never_run_as_a_formula(profile: Profile, name: str) -> None:
    cell = rows(csv_text(profile, [result(name, 5.0)], LIMITS))[0]["File"]
    assert cell == "'" + name


def test_a_profile_name_and_a_message_are_not_run_either(profile: Profile) -> None:
    text = csv_text(profile, [result("=evil.png", None)], LIMITS)
    assert rows(text)[0]["Message"] == "'=evil.png is gone."


def test_commas_quotes_and_line_breaks_stay_inside_their_cell(profile: Profile) -> None:
    name = 'a,b;"c"\nd.png'
    found = rows(csv_text(profile, [result(name, 5.0), result("e.png", 6.0)], LIMITS))
    assert [r["File"] for r in found] == [name, "e.png"]


def test_excel_in_japan_can_open_it(
    tmp_path: Path, profile: Profile, batch: list[ScoredImage]
) -> None:
    set_language("ja")
    path = tmp_path / "結果.csv"
    write_csv(path, profile, [*batch, result("部品①.png", 5.0)], LIMITS)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 8
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert "部品①.png" in data.decode("utf-8-sig")


def test_a_moved_limit_changes_no_score_and_the_table_says_where_it_is(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    before = rows(csv_text(profile, batch, LIMITS))
    after = rows(csv_text(profile, batch, Limits(8.0, 13.0)))
    assert [row["× suggested limit"] for row in after] == [
        row["× suggested limit"] for row in before
    ]
    assert {row["Review limit (× suggested limit)"] for row in after} == {"0.8000"}
    assert {row["NG limit (× suggested limit)"] for row in after} == {"1.3000"}
    assert {row["Review limit"] for row in after} == {"8.000000"}


def test_numbers_have_a_point_in_every_locale(profile: Profile, batch: list[ScoredImage]) -> None:
    before = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "de_DE", "German_Germany"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        break
    try:
        assert rows(csv_text(profile, batch, LIMITS))[4]["× suggested limit"] == "3.1000"
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_a_name_that_is_no_text_does_not_lose_the_table(tmp_path: Path, profile: Profile) -> None:
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    write_csv(tmp_path / "t.csv", profile, [result(name, 5.0)], LIMITS)
    assert "caf?.png" in (tmp_path / "t.csv").read_text(encoding="utf-8-sig")


def test_no_results_give_the_headings_alone(profile: Profile) -> None:
    text = csv_text(profile, [], LIMITS)
    assert text.count("\r\n") == 1
    assert len(text.strip().split(",")) == len(COLUMNS)
