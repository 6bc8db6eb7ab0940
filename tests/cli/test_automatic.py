"""``--preset automatic``: what is chosen is said, and what contradicts it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.work import search, trial_pictures
from tests.cli import pictures
from tests.cli.conftest import NAME, SMALL, Run


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SIZES", (64,))
    monkeypatch.setattr(search, "DETECTORS_TRIED", ("deep-rx", "padim"))
    monkeypatch.setattr(trial_pictures, "PLANTED", 14)


@pytest.mark.usefixtures("warm")
def test_fit_is_automatic_unless_settings_are_given(run: Run, parts: Path) -> None:
    ran = run("fit", "Auto", parts / "good", "--takt", "60000", "--json")
    assert ran.code == 0, ran.err
    chosen = ran.json["chosen"]
    assert chosen["detector"] == ran.json["detector"]
    assert chosen["size"] == ran.json["size"] == 64
    assert chosen["takt_ms"] == 60_000
    assert f"finds {chosen['found']} of {chosen['of']} planted defects" in chosen["why"]
    assert "Trying deep-rx with efficientnet-lite0 at 64 px" in ran.err
    by_hand = run("fit", "Auto", parts / "good", *SMALL, "--json").json
    assert (by_hand["chosen"], by_hand["detector"]) == (None, "deep-rx")


@pytest.mark.usefixtures("warm")
def test_fit_says_in_a_sentence_what_it_chose(run: Run, parts: Path) -> None:
    ran = run("fit", "Auto", parts / "good", "--preset", "automatic", "--takt", "60000")
    assert ran.code == 0, ran.err
    assert "planted defects; " in ran.out
    ran = run("fit", "Auto", parts / "good", "--bad", parts / "bad", "--takt", "60000")
    assert ran.code == 0, ran.err
    assert "planted defects; " in ran.out, "two bad parts are too few to go by"
    step = run("profiles", "show", "Auto", "--json").json["step"]
    printed = run("profiles", "show", "Auto").out
    if step is not None:
        assert step["planted"]
        words = f"finds {step['more']} more of {step['bad']} planted defects."
        assert words in ran.out
        assert words in printed
    assert "The promise rests on" in printed
    assert "held-out scores" in printed


def test_automatic_and_fixed_settings_contradict_each_other(run: Run, parts: Path) -> None:
    ran = run("fit", "x", parts / "good", "--preset", "automatic", "--size", "64")
    assert ran.code == 2
    assert "chooses this itself: --size" in ran.err
    ran = run("fit", "x", parts / "good", "--detector", "padim", "--takt", "50")
    assert ran.code == 2
    assert "--takt goes with the preset “automatic”" in ran.err
    ran = run("fit", "x", parts / "good", "--takt", "0")
    assert "--takt" in ran.err


def test_the_smallest_defects_are_said_and_shown(run: Run, home: Path) -> None:
    out = home / "smallest"
    ran = run("sees", NAME, "--out", out, "--json")
    assert ran.code == 0, ran.err
    seen = {entry["kind"]: entry for entry in ran.json["seen"]}
    assert set(seen) == {"spot", "scratch"}
    for entry in seen.values():
        if entry["pixels"] is not None:
            assert entry["pixels"] > 0
            assert entry["found"] >= 0.75 * entry["tried"] > 0
            assert Path(entry["picture"]).is_file()
            assert Path(entry["shown"]).is_file()
    assert any(entry["pixels"] for entry in seen.values())
    assert (ran.json["skipped"], ran.json["left_out"]) == ([], [])
    told = run("sees", NAME)
    assert "planted)" in told.out
    assert "real ones may differ" in told.out


def test_other_pictures_for_the_smallest_defects_are_left_out_by_the_rule_of_all_commands(
    run: Run, home: Path, parts: Path, tmp_path: Path
) -> None:
    named = tmp_path / "other"
    for n in range(2):
        pictures.write(named / f"{n}.png", decode(parts / "good" / f"{n + 1}.png").pixels)
    (named / "damaged.png").write_bytes(b"no picture")
    ran = run("sees", NAME, named, "--json")
    assert ran.code == 0, ran.err
    assert [entry["path"] for entry in ran.json["skipped"]] == [str(named / "damaged.png")]
    assert f"Not used: {named / 'damaged.png'}: " in ran.err
    gone = tmp_path / "gone.png"
    ran = run("sees", NAME, named, gone, "--json")
    assert ran.code == 2, "a picture that was named is not there"
    assert [left["reason"] for left in ran.json["left_out"]] == ["unreachable"]
    assert {entry["kind"] for entry in ran.json["seen"]} == {"spot", "scratch"}
    assert run("sees", NAME, gone).code == 2
