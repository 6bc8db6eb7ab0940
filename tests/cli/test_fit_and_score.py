"""``deeprx fit`` and ``deeprx score``: what they answer, in text and in JSON."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from tests.cli import pictures
from tests.cli.conftest import NAME, SMALL, Run, lock

FIT_KEYS = {
    "profile", "id", "revision", "detector", "backbone", "taps", "size", "view", "runtime",
    "normals", "skipped", "copies", "suspects", "limits", "held_out_scheme", "held_out", "changes",
    "fit_seconds", "chosen", "normalise", "left_out", "remark", "parts", "gate",
}  # fmt: skip
SCORE_KEYS = {
    "profile", "id", "revision", "runtime", "golden_difference", "limits", "counts", "labelled",
    "images", "seconds", "left_out",
}  # fmt: skip


def test_fit_answers_in_json(run: Run, warm: Path, parts: Path) -> None:
    """Every option at once, a copy and a broken file among the pictures."""
    folder = warm / "正常 画像"
    shutil.copytree(parts / "good", folder)
    shutil.copy(folder / "3.png", folder / "写し.png")
    (folder / "5b.png").write_bytes((folder / "5.png").read_bytes()[:500])
    options = ["--preset", "fast", "--detector", "deep-rx", "--backbone", "efficientnet-lite0"]
    options += ["--taps", "16,8", "--size", "64", "--squash", "--score", "top1", "--sigma", "0.5"]
    options += ["--squared", "--shrinkage", "0.01", "--false-call-rate", "0.2", "--limit", "rank"]
    ran = run("fit", "部品 A", folder, *options, "--runtime", "torch", "--why", "初回", "--json")
    assert ran.code == 0, ran.err
    answer = ran.json
    assert set(answer) == FIT_KEYS
    assert answer["profile"] == "部品 A"
    assert (answer["revision"], answer["normals"], answer["size"]) == (1, 12, 64)
    assert answer["runtime"].startswith("torch")
    assert answer["limits"]["promised_false_call_rate"] == pytest.approx(2 / 13)
    assert (answer["limits"]["limit_kind"], answer["normalise"]) == ("rank", "none")
    assert answer["copies"] == [str(folder / "写し.png")]
    assert [s["path"] for s in answer["skipped"]] == [str(folder / "5b.png")]
    assert "damaged" in answer["skipped"][0]["reason"]
    assert all(Path(h["path"]).is_absolute() and h["score"] > 0 for h in answer["held_out"])
    assert answer["changes"] == []
    assert "写し.png is a copy of" in ran.err
    assert "5b.png is incomplete or damaged" in ran.err

    shown = run("profiles", "show", "部品 A", "--json").json
    assert shown["detector_settings"] == {"shrinkage": 0.01, "squared": True}
    assert (shown["keep_aspect"], shown["sigma"], shown["score"]) == (False, 0.5, "top1")
    assert (shown["taps"], shown["why"]) == ([16, 8], "初回")


def test_places_are_normalised_and_the_limit_is_fitted_when_asked_for(
    run: Run, warm: Path, parts: Path
) -> None:
    options = ["--size", "64", "--normalise", "position", "--limit", "tail"]
    ran = run("fit", "Normalised", parts / "good", *options, "--json")
    assert ran.code == 0, ran.err
    limits = ran.json["limits"]
    assert (ran.json["normalise"], limits["limit_kind"]) == ("position", "tail")
    assert limits["review_limit_kind"] == "tail"
    low, high = limits["false_call_band"]
    assert 0 < low < limits["promised_false_call_rate"] < high < 1
    shown = run("profiles", "show", "Normalised", "--json").json
    assert shown["normalise"] == "position"
    scored = run("score", "Normalised", parts / "good", "--json").json
    assert all(image["verdict"] != "ERROR" for image in scored["images"])
    assert "nine of ten cases" in run("fit", "Normalised", parts / "good", *options).out


@pytest.mark.parametrize("option", [["--normalise", "place"], ["--limit", "tall"]])
def test_an_unknown_way_to_normalise_or_to_limit_is_refused(
    run: Run, parts: Path, option: list[str]
) -> None:
    ran = run("fit", "Refused", parts / "good", *option)
    assert ran.code == 2
    assert option[1] in ran.err


def test_fit_again_says_what_changed(run: Run, home: Path, parts: Path) -> None:
    ran = run("fit", NAME.lower(), parts / "good", "--size", "96", "--why", "finer")
    assert ran.code == 0
    assert "Learnt “Bracket”, revision r0002, from 12 normal images" in ran.out
    assert "About 11 % of good parts will be called NG" in ran.out
    assert "To promise 1 %, add 105 more normal images." in ran.out
    assert "Changed from the revision before:\n" in ran.out
    assert "picture size 64 -> 96" in ran.out
    history = run("profiles", "history", NAME, "--json").json["history"]
    assert [entry["why"] for entry in history] == ["finer", ""]


def test_a_part_that_is_not_good_is_pointed_at(run: Run, warm: Path, parts: Path) -> None:
    folder = warm / "mixed"
    shutil.copytree(parts / "good", folder)
    shutil.copy(parts / "bad" / "1.png", folder / "odd one.png")
    ran = run("fit", "x", folder, *SMALL)
    assert f"looks different from the others: odd one.png (in {folder})" in ran.out
    assert run("fit", "x", folder, *SMALL, "--json").json["suspects"] == [
        str(folder / "odd one.png")
    ]


def test_parts_that_are_not_good_are_not_learnt(
    run: Run, warm: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the names of folders say counts, but not the name of the person at the PC."""
    ran = run("fit", "x", parts, *SMALL, "--json")
    assert ran.json["normals"] == 14
    assert [s["path"] for s in ran.json["skipped"]] == [
        str(parts / "bad" / name) for name in ("1.png", "2.png")
    ]
    assert (
        f"Left out: 2 pictures in folders whose names say that the parts are not good: {parts}"
        in (ran.err)
    )

    root = warm / "set"
    shutil.copytree(parts / "good", root / "train" / "good")
    shutil.copytree(parts / "bad", root / "test" / "scratch")
    shutil.copytree(parts / "new", root / "test" / "good")
    shutil.copytree(parts / "bad", root / "ground_truth" / "scratch")
    assert run("fit", "set", root, *SMALL, "--json").json["normals"] == 12
    labelled = run("score", "set", root, "--json").json["labelled"]
    assert labelled == {"good": 2, "false_calls": 0, "bad": 2, "misses": 0}

    home = warm / "NG"
    shutil.copytree(parts / "good", home / "pictures")
    monkeypatch.setattr(Path, "home", lambda: home)
    assert run("fit", "y", home / "pictures", *SMALL, "--json").json["normals"] == 12
    assert run("score", "y", home / "pictures", "--json").json["labelled"]["bad"] == 0


