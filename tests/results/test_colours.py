"""Both reports have the colours of the window, in both themes."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from deeprx_gui.domain.colours import LABEL_COLOURS, LIGHT, Tokens
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.page.style import STYLE
from deeprx_gui.ui.kit import theme


def variables(block: str) -> dict[str, str]:
    """The variables of a ``:root`` block, under the names of ``Tokens``."""
    return {n.replace("-", "_"): v for n, v in re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)}


@pytest.mark.parametrize(
    ("window", "start"),
    [(theme.LIGHT, ":root"), (theme.DARK, "@media screen and (prefers-color-scheme: dark)")],
    ids=["light", "dark"],
)
def test_the_colours_of_a_report_are_those_of_the_window(window: Tokens, start: str) -> None:
    block = STYLE[STYLE.index(start) :]
    shown = variables(block[: block.index("}")])
    assert {**shown, "name": window.name} == asdict(window)


def test_every_variable_is_defined_and_no_other_colour_is_used() -> None:
    defined = {name.replace("_", "-") for name in asdict(LIGHT)} - {"name"}
    assert set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) <= defined
    rules = STYLE[STYLE.index(".OK {") :]
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", rules)) == {"#000", "#fff"}, "ring, paper"


@pytest.mark.parametrize("verdict", [v.value for v in VERDICTS])
def test_a_verdict_has_one_colour_in_words_bars_and_charts(verdict: str) -> None:
    colour = f"var(--{verdict.lower()})"
    for rule in (
        f".{verdict} {{ color: {colour}; }}",
        f".bar .{verdict}, .legend i.{verdict} {{ background: {colour}; }}",
        f"svg rect.{verdict} {{ fill: {colour}; }}",
    ):
        assert rule in STYLE


def test_labels_are_drawn_as_in_the_window() -> None:
    for label, role in LABEL_COLOURS.items():
        assert f"svg .{label.value} {{ fill: var(--{role.replace('_', '-')}); }}" in STYLE
