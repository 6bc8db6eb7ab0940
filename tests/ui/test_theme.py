"""Colours can be read and told apart in both themes; icons exist and follow."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.colours import contrast
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.paths import resources_dir
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.theme import DARK, LIGHT, Theme, Tokens

BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)


@BOTH
@pytest.mark.parametrize("ink", ["text", "muted", "accent_text", "ok", "review", "ng", "error"])
@pytest.mark.parametrize("ground", ["window", "surface", "sunken"])
def test_words_can_be_read(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("name", ["ok", "review", "ng", "error"])
def test_verdicts_can_be_read_on_their_own_ground(tokens: Tokens, name: str) -> None:
    assert contrast(getattr(tokens, name), getattr(tokens, f"{name}_soft")) >= 4.5


@BOTH
def test_buttons_and_selections_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.accent_text, tokens.accent_soft) >= 4.5
    assert contrast(tokens.text, tokens.hover) >= 4.5


@BOTH
def test_edges_of_controls_can_be_seen(tokens: Tokens) -> None:
    assert contrast(tokens.line_strong, tokens.surface) >= 2.9
    assert contrast(tokens.accent_text, tokens.surface) >= 3


# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear light.
_BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def _seen(colour: str, rows: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    q = QColor(colour)
    linear = [c**2.2 for c in (q.redF(), q.greenF(), q.blueF())]
    return tuple(
        max(0.0, sum(w * v for w, v in zip(row, linear, strict=True))) ** (1 / 2.2) for row in rows
    )


@BOTH
@pytest.mark.parametrize("kind", _BLINDNESS)
def test_verdicts_differ_for_colour_blind_eyes(tokens: Tokens, kind: str) -> None:
    colours = [_seen(getattr(tokens, v.value.lower()), _BLINDNESS[kind]) for v in VERDICTS]
    for a, b in combinations(colours, 2):
        assert sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 > 0.12


def test_every_icon_that_is_named_exists_and_is_ours(look: Theme) -> None:
    folder = resources_dir() / "icons"
    for file in folder.glob("*.svg"):
        pixmap = theme.pixmap(file.stem, "#102030", 24, 2.0)
        assert pixmap.width() == 48
        assert not pixmap.toImage().allGray() or file.stem != "app"
    package = resources_dir().parent / "deeprx_gui"
    named = set()
    for source in package.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        named |= set(re.findall(r'set_(?:icon|pixmap)\([^,]+, "([a-z-]+)"', text))
        named |= set(re.findall(r'pixmap\("([a-z-]+)"', text))
    missing = {name for name in named if not (folder / f"{name}.svg").is_file()}
    assert not missing


def test_icons_and_verdict_colours_follow_the_theme(qtbot: QtBot, look: Theme) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    theme.set_icon(button, "learn")
    light = button.icon().pixmap(24).toImage()
    ok = theme.verdict_colour(VERDICTS[0])
    look.choose("dark")
    assert button.icon().pixmap(24).toImage() != light
    assert theme.verdict_colour(VERDICTS[0]) != ok
    assert theme.current_tokens() is DARK
    look.choose("light")
    assert button.icon().pixmap(24).toImage() == light


def test_an_unknown_theme_is_refused(look: Theme) -> None:
    with pytest.raises(ValueError, match="sepia"):
        look.choose("sepia")


def test_every_widget_finds_its_font(look: Theme, qapp: QApplication) -> None:
    for language in ("ja", "en"):
        look.use_language(language)
        assert qapp.font().families()
