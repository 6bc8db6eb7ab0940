"""What both front doors understand, the window's and the command line's, before any command."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from deeprx_gui import __version__
from deeprx_gui import settings as settings_module
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser
from deeprx_gui.domain import edition
from deeprx_gui.i18n import LANGUAGES, render, set_language, tr
from deeprx_gui.paths import Paths, default_data_dir

# Without a handler Python would print warnings for programmers while the language is chosen.
logging.getLogger("deeprx_gui").addHandler(logging.NullHandler())

_DATA_DIR, _LANG = "--data-dir", "--lang"


def common_options() -> Parser:
    """Return the parent of every parser: where the data is, and in which language to speak."""
    parent = Parser(add_help=False)
    parent.add_argument(
        _DATA_DIR,
        type=argument_types.path,
        metavar="DIR",
        help=tr("folder for everything the program saves"),
    )
    parent.add_argument(_LANG, choices=LANGUAGES, help=tr("language of the texts"))
    return parent


def add_version(parser: Parser) -> None:
    """Add ``--version``."""
    parser.add_argument(
        "--version",
        action="version",
        version=render(edition.title(__version__)),
        help=tr("show the version of the program"),
    )


def paths_of(words: Sequence[str]) -> Paths:
    """Return the places the command line asks for, before it has been parsed."""
    chosen = _value_of(_DATA_DIR, words)
    return Paths(Path(chosen).absolute() if chosen else default_data_dir().absolute())


def speak_as_asked(words: Sequence[str], paths: Paths) -> None:
    """Choose the language: the one asked for, else the one preferred on this PC."""
    asked = _value_of(_LANG, words)
    if asked in LANGUAGES:
        set_language(asked)
    else:
        set_language(settings_module.load(paths.settings_file).language_code)


def command_in(words: Sequence[str], *, surely: bool = False) -> str | None:
    """Return the first word that is neither an option nor the value of one.

    ``surely``: ``None`` behind an unknown option, because the word may be its value.
    """
    take_a_value = common_options().options
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in take_a_value:
            skip = True
        elif not word.startswith("-"):
            return word
        elif surely and word.partition("=")[0] not in take_a_value:
            return None
    return None


def _value_of(option: str, words: Sequence[str]) -> str | None:
    """Return the last value given, as the parser will."""
    found = None
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == option and equals:
            found = value
        elif word == option and index + 1 < len(words):
            found = words[index + 1]
    return found
