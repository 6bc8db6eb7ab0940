"""What every verb of ``deeprx library`` needs: the connection, the station, scopes, keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deeprx_gui import central_settings, library_settings
from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.cli.asking import ask_hidden, ask_plain, is_terminal
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.library import ALL, Following, Scope, StationPlace
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render, tr
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
from deeprx_gui.station_identity import identity
from deeprx_gui.work.forward_files import Installation
from deeprx_gui.work.library_book import LibraryBook

if TYPE_CHECKING:
    from deeprx_gui.central.signing import PrivateKey
    from deeprx_gui.work.follow_library import Follower
    from deeprx_gui.work.follow_report import OnLine

PASSPHRASE_VARIABLE: Final = "DEEPRX_KEY_PASSPHRASE"  # noqa: S105 - where it is, not what


def place_of(context: Context) -> CentralPlace:
    """Return where the central database is. Raises RequestError where none is set up."""
    place = central_settings.load(context.paths.central_file)
    if place is None:
        raise RequestError(
            say(
                "The library of products lies in the central database, and none is set up on this"
                " PC. Set it up with “deeprx central”; see docs/library.md."
            )
        )
    return place


def book_of(context: Context) -> LibraryBook:
    """Return what this PC remembers of the library."""
    return LibraryBook(context.paths.library)


def records_of(context: Context) -> RecordStore | None:
    """Open the remembered verdicts for reading, ``None`` where there are none."""
    if not (context.paths.results / FILE_NAME).exists():
        return None
    return RecordStore(context.paths.results, read_only=True)


def follower_of(
    context: Context,
    following: Following,
    on_line: Callable[[], OnLine | None] = lambda: None,
) -> Follower:
    """Return what follows the library on this PC; ``on_line`` as ``Follower`` has it."""
    from deeprx_gui.central import password
    from deeprx_gui.work.follow_library import Follower

    place = place_of(context)
    named = stations.load(context.paths.station_file, sources=SOURCES, outputs=OUTPUTS)

    @cache
    def engines() -> EnginePool:
        return context.engines()

    return Follower(
        place,
        partial(password.read, place),
        following,
        identity(context.paths.station_id_file, named.name),
        context.store,
        book_of(context),
        engines,
        partial(records_of, context),
        words=partial(Installation, context.paths.data),
        on_line=on_line,
    )


def scope_of(text: str, known: Sequence[StationPlace]) -> Scope:
    """Return whom ``all``, ``line:NAME`` or ``station:NAME`` means. Raises RequestError."""
    word, _, name = text.partition(":")
    word, name = word.strip().casefold(), name.strip()
    if word == "all" and not name:
        return ALL
    if word == "line" and name:
        lines = sorted({one.line for one in known if one.line})
        if name not in lines:
            raise RequestError(
                say("No station belongs to a line “{name}”. Lines: {lines}.",
                    name=name, lines=", ".join(lines) or "–")
            )  # fmt: skip
        return Scope(line=name)
    if word == "station" and name:
        found = [one for one in known if name in {one.id, one.name}]
        if len(found) == 1:
            return Scope(station=found[0].number)
        raise RequestError(
            say(
                "“{name}” is not the name or id of just one station. Stations: {names}.",
                name=name, names=", ".join(f"{s.name} ({s.id})" for s in known) or "–",
            )
        )  # fmt: skip
    raise RequestError(
        say("“{text}” is not possible here. Write all, line:NAME or station:NAME.", text=text)
    )


def private_key(file: Path | None) -> PrivateKey | None:
    """Return the engineer's key: of a file, or of the credential store; ``None``: there is none.

    Raises RequestError and StorageError.
    """
    from deeprx_gui.central import signing

    if file is None:
        return signing.recall()
    return signing.read(file, passphrase(again=False))


def confirm(summary: Message) -> None:
    """Have a person at the terminal agree to a release. Raises RequestError where nobody does."""
    if not is_terminal():
        raise RequestError(
            say("{summary} Nothing was released. Add --yes if that is right.", summary=summary)
        )
    print_note(render(summary))
    if ask_plain(tr("Write “yes” to release it:")).lower() != "yes":
        raise RequestError(say("Nothing was released."))


def passphrase(*, again: bool) -> str:
    """Return the passphrase of a key, from the environment or typed; ``again``: typed twice.

    Raises RequestError where there is neither.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    if not is_terminal():
        raise RequestError(
            say(
                "The key needs its passphrase. Start the command in a terminal, or put the"
                " passphrase into the environment variable {variable}.",
                variable=PASSPHRASE_VARIABLE,
            )
        )
    typed = ask_hidden(tr("Passphrase of the key:"))
    if again and ask_hidden(tr("Once more:")) != typed:
        raise RequestError(say("The two are not the same. Nothing was kept."))
    return typed


def proposed_instead(context: Context, profile: Profile, limits: Limits, why: str) -> bool:
    """Propose limits to the library where the product follows it; say whether that was done.

    Raises StorageError.
    """
    following = library_settings.load(context.paths.library_file)
    if not following.on:
        return False
    from deeprx_gui.work.limit_proposals import follows, propose

    book = book_of(context)
    if not follows(profile, following, book):
        return False
    records = records_of(context)
    try:
        propose(profile, limits, who=context.settings.who, why=why, records=records, book=book)
    finally:
        if records is not None:
            records.close()
    print_note(
        tr(
            "“{name}” follows the library: the limits were proposed to it, and nothing was changed"
            " here. They apply once an engineer accepts and releases them.",
            name=profile.name,
        )
    )
    return True
