"""``deeprx limits``: targets, limits from labels, what they change, and saving them."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from deeprx_gui import access
from deeprx_gui.access import PinAccess
from deeprx_gui.cli.engineer import PIN_VARIABLE
from deeprx_gui.domain.learning_curve import promise_at
from tests.cli.conftest import NAME, Run


@pytest.fixture
def known(parts: Path, tmp_path: Path) -> Path:
    """Two good parts and two bad ones in folders that say so."""
    root = tmp_path / "known"
    shutil.copytree(parts / "new", root / "good")
    shutil.copytree(parts / "bad", root / "NG")
    return root


@pytest.fixture
def table(home: Path, known: Path, run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "scores.csv"
    run("score", NAME, known, "--csv", file)
    return file


def edited(table: Path, old: str, new: str) -> Path:
    text = table.read_text(encoding="utf-8-sig")
    assert old in text
    table.write_text(text.replace(old, new), encoding="utf-8-sig")
    return table


def test_without_a_wish_it_says_the_promise_how_sure_it_is_and_what_more_parts_bring(
    home: Path, run: Run
) -> None:
    ran = run("limits", NAME)
    assert ran.code == 0
    assert "of good parts are called NG" in ran.out
    assert "in nine of ten cases" in ran.out
    assert "12 (now)" in ran.out
    answer = run("limits", NAME, "--json").json
    assert answer["parts"] == 12
    assert answer["limits"]["review_times"] == 1.0
    low, high = answer["limits"]["false_call_band"]
    assert low < answer["limits"]["promised_false_call_rate"] < high
    curve = {one["parts"]: one for one in answer["learning_curve"]}
    assert curve[12]["rate"] == pytest.approx(answer["limits"]["promised_false_call_rate"])
    assert curve[12]["kind"] == "tail"
    assert answer["way"] is answer["proposed"] is answer["consequences"] is None


def test_a_target_out_of_reach_says_how_many_parts_are_missing(home: Path, run: Run) -> None:
    ran = run("limits", NAME, "--target", "1/200")
    assert ran.code == 0
    assert "At most 1 false call in 200 good parts." not in ran.out, "the limits are those already"
    assert "cannot promise 0.5 %: about 220 more parts would" in ran.out
    target = run("limits", NAME, "--target", "0.5%", "--json").json["target"]
    assert target["missing_parts"] == 224 - 12
    assert not target["reached"]
    assert target["promised"] == pytest.approx(promise_at(12, 0.005).rate)


def test_a_target_within_reach_is_saved_with_its_promise_and_reason(home: Path, run: Run) -> None:
    answer = run("limits", NAME, "--target", "1/5", "--save", "--json").json
    assert answer["saved"] == 2
    assert answer["target"]["reached"]
    assert answer["reason"] == "At most 1 false call in 5 good parts."
    shown = run("limits", NAME, "--json").json
    assert shown["limits"]["ng"] == answer["proposed"]["ng"]
    assert shown["limits"]["promised_false_call_rate"] == pytest.approx(0.2)
    history = run("profiles", "history", NAME, "--json").json
    assert "At most 1 false call in 5 good parts." in str(history)
    again = run("limits", NAME, "--target", "1/5", "--save")
    assert again.code == 2
    assert "Nothing was saved. These limits are used already." in again.err


def test_labelled_folders_set_the_limit_that_catches_all(home: Path, known: Path, run: Run) -> None:
    high = run("limits", NAME, "--labels", known, "--at-most", 0, "--bad-share", 0.02, "--json")
    answer = high.json
    assert answer["labels"] == {
        "good": 2,
        "bad": 2,
        "not_judged": 0,
        "contradicting": [],
        "remarks": [],
    }
    assert answer["consequences"]["after"]["false_calls"] == 0
    assert answer["consequences"]["per_shift"]["bad_share_from"] == "given"
    caught = run("limits", NAME, "--labels", known, "--catch-all")
    assert caught.code == 0
    assert "All 2 bad parts are stopped already." in caught.out


def test_scores_from_a_table_show_flips_and_costs_before_anything_is_saved(
    table: Path, known: Path, run: Run
) -> None:
    ran = run("limits", NAME, "--labels", table, "--json")
    assert ran.json["labels"]["bad"] == 2
    first = next(line for line in table.read_text("utf-8-sig").splitlines() if ",Bad," in line)
    cells = first.split(",")
    just_below = f"{0.999 * float(cells[6]):.6f}"
    missed = edited(table, ",".join(cells[:4]), ",".join([*cells[:3], just_below]))
    options = ("--labels", missed, "--costs", "50,3000", "--per-shift", 2000)
    ran = run("limits", NAME, *options, "--bad-share", 0.01)
    assert "Misses: 1 → 0 of 2 bad parts." in ran.out
    assert "Cost of a shift: 30,000 → " in ran.out
    assert "verdict" in ran.out
    assert str(known) in ran.out, "the pictures that flip are named"
    answer = run("limits", NAME, "--labels", missed, "--catch-all", "--json").json
    assert answer["consequences"]["before"]["misses"] == 1
    assert answer["consequences"]["after"]["misses"] == 0
    assert answer["consequences"]["per_shift"]["bad_share_from"] == "labels"
    assert answer["saved"] is None
    assert [flip["before"] for flip in answer["consequences"]["flips"]][-1:] == ["OK"]
    saved = run("limits", NAME, "--labels", missed, "--catch-all", "--save", "--why", "trial lot")
    assert saved.code == 0
    assert "trial lot" in run("profiles", "history", NAME, "--json").out
    stays = run("limits", NAME, "--labels", missed, "--catch-all")
    assert stays.code == 0, "saved limits leave the scores of the table true"


def test_the_same_picture_as_good_and_bad_is_said_and_not_counted(
    home: Path, known: Path, run: Run
) -> None:
    shutil.copy(next((known / "NG").iterdir()), known / "good" / "copy.png")
    answer = run("limits", NAME, "--labels", known, "--json").json
    (same,) = answer["labels"]["contradicting"]
    assert len(same) == 2
    assert (answer["labels"]["good"], answer["labels"]["bad"]) == (2, 1)
    assert "labelled good and bad" in answer["labels"]["remarks"][0]


def test_labels_of_one_kind_get_a_sentence(home: Path, known: Path, run: Run) -> None:
    only_good = run("limits", NAME, "--labels", known / "good", "--costs", "1,2")
    assert "No picture is labelled bad, so nothing can be said about misses." in only_good.out
    only_bad = run("limits", NAME, "--labels", known / "NG", "--at-most", 1)
    assert "The 12 parts that were learnt from are counted instead" in only_bad.out
    many = run("limits", NAME, "--labels", known, "--at-most", 2)
    assert "Only 2 good parts are known: allow fewer" in many.out
    nobody = run("limits", NAME, "--labels", known.parent / "known" / "good", "--json")
    assert nobody.json["labels"]["good"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--catch-all",), "Labelled parts are needed"),
        (("--costs", "1,2"), "Labelled parts are needed"),
        (("--save",), "Say which limits to save"),
        (("--target", "often"), "is no target for false calls"),
        (("--costs", "a,b"), "what a false call and a miss cost"),
        (("--costs", "1,-2"), "what a false call and a miss cost"),
        (("--at-most", "-1"), "whole number"),
        (("--at-most", "1", "--catch-all"), "--catch-all"),
        (("--labels", "missing.csv"), "is not a file"),
    ],
)
def test_what_cannot_be_gets_a_sentence(
    home: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    ran = run("limits", NAME, *words)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Good", "maybe", "is no label. Write Good or Bad."),
        (f",{NAME},", ",Other,", "several revisions"),
        (f",{NAME},1,", f",{NAME},7,", "of revision 7, which measured otherwise"),
        ("Score", "Value", "no column “Score”"),
    ],
)
def test_a_table_of_something_else_is_refused(
    table: Path, run: Run, old: str, new: str, said: str
) -> None:
    text = table.read_text(encoding="utf-8-sig")
    count = 1 if new == ",Other," else -1
    table.write_text(text.replace(old, new, count), encoding="utf-8-sig")
    ran = run("limits", NAME, "--labels", table)
    assert ran.code == 2
    assert said in ran.err


def test_a_table_of_another_product_is_refused(table: Path, run: Run) -> None:
    ran = run("limits", NAME, "--labels", edited(table, f",{NAME},", ",Other,"))
    assert ran.code == 2
    assert f"holds scores of “Other”, not of “{NAME}”" in ran.err


def test_saving_asks_for_the_pin_and_looking_does_not(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_N", 2)
    PinAccess(home / "access.json").set_pin("4711", who="Sato")
    assert run("limits", NAME, "--target", "1/5").code == 0
    refused = run("limits", NAME, "--target", "1/5", "--save")
    assert refused.code == 2
    assert "A PIN guards the products on this PC." in refused.err
    monkeypatch.setenv(PIN_VARIABLE, "4711")
    assert run("limits", NAME, "--target", "1/5", "--save", "--json").json["saved"] == 2
    with closing((home / "access-log.jsonl").open(encoding="utf-8")) as log:
        assert '"limits"' in log.read()


def test_limits_that_let_a_must_find_pass_are_refused_until_somebody_overrules(
    table: Path, known: Path, run: Run
) -> None:
    lowest = min(
        (line for line in table.read_text("utf-8-sig").splitlines() if ",Bad," in line),
        key=lambda line: float(line.split(",")[6]),
    )
    must_find = next(path for path in (known / "NG").iterdir() if path.name in lowest)
    run("correct", NAME, "--missed", must_find)
    run("correct", NAME, "--apply")
    wrong = edited(table, lowest, lowest.replace(",Bad,", ",Good,"))
    wish = ("limits", NAME, "--labels", wrong, "--costs", "90000,1", "--save", "--json")
    ran = run(*wish)
    assert ran.code == 2
    assert [one["kind"] for one in ran.json["gate"]["refusals"]] == ["must-find"]
    assert must_find.name in ran.json["error"]
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1
    answer = run(*wish, "--overrule", "a trial").json
    assert (answer["saved"], answer["gate"]["overruled"]) == (2, "a trial")


def test_a_workbook_is_refused_with_what_to_do(home: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "labels.xlsx"
    file.write_bytes(b"PK")
    ran = run("limits", NAME, "--labels", file)
    assert ran.code == 2
    assert "save it as “CSV UTF-8”" in ran.err
