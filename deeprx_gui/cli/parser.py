"""The parser of the command line: argparse whose every sentence is ours, in both languages.

argparse ends a program itself and speaks English. This one raises ``UsageError`` instead, which
says what was wrong, what was probably meant, and how the command is written.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from deeprx_gui.cli.help_page import called, has_commands, help_page, invocation, usage_line
from deeprx_gui.cli.streams import flush_answer, write_answer
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr


class UsageError(RequestError):
    """The command line makes no sense as typed.

    ``usage`` shows how the command is written. ``command`` is what to ask for help with, empty
    where ``usage`` is the whole help already.
    """

    def __init__(self, message: Message, usage: str, command: str = "") -> None:
        super().__init__(message)
        self.usage = usage
        self.command = command


class Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError and writes help in the reader's language."""

    def __init__(
        self,
        prog: str | None = None,
        *,
        parents: Sequence[argparse.ArgumentParser] = (),
        description: str = "",
        examples: Sequence[str] = (),
        add_help: bool = True,
    ) -> None:
        super().__init__(
            prog=prog,
            parents=list(parents),
            description=description,
            add_help=False,
            allow_abbrev=False,  # a script that says --js would break with the next option
        )
        self.examples = tuple(examples)
        if add_help:
            self.add_argument("-h", "--help", action="help", help=tr("show this help"))

    def add_commands(
        self, dest: str, commands: Mapping[str, Message], parents: Sequence[Parser]
    ) -> dict[str, Parser]:
        """Add a parser for each command and return them; ``dest`` gets the chosen name."""
        group = self.add_subparsers(dest=dest, metavar="COMMAND", prog=self.prog)
        return {
            name: group.add_parser(name, parents=list(parents), description=render(text))
            for name, text in commands.items()
        }

    # What argparse prints -------------------------------------------------------------------

    def format_usage(self) -> str:
        """Return one line that shows how the command is written."""
        return usage_line(self.prog, self._actions) + "\n"

    def format_help(self) -> str:
        """Return the help page."""
        return help_page(self.prog, self.description or "", self._actions, self.examples)

    def _print_message(self, message: str, file: object = None) -> None:
        if file in (None, sys.stdout):
            write_answer(message)
            flush_answer()
        else:
            super()._print_message(message, sys.stderr)

    # What argparse refuses ------------------------------------------------------------------

    def refuse(self, message: Message) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, self.format_usage().rstrip(), self.prog)

    def error(self, message: str) -> NoReturn:
        """Refuse for a reason that argparse gives; every common one is caught before."""
        self.refuse(say("The command cannot be understood: {reason}.", reason=message))

    def parse_known_args(
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401 - the signature of the base class
    ) -> tuple[Any, list[str]]:
        """Parse, or raise UsageError; nothing is ever left over."""
        words = list(sys.argv[1:] if args is None else args)
        for action in self._get_positional_actions():
            action.required = False  # told in our words below
        self._check_flags(words)
        found, rest = super().parse_known_args(words, namespace)
        self._check_options(rest)
        self._place_rest(found, [word for word in rest if word != "--"])
        self._check_missing(found)
        return found, []

    def _check_flags(self, words: Sequence[str]) -> None:
        for word in words:
            name, equals, _ = word.partition("=")
            action = self._option_string_actions.get(name)
            if word == "--":
                return
            if equals and action is not None and action.nargs == 0:
                self.refuse(say("{option} takes no value. Write just {option}.", option=name))

    def _check_options(self, rest: Sequence[str]) -> None:
        unknown = next((word for word in rest if word.startswith("-") and len(word) > 2), None)
        unknown = unknown or next((w for w in rest if w.startswith("-") and w != "--"), None)
        if unknown is None:
            return
        near = closest(unknown.partition("=")[0], self._option_string_actions)
        if near is not None:
            self.refuse(
                say(
                    "There is no option “{word}” here. Did you mean “{near}”?",
                    word=unknown,
                    near=near,
                )
            )
        self.refuse(say("There is no option “{word}” here. Leave it out.", word=unknown))

    def _place_rest(self, found: argparse.Namespace, rest: Sequence[str]) -> None:
        """Give words behind an option to the list they continue: ``a.png --json b.png``."""
        if not rest:
            return
        for action in self._get_positional_actions():
            given = getattr(found, action.dest, None)
            if action.nargs == "+" and isinstance(given, list):
                given += [self._get_value(action, word) for word in rest]
                return
        self.refuse(
            say(
                "“{word}” is one word too many. A name with blanks in it needs quotation marks "
                'around it: "{example}".',
                word=rest[0],
                example=self._joined(found, rest),
            )
        )

    def _joined(self, found: argparse.Namespace, rest: Sequence[str]) -> str:
        """Guess the name that was torn apart at its blanks."""
        before = [getattr(found, a.dest, None) for a in self._get_positional_actions()]
        last = [str(value) for value in before if value is not None and not isinstance(value, list)]
        return " ".join([*last[-1:], *rest])

    def _check_missing(self, found: argparse.Namespace) -> None:
        for action in self._get_positional_actions():
            if action.nargs in {"?", "*"} or getattr(found, action.dest, None) is not None:
                continue
            if has_commands(action):
                raise UsageError(
                    say("Say what to do: write a command behind “{program}”.", program=self.prog),
                    "\n" + self.format_help().rstrip(),
                )
            self.refuse(
                say(
                    "{what} is missing: {meaning}. Add it to the command.",
                    what=called(action),
                    meaning=action.help or action.dest,
                )
            )

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:  # noqa: ANN401 - as above
        try:
            return super()._get_value(action, arg_string)
        except RequestError as error:
            reason = error.message
            if not action.option_strings:
                self.refuse(reason)
            self.refuse(say("{option}: {reason}", option=called(action), reason=reason))
        except argparse.ArgumentError:
            self.refuse(
                say(
                    "“{value}” is not possible for {option}: {meaning}.",
                    value=arg_string,
                    option=called(action),
                    meaning=action.help or action.dest,
                )
            )

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        near = closest(str(value), map(str, action.choices))
        known = ", ".join(map(str, action.choices))
        if has_commands(action):
            if near is not None:
                self.refuse(
                    say(
                        "There is no command “{word}”. Did you mean “{near}”?",
                        word=value,
                        near=near,
                    )
                )
            self.refuse(
                say(
                    "There is no command “{word}”. Choose one of: {known}.",
                    word=value,
                    known=known,
                )
            )
        self.refuse(
            say(
                "“{value}” is not possible for {option}. Choose one of: {known}.",
                value=value,
                option=called(action),
                known=known,
            )
        )

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            self.refuse(
                say(
                    "Write a value behind {option}, as in “{example}”: {meaning}.",
                    option=called(action),
                    example=invocation(action),
                    meaning=action.help or action.dest,
                )
            )


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, whatever its capitals."""
    names = {name.casefold(): name for name in known if len(name) > 2}
    typed = word.casefold()
    found = difflib.get_close_matches(typed, names, n=1)
    if not found and len(typed) > 2:
        found = [name for name in names if name.startswith(typed)]
    return names[found[0]] if found else None
