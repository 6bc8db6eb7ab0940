"""``docs/command-line.md`` names every command, every option, every kind of error."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from deeprx_gui.cli.commands import COMMANDS
from deeprx_gui.cli.failure import KINDS, UNEXPECTED
from deeprx_gui.cli.main import build_parser
from tests.cli.conftest import ROOT

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action.choices, dict) and action.nargs == argparse.PARSER:
            for child in action.choices.values():
                yield from _parsers(child)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_of_a_command_is_on_the_page(name: str) -> None:
    assert f"\n## {name}\n" in PAGE
    (commands,) = build_parser(name)._get_positional_actions()
    assert isinstance(commands.choices, dict)
    for parser in _parsers(commands.choices[name]):
        assert parser.prog.split()[-1] in PAGE
        for action in parser._actions:
            for option in action.option_strings:
                assert f"{option}" in PAGE, f"{parser.prog} {option}"


def test_every_kind_of_error_is_on_the_page() -> None:
    for kind in {*KINDS.values(), UNEXPECTED}:
        assert f"`{kind}`" in PAGE


def test_the_page_asks_for_nothing_that_does_not_exist() -> None:
    known = {"--version", "--help", "--verbose", "--self-test", "--operator"}
    for name in COMMANDS:
        (commands,) = build_parser(name)._get_positional_actions()
        assert isinstance(commands.choices, dict)
        for parser in _parsers(commands.choices[name]):
            known.update(parser._option_string_actions)
    asked = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) - {"--js"}
    assert asked <= known, asked - known
