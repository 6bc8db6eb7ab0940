"""``deeprx profiles``: the whole life of a profile, told once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import NAME, Run, save_settings


def test_nothing_yet(run: Run, data_dir: Path) -> None:
    assert run("profiles", "list", "--json").json == {"profiles": []}
    assert "deeprx fit NAME IMAGES..." in run("profiles", "list").out
    assert "「deeprx fit" in run("profiles", "list", "--lang", "ja").out


def test_the_life_of_a_profile(run: Run, home: Path, parts: Path, tmp_path: Path) -> None:
    save_settings(home, language="en", operator="佐藤")
    assert run("fit", NAME, parts / "good", "--size", "96", "--why", "finer").code == 0

    (card,) = run("profiles", "list", "--json").json["profiles"]
    assert set(card) == {
        "id", "name", "revision", "revisions", "normals", "detector", "backbone", "saved_at",
        "last_used", "who", "problem",
    }  # fmt: skip
    assert (card["revision"], card["revisions"], card["who"]) == (2, 2, "佐藤")
    listed = run("profiles", "list").out
    assert re.search(rf"{NAME} +r0002 .* deep-rx +efficientnet-lite0 +12", listed)

    assert run("profiles", "show", NAME, "--json").json["size"] == 96
    assert run("profiles", "show", NAME, "--revision", "r0001", "--json").json["size"] == 64
    shown = run("profiles", "show", card["id"], "--lang", "ja").out
    assert re.search(r"画像サイズ +96\n", shown)
    assert re.search(r"理由 +finer\n", shown)

    lines = run("profiles", "diff", NAME, "1", "r2", "--json").json["differences"]
    assert {"field": "preprocessing.size", "text": "picture size 64 -> 96"} in lines
    assert "画像サイズ 64 → 96" in run("profiles", "diff", NAME, "1", "2", "--lang", "ja").out
    assert run("profiles", "diff", NAME, "1", "1").out == "No difference.\n"

    ran = run("profiles", "rollback", NAME, "1", "--why", "too slow", "--json")
    answer = ran.json
    assert answer.pop("gate")["passed"]
    assert answer == {"profile": NAME, "id": card["id"], "revision": 1}
    assert run("profiles", "rollback", NAME, "2").out == "“Bracket” now uses revision r0002.\n"
    assert run("profiles", "rollback", NAME, "1").code == 0
    history = run("profiles", "history", NAME, "--json").json["history"]
    assert [(e["revision"], e["current"]) for e in history] == [
        (1, True), (2, False), (1, False), (2, False), (1, False),
    ]  # fmt: skip
    assert [e["who"] for e in history[:4]] == ["佐藤"] * 4
    assert history[2]["why"] == "too slow"
    printed = run("profiles", "history", NAME).out
    assert printed.startswith("* r0001")
    assert "too slow" in printed

    ran = run("profiles", "verify", "--json")
    assert ran.code == 0
    assert ran.json["sound"] is True
    assert [f["revision"] for f in ran.json["findings"]] == [1, 2]
    assert run("profiles", "verify", NAME).out.count("sound") == 2

    _travel(run, tmp_path, parts)


def _travel(run: Run, tmp_path: Path, parts: Path) -> None:
    """Export, import on another PC under its own and under another name, judge there."""
    file = Path(run("profiles", "export", NAME, tmp_path / "持出し" / "b", "--json").json["file"])
    assert file == tmp_path / "持出し" / "b.deeprx"
    ran = run("profiles", "export", NAME, tmp_path, "--revision", "2")
    assert ran.out == f"Written: {tmp_path / 'Bracket r0002.deeprx'}\n"
    second = tmp_path / "Bracket r0002.deeprx"
    other = ("--data-dir", tmp_path / "other PC")
    assert run(*other, "profiles", "import", file).out == "Imported as “Bracket”.\n"
    assert run(*other, "profiles", "import", file, "--json").json["how"] == "already"
    again = run(*other, "profiles", "import", file, "--as-new", "--json").json
    assert (again["profile"], again["how"]) == ("Bracket (2)", "new")
    ran = run(*other, "profiles", "import", second)
    assert ran.code == 2
    assert "picture size 64 -> 96" in ran.err
    assert "--as-revision" in ran.err
    assert "--as-new" in ran.err
    ran = run(*other, "profiles", "import", second, "--as-revision", "--json")
    assert (ran.json["profile"], ran.json["revision"]) == (NAME, 2)
    assert ran.json["how"] == "revision"
    assert run(*other, "profiles", "import", file, "--as-revision", "--name", "x").code == 2
    renamed = ("--name", "ブラケット", "--why", "新ライン")
    assert run(*other, "profiles", "import", second, *renamed).code == 0
    ran = run(*other, "profiles", "import", file, "--name", "ブラケット")
    assert ran.code == 2
    assert "already a profile “ブラケット”" in ran.err
    history = run(*other, "profiles", "history", "ブラケット", "--json").json["history"]
    assert history[0]["why"] == "新ライン"
    assert run(*other, "score", "ブラケット", parts / "bad").code == 1
    assert run(*other, "profiles", "verify").code == 0


def test_requests_that_cannot_be_met(run: Run, home: Path, tmp_path: Path) -> None:
    for words, says in (
        (["show", NAME, "--revision", "7"], "has no revision r0007. It has r0001"),
        (["rollback", NAME, "7"], "has no revision r0007"),
        (["diff", NAME, "1", "2"], "has no revision r0002"),
        (["import", tmp_path / "none.deeprx"], "There is no file"),
        (["import", tmp_path], "is not a file"),
        (["export", NAME, home / "profiles" / "x"], "keeps its own profiles"),
    ):
        ran = run("profiles", *words, "--json")
        assert ran.code == 2
        assert says in ran.json["error"]
        assert ran.json["kind"] == "profile"
        assert ran.json["error"] in ran.err
    assert run("profiles", "verify").code == 0


def test_a_folder_copied_by_hand_is_a_finding(run: Run, home: Path) -> None:
    """It is listed, named and verified; it keeps nothing else from working."""
    (profile,) = (p for p in (home / "profiles").iterdir() if p.is_dir() and p.name[0] != ".")
    copy = home / "profiles" / "Bracket - Copy"
    copy.mkdir()
    (copy / "r0001.deeprx").write_bytes((profile / "r0001.deeprx").read_bytes())
    ran = run("profiles", "list")
    assert ran.code == 0
    assert "was not made by this program" in ran.out
    ran = run("profiles", "verify", "--json")
    assert ran.code == 2
    assert [f["sound"] for f in ran.json["findings"]] == [True, False]


def test_who_sets_the_limit_is_listed(run: Run, home: Path, parts: Path) -> None:
    save_settings(home, language="en", operator="佐藤")
    shown = run("profiles", "show", NAME, "--json").json
    assert shown["left_out"] == []
    held_out = {n["path"]: n["held_out"] for n in shown["normals"]}
    for one in shown["limit_setters"]:
        assert set(one) == {
            "path", "held_out", "limit_without", "relative", "promised_without", "limit_kind",
            "suspect", "kept",
        }  # fmt: skip
        assert one["held_out"] == held_out[one["path"]]
        assert one["relative"] < 0.99 or one["suspect"]
        limit = shown["suggested_limits"]["ng"]
        assert one["limit_without"] == pytest.approx(one["relative"] * limit)
    printed = run("profiles", "show", NAME).out
    assert ("What sets the limit?" in printed) == bool(shown["limit_setters"])
