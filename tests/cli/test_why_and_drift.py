"""``deeprx score --why`` and ``deeprx history drift``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import NAME, Run


def test_an_ng_is_explained_in_json_and_in_words(run: Run, home: Path, parts: Path) -> None:
    del home
    ran = run("score", NAME, parts / "bad", parts / "new", "--why", "--json")
    stopped = [image for image in ran.json["images"] if image["verdict"] in {"NG", "REVIEW"}]
    assert all("why" not in image for image in ran.json["images"] if image not in stopped)
    bad = [image for image in stopped if Path(image["path"]).parent.name == "bad"]
    assert len(bad) == 2
    for image in bad:
        assert image["verdict"] == "NG"
        why = image["why"]
        place = why["places"][0]
        assert place["times_limit"] > 1
        assert [tap["scale"] for tap in place["taps"]] == ["coarse", "fine"]
        assert sum(t["squared"] for t in place["taps"]) == pytest.approx(place["squared_distance"])
        assert sum(t["share"] for t in place["taps"]) == pytest.approx(1)
        assert place["closest"]
        distances = [normal["distance"] for normal in place["closest"]]
        assert distances == sorted(distances)
    said = run("score", NAME, parts / "bad", "--why").out
    assert "Why " in said
    assert "Closest normal pictures there:" in said
    assert "texture" in said or "shape" in said


def test_drift_where_nothing_was_judged(run: Run, data_dir: Path) -> None:
    assert run("history", "drift").out == "There are no such verdicts.\n"
    assert run("history", "drift", "--json").json == {"products": []}
    ran = run("history", "drift", "--profile", "Nobody")
    assert ran.code == 2
    assert "Nobody" in ran.err
    assert not (data_dir / "results").exists()
