"""The help page of a command, in the reader's language and as wide as the terminal."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence

from deeprx_gui.cli.cells import cells, padded, wrapped
from deeprx_gui.i18n import tr

_WIDEST = 100
_INDENT = "  "
_COLUMN = 26
"""Where the explanations start."""
_LAST = ("runtime", "json", "data_dir", "lang", "verbose", "version", "help")
"""Options that nearly every command has stand below its own."""
_FEW_LETTERS = 24


def usage_line(prog: str, actions: Sequence[argparse.Action]) -> str:
    """Return "Usage: deeprx fit NAME IMAGES… [options]"."""
    words = [prog, *(_in_usage(action) for action in actions if not action.option_strings)]
    return f"{tr('Usage:')} {' '.join(words)} {tr('[options]')}"


def help_page(
    prog: str, description: str, actions: Sequence[argparse.Action], examples: Sequence[str]
) -> str:
    """Return everything there is to say about a command."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = [usage_line(prog, actions), ""]
    if description:
        lines += [*wrapped(description[:1].upper() + description[1:], width), ""]
    positional = [action for action in actions if not action.option_strings]
    for action in positional:
        if has_commands(action):
            lines += [tr("Commands:"), *_commands(action, width), ""]
    plain = [action for action in positional if not has_commands(action)]
    if plain:
        lines += [line for action in plain for line in _entry(action, width)] + [""]
    options = sorted((a for a in actions if a.option_strings), key=_place)
    lines += [tr("Options:"), *(line for action in options for line in _entry(action, width))]
    if examples:
        lines += ["", tr("Examples:"), *(_INDENT + example for example in examples)]
    return "\n".join(lines) + "\n"


def has_commands(action: argparse.Action) -> bool:
    """Say whether the argument is the name of a command."""
    return action.nargs == argparse.PARSER


def called(action: argparse.Action) -> str:
    """Return how a person would call an argument: ``NAME``, ``--size``."""
    if action.option_strings:
        return action.option_strings[-1]
    return str(action.metavar or action.dest).upper()


def invocation(action: argparse.Action) -> str:
    """Return how an argument is written: ``NAME``, ``IMAGES...``, ``--size 256``."""
    if not action.option_strings:
        return f"{called(action)}..." if action.nargs == "+" else called(action)
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {_value(action)}"


def _in_usage(action: argparse.Action) -> str:
    if has_commands(action):
        return "COMMAND"
    return f"[{invocation(action)}]" if action.nargs == "?" else invocation(action)


def _value(action: argparse.Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    if action.choices is not None:
        listed = "|".join(map(str, action.choices))
        if len(listed) <= _FEW_LETTERS:
            return listed
    return action.dest.upper()


def _place(action: argparse.Action) -> int:
    return _LAST.index(action.dest) if action.dest in _LAST else -1


def _commands(action: argparse.Action, width: int) -> Iterator[str]:
    parsers = action.choices if isinstance(action.choices, dict) else {}
    for name, parser in parsers.items():
        yield from _row(name, parser.description or "", width)


def _entry(action: argparse.Action, width: int) -> Iterator[str]:
    text = action.help or ""
    if action.choices is not None and "|" not in invocation(action):
        known = ", ".join(map(str, action.choices))
        text = f"{text}: {known}" if text else known
    yield from _row(invocation(action), text, width)


def _row(name: str, text: str, width: int) -> Iterator[str]:
    lines = wrapped(text, max(20, width - _COLUMN))
    first = _INDENT + name
    if cells(first) > _COLUMN - 2:
        yield first
        first = ""
    for line in lines:
        yield (padded(first, _COLUMN) + line).rstrip()
        first = ""
