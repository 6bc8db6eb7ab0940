"""Every detector from the command line, with settings of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

OPTIONS = {
    "rx": ["--set", "shrinkage=0.01"],
    "rpca-rx": ["--set", "pixels=900"],
    "deep-rx-local": ["--set", "squared=true"],
    "padim": ["--set", "prior=pooled", "--set", "weight=7.5", "--set", "channels=20"],
    "patchcore": ["--set", "bank=200", "--set", "seed=3"],
}


@pytest.mark.parametrize("detector", OPTIONS)
def test_learn_and_score(run: Run, warm: Path, parts: Path, detector: str) -> None:
    assert warm.is_dir()
    options = ["--detector", detector, *OPTIONS[detector], "--size", "64", "--json"]
    ran = run("fit", "Plate", parts / "good", *options)
    assert ran.code == 0, ran.err
    assert ran.json["detector"] == detector
    shown = run("profiles", "show", "Plate", "--json").json["detector_settings"]
    for word in OPTIONS[detector][1::2]:
        key, _, value = word.partition("=")
        assert str(shown[key]).lower() == value
    if detector in ("rx", "rpca-rx"):
        assert ran.json["backbone"] == "pixels"
    scored = run("score", "Plate", parts / "bad", "--json")
    assert scored.code == 1, scored.err


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("seed", "Write a name, =, and a value"),
        ("=3", "Write a name, =, and a value"),
        ("sea=3", "has no setting “sea”"),
        ("channels=many", "must be a whole number"),
    ],
)
def test_settings_that_are_none(run: Run, parts: Path, word: str, says: str) -> None:
    ran = run("fit", "Plate", parts / "good", "--detector", "padim", "--set", word)
    assert ran.code == 2
    assert says in ran.err
