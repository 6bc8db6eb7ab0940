"""The help page of a command, in the reader's language and as wide as the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence

from deeprx_gui.cli.arguments import Argument
from deeprx_gui.cli.display_width import display_width, pad_to_width, wrap_to_width
from deeprx_gui.i18n import tr

_WIDEST = 100
_INDENT = "  "
_COLUMN = 26
"""Where the explanations start."""
_LAST = ("runtime", "json", "data_dir", "lang", "verbose", "version", "help")
"""Options that nearly every command has stand below its own."""


def usage_line(prog: str, positionals: Sequence[Argument], *, has_commands: bool) -> str:
    """Return "Usage: deeprx fit NAME IMAGES… [options]"."""
    words = [f"[{a.written}]" if a.nargs == "?" else a.written for a in positionals]
    command = ["COMMAND"] if has_commands else []
    return " ".join([tr("Usage:"), prog, *command, *words, tr("[options]")])


def help_page(
    usage: str,
    description: str,
    arguments: Sequence[Argument],
    commands: Mapping[str, str],
    examples: Sequence[str],
) -> str:
    """Return everything there is to say; ``commands`` are explained by one sentence each."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = [usage, ""]
    if description:
        lines += [*wrap_to_width(description[:1].upper() + description[1:], width), ""]
    if commands:
        rows = [line for name, text in commands.items() for line in _row(name, text, width)]
        lines += [tr("Commands:"), *rows, ""]
    plain = [argument for argument in arguments if not argument.is_option]
    if plain:
        lines += [line for argument in plain for line in _entry(argument, width)] + [""]
    options = sorted((a for a in arguments if a.is_option), key=_place)
    lines += [tr("Options:"), *(line for option in options for line in _entry(option, width))]
    if examples:
        lines += ["", tr("Examples:"), *(_INDENT + example for example in examples)]
    return "\n".join(lines) + "\n"


def _place(option: Argument) -> int:
    return _LAST.index(option.dest) if option.dest in _LAST else -1


def _entry(argument: Argument, width: int) -> Iterator[str]:
    text = argument.help
    if argument.choices and "|" not in argument.written:
        known = ", ".join(map(str, argument.choices))
        text = f"{text}: {known}" if text else known
    yield from _row(argument.written, text, width)


def _row(name: str, text: str, width: int) -> Iterator[str]:
    lines = wrap_to_width(text, max(20, width - _COLUMN))
    first = _INDENT + name
    if display_width(first) > _COLUMN - 2:
        yield first
        first = ""
    for line in lines:
        yield (pad_to_width(first, _COLUMN) + line).rstrip()
        first = ""
