"""The window speaks as a line engineer does; words of the trade of statistics are for details."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import translation_catalogue
import translation_source

ROOT = Path(__file__).resolve().parents[1]
WINDOW: Final = tuple(
    f"deeprx_gui/{package}/" for package in ("ui", "controllers", "domain", "state", "work")
)
"""What is said here stands on the pages; the command line and the errors of the engine do not."""
FORBIDDEN: Final = re.compile(
    r"held.?out|leave.one.out|k-fold|auroc|\bp95\b|backbone", re.IGNORECASE
)
FORBIDDEN_IN_JAPANESE: Final = re.compile(
    r"バックボーン|検証用スコア|未使用スコア|抜き法|分割法|auroc|\bp95\b", re.IGNORECASE
)
DETAILS: Final = {
    ("ui/check/promise.py", "leave-one-out"): "part of a tip",
    ("ui/check/promise.py", "K-fold"): "part of a tip",
    ("ui/check/promise.py", "At most about {rate} % of good parts above"): "tip of a limit",
    ("ui/check/promise.py", "About {rate} % of good parts above this limit"): "tip of a limit",
    ("ui/check/evaluation.py", "Bad parts found (upwards)"): "tip of the curve",
    ("state/compare.py", "What it looks through"): "tip of a column",
    ("state/compare.py", "How well good and bad are told apart"): "tip of a column",
    ("ui/profiles/detail_panel.py", "Backbone"): "row of the details of a profile",
    ("ui/teach/backbone_field.py", "Backbone"): "a field under “All settings”",
    ("work/self_test.py", "Backbone"): "row of the self-test, for support",
    ("work/self_test.py", "Built-in backbones"): "row of the self-test, for support",
    ("domain/promise_words.py", "curve through the highest"): "basis of a promise, in tables",
    ("domain/promise_words.py", "rank {rank} of {n}"): "basis of a promise, in tables",
    ("domain/edition.py", "This is the light edition: taking a network"): "names a command",
    ("work/compare.py", "{backbone} is taught anew"): "names a network",
}
"""Where such a word may stand: the module, how the sentence begins, and why."""


def _plain(text: str) -> str:
    """Return a sentence without its fields: their names are nobody's words."""
    return re.sub(r"\{[^}]*\}", "", text)


@cache
def _in_window() -> list[tuple[str, translation_source.Sentence]]:
    found = translation_source.collect(ROOT / "deeprx_gui")
    return [
        (place.module, sentence)
        for sentence in found.sentences.values()
        for place in sentence.places
        if place.module.startswith(WINDOW)
    ]


def _allowed(module: str, text: str) -> tuple[str, str] | None:
    return next(
        (key for key in DETAILS if module.endswith(key[0]) and text.startswith(key[1])), None
    )


def test_main_sentences_of_the_window_are_in_plain_words() -> None:
    said = _in_window()
    assert len(said) > 700, "the window says more than this"
    japanese = translation_catalogue.read_catalogue(ROOT / "resources" / "i18n" / "ja").entries
    wrong = []
    for module, sentence in said:
        if _allowed(module, sentence.text):
            continue
        forms = japanese[sentence.key].forms if sentence.key in japanese else ()
        english = (sentence.text, sentence.plural or "")
        wrong += [f"{module}: {t}" for t in english if FORBIDDEN.search(_plain(t))]
        wrong += [f"{module}: {t}" for t in forms if FORBIDDEN_IN_JAPANESE.search(_plain(t))]
    assert not wrong, "\n" + "\n".join(sorted(set(wrong)))


def test_the_table_of_details_names_only_what_is_there() -> None:
    used = {_allowed(module, sentence.text) for module, sentence in _in_window()}
    assert set(DETAILS) <= used


@pytest.mark.parametrize("text", ["a held-out score", "Leave-one-out", "AUROC 0.9", "(p95 3 s)"])
def test_the_rule_finds_the_words(text: str) -> None:
    assert FORBIDDEN.search(_plain(text))
    assert not FORBIDDEN.search(_plain("{backbone} within {p95} ms"))
