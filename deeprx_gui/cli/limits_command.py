"""``deeprx limits``: what the limits promise, others from a target or from labels, and saving."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.gate_command import (
    add_overrule_option,
    check_overrule,
    gate_as_json,
    judged,
)
from deeprx_gui.cli.left_out import exit_after, tell_left_out
from deeprx_gui.cli.library_access import proposed_instead
from deeprx_gui.cli.limits_output import LimitsReport, as_json, show
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.check_findings import (
    LabelledPicture,
    labelled_set,
    picture_key,
)
from deeprx_gui.domain.consequences import consequences_of
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.false_call_target import target_from_text
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.label_limits import Costs
from deeprx_gui.domain.left_out import LeftOut
from deeprx_gui.domain.limit_ways import Proposal, Way, Wish, part_scores, propose
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.expand_folders import gather_pictures
from deeprx_gui.work.scored_table import ScoredTable, read_scored

_TABLE = ".csv"
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_USUAL_BAD_SHARE = 0.01
_EXIT_ERROR = 2


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    add_option = parser.add_argument
    add_option("name", help=tr("name of the product profile"))
    target = add_option(
        "--target",
        type=target_from_text,
        metavar="1/200",
        help=tr("at most so many false calls: 1/200, 0.5% or 0.005"),
    )
    add_option(
        "--labels",
        action="append",
        type=argument_types.path,
        default=[],
        metavar="PATH",
        help=tr(
            "labelled parts: a folder with good and NG, or a table that score --csv wrote; may be "
            "repeated"
        ),
    )
    catch = add_option(
        "--catch-all", action="store_true", help=tr("the review limit that stops every bad part")
    )
    at_most = add_option(
        "--at-most",
        type=argument_types.whole(0),
        metavar="N",
        help=tr("the NG limit with at most N false calls among the good parts"),
    )
    costs = add_option(
        "--costs",
        type=_costs,
        metavar="FALSE,MISS",
        help=tr(
            "the cheapest limits: yen for a false call, for a miss and, as a third number, for a "
            "look at a part in review"
        ),
    )
    parser.exclude_each_other(target, catch, at_most, costs)
    add_option(
        "--per-shift",
        type=argument_types.whole(1),
        default=1000,
        metavar="N",
        help=tr("parts that a shift makes"),
    )
    add_option(
        "--bad-share",
        type=argument_types.number(0, 1, "0.01"),
        metavar="0.01",
        help=tr("share of bad parts on the line; that of the labels unless given"),
    )
    add_option("--save", action="store_true", help=tr("save these limits as a new revision"))
    add_option("--why", default="", help=tr("reason, written into the history"))
    add_overrule_option(parser)
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Say, propose, and where asked for save; 2 where a picture could not be judged."""
    _check(args)
    check_overrule(args.overrule)
    if args.save:
        context.guard.admit("limits")
    profile = context.store.load(context.find(args.name))
    labels = _labels(args, profile, context)
    found = labelled_set(labels.pictures, part_scores(profile))
    share = args.bad_share
    said = share is not None
    if not said:
        share = found.scores.bad_share
    costs = _filled(args, _USUAL_BAD_SHARE if share is None else share)
    wish = _wish(args, costs)
    proposal = None if wish is None else propose(profile, profile.limits, found, wish)
    then = None if proposal is None else proposal.limits
    consequences = (
        None
        if then is None or not found.scores.good
        else consequences_of(
            profile.limits,
            then,
            found.scores,
            per_shift=costs.per_shift,
            bad_share=costs.bad_share,
            costs=costs if wish is not None and wish.way is Way.COSTS else None,
        )
    )
    saved, report_of_gate = None, None
    if args.save:
        saved, report_of_gate = _save(args, context, profile, proposal)
    report = LimitsReport(
        profile,
        labels.pictures,
        found,
        wish,
        proposal,
        consequences,
        share_from="given" if said else "labels" if share is not None else "assumed",
        saved=saved,
    )
    if args.json:
        print_json({**as_json(report), "gate": gate_as_json(report_of_gate)})
    else:
        show(report)
    unread = any(math.isnan(picture.score) for picture in labels.pictures)
    return exit_after(labels.left_out, _EXIT_ERROR if unread else 0)


