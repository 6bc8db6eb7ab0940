"""``deeprx central``: the verbs that are about this PC."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from deeprx_gui import central_settings
from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.central import migrations
from deeprx_gui.central import password as passwords
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.cli import central_output as answers
from deeprx_gui.cli.central_place import (
    known_place,
    known_steps,
    password_of,
    place_of,
)
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.people_rounds import meet_the_centre
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.forwarding import ForwardMark
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.i18n import tr
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.station_identity import identity
from deeprx_gui.work import forward_files
from deeprx_gui.work.forward import ForwardSetup
from deeprx_gui.work.forward_pass import ForwardWork


def connect(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Try the database, then remember it."""
    if not args.login and known_place(context) is None:
        raise RequestError(say("Add --login: the user name of this station on the server."))
    given = {
        "line": args.line,
        "pictures": args.pictures,
        "picture_folder": None
        if args.picture_folder is None
        else str(absolute(args.picture_folder)),
    }
    changes = {key: value for key, value in given.items() if value is not None}
    place = replace(place_of(args, context), **changes)
    password = password_of(place)
    with CentralConnection(place, password) as connection:
        migrations.check(connection, known_steps())
    if not passwords.given():
        passwords.remember(place, password)
    central_settings.save(place, context.paths.central_file)
    return answers.connected(place)


def disconnect(_args: argparse.Namespace, context: Context) -> CommandOutput:
    """Let this PC stand alone again."""
    place = known_place(context)
    if place is not None:
        passwords.forget(place)
    central_settings.save(None, context.paths.central_file)
    return CommandOutput(
        {"connected": False},
        lambda: print_line(
            tr("This PC stands alone again. What it sent stays in the central database.")
        ),
    )


def new_id(_args: argparse.Namespace, context: Context) -> CommandOutput:
    """Make this PC a station of its own: it is a copy of another one."""
    with closing(forward_files.hold(context.paths.results)):
        for file in (
            context.paths.station_id_file,
            context.paths.data / forward_files.INSTALLATION,
        ):
            file.unlink(missing_ok=True)
        made = identity(context.paths.station_id_file, "")
    return CommandOutput(
        {"id": made.id},
        lambda: print_line(
            tr(
                "This PC is a station of its own now (id {id}). Give it a name of its own on the"
                " page Inspect.",
                id=made.id,
            )
        ),
    )


def setup_of(context: Context, place: CentralPlace, password: str) -> ForwardSetup:
    """Return who sends what from this PC."""
    paths = context.paths
    name = stations.load(paths.station_file, sources=SOURCES, outputs=OUTPUTS).name
    return ForwardSetup(
        place,
        lambda: password,
        identity(paths.station_id_file, name),
        paths.data,
        paths.results,
        paths.profiles,
        known_steps(),
    )


def send(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Send now what waits here."""
    place = place_of(args, context)
    setup = setup_of(context, place, password_of(place))
    with closing(forward_files.hold(context.paths.results)):
        if args.all:
            forward_files.write_mark(context.paths.results, ForwardMark())
        work = setup.work()
        drive(_all_of(setup, work, refused=args.refused))
    if place == known_place(context):
        meet_the_centre(context)
    return answers.sent(work.state)


def _all_of(
    setup: ForwardSetup, work: ForwardWork, *, refused: bool
) -> Generator[Progress, None, None]:
    """Send until nothing is left."""
    note = say("Sending to the central database")
    with setup.session() as session:
        work.begin(session)
        try:
            if refused:
                work.retry_refused(session)
            while work.one_pass(session):
                yield Progress(work.state.sent, work.state.recorded, note)
            work.report(session)
        finally:
            work.keep_mark()
