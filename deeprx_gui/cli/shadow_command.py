"""``deeprx shadow``: try another revision silently beside the one in use."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.gate_command import add_overrule_option, check_overrule, gate_as_json, judged
from deeprx_gui.cli.options import add_count_option, add_json_option
from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput, label
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.shadow import (
    ENDED,
    DecidedParts,
    ShadowPart,
    ShadowTrial,
    Side,
    TrialState,
    decided_parts,
)
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.shadow_log import ShadowLog
from deeprx_gui.results.writing import write_file
from deeprx_gui.work.shadow import ShadowPlan, refused

_MOST = 10**6


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    for command in verbs.values():
        command.add_argument("name", help=tr("name of the product profile"))
        add_json_option(command)
    verbs["start"].add_argument(
        "revision",
        type=argument_types.revision,
        help=tr("the candidate: a revision that is not in use, for example 7 or r0007"),
    )
    for verb in ("start", "stop", "promote", "drop"):
        verbs[verb].add_argument(
            "--why", default="", metavar="WHY", help=tr("reason, written into the history")
        )
    add_overrule_option(verbs["promote"])
    verbs["list"].add_argument(
        "--side",
        type=Side,
        choices=tuple(Side),
        metavar="SIDE",
        help=tr("only parts that the candidate judges stricter, looser or otherwise"),
    )
    add_count_option(verbs["list"])
    verbs["list"].add_argument(
        "--pictures",
        type=argument_types.path,
        metavar="FOLDER",
        help=tr("write the pictures of the listed parts into this folder"),
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    with closing(ShadowLog(context.paths.shadow)) as log:
        answer = VERBS[args.verb].run(args, context, log)
        if log.notice is not None:
            print_note(render(log.notice))
    return answer.tell(as_json=args.json)


def begin_trial(context: Context, log: ShadowLog, key: str, revision: int, why: str) -> ShadowTrial:
    """Begin the trial of a candidate. Raises RequestError and ProfileError."""
    live, candidate = context.store.load(key), context.store.load(key, revision)
    problem = refused(ShadowPlan(0, live, candidate))
    if problem is not None:
        raise RequestError(problem)
    return log.begin(key, live.name, revision, who=context.settings.who, why=why)


def _start(args: argparse.Namespace, context: Context, log: ShadowLog) -> CommandOutput:
    key = context.find(args.name)
    trial = begin_trial(context, log, key, args.revision, args.why)
    return CommandOutput(
        trial_as_json(trial),
        lambda: print_line(
            tr(
                "{revision} of “{name}” is on trial: from the next start of the inspection it "
                "judges every part as well. Nobody is told its verdicts.",
                revision=label(trial.candidate),
                name=trial.profile,
            )
        ),
    )


def _status(args: argparse.Namespace, context: Context, log: ShadowLog) -> CommandOutput:
    key = context.find(args.name)
    trials = log.trials(key)
    running = next((trial for trial in trials if trial.state is TrialState.RUNNING), None)
    decided = None if running is None else _decided(context, log, running)

    def show() -> None:
        if running is None:
            print_line(tr("No candidate is on trial."))
        else:
            _show_trial(running)
            if running.differing and decided is not None:
                print_line(render(decided.sentence))
        for trial in trials:
            if trial is not running:
                _show_ended(trial)

    return CommandOutput(
        {
            "running": None if running is None else trial_as_json(running),
            "decided": None if decided is None else _decided_as_json(decided),
            "trials": [trial_as_json(trial) for trial in trials],
        },
        show,
    )


def _list(args: argparse.Namespace, context: Context, log: ShadowLog) -> CommandOutput:
    trials = log.trials(context.find(args.name))
    parts = log.differing(trials[0].number, args.side, most=args.count) if trials else ()
    files = _write_pictures(parts, args.pictures)

    def show() -> None:
        if not parts:
            print_line(tr("There are no parts on which the two revisions differ."))
        for part in parts:
            print_line(
                tr(
                    "{when}  in use {live} {live_times}  candidate {candidate} {times}  {what}",
                    when=f"{part.when.astimezone():%Y-%m-%d %H:%M:%S}",
                    live=render(VERDICT_WORDS[part.live]),
                    live_times=times_limit_text(part.live_times),
                    candidate=render(VERDICT_WORDS[part.candidate]),
                    times=times_limit_text(part.candidate_times),
                    what=part.serial or part.source,
                )
            )

    found = [{**_part_as_json(part), "file": file} for part, file in zip(parts, files, strict=True)]
    return CommandOutput({"parts": found}, show)


def _end(state: TrialState) -> Callable[..., CommandOutput]:
    def end(args: argparse.Namespace, context: Context, log: ShadowLog) -> CommandOutput:
        running = _running(args, context, log)
        ended = log.end(running.number, state, who=context.settings.who, why=args.why)
        return CommandOutput(trial_as_json(ended), lambda: _show_ended(ended))

    return end


def _promote(args: argparse.Namespace, context: Context, log: ShadowLog) -> CommandOutput:
    check_overrule(args.overrule)
    running = _running(args, context, log)
    key, candidate, who = running.profile_id, running.candidate, context.settings.who
    why = args.why or promoted_why(running)
    report = judged(context, key, context.store.load(key, candidate), args.overrule)
    context.store.rollback(key, candidate, who=who, why=why, judged=report, promoted=True)
    ended = log.end(running.number, TrialState.PROMOTED, who=who, why=why)
    return CommandOutput(
        {**trial_as_json(ended), "gate": gate_as_json(report)},
        lambda: print_line(
            tr(
                "“{name}” now uses revision {revision}.",
                name=ended.profile,
                revision=label(ended.candidate),
            )
        ),
    )


def promoted_why(trial: ShadowTrial) -> str:
    """Return the reason that stands in the history where a person gave none."""
    return tr("Shadow mode: {result}", result=render(trial.sentence))


def _running(args: argparse.Namespace, context: Context, log: ShadowLog) -> ShadowTrial:
    running = log.running(context.find(args.name))
    if running is None:
        raise RequestError(
            say(
                "No candidate of “{name}” is on trial. Begin with “{command}”.",
                name=args.name,
                command=f"deeprx shadow start {args.name} r0007",
            )
        )
    return running


def _decided(context: Context, log: ShadowLog, trial: ShadowTrial) -> DecidedParts:
    parts = log.differing(trial.number, most=_MOST)
    with closing(RecordStore(context.paths.results, read_only=True)) as store:
        records = [(part, store.get(part.number)) for part in parts]
    return decided_parts(
        (part, record.decision if record is not None and record.uid == part.uid else None)
        for part, record in records
    )


def _write_pictures(parts: Sequence[ShadowPart], folder: Path | None) -> list[str | None]:
    if folder is None:
        return [None] * len(parts)
    written: list[str | None] = []
    for part in parts:
        if not part.picture:
            written.append(None)
            continue
        name = f"{part.number:07d}_{part.live.value}_{part.candidate.value}.jpg"
        write_file(absolute(folder) / name, part.picture)
        written.append(str(absolute(folder) / name))
    return written


def _show_trial(trial: ShadowTrial) -> None:
    print_line(
        tr(
            "{revision} of “{name}” is on trial since {when} ({who}).",
            revision=label(trial.candidate),
            name=trial.profile,
            when=f"{trial.begun.astimezone():%Y-%m-%d %H:%M}",
            who=trial.who or "–",
        )
    )
    print_line(render(trial.sentence))
    if trial.skipped_sentence is not None:
        print_note(render(trial.skipped_sentence))


def _show_ended(trial: ShadowTrial) -> None:
    when = "–" if trial.ended is None else f"{trial.ended.astimezone():%Y-%m-%d %H:%M}"
    print_line(
        tr(
            "{when}  {revision} {how} ({who}): {result}",
            when=when,
            revision=label(trial.candidate),
            how=render(ENDED[trial.state]),
            who=trial.ended_by or "–",
            result=trial.ended_why or render(trial.sentence),
        )
    )


def trial_as_json(trial: ShadowTrial) -> Mapping[str, object]:
    """Return a trial as the commands print it."""
    return {
        "trial": trial.number,
        "profile": trial.profile,
        "id": trial.profile_id,
        "candidate": trial.candidate,
        "state": trial.state.value,
        "begun": trial.begun.isoformat(),
        "who": trial.who,
        "why": trial.why,
        "ended": None if trial.ended is None else trial.ended.isoformat(),
        "ended_by": trial.ended_by,
        "ended_why": trial.ended_why,
        "live_revisions": list(trial.live_revisions),
        "compared": trial.compared,
        "agreed": trial.on_side(None),
        **{side.value: trial.on_side(side) for side in Side},
        "skipped": trial.skipped,
        "pairs": [
            {"live": live.value, "candidate": candidate.value, "parts": parts}
            for (live, candidate), parts in sorted(trial.pairs.items())
        ],
    }


def _part_as_json(part: ShadowPart) -> Mapping[str, object]:
    return {
        "number": part.number,
        "uid": part.uid,
        "when": part.when.isoformat(),
        "serial": part.serial,
        "source": part.source,
        "side": None if part.side is None else part.side.value,
        "live": {
            "revision": part.live_revision,
            "verdict": part.live.value,
            "times": _finite(part.live_times),
        },
        "candidate": {
            "verdict": part.candidate.value,
            "times": _finite(part.candidate_times),
            "milliseconds": round(part.milliseconds, 3),
        },
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _decided_as_json(decided: DecidedParts) -> Mapping[str, int]:
    return {
        "parts": decided.parts,
        "live_false_calls": decided.live_false_calls,
        "live_misses": decided.live_misses,
        "candidate_false_calls": decided.candidate_false_calls,
        "candidate_misses": decided.candidate_misses,
    }


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context, ShadowLog], CommandOutput]]] = {
    "start": Verb(
        say("let a revision that is not in use judge silently as well"), Work.ENGINEERS, _start
    ),
    "status": Verb(say("say what a trial has shown"), Work.ANYBODYS, _status),
    "list": Verb(
        say("list parts on which the two revisions differ, the latest first"), Work.ANYBODYS, _list
    ),
    "stop": Verb(say("end a trial; what it found stays"), Work.ENGINEERS, _end(TrialState.STOPPED)),
    "promote": Verb(say("put the candidate in use"), Work.ENGINEERS, _promote),
    "drop": Verb(
        say("end a trial and note that the candidate is not wanted"),
        Work.ENGINEERS,
        _end(TrialState.DROPPED),
    ),
}
