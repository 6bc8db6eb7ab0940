"""``docs/command-line.md`` names every command, every option, every kind of error."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from deeprx_gui.cli.commands import COMMANDS
from deeprx_gui.cli.failure import KINDS, UNEXPECTED
from deeprx_gui.cli.main import build_parser
from deeprx_gui.cli.parser import Parser
from tests.cli.conftest import ROOT

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def _parsers(parser: Parser) -> Iterator[Parser]:
    yield parser
    for child in parser.commands.values():
        yield from _parsers(child)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_of_a_command_is_on_the_page(name: str) -> None:
    assert f"\n## {name}\n" in PAGE
    for parser in _parsers(build_parser(name).commands[name]):
        assert parser.prog.split()[-1] in PAGE
        for option in parser.options:
            assert f"{option}" in PAGE, f"{parser.prog} {option}"


def test_every_kind_of_error_is_on_the_page() -> None:
    for kind in {*KINDS.values(), UNEXPECTED}:
        assert f"`{kind}`" in PAGE


def test_the_page_asks_for_nothing_that_does_not_exist() -> None:
    known = {"--version", "--help", "--verbose", "--self-test", "--operator"}
    for name in COMMANDS:
        for parser in _parsers(build_parser(name).commands[name]):
            known.update(parser.options)
    asked = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) - {"--js"}
    assert asked <= known, asked - known
