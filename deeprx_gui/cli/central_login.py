"""Reaching the central database from the command line: place, login, password."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from deeprx_gui import central_settings
from deeprx_gui.central import password as passwords
from deeprx_gui.cli.asking import ask_hidden, is_terminal
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.parser import Parser
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.paths import resources_dir

if TYPE_CHECKING:
    from deeprx_gui.central.connect import CentralConnection

T = TypeVar("T")


def add_login_option(parser: Parser) -> None:
    """Add ``--login``."""
    parser.add_argument(
        "--login",
        metavar="USER",
        help=tr("user of the central database; without it the one of the settings"),
    )


def with_central(
    args: argparse.Namespace, context: Context, call: Callable[[CentralConnection], T]
) -> T:
    """Call with a connection to a central database that has our tables.

    The password comes from the environment, the credential store, or is asked for in a terminal.
    Raises RequestError where no central place is set, and CentralError.
    """
    from deeprx_gui.central.connect import CentralConnection
    from deeprx_gui.central.migrations import check, steps

    place = central_settings.load(context.paths.central_file)
    if place is None:
        raise RequestError(
            say("No central database is set on this PC. Set it first, then try again.")
        )
    if args.login:
        place = replace(place, user=args.login)
    password = passwords.read(place)
    if not password and is_terminal():
        password = ask_hidden(tr("Password of {user}:", user=place.user))
    with CentralConnection(place, password) as connection:
        check(connection, steps(resources_dir() / "central"))
        return call(connection)
