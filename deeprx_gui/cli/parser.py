"""The parser of the command line: what is wrong is said in our sentences, in both languages.

It is declared as argparse is, and reads as argparse does. argparse itself speaks English, and does
not answer the same mistake alike in every Python (ADR 0015).
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

from deeprx_gui.cli.arguments import Argument
from deeprx_gui.cli.help_page import help_page, usage_line
from deeprx_gui.cli.streams import flush_answer, write_answer
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr

_NUMBER = re.compile(r"-(\d+|\d*\.\d+)$")


class UsageError(RequestError):
    """The command line makes no sense as typed.

    ``usage`` shows how the command is written. ``command`` is what to ask for help with, empty
    where ``usage`` is the whole help already.
    """

    def __init__(self, message: Message, usage: str, command: str = "") -> None:
        super().__init__(message)
        self.usage = usage
        self.command = command


class DescribedCommand(Protocol):
    """A command with the line that stands in a list of commands."""

    @property
    def help(self) -> Message:
        """The line."""
        ...


class Parser:
    """Reads the words behind a command; raises UsageError, and writes help.

    ``commands`` are the parsers of the commands below this one, by name. ``parents`` lend their
    arguments: an option of a parent may stand before and behind the command.
    """

    def __init__(
        self,
        prog: str = "",
        *,
        parents: Sequence[Parser] = (),
        description: str = "",
        examples: Sequence[str] = (),
        add_help: bool = True,
    ) -> None:
        self.prog = prog
        self.description = description
        self.examples = tuple(examples)
        self.arguments: list[Argument] = [
            argument for parent in parents for argument in parent.arguments
        ]
        self.commands: dict[str, Parser] = {}
        self._command_dest = ""
        self._exclusive: list[tuple[Argument, ...]] = []
        if add_help:
            self.add_argument("-h", "--help", action="help", help=tr("show this help"))

    # What there is --------------------------------------------------------------------------

    def add_argument(self, *names: str, **settings: Any) -> Argument:  # noqa: ANN401 - see Argument
        """Add a word or an option, declared as for ``argparse.ArgumentParser.add_argument``."""
        argument = Argument(names, **settings)
        self.arguments.append(argument)
        return argument

    def exclude_each_other(self, *arguments: Argument) -> None:
        """Let only one of these options be given."""
        self._exclusive.append(arguments)

    def add_commands(
        self, dest: str, commands: Mapping[str, DescribedCommand], parents: Sequence[Parser]
    ) -> dict[str, Parser]:
        """Add a parser for each command and return them; ``dest`` gets the chosen name."""
        self._command_dest = dest
        self.commands = {
            name: Parser(f"{self.prog} {name}", parents=parents, description=render(command.help))
            for name, command in commands.items()
        }
        return self.commands

    @property
    def options(self) -> dict[str, Argument]:
        """The options by every name they have."""
        return {name: a for a in self.arguments if a.is_option for name in a.names}

    @property
    def positionals(self) -> list[Argument]:
        """The words that have a place and no name; only the last may take more than one."""
        return [argument for argument in self.arguments if not argument.is_option]

    # What is printed ------------------------------------------------------------------------

    def format_usage(self) -> str:
        """Return one line that shows how the command is written."""
        return usage_line(self.prog, self.positionals, has_commands=bool(self.commands))

    def format_help(self) -> str:
        """Return the help page."""
        summaries = {name: parser.description for name, parser in self.commands.items()}
        return help_page(
            self.format_usage(), self.description, self.arguments, summaries, self.examples
        )

    # What is typed --------------------------------------------------------------------------

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:
        """Read the words. Raises UsageError, and SystemExit after ``--help`` and ``--version``."""
        found = argparse.Namespace()
        self.read_into(found, deque(words))
        return found

    def read_into(self, found: argparse.Namespace, words: deque[str]) -> None:
        """Take all the words; those behind a command are for the parser of that command."""
        options = self.options
        plain: list[str] = []
        unknown: list[str] = []
        while words:
            word = words.popleft()
            option = options.get(word.partition("=")[0])
            if option is not None:
                self._read_option(option, word, words, found)
            elif word == "--":
                if not self.commands:  # else a command is still to come
                    plain += words
                    words.clear()
            elif _looks_like_option(word):
                unknown.append(word)
            elif self.commands:
                self._command(word).read_into(found, words)
                setattr(found, self._command_dest, word)
            else:
                plain.append(word)
        self._check_options(unknown, found)
        self._read_plain(plain, found)
        for argument in self.arguments:
            if not argument.answers and not hasattr(found, argument.dest):
                setattr(found, argument.dest, argument.when_left_out)

    def _read_option(
        self, option: Argument, word: str, words: deque[str], found: argparse.Namespace
    ) -> None:
        name, equals, value = word.partition("=")
        if not option.takes_value:
            if equals:
                self.refuse(say("{option} takes no value. Write just {option}.", option=name))
            if option.answers:
                self._answer(option)
            setattr(found, option.dest, True)
            return
        if not equals:
            if not words or _looks_like_option(words[0]) or words[0] in self.options:
                self.refuse(
                    say(
                        "Write a value behind {option}, as in “{example}”: {meaning}.",
                        option=option.called,
                        example=option.written,
                        meaning=option.help,
                    )
                )
            value = words.popleft()
        read = self._value(option, value)
        if option.action == "append":
            read = [*(getattr(found, option.dest, None) or ()), read]
        setattr(found, option.dest, read)

    def _answer(self, option: Argument) -> NoReturn:
        write_answer(self.format_help() if option.action == "help" else f"{option.version}\n")
        flush_answer()
        raise SystemExit(0)

    def _read_plain(self, words: Sequence[str], found: argparse.Namespace) -> None:
        rest = list(words)
        for argument in self.positionals:
            value = argument.when_left_out
            if rest and argument.nargs in {"+", "*"}:
                value, rest = [self._value(argument, word) for word in rest], []
            elif rest:
                value = self._value(argument, rest.pop(0))
            elif argument.nargs in {"", "+"}:
                self.refuse(
                    say(
                        "{what} is missing: {meaning}. Add it to the command.",
                        what=argument.called,
                        meaning=argument.help,
                    )
                )
            setattr(found, argument.dest, value)
        if rest:
            torn = words[max(0, len(words) - len(rest) - 1) :]  # a name, torn apart at its blanks
            self.refuse(
                say(
                    "“{word}” is one word too many. A name with blanks in it needs quotation marks "
                    'around it: "{example}".',
                    word=rest[0],
                    example=" ".join(torn),
                )
            )

    def _value(self, argument: Argument, word: str) -> Any:  # noqa: ANN401 - what ``type`` returns
        try:
            return argument.read(word)
        except RequestError as error:
            self.refuse(error.message)

    # What is refused ------------------------------------------------------------------------

    def refuse(self, message: Message) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, self.format_usage(), self.prog)

    def _command(self, word: str) -> Parser:
        if word not in self.commands:
            near = closest(word, self.commands)
            if near is not None:
                self.refuse(
                    say(
                        "There is no command “{word}”. Did you mean “{near}”?", word=word, near=near
                    )
                )
            self.refuse(
                say(
                    "There is no command “{word}”. Choose one of: {known}.",
                    word=word,
                    known=", ".join(self.commands),
                )
            )
        return self.commands[word]

    def _check_options(self, unknown: Sequence[str], found: argparse.Namespace) -> None:
        if unknown:
            self._refuse_option(next((word for word in unknown if len(word) > 2), unknown[0]))
        for group in self._exclusive:
            given = [option.called for option in group if hasattr(found, option.dest)]
            if len(given) > 1:
                self.refuse(
                    say(
                        "{one} and {other} exclude each other. Leave one of them out.",
                        one=given[0],
                        other=given[1],
                    )
                )
        if self.commands and not hasattr(found, self._command_dest):
            raise UsageError(
                say("Say what to do: write a command behind “{program}”.", program=self.prog),
                "\n" + self.format_help().rstrip(),
            )

    def _refuse_option(self, word: str) -> NoReturn:
        near = closest(word.partition("=")[0], self.options)
        if near is None:
            self.refuse(say("There is no option “{word}” here. Leave it out.", word=word))
        self.refuse(
            say("There is no option “{word}” here. Did you mean “{near}”?", word=word, near=near)
        )


def _looks_like_option(word: str) -> bool:
    """Say whether a word was meant to be an option: ``-x``, but not ``-``, ``-3`` or ``-a b``."""
    return len(word) > 1 and word[0] == "-" and " " not in word and not _NUMBER.match(word)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, whatever its capitals."""
    names = {name.casefold(): name for name in known if len(name) > 2}
    typed = word.casefold()
    found = difflib.get_close_matches(typed, names, n=1)
    if not found and len(typed) > 2:
        found = [name for name in names if name.startswith(typed)]
    return names[found[0]] if found else None
