"""The window's front door: ``deeprx-gui [--data-dir DIR] [--lang ja|en]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deeprx_gui import __version__, log
from deeprx_gui import settings as settings_module
from deeprx_gui.i18n import LANGUAGES, set_language
from deeprx_gui.paths import Paths, default_data_dir


def main(argv: Sequence[str]) -> int:
    """Open the window; a first word that is a command is handed to the command line."""
    if (argv and not argv[0].startswith("-")) or "--help" in argv or "-h" in argv:
        from deeprx_gui.cli.main import COMMANDS
        from deeprx_gui.cli.main import main as command_line

        if argv[0] in COMMANDS:
            return command_line(argv)
    parser = argparse.ArgumentParser(prog="deeprx-gui")
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--lang", choices=LANGUAGES, default=None)
    parser.add_argument("--version", action="version", version=f"Deep RX Inspector {__version__}")
    args = parser.parse_args(list(argv))
    paths = Paths((args.data_dir or default_data_dir()).absolute())
    log.setup(paths)
    settings = settings_module.load(paths.settings_file)
    if args.lang:
        settings = replace(settings, language=args.lang)
    set_language(settings.language_code)
    from deeprx_gui.app import run  # Qt only when a window opens

    try:
        return run(paths, settings, argv=[sys.argv[0]])
    finally:
        log.close()
