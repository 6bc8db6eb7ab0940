"""``deeprx central``: the database that several stations share."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping

from deeprx_gui.central import admin, migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.cli import argument_types
from deeprx_gui.cli import central_output as answers
from deeprx_gui.cli import central_this_pc as this_pc
from deeprx_gui.cli.central_place import (
    add_place_options,
    connected,
    known_place,
    known_steps,
    place_of,
)
from deeprx_gui.cli.central_prune import add_pruning, prune, prune_here
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.streams import write_answer
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.central import PictureRule
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr

_ASKS_NOBODY = frozenset({"new-id", "disconnect"})
_ELSEWHERE: Mapping[str, str] = {
    "people": "deeprx_gui.cli.central_people_command",
    "audit": "deeprx_gui.cli.central_audit_command",
    "report": "deeprx_gui.cli.central_report_command",
}
"""Verbs with a module of their own."""
_LONG = 6 * 3600.0
"""Seconds: an index over many millions of rows takes its time."""
_STATION_WORDS = ("list", "add", "password", "retire", "take-up", "hand-over")


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    for name, module in _ELSEWHERE.items():
        importlib.import_module(module).add(verbs[name], common)
    for name, command in verbs.items():
        if name in _ELSEWHERE:
            continue
        if name == "connect":
            command.add_argument("host", help=tr("the server"))
        if name not in _ASKS_NOBODY:
            add_place_options(command)
        add_json_option(command)
    connect = verbs["connect"].add_argument
    connect("--line", metavar="LINE", help=tr("the production line of this station"))
    connect(
        "--pictures",
        type=PictureRule,
        choices=tuple(PictureRule),
        metavar="RULE",
        help=tr("kept pictures to send as well: none, bad or all"),
    )
    connect(
        "--picture-folder",
        type=argument_types.path,
        metavar="DIR",
        help=tr("a share for these pictures; without it they go into the database"),
    )
    verbs["init"].add_argument(
        "--print-sql", action="store_true", help=tr("only print what would be run, as one script")
    )
    add_pruning(verbs["prune"], verbs["prune-here"])
    verbs["send"].add_argument(
        "--refused", action="store_true", help=tr("send also what the server refused before")
    )
    verbs["send"].add_argument(
        "--all",
        action="store_true",
        help=tr("begin at the first verdict anew; none is there twice"),
    )
    station = verbs["station"].add_argument
    station("what", choices=_STATION_WORDS, help=", ".join(_STATION_WORDS))
    station("name", nargs="?", help=tr("user name (add, password), else the station"))
    station(
        "new_login",
        nargs="?",
        metavar="LOGIN",
        help=tr("hand-over: the user name that writes from now on"),
    )
    station("--role", choices=admin.ROLES, default="station", help=tr("what a new user may do"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer = VERBS[args.verb].run(args, context)
    return answer if isinstance(answer, int) else answer.tell(as_json=args.json)


def _elsewhere(args: argparse.Namespace, context: Context) -> int:
    code: int = importlib.import_module(_ELSEWHERE[args.verb]).run(args, context)
    return code


def _status(args: argparse.Namespace, context: Context) -> CommandOutput:
    place = known_place(context)
    if place is None and not args.host:
        return answers.alone()
    local = None
    if place is not None:
        work = this_pc.setup_of(context, place, "").work()
        work.look_at_file()
        local = work.state
    try:
        with connected(place_of(args, context)) as connection:
            migrations.check(connection, known_steps())
            known = admin.stations(connection)
            size = admin.sizes(connection) if _reads(connection) else None
    except CentralError as error:
        return answers.status(local, (), None, error)
    return answers.status(local, known, size, None)


def _reads(connection: CentralConnection) -> bool:
    return bool(connection.run("SELECT has_table_privilege('deeprx.hours', 'SELECT')")[0][0])


# The server ---------------------------------------------------------------------------------


def _init(args: argparse.Namespace, context: Context) -> CommandOutput:
    if args.print_sql:
        script = migrations.script(known_steps())
        return CommandOutput({"sql": script}, lambda: write_answer(script))
    return _migrate(args, context, first=True)


def _migrate(args: argparse.Namespace, context: Context, *, first: bool = False) -> CommandOutput:
    with connected(place_of(args, context), timeout=_LONG) as connection:
        found = admin.facts(connection)
        if found.number < admin.OLDEST_SERVER or found.encoding != "UTF8":
            raise RequestError(
                say(
                    "The server is PostgreSQL {version} with the encoding {encoding}. It takes"
                    " PostgreSQL 15 or later and a database in UTF8.",
                    version=found.version,
                    encoding=found.encoding,
                )
            )
        if not first and migrations.ran(connection) == 0:
            migrations.check(connection, known_steps())
        done = migrations.migrate(connection, known_steps())
        at = migrations.ran(connection)
    return answers.migrated(done, at)


def _check(args: argparse.Namespace, context: Context) -> CommandOutput:
    with connected(place_of(args, context)) as connection:
        found = admin.facts(connection)
        problem = None
        try:
            migrations.check(connection, known_steps())
        except CentralError as error:
            problem = error.message
        return answers.checked(connection.place, found, migrations.ran(connection), problem)


def _station(args: argparse.Namespace, context: Context) -> CommandOutput:
    if args.what != "list" and not args.name:
        raise RequestError(say("Write the name behind “{what}”.", what=args.what))
    with connected(place_of(args, context)) as connection:
        migrations.check(connection, known_steps())
        if args.what == "list":
            return answers.station_list(admin.stations(connection))
        if args.what in {"add", "password"}:
            login = admin.check_login(args.name)
            if args.what == "add":
                password = admin.make_login(connection, login, args.role)
            else:
                password = admin.new_password(connection, login)
            return answers.login_made(connection.place, login, password)
        card = admin.find_station(connection, args.name)
        if args.what == "hand-over":
            if not args.new_login:
                raise RequestError(say("Write the station and the user name behind “hand-over”."))
            admin.hand_over(connection, card.number, args.new_login)
        else:
            retired = args.what == "retire"
            admin.retire(connection, card.number, retired=retired)
            if command := admin.let_sign_in(connection, card.login, allowed=not retired):
                print_note(tr(
                    "This user may not change who signs in to the server. Let its owner run:"
                    " {command}",
                    command=command,
                ))  # fmt: skip
        return answers.station_list([admin.find_station(connection, card.id)])


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], CommandOutput | int]]] = {
    "init": Verb(
        say("make the tables in an empty database, or print the script"), Work.ENGINEERS, _init
    ),
    "check": Verb(
        say("look at connection, certificate, rights, tables and clock"), Work.ANYBODYS, _check
    ),
    "status": Verb(
        say("say what is sent from here, which stations send, and how large it is"),
        Work.ANYBODYS,
        _status,
    ),
    "migrate": Verb(say("bring the tables to what this version knows"), Work.ENGINEERS, _migrate),
    "prune": Verb(say("delete old months, after saying what goes"), Work.ENGINEERS, prune),
    "station": Verb(
        say("list stations, make users with a password, retire a station"),
        Work.ENGINEERS,
        _station,
    ),
    "connect": Verb(
        say("connect this PC: test, then remember; the password goes to the system's store"),
        Work.ENGINEERS,
        this_pc.connect,
    ),
    "disconnect": Verb(say("let this PC stand alone again"), Work.ENGINEERS, this_pc.disconnect),
    "send": Verb(say("send now what waits here"), Work.ANYBODYS, this_pc.send),
    "prune-here": Verb(
        say("let old verdicts go from this PC that the central database has"),
        Work.ENGINEERS,
        prune_here,
    ),
    "new-id": Verb(say("make a copied PC a station of its own"), Work.ENGINEERS, this_pc.new_id),
    "people": Verb(say("who may sign in at the stations, and as what"), Work.ANYBODYS, _elsewhere),
    "audit": Verb(say("who did what at which station"), Work.ANYBODYS, _elsewhere),
    "report": Verb(
        say("compare the stations: yield, false calls, worst places, drift"),
        Work.ANYBODYS,
        _elsewhere,
    ),
}
