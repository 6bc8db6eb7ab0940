"""The command line's front door."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from deeprx_gui import log
from deeprx_gui import settings as settings_module
from deeprx_gui.atomic import clean_leftovers
from deeprx_gui.cli import failure
from deeprx_gui.cli.commands import COMMANDS
from deeprx_gui.cli.common import (
    add_version,
    command_in,
    common_options,
    paths_of,
    speak_as_asked,
)
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.engineer import EngineerGuard
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.streams import configure_streams, flush_answer, silence_libraries
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.i18n import tr
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.scratch import clean_scratch
from deeprx_gui.work.check_incoming import check_incoming, check_outgoing


def build_parser(chosen: str | None = None) -> Parser:
    """Return the parser with every command, in the language in use.

    Only the ``chosen`` command is asked for its arguments; the others are listed.
    """
    common = common_options()
    common.add_argument(
        "--verbose",
        action="store_true",
        help=tr("print what goes into the log file"),
    )
    common.add_argument(
        "--user",
        metavar="NAME",
        help=tr("who does it, where people sign in by name"),
    )
    parser = Parser(
        "deeprx",
        parents=[common],
        description=tr("Learn good parts and judge others, without a window."),
        examples=("deeprx demo", "deeprx fit bracket pictures/good", "deeprx fit --help"),
    )
    add_version(parser)
    parsers = parser.add_commands("command", COMMANDS, [common])
    for name, command in COMMANDS.items():
        parsers[name].examples = tuple(command.examples)
        if name == chosen:
            importlib.import_module(command.module).add(parsers[name], common)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Every failure ends in a sentence."""
    configure_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    log_file: Path | None = None
    try:
        paths = paths_of(words)
        speak_as_asked(words, paths)
        library = BackboneLibrary(paths.backbones)  # knows the imported networks by name
        args = build_parser(command_in(words)).parse_args(words)
        if not args.verbose:
            silence_libraries()
        log_file = log.setup(paths, verbose=args.verbose, quiet=True)
        if log_file is None:
            print_note(
                tr(
                    "Nothing can be saved in {folder}. Check the disk and your rights, or choose "
                    "another folder with --data-dir.",
                    folder=paths.data,
                )
            )
        code = int(_run(args, paths, library))
        flush_answer()
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door: all is told
        return failure.report(error, log_file, as_json="--json" in words)
    finally:
        log.close()
    return code


def _run(args: argparse.Namespace, paths: Paths, library: BackboneLibrary) -> int:
    settings = settings_module.load(paths.settings_file)
    if args.lang is not None:
        settings = replace(settings, language=args.lang)
    guard = EngineerGuard(paths, settings.who, args.user)
    store = ProfileStore(paths.profiles, guard, check_incoming, check_outgoing)
    clean_leftovers(*paths.written)
    clean_scratch(paths.scratch)
    store.tidy()
    module = importlib.import_module(COMMANDS[args.command].module)
    command = " ".join(filter(None, (args.command, getattr(args, "verb", ""))))
    if _work_of(args, module) is Work.ENGINEERS:
        guard.admit(command)
    elif args.command != "central":  # there the rights are the server's
        guard.sign_in(command)
    if guard.people.name:
        settings = replace(settings, operator=guard.people.name)
    context = Context(paths, settings, store, guard, library)
    code: int = module.run(args, context)
    return code


def _work_of(args: argparse.Namespace, module: ModuleType) -> Work:
    """Return whose work the command is, or the verb below it."""
    work = COMMANDS[args.command].work
    if work is Work.BY_VERB:
        verb: Verb[object] = module.VERBS[args.verb]
        return verb.work
    return work
