"""``deeprx benchmark`` as a program: a table for people, one object for scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deeprx_gui.engine.detectors.table import DETECTORS
from tests.cli.conftest import ROOT, Run

QUICK = ("benchmark", "--size", "64", "--rounds", "2", "--detectors", "deep-rx")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn from as few normal images as will do, and time it once."""
    monkeypatch.setattr("deeprx_gui.work.benchmark.NORMALS", 8)
    monkeypatch.setattr("deeprx_gui.work.benchmark_row.PASSES", 1)


def test_one_object_with_the_keys_of_the_page(run: Run, warm: Path, few: None) -> None:
    ran = run(*QUICK, "--runtime", "openvino", "--json")
    assert ran.code == 0, ran.err
    answer = ran.json
    assert answer["runtime"] == "openvino-cpu"
    assert answer["machine"]["cores"] >= 1
    (row,) = answer["rows"]
    assert (row["backbone"], row["detector"]) == ("efficientnet-lite0", "deep-rx")
    assert row["score_ms"] > 0
    assert "Measuring deep-rx with efficientnet-lite0" in ran.err
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    section = page.partition("\n## benchmark\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    assert {*answer, *answer["machine"], *row} <= named
    assert not list((warm / "scratch").iterdir())


def test_a_table_in_the_readers_language(run: Run, warm: Path, few: None) -> None:
    assert (warm / "cache").is_dir()
    ran = run(*QUICK)
    assert ran.code == 0
    assert "Backbone alone, ms" in ran.out
    assert len(re.findall(r"^efficientnet-lite0 +deep-rx +[\d.]+", ran.out, re.MULTILINE)) == 2
    ran = run(*QUICK, "--lang", "ja")
    assert "判定 ms" in ran.out


def test_what_cannot_be_measured_is_told(run: Run, warm: Path, few: None) -> None:
    assert (warm / "cache").is_dir()
    ran = run(*QUICK, "--backbones", "resnet18,efficientnet-lite0", "--json")
    assert ran.code == 2
    assert [row["backbone"] for row in ran.json["rows"]] == ["efficientnet-lite0"]
    (missing,) = ran.json["not_measured"]
    assert missing["backbone"] == "resnet18"
    assert "could not be measured: resnet18 is not installed" in ran.err


@pytest.mark.parametrize("words", [("--detectors", "eye"), ("--backbones", ",")])
def test_unknown_names_are_told_the_known_ones(run: Run, words: tuple[str, ...]) -> None:
    ran = run("benchmark", *words)
    assert ran.code == 2
    assert "Choose one or more of these, with commas between them" in ran.err
    assert next(iter(DETECTORS)) in ran.err or "resnet18" in ran.err
