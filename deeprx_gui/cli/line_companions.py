"""What goes before and beside ``deeprx inspect``.

Limit samples, a candidate in the shadow, and sending to the central database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from deeprx_gui import central_settings
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.people_rounds import meeting_the_centre
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.samples_command import note_check
from deeprx_gui.cli.shadow_command import begin_trial
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.limit_samples import SampleDuty, SampleRule, SampleWay, duty
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.station import Station
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.results.sample_records import SampleRecords
from deeprx_gui.results.shadow_log import ShadowLog
from deeprx_gui.station_identity import identity
from deeprx_gui.work.limit_samples import replay_samples
from deeprx_gui.work.shadow import Shadow, ShadowJudge, ShadowPlan


def add_shadow_option(parser: Parser) -> None:
    """Declare the option that puts a candidate on trial."""
    parser.add_argument(
        "--shadow",
        type=argument_types.revision,
        metavar="REVISION",
        help=tr("let this revision judge silently as well, see “deeprx shadow”"),
    )


def check_samples(context: Context, profile: Profile, station: Station, runtime: str) -> None:
    """Have the limit samples judged where the station asks for them and they are due.

    Stored pictures are judged at once; parts that are to be shown to the camera have to be shown
    in the window first. Raises RequestError while the line is locked.
    """
    if station.samples is SampleRule.OFF:
        return
    found = _duty(context, profile, station)
    if not found.due:
        return
    if not found.missing and station.sample_way is SampleWay.REPLAYED:
        outcome = drive(replay_samples(profile, engines=context.engines(runtime)))
        record = note_check(context, profile, outcome.results, outcome.runtime)
        print_note(render(record.sentence))
        if record.passed:
            return
        raise RequestError(
            say(
                "{problem} The line stays locked. Look with “{look}”; an engineer releases it with "
                "“{release}”.",
                problem=record.sentence,
                look=f"deeprx samples run {profile.name}",
                release=f"deeprx samples release {profile.name} --why REASON",
            )
        )
    raise RequestError(
        say(
            "{problem} Check them in the window, or let an engineer release the line with "
            "“{release}”.",
            problem=found.why or "",
            release=f"deeprx samples release {profile.name} --why REASON",
        )
    )


def _duty(context: Context, profile: Profile, station: Station) -> SampleDuty:
    """Return whether they are due.

    A command is no program that runs through a shift: where the station asks after every start of
    the program, a check or a release counts here for as many hours as the station says.
    """
    now = datetime.now(UTC)
    return duty(
        replace(station.demand, rule=SampleRule.HOURS),
        profile_id=profile.id,
        revision=profile.revision,
        station_id=identity(context.paths.station_id_file, station.name).id,
        samples=len(profile.limit_samples),
        records=SampleRecords(context.paths.sample_records).read(),
        begun=now,
        now=now,
    )


def shadow_for(
    context: Context,
    log: ShadowLog,
    profile: Profile,
    station: Station,
    *,
    revision: int | None,
    runtime: str,
) -> Shadow | None:
    """Return the candidate that judges beside this run: ``revision``, or the one on trial.

    A trial that cannot go on is said and left out; a ``revision`` that was asked for and cannot be
    tried is an error.
    """
    if revision is not None:
        running = log.running(profile.id)
        if running is None or running.candidate != revision:
            context.guard.admit("inspect --shadow")
        begin_trial(context, log, profile.id, revision, "")
    try:
        trial = log.running(profile.id)
        if trial is None or trial.candidate == profile.revision:
            return None
        candidate = context.store.load(profile.id, trial.candidate)
    except DeepRxError as error:
        if revision is not None:
            raise
        print_note(render(error.message))
        return None
    plan = ShadowPlan(trial.number, profile, candidate, station.strict_pictures)
    return ShadowJudge(plan, lambda: context.engines(runtime), log)


@contextmanager
def sending_to_the_centre(context: Context, station: str) -> Iterator[None]:
    """Send to the central database meanwhile, where this PC is connected to one."""
    place = central_settings.load(context.paths.central_file)
    if place is None:
        yield
        return
    from deeprx_gui.central import password
    from deeprx_gui.cli.central_place import known_steps
    from deeprx_gui.work.forward import Forwarder, ForwardSetup

    paths = context.paths
    forwarder = Forwarder(
        ForwardSetup(
            place,
            partial(password.read, place),
            identity(paths.station_id_file, station),
            paths.data,
            paths.results,
            paths.profiles,
            known_steps(),
        ),
        live=lambda: True,
    )
    forwarder.start()
    try:
        with meeting_the_centre(context):
            yield
    finally:
        forwarder.finish()
        state = forwarder.state
        if state.problem is not None:
            print_note(render(state.problem))
        if state.waiting:
            print_note(
                tr_n(
                    "{n} verdict still waits for the central database.",
                    "{n} verdicts still wait for the central database.",
                    n=state.waiting,
                )
            )