def test_relative_paths_are_kept_whole(
    run: Run, warm: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept must still be found from another folder."""
    monkeypatch.chdir(parts)
    ran = run("fit", "x", "bad/../good", *SMALL, "--json")
    assert ran.json["held_out"][0]["path"] == str(parts / "good" / "1.png")
    ran = run("score", "x", "new", "--json")
    assert [i["path"] for i in ran.json["images"]] == [
        str(parts / "new" / name) for name in ("1.png", "2.png")
    ]


def test_score_ends_in_0_1_or_2(run: Run, home: Path, parts: Path) -> None:
    ran = run("score", NAME, parts / "new", "--json")
    assert ran.code == 0
    answer = ran.json
    assert set(answer) == SCORE_KEYS
    assert answer["counts"] == {"OK": 2, "REVIEW": 0, "NG": 0, "ERROR": 0}
    assert (answer["profile"], answer["revision"]) == (NAME, 1)
    assert answer["golden_difference"] <= 0.02
    image = answer["images"][0]
    assert image["times_limit"] == pytest.approx(image["score"] / answer["limits"]["review"])
    assert (image["verdict"], image["error"]) == ("OK", None)

    ran = run("score", NAME, parts / "new", parts / "bad", "--json")
    assert ran.code == 1
    assert ran.json["counts"] == {"OK": 2, "REVIEW": 0, "NG": 2, "ERROR": 0}
    assert ran.json["labelled"] == {"good": 0, "false_calls": 0, "bad": 2, "misses": 0}
    assert [i["label"] for i in ran.json["images"]] == ["unknown", "unknown", "bad", "bad"]

    broken = home / "broken.png"
    broken.write_text("not a picture")
    ran = run("score", NAME, broken, parts / "bad" / "1.png", "--json")
    assert ran.code == 2
    assert ran.json["counts"] == {"OK": 0, "REVIEW": 0, "NG": 1, "ERROR": 1}
    failed = next(i for i in ran.json["images"] if i["verdict"] == "ERROR")
    assert (failed["score"], failed["times_limit"], failed["ms"]) == (None, None, None)
    assert "broken.png is not a picture" in failed["error"]


def test_score_prints_the_worst_last_and_no_long_paths(run: Run, home: Path, parts: Path) -> None:
    broken = parts / "new" / "zz.png"
    broken.write_bytes(b"")
    try:
        ran = run("score", NAME, parts / "new", parts / "bad")
    finally:
        broken.unlink()
    lines = ran.out.splitlines()
    assert lines.pop().startswith("By the names of the folders: 0 false calls among 0 good parts")
    assert lines[0] == f"Folder: {parts}"
    assert lines[1].split() == ["Verdict", "×", "suggested", "Picture"]
    assert [line.split()[0] for line in lines[2:-1]] == ["OK", "OK", "NG", "NG", "ERROR"]
    assert str(Path("bad", "1.png")) in lines[4] + lines[5]
    assert "zz.png is empty (0 bytes)" in lines[-2]
    assert lines[-1] == "OK 2  REVIEW 0  NG 2  ERROR 1"
    assert str(parts) not in "".join(lines[1:])

    ran = run("score", NAME, parts / "bad", "--lang", "ja")
    assert ran.out.splitlines()[-2] == "OK 0  確認 0  NG 2  エラー 0"


def test_score_writes_a_table_and_pictures(run: Run, home: Path, parts: Path) -> None:
    table, heat = home / "結果 表" / "today.csv", home / "結果 画像"
    ran = run("score", NAME, parts / "bad", parts / "new", "--csv", table, "--overlays", heat)
    assert ran.code == 1
    assert f"Table written: {table}" in ran.err
    assert "Overlay pictures written: 4" in ran.err
    rows = list(csv.reader(io.StringIO(table.read_bytes().decode("utf-8-sig"))))
    assert len(rows) == 5
    assert [row[1] for row in rows[1:]] == ["NG", "NG", "OK", "OK"]
    assert len(list(heat.iterdir())) == 4
    hot = decode(heat / "1_overlay.jpg").pixels[:96]
    assert int((hot[..., 0].astype(int) - hot[..., 1]).max()) > 60, "the defect is coloured"


def test_a_table_that_cannot_be_written_loses_no_verdict(run: Run, home: Path, parts: Path) -> None:
    """A file where a folder should be, as a locked Excel file or a full disk."""
    (home / "file").write_text("x")
    wrong = home / "file" / "today.csv"
    ran = run("score", NAME, parts / "bad", "--csv", wrong)
    assert ran.code == 2
    assert "NG 2" in ran.out
    assert "today.csv" in ran.err
    ran = run("score", NAME, parts / "bad", "--csv", wrong, "--json")
    assert ran.code == 2
    assert set(ran.json) == SCORE_KEYS | {"error", "kind"}
    assert ran.json["counts"]["NG"] == 2
    assert ran.json["kind"] == "storage"


def test_pictures_of_every_size_are_learnt_and_judged_together(run: Run, warm: Path) -> None:
    folder = warm / "mixed"
    for n, (height, width) in enumerate([(96, 96), (64, 200), (300, 80), (48, 48), (97, 131)] * 2):
        pictures.write(folder / f"{n}.png", pictures.part(n, height=height, width=width))
    assert run("fit", "mixed", folder, *SMALL).code == 0
    ran = run("score", "mixed", folder, "--json")
    assert ran.json["counts"]["ERROR"] == 0
    assert len(ran.json["images"]) == 10


def test_abnormal_and_mask_beside_normal_are_never_learnt(run: Run, warm: Path) -> None:
    root = warm / "layout"
    pictures.write_parts(root / "normal", 14)
    pictures.write_parts(root / "abnormal", 3, first=50, defect=True)
    pictures.write_parts(root / "bent", 2, first=60, defect=True)
    for number in (1, 2, 3):
        mask = np.zeros((96, 96, 3), np.uint8)
        mask[30:60, 40:46] = 255
        pictures.write(root / "mask" / f"{number}.png", mask)
        pictures.write(root / "marks" / f"{number}.png", mask)
    (root / "normal" / "9.pgm").write_bytes(b"P5 1 1 255 x")
    ran = run("fit", "lay", root, *SMALL, "--json")
    assert ran.json["normals"] == 14
    counts = {item["reason"]: item["count"] for item in ran.json["left_out"]}
    assert counts == {"bad_part": 3, "unsure": 2, "mask": 6, "suffix": 1}
    assert "Left out: 6 defect masks" in ran.err
    assert "1 file left out because its kind is not read: .pgm." in ran.err
    ran = run("score", "lay", root, "--json")
    assert len(ran.json["images"]) == 19
    assert ran.json["labelled"]["bad"] == 3
    assert {item["reason"]: item["count"] for item in ran.json["left_out"]} == {
        "mask": 6,
        "suffix": 1,
    }


def test_one_bad_entry_never_stops_the_rest(run: Run, home: Path, parts: Path) -> None:
    gone = parts / "gone.png"
    ran = run("score", NAME, parts / "new", gone, "--json")
    assert ran.code == 2, "a part was not judged"
    assert len(ran.json["images"]) == 2
    assert [item["reason"] for item in ran.json["left_out"]] == ["unreachable"]
    loop = parts / "new" / "loop.png"
    try:
        loop.symlink_to(loop.name)
    except OSError:
        pytest.skip("this account may not make links")
    try:
        ran = run("score", NAME, parts / "new", "--json")
    finally:
        loop.unlink()
    assert ran.code == 0
    assert [item["text"] for item in ran.json["left_out"]] == [
        "Left out: 1 link that leads to itself: loop.png."
    ]


def test_learning_goes_on_without_what_cannot_be_opened_and_ends_with_2(
    run: Run, warm: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is learnt; a script still hears that something it named was not there."""
    bad, empty, locked = warm / "no part.png", warm / "empty", warm / "locked"
    bad.write_text("not a picture")
    empty.mkdir()
    shutil.copytree(parts / "new", locked / "lot")
    lock(monkeypatch, locked / "lot")
    good = parts / "good"
    ran = run("fit", "a", good, bad, empty, *SMALL, "--json")
    assert ran.code == 0, "what is there and no picture of a part is not learnt, nothing is missing"
    assert ran.json["normals"] == 12
    assert [item["path"] for item in ran.json["skipped"]] == [str(bad)]
    assert [item["reason"] for item in ran.json["left_out"]] == ["empty"]
    assert "Left out: 1 folder without pictures: empty." in ran.err
    for missing, name in (
        (good / "gone.png", "gone.png"),
        (locked, "lot"),
        (locked / "lot", "lot"),
    ):
        ran = run("fit", "a", good, missing, *SMALL, "--json")
        assert ran.code == 2
        assert ran.json["normals"] == 12
        assert f"Left out: 1 file or folder that cannot be opened: {name}." in ran.err
    ran = run("fit", "a", good, "--bad", parts / "bad", "--bad", good / "gone", *SMALL, "--json")
    assert (ran.code, ran.json["normals"]) == (2, 12)
    assert [item["reason"] for item in ran.json["left_out"]] == ["unreachable"]
    ran = run("fit", "a", good, "--bad", empty, *SMALL, "--json")
    assert (ran.code, ran.json["normals"]) == (0, 12)


def test_scoring_goes_on_without_what_cannot_be_opened_and_ends_with_2(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, locked = home / "empty", home / "locked"
    empty.mkdir()
    shutil.copytree(parts / "new", locked / "lot")
    lock(monkeypatch, locked / "lot")
    ran = run("score", NAME, parts / "new", empty, "--json")
    assert ran.code == 0
    assert [item["reason"] for item in ran.json["left_out"]] == ["empty"]
    for missing in (locked, locked / "lot", home / "gone"):
        ran = run("score", NAME, missing, parts / "new", "--json")
        assert ran.code == 2
        assert len(ran.json["images"]) == 2
        assert [item["reason"] for item in ran.json["left_out"]] == ["unreachable"]
    ran = run("score", NAME, locked / "lot")
    assert ran.code == 2
    assert "lot cannot be opened. Ask for the right to read it" in ran.err


def test_measuring_goes_on_without_what_cannot_be_opened_and_ends_with_2(
    run: Run, warm: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = warm / "set"
    shutil.copytree(parts / "good", root / "train" / "good")
    shutil.copytree(parts / "new", root / "test" / "good")
    shutil.copytree(parts / "bad", root / "test" / "scratch")
    (root / "test" / "dent").mkdir()
    ran = run("evaluate", root, *SMALL, "--json")
    assert (ran.code, ran.json["test_good"], ran.json["not_judged"]) == (0, 2, [])
    broken = root / "test" / "good" / "9.png"
    broken.write_text("not a picture")
    ran = run("evaluate", root, *SMALL, "--json")
    assert (ran.code, ran.json["test_good"]) == (2, 2)
    assert [item["path"] for item in ran.json["not_judged"]] == [str(broken)]
    assert f"Not used: {broken}: 9.png is not a picture" in ran.err
    broken.unlink()
    lock(monkeypatch, root / "test" / "dent")
    for verb in (("evaluate", *SMALL), ("compare", "--detectors", "rx", *SMALL)):
        ran = run(verb[0], root, *verb[1:], "--json")
        assert ran.code == 2
        assert "error" not in ran.json
        assert "Left out: 1 file or folder that cannot be opened: dent." in ran.err
