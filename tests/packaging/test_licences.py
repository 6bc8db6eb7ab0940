"""The page of licences, and what may not be on it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest

import freeze_environment
import licences
from licences import GplError, Part

ROOT = Path(__file__).resolve().parents[2]


def _part(licence: str) -> Part:
    return Part("some-part", "1.0", licence, {"LICENSE": "free < as in speech"})


@pytest.mark.parametrize(
    "licence",
    ["GPL-3.0-only", "GNU General Public License v2 (GPLv2)", "AGPL-3.0", "GPL-2.0-or-later"],
)
def test_what_is_only_under_the_gpl_is_refused(licence: str) -> None:
    with pytest.raises(GplError, match="some-part"):
        licences.check_no_gpl([_part(licence)])


@pytest.mark.parametrize(
    "licence",
    ["MIT", "LGPL-3.0-only OR GPL-2.0-only", "GNU Lesser General Public License v3", "MPL-2.0"],
)
def test_what_leaves_a_choice_is_not(licence: str) -> None:
    licences.check_no_gpl([_part(licence)])


def test_no_dependency_of_the_product_is_only_under_the_gpl() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = []
    for pin in project["dependencies"]:
        package = importlib.metadata.distribution(pin.partition("==")[0])
        texts = licences.texts_of(package)
        found.append(Part(pin, package.version, licences.licence_of(package), texts))
        assert texts, f"{pin} comes without the text of its licence"
        assert found[-1].licence != "see its text", pin
    licences.check_no_gpl(found)


def test_the_page_can_be_read_in_a_browser() -> None:
    page = licences.page([_part("MIT"), licences.python_part()])
    assert "free &lt; as in speech" in page
    assert "<a href='#some-part'>" in page
    assert "ライセンス" in page


def test_the_frozen_environment_holds_the_pins_and_nothing_of_the_developers() -> None:
    pins = freeze_environment.requirements(ROOT)
    assert any(pin.startswith("PySide6-Essentials==") for pin in pins)
    assert "pyinstaller==6.22.3" in pins
    assert not [p for p in pins if p.startswith(("torch", "elpv", "pytest", "hypothesis"))]
    assert freeze_environment.torch_pins(ROOT, "win32") == ["torch==2.14.1"]
    assert all(pin.endswith("+cpu") for pin in freeze_environment.torch_pins(ROOT, "linux"))
