"""The command line's front door."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui import __version__, log
from deeprx_gui import settings as settings_module
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import configure_streams, note
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.i18n import LANGUAGES, render, set_language, system_language, tr
from deeprx_gui.paths import Paths, default_data_dir
from deeprx_gui.profiles.store import ProfileStore

EXIT_ERROR, EXIT_CANCELLED = 2, 130
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command:
    """One verb: its ``module`` has ``add`` and ``run``.

    ``add(parser, common)`` declares the arguments; ``common`` is the parent of verbs below it.
    ``run(args, context)`` returns the exit code.
    """

    help: Message
    module: str


COMMANDS: Mapping[str, Command] = {
    "demo": Command(
        say("learn sample images, score others, show the result"), "deeprx_gui.cli.demo_command"
    ),
    "fit": Command(say("learn a product profile from normal images"), "deeprx_gui.cli.fit_command"),
    "score": Command(say("judge pictures with a profile"), "deeprx_gui.cli.score_command"),
    "evaluate": Command(say("measure a detector on a data set"), "deeprx_gui.cli.evaluate_command"),
    "profiles": Command(
        say("list, show, compare, roll back, export and import profiles"),
        "deeprx_gui.cli.profiles_command",
    ),
    "backbones": Command(say("list and import backbones"), "deeprx_gui.cli.backbones_command"),
    "self-test": Command(say("check this PC and this program"), "deeprx_gui.cli.self_test_command"),
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every command; texts in the language in use."""
    common = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: the same option may stand before or after the command without undoing itself
    common.add_argument(
        "--data-dir", type=Path, default=argparse.SUPPRESS, help=tr("folder for everything saved")
    )
    common.add_argument(
        "--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=tr("language of the texts")
    )
    common.add_argument(
        "--verbose", action="store_true", default=argparse.SUPPRESS, help=tr("tell more")
    )
    parser = argparse.ArgumentParser(prog="deeprx", parents=[common])
    parser.add_argument("--version", action="version", version=f"Deep RX Inspector {__version__}")
    commands = parser.add_subparsers(dest="command", metavar=tr("command"))
    for name, command in COMMANDS.items():
        text = render(command.help)
        sub = commands.add_parser(name, parents=[common], help=text, description=text)
        importlib.import_module(command.module).add(sub, common)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Every failure ends in a sentence."""
    configure_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    set_language(_language(words))
    parser = build_parser()
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return EXIT_ERROR
    paths = Paths(Path(getattr(args, "data_dir", None) or default_data_dir()).absolute())
    log.setup(paths, verbose=getattr(args, "verbose", False))
    try:
        settings = settings_module.load(paths.settings_file)
        if not hasattr(args, "lang"):
            set_language(settings.language_code)
        context = Context(
            paths, settings, ProfileStore(paths.profiles), BackboneLibrary(paths.backbones)
        )
        code = importlib.import_module(COMMANDS[args.command].module).run(args, context)
        sys.stdout.flush()
        return int(code)
    except KeyboardInterrupt:
        note(tr("Cancelled. What was saved before is untouched."))
        return EXIT_CANCELLED
    except DeepRxError as error:
        note(render(error.message))
        return EXIT_ERROR
    except BrokenPipeError:
        return EXIT_ERROR  # whoever read our output went away, nobody is left to tell
    except Exception:  # noqa: BLE001 - the last door: whatever comes is logged and told
        _log.exception("unexpected error")
        note(
            tr(
                "Something unexpected went wrong; nothing saved before is lost. "
                "Please send the file {log} to support.",
                log=paths.logs / log.FILE_NAME,
            )
        )
        return EXIT_ERROR
    finally:
        log.close()


def _language(words: Sequence[str]) -> str:
    """Find ``--lang`` before the parser exists, for the parser's own texts."""
    for index, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and index + 1 < len(words):
            value = words[index + 1]
        if value in LANGUAGES:
            return value
    return system_language()
