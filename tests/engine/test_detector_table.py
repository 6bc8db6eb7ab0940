"""The table of detectors: names, defaults, and that each is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import DETECTORS, chosen_for, detector

PAGE = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text(encoding="utf-8")


def test_the_detectors_of_the_design_are_there() -> None:
    names = ["deep-rx", "deep-rx-local", "padim", "patchcore", "rx", "rpca-rx"]
    assert list(DETECTORS) == names
    assert all(detector(name).name == name for name in names)
    with pytest.raises(RequestError, match="rpca-rx"):
        detector("deep-sea")


@pytest.mark.parametrize("name", DETECTORS)
def test_each_has_its_section_with_every_setting(name: str) -> None:
    section = PAGE.partition(f"## `{name}`")[2].partition("\n## ")[0]
    assert section
    for key in DETECTORS[name].check({}):
        assert f"`{key}" in section or f"{key}=" in section or f" {key} " in section
    needed = "yes" if DETECTORS[name].needs_positioning else "no"
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    assert row.split("|")[3].strip() == needed


@pytest.mark.parametrize("name", DETECTORS)
def test_what_the_program_settled_is_left_to_it_the_next_time(name: str) -> None:
    spec = DETECTORS[name]
    channels = (3,) if spec.pixels else (96, 40)
    learnt = spec.settle(spec.check({}), FitExtent(channels, (32, 32), 20))
    assert chosen_for(DetectorChoice(name, dict(learnt))) == DetectorChoice(name)


def test_what_a_person_chose_is_chosen_again() -> None:
    spec = DETECTORS["padim"]
    learnt = spec.settle(spec.check({"prior": "pooled"}), FitExtent((96, 40), (32, 32), 20))
    assert chosen_for(DetectorChoice("padim", dict(learnt))).settings == {"prior": "pooled"}


def test_a_detector_of_another_program_stays_as_it_is() -> None:
    foreign = DetectorChoice("deep-sea", {"depth": 3})
    assert chosen_for(foreign) == foreign
