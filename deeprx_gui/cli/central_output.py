"""What ``deeprx central`` answers: once as JSON, once for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from deeprx_gui.central.admin import Month, ServerFacts, Sizes, StationCard
from deeprx_gui.central.migrations import Step
from deeprx_gui.cli.output import print_line, print_note, print_table
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.forwarding import CLOCK_LIMIT, ForwardState
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.results.records.picture_files import FoundPictures
from deeprx_gui.results.records.pruning import PrunePlan

EXIT_TROUBLE = 2


def _place(place: CentralPlace) -> str:
    return f"{place.user}@{place.host}:{place.port}/{place.database}"


def connected(place: CentralPlace) -> CommandOutput:
    """Answer ``connect``."""
    return CommandOutput(
        {"connected": True, "place": _place(place), "line": place.line},
        lambda: print_line(
            tr(
                "This PC is connected to {place}. What it records is sent while the window is open"
                " or “deeprx inspect” runs.",
                place=_place(place),
            )
        ),
    )


def alone() -> CommandOutput:
    """Answer ``status`` of a PC without a central database."""
    return CommandOutput(
        {"connected": False},
        lambda: print_line(tr("This PC stands alone: no central database is set up here.")),
    )


def forward_words(state: ForwardState) -> Message:
    """Say how far the sending is."""
    if not state.waiting:
        return say_n(
            "{n} verdict is in the central database; nothing waits.",
            "{n} verdicts are in the central database; nothing waits.",
            n=state.sent,
        )
    return say(
        "{sent} of {n} verdicts are sent, {waiting} wait.",
        sent=state.sent,
        n=state.recorded,
        waiting=state.waiting,
    )


def _local(state: ForwardState) -> dict[str, object]:
    return {
        "sent": state.sent,
        "recorded": state.recorded,
        "waiting": state.waiting,
        "put_aside": state.put_aside,
        "clock_ahead": state.clock_ahead,
    }


def sent(state: ForwardState) -> CommandOutput:
    """Answer ``send``."""

    def show() -> None:
        print_line(render(forward_words(state)))
        for remark in state.remarks:
            print_note(render(remark))

    return CommandOutput(_local(state), show, EXIT_TROUBLE if state.put_aside else 0)


def status(
    local: ForwardState | None,
    stations: Sequence[StationCard],
    sizes: Sizes | None,
    problem: CentralError | None,
) -> CommandOutput:
    """Answer ``status``."""

    def show() -> None:
        if local is not None:
            print_line(render(forward_words(local)))
            for remark in local.remarks:
                print_note(render(remark))
        if problem is not None:
            print_note(render(problem.message))
        elif stations:
            _show_stations(stations)
        if sizes is not None:
            print_line(
                tr_n(
                    "{verdicts} verdicts of {n} month, {mb} MB in all ({picture_mb} MB pictures).",
                    "{verdicts} verdicts of {n} months, {mb} MB in all ({picture_mb} MB pictures).",
                    n=sizes.months,
                    verdicts=sizes.counted,
                    mb=round(sizes.bytes / 1e6),
                    picture_mb=round(sizes.picture_bytes / 1e6),
                )
            )

    answer = {
        "connected": problem is None,
        "problem": None if problem is None else render(problem.message),
        "trouble": None if problem is None else problem.trouble.value,
        "here": None if local is None else _local(local),
        "stations": [_station(station) for station in stations],
        "sizes": None if sizes is None else asdict(sizes),
    }
    return CommandOutput(answer, show, 0 if problem is None else EXIT_TROUBLE)


def _station(card: StationCard) -> dict[str, object]:
    return asdict(card) | {
        "last_seen": card.last_seen.isoformat(),
        "retired": None if card.retired is None else card.retired.isoformat(),
    }


def _show_stations(stations: Sequence[StationCard]) -> None:
    header = (
        tr("Station"), tr("Line"), tr("User"), tr("Verdicts"), tr("Waiting"), tr("Refused"),
        tr("Last seen"), tr("Clock (s)"),
    )  # fmt: skip
    print_table(header, [_row(station) for station in stations])


def _row(card: StationCard) -> tuple[str, ...]:
    seen = f"{card.last_seen.astimezone():%Y-%m-%d %H:%M}"
    if card.retired is not None:
        seen = tr("retired {when}", when=f"{card.retired.astimezone():%Y-%m-%d}")
    return (
        card.name, card.line, card.login, str(card.verdicts), str(card.waiting),
        str(card.put_aside), seen, f"{card.clock_ahead:+.1f}",
    )  # fmt: skip


def station_list(stations: Sequence[StationCard]) -> CommandOutput:
    """Answer ``station``."""

    def show() -> None:
        if stations:
            _show_stations(stations)
        else:
            print_line(tr("No station has signed in yet."))

    return CommandOutput({"stations": [_station(station) for station in stations]}, show)


def login_made(place: CentralPlace, login: str, password: str) -> CommandOutput:
    """Answer ``station add`` and ``station password``: the only time the password is seen."""

    def show() -> None:
        print_line(tr("User:     {name}", name=login))
        print_line(tr("Password: {password}", password=password))
        print_note(
            tr(
                "The password is shown this once and kept nowhere. On the PC: “deeprx central"
                " connect {host} --login {name}”.",
                host=place.host,
                name=login,
            )
        )

    return CommandOutput({"user": login, "password": password, "host": place.host}, show)


def migrated(done: Sequence[Step], at: int) -> CommandOutput:
    """Answer ``init`` and ``migrate``."""

    def show() -> None:
        for step in done:
            print_line(tr("Step {number}: {name}", number=step.number, name=step.name))
        print_line(tr("The central database is at step {number}.", number=at))

    answer = {"step": at, "ran": [{"number": s.number, "name": s.name} for s in done]}
    return CommandOutput(answer, show)


def checked(
    place: CentralPlace, found: ServerFacts, step: int, problem: Message | None
) -> CommandOutput:
    """Answer ``check``."""
    remarks = _remarks(found, problem)

    def show() -> None:
        print_line(
            tr(
                "{place}: PostgreSQL {version}, answers in {ms} ms, step {step}.",
                place=_place(place),
                version=found.version,
                ms=round(found.milliseconds),
                step=step,
            )
        )
        tls = tr("encrypted, certificate checked") if found.encrypted else tr("in the clear")
        print_line(tr("Connection: {how}.", how=tls))
        print_line(tr("Rights: {roles}.", roles=", ".join(found.roles) or tr("none of ours")))
        print_line(tr("Clock: {seconds} s ahead.", seconds=f"{found.clock_ahead:+.1f}"))
        for remark in remarks:
            print_note(render(remark))

    answer = {
        "place": _place(place),
        **asdict(found),
        "step": step,
        "remarks": [render(remark) for remark in remarks],
    }
    return CommandOutput(answer, show, EXIT_TROUBLE if problem is not None else 0)


def _remarks(found: ServerFacts, problem: Message | None) -> list[Message]:
    told = [] if problem is None else [problem]
    if found.superuser:
        told.append(
            say(
                "This user may do everything on the server. For a station make one of its own:"
                " “deeprx central station add NAME”."
            )
        )
    elif not found.roles and problem is None:
        told.append(
            say("This user has no right to the tables. Let an administrator make one that has.")
        )
    if abs(found.clock_ahead) > CLOCK_LIMIT:
        told.extend(ForwardState(clock_ahead=found.clock_ahead).remarks)
    return told


def show_months(months: Sequence[Month]) -> None:
    """Print what retention would delete."""
    print_table(
        (tr("Month"), tr("Verdicts"), tr("Pictures"), "MB", tr("Files on the share"), "MB"),
        [
            (m.month, str(m.verdicts), str(m.pictures), f"{m.bytes / 1e6:.1f}", str(m.files),
             f"{m.file_bytes / 1e6:.1f}")
            for m in months
        ],
    )  # fmt: skip


def pruned(months: Sequence[Month], *, deleted: bool) -> CommandOutput:
    """Answer ``prune``."""

    def show() -> None:
        if not months:
            print_line(tr("No month is that old."))
            return
        show_months(months)
        total = sum(month.verdicts for month in months)
        if deleted:
            print_line(tr_n("{n} verdict deleted.", "{n} verdicts deleted.", n=total))
        else:
            print_line(
                tr_n(
                    "{n} verdict would be deleted with its pictures and decisions; the counts per"
                    " hour stay. With --yes they are.",
                    "{n} verdicts would be deleted with their pictures and decisions; the counts"
                    " per hour stay. With --yes they are.",
                    n=total,
                )
            )

    answer = {"deleted": deleted, "months": [asdict(month) for month in months]}
    return CommandOutput(answer, show)


def show_plan(plan: PrunePlan, kept: FoundPictures, *, go: bool) -> None:
    """Print what would go from this PC; ``kept``: its pictures, which ``go`` as well or stay."""
    print_line(
        tr_n(
            "{n} verdict of this PC is in the central database and goes from here.",
            "{n} verdicts of this PC are in the central database and go from here.",
            n=len(plan.gone),
        )
    )
    if plan.unsent:
        print_line(
            tr_n(
                "{n} verdict is not in the central database and stays.",
                "{n} verdicts are not in the central database and stay.",
                n=plan.unsent,
            )
        )
    if plan.files_there:
        print_line(
            tr_n(
                "{n} verdict stays because the judged file is still there.",
                "{n} verdicts stay because the judged files are still there.",
                n=plan.files_there,
            )
        )
    if go:
        print_line(
            tr_n(
                "{n} kept picture of theirs ({mb} MB) is deleted on this PC. The counts stay in the"
                " file.",
                "{n} kept pictures of theirs ({mb} MB) are deleted on this PC. The counts stay in"
                " the file.",
                n=kept.files,
                mb=f"{kept.bytes / 1e6:.1f}",
            )
        )
        return
    print_line(tr("Kept pictures stay where they are, and the counts stay in the file."))
    if kept.files:
        print_line(
            tr_n(
                "{n} kept picture of theirs ({mb} MB) is on this PC; with --pictures it goes.",
                "{n} kept pictures of theirs ({mb} MB) are on this PC; with --pictures they go.",
                n=kept.files,
                mb=f"{kept.bytes / 1e6:.1f}",
            )
        )


def pruned_here(
    plan: PrunePlan, kept: FoundPictures, now: int | None, *, go: bool
) -> CommandOutput:
    """Answer ``prune-here``; ``now``: bytes of the file afterwards, ``None``: nothing was done.

    ``kept``: pictures of what goes that lie on this PC, ``go``: they go as well.
    """

    def show() -> None:
        if now is None:
            show_plan(plan, kept, go=go)
            if plan.gone:
                print_line(tr("Nothing was changed. With --yes it is."))
            return
        print_line(
            tr(
                "Done: {n} verdicts went, the file has {now} MB instead of {before}.",
                n=len(plan.gone),
                now=round(now / 1e6),
                before=round(plan.bytes / 1e6),
            )
        )

    answer = {
        "deleted": now is not None,
        "verdicts": len(plan.gone),
        "not_sent": plan.unsent,
        "files_there": plan.files_there,
        "pictures": kept.files,
        "picture_bytes": kept.bytes,
        "pictures_deleted": go and now is not None,
        "bytes_before": plan.bytes,
        "bytes": now,
    }
    return CommandOutput(answer, show)
