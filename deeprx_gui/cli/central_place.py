"""Which central database a command means, and the password for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from deeprx_gui import central_settings
from deeprx_gui.central import migrations
from deeprx_gui.central import password as passwords
from deeprx_gui.central.connect import TIMEOUT_SECONDS, CentralConnection
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.asking import ask_hidden, is_terminal
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.paths import resources_dir

T = TypeVar("T")
_HIGHEST_PORT = 65535


def add_place_options(command: Parser) -> None:
    """Add what says where the central database is; else it is the one that is set up here."""
    add = command.add_argument
    add("--host", metavar="HOST", help=tr("the server; else the one this PC is connected to"))
    add("--port", type=argument_types.whole(1), metavar="5432", help=tr("its port"))
    add("--database", metavar="DB", help=tr("name of the database; else deeprx"))
    add("--login", metavar="USER", help=tr("user name there; else the one of this PC"))
    add(
        "--ca",
        type=argument_types.path,
        metavar="FILE",
        help=tr("certificate authority of the server; else those this PC trusts"),
    )
    add("--no-tls", action="store_true", help=tr("in the clear: only for a database on this PC"))


def known_place(context: Context) -> CentralPlace | None:
    """Return the central database this PC is connected to."""
    return central_settings.load(context.paths.central_file)


def place_of(args: argparse.Namespace, context: Context) -> CentralPlace:
    """Return the database that is meant. Raises RequestError where none is."""
    known = known_place(context)
    if known is None and not (args.host and args.login):
        raise RequestError(
            say(
                "This PC is not connected to a central database. Name it with --host and --login,"
                " or connect this PC first: “deeprx central connect HOST --login USER”."
            )
        )
    place = known or CentralPlace(args.host, args.login)
    given = {
        "host": args.host,
        "port": args.port,
        "database": args.database,
        "user": args.login,
        "authority": None if args.ca is None else str(absolute(args.ca)),
        "tls": Tls.OFF if args.no_tls else None,
    }
    place = replace(place, **{key: value for key, value in given.items() if value is not None})
    central_settings.check(place)
    if place.authority and not Path(place.authority).is_file():
        raise RequestError(
            say("There is no file “{path}”. Check the path of --ca.", path=place.authority)
        )
    return place


def password_of(place: CentralPlace, *, ask: bool = True) -> str:
    """Return the password from the environment, the credential store, or a person."""
    known = passwords.read(place)
    if known or not ask:
        return known
    if not is_terminal():
        raise RequestError(
            say(
                "The password of {user} is not known here. Start the command in a terminal, where"
                " it asks for it, or put it into the environment variable {variable}.",
                user=place.user,
                variable=passwords.VARIABLE,
            )
        )
    return ask_hidden(tr("Password of {user} on {host}:", user=place.user, host=place.host))


@contextmanager
def connected(
    place: CentralPlace, *, timeout: float = TIMEOUT_SECONDS
) -> Iterator[CentralConnection]:
    """Give a connection to a central database. Raises RequestError, CentralError."""
    with CentralConnection(place, password_of(place), timeout=timeout) as connection:
        yield connection


def with_central(
    args: argparse.Namespace, context: Context, call: Callable[[CentralConnection], T]
) -> T:
    """Call with a connection to a database that has just the tables this program knows."""
    with connected(place_of(args, context)) as connection:
        migrations.check(connection, known_steps())
        return call(connection)


def known_steps() -> tuple[migrations.Step, ...]:
    """Return the steps this program knows."""
    return migrations.steps(resources_dir() / "central")
