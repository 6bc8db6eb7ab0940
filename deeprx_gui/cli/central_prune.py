"""``deeprx central prune`` and ``prune-here``: old months go, after it was said what goes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui.central import admin, migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.cli import argument_types
from deeprx_gui.cli import central_output as answers
from deeprx_gui.cli import central_this_pc as this_pc
from deeprx_gui.cli.asking import ask_plain, is_terminal
from deeprx_gui.cli.central_place import connected, known_steps, password_of, place_of
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import tr
from deeprx_gui.results.records import pruning
from deeprx_gui.results.records.picture_files import FoundPictures, delete_pictures, find_pictures
from deeprx_gui.results.records.store import FILE_NAME
from deeprx_gui.work import forward_files

_LONG = 6 * 3600.0


def add_pruning(prune_command: Parser, here_command: Parser) -> None:
    """Declare the arguments of both verbs."""
    for command in (prune_command, here_command):
        command.add_argument(
            "--keep-months",
            type=argument_types.whole(1),
            metavar="N",
            help=tr("whole months to keep, besides the present one"),
        )
        command.add_argument("--yes", action="store_true", help=tr("do not ask, delete"))
    prune_command.exclude_each_other(
        prune_command.add_argument(
            "--picture-folder",
            type=argument_types.path,
            metavar="DIR",
            help=tr("the share with the stations' pictures; else the one set on this PC"),
        ),
        prune_command.add_argument(
            "--leave-pictures", action="store_true", help=tr("let pictures on a share stay")
        ),
    )
    here_command.add_argument(
        "--pictures",
        action="store_true",
        help=tr("delete the kept pictures of these verdicts on this PC as well"),
    )


def prune(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Delete old months in the central database, and their pictures on the share."""
    keep = _keep(args)
    place = place_of(args, context)
    share = _share(args, place)
    with connected(place, timeout=_LONG) as connection:
        migrations.check(connection, known_steps())
        months = admin.months_before(connection, keep)
        found: dict[str, FoundPictures] = {}
        if share is not None:
            found = {month.month: _on_share(connection, share, month) for month in months}
            months = tuple(
                replace(m, files=found[m.month].files, file_bytes=found[m.month].bytes)
                for m in months
            )
        if not months or not _agreed(args, lambda: answers.show_months(months)):
            return answers.pruned(months, deleted=False)
        for month in months:
            if share is not None:
                _delete(share, found[month.month], month.month)
            admin.drop_month(connection, month.month)
            print_note(tr("Deleted: {month}", month=month.month))
        return answers.pruned(months, deleted=True)


def _share(args: argparse.Namespace, place: CentralPlace) -> Path | None:
    """Return where stations put pictures as files. Raises StorageError where it is away."""
    if args.leave_pictures:
        return None
    given = args.picture_folder
    folder = Path(place.picture_folder) if given is None else absolute(given)
    if given is None and not place.picture_folder:
        return None
    try:
        there = folder.is_dir()
    except OSError:
        there = False
    if not there:
        raise _away(folder)
    return folder


def _away(folder: Path) -> StorageError:
    return StorageError(
        say(
            "The pictures of the stations cannot be found in {folder}, so nothing was deleted."
            " Connect the share, or name it with --picture-folder. With --leave-pictures the"
            " verdicts go without them.",
            folder=folder,
        )
    )


def _on_share(connection: CentralConnection, share: Path, month: admin.Month) -> FoundPictures:
    """Return the files that go with a month.

    A share without a folder of any station is one that is not connected, not one without pictures.
    """
    any_name = False

    def names() -> Iterator[str]:
        nonlocal any_name
        for name in admin.picture_names(connection, month.month):
            any_name = True
            yield name

    found = find_pictures(share, names())
    if any_name and not found.files and not any(share.glob("station-*")):
        raise _away(share)
    return found


def _delete(share: Path, found: FoundPictures, month: str) -> None:
    try:
        for _gone in delete_pictures(share, found):
            pass
    except StorageError as error:
        raise StorageError(
            say(
                "Not all pictures of {month} could be deleted: {problem} The verdicts of {month}"
                " and of later months are still there. Call it again once the share takes changes.",
                month=month,
                problem=error.message,
            )
        ) from error


def prune_here(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Let verdicts go from this PC that the centre has, and if wanted their pictures."""
    keep = _keep(args)
    place, folder = place_of(args, context), context.paths.results
    setup = this_pc.setup_of(context, place, password_of(place))
    with closing(forward_files.hold(folder)), setup.session() as session:
        found = drive(
            pruning.plan(
                folder,
                keep,
                verdicts=session.arrived,
                decisions=session.decisions_arrived,
                pictures_sent=forward_files.pictures_sent(folder, place),
                station=setup.identity.id,
            )
        )
        kept, go = found.kept_pictures(folder), args.pictures
        if not found.gone or not _agreed(args, lambda: answers.show_plan(found, kept, go=go)):
            return answers.pruned_here(found, kept, None, go=go)
        went = drive(pruning.prune(folder, found, pictures=go))
        size = (folder / FILE_NAME).stat().st_size
        return answers.pruned_here(went, kept, size, go=go)


def _keep(args: argparse.Namespace) -> datetime:
    """Return the beginning of the oldest month that is kept."""
    if args.keep_months is None:
        raise RequestError(say("Add --keep-months: how many whole months are to be kept."))
    now = datetime.now(UTC)
    months = now.year * 12 + now.month - 1 - args.keep_months
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _agreed(args: argparse.Namespace, show: Callable[[], None]) -> bool:
    """Say whether to delete, after ``show`` said what; nobody to ask means no."""
    if args.yes:
        return True
    if args.json or not is_terminal():
        return False
    show()
    return ask_plain(tr("This is deleted for ever. Write “yes” to delete it:")).lower() == "yes"