@dataclass(frozen=True)
class _Labels:
    pictures: tuple[LabelledPicture, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def _check(args: argparse.Namespace) -> None:
    """Raise RequestError for options that make no sense together."""
    wanted = args.target is not None or args.at_most is not None
    if not (wanted or args.catch_all or args.costs):
        if args.save:
            raise RequestError(
                say("Say which limits to save: --target, --catch-all, --at-most or --costs.")
            )
        return
    if (args.catch_all or args.costs) and not args.labels:
        raise RequestError(
            say("Labelled parts are needed for this: add --labels FOLDER, or a table of scores.")
        )


def _labels(args: argparse.Namespace, profile: Profile, context: Context) -> _Labels:
    """Read tables and score pictures."""
    paths = [absolute(path) for path in args.labels]
    workbook = next((path for path in paths if path.suffix.lower() in _WORKBOOKS), None)
    if workbook is not None:
        raise RequestError(
            say(
                "“{file}” is a workbook, which is not read here. In Excel, save it as “CSV UTF-8”, "
                "and give that file.",
                file=workbook.name,
            )
        )
    tables = [path for path in paths if path.suffix.lower() == _TABLE]
    pictures: list[LabelledPicture] = []
    for path in tables:
        table = read_scored(path)
        _check_table(table, profile, context)
        pictures += table.pictures
    others = [PendingImage(path) for path in paths if path not in tables]
    if not others:
        return _Labels(tuple(pictures))
    gathered = drive(gather_pictures(others))
    tell_left_out(gathered.left_out)
    results: list[ScoredImage] = []
    drive(
        score_images(profile, gathered.pictures, engines=context.engines(args.runtime)),
        lambda item: results.append(item) if isinstance(item, ScoredImage) else None,
    )
    pictures += (LabelledPicture(r.path, r.label, r.value, picture_key(r)) for r in results)
    return _Labels(tuple(pictures), gathered.left_out)


def _check_table(table: ScoredTable, profile: Profile, context: Context) -> None:
    """Raise RequestError where the scores are of another product or of another fit."""
    if table.profile and table.profile.casefold() != profile.name.casefold():
        raise RequestError(
            say(
                "The table holds scores of “{other}”, not of “{name}”.",
                other=table.profile,
                name=profile.name,
            )
        )
    if table.revision in (None, profile.revision):
        return
    try:
        scored = context.store.load(profile.id, table.revision)
    except DeepRxError:
        same = False  # not on this PC, or damaged: nobody can tell
    else:  # limits that were saved leave the scores as they are
        same = (scored.suggested, scored.normals) == (profile.suggested, profile.normals)
    if not same:
        raise RequestError(
            say(
                "The table holds scores of revision {other}, which measured otherwise than "
                "revision {now}. Score the pictures again.",
                other=table.revision,
                now=profile.revision,
            )
        )


def _costs(text: str) -> tuple[float, ...]:
    """Read ``50,3000`` or ``50,3000,10``; raises RequestError."""
    try:
        amounts = tuple(float(part) for part in text.split(","))
    except ValueError:
        amounts = ()
    if len(amounts) not in (2, 3) or not all(math.isfinite(a) and a >= 0 for a in amounts):
        raise RequestError(
            say(
                "“{text}” is not possible here. Write what a false call and a miss cost, for "
                "example 50,3000, and as a third number what a look at a part in review costs.",
                text=text,
            )
        )
    return amounts


def _filled(args: argparse.Namespace, bad_share: float) -> Costs:
    call, miss, *look = args.costs or (0.0, 0.0)
    return Costs(call, miss, bad_share, args.per_shift, look[0] if look else None)


def _wish(args: argparse.Namespace, costs: Costs) -> Wish | None:
    if args.target is not None:
        return Wish(Way.TARGET, costs, target=args.target)
    if args.catch_all:
        return Wish(Way.CATCH_ALL, costs)
    if args.at_most is not None:
        return Wish(Way.AT_MOST, costs, false_calls=args.at_most)
    return Wish(Way.COSTS, costs) if args.costs else None


def _save(
    args: argparse.Namespace, context: Context, profile: Profile, proposal: Proposal | None
) -> tuple[Profile | None, GateReport | None]:
    """Save the proposal as a revision, once the gate has judged it.

    Where the product follows the library, it is proposed there, and nothing is saved here.
    Raises RequestError where there is no proposal, ProfileError where the gate is against it.
    """
    if proposal is None or proposal.limits is None:
        reason = say("nothing was proposed") if proposal is None else proposal.reason
        raise RequestError(say("Nothing was saved. {reason}", reason=reason))
    if proposed_instead(context, profile, proposal.limits, args.why or render(proposal.reason)):
        return None, None
    origin = replace(
        profile.origin,
        who=context.guard.who,
        when=datetime.now(UTC).astimezone(),
        why=args.why or render(proposal.reason),
    )
    moved = replace(profile, limits=proposal.limits, origin=origin)
    report = judged(context, profile.id, moved, args.overrule, args.runtime)
    return context.store.save(moved, report), report
