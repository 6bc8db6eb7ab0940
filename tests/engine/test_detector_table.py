"""The table of detectors: names, defaults, and that each is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.engine.detectors.table import DETECTORS, detector

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
