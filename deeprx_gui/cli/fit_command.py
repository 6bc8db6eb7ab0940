"""``deeprx fit``: learn a product profile from normal images."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.choice_output import choice_as_json, print_choice
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.failure import DetailedFitError
from deeprx_gui.cli.gate_command import (
    add_overrule_option,
    admitted,
    check_overrule,
    gate_as_json,
    history_of,
)
from deeprx_gui.cli.left_out import (
    exit_after,
    left_out_as_json,
    skipped_as_json,
    tell_left_out,
    tell_skipped,
)
from deeprx_gui.cli.normal_images import collect_normal_images
from deeprx_gui.cli.options import add_fit_options, add_json_option, fit_settings
from deeprx_gui.cli.output import print_json, print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute, below_common_folder
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.view_options import aligned
from deeprx_gui.domain.fit import FitOutcome, FitRequest
from deeprx_gui.domain.left_out import LeftOut, count_left_out
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import bad_known, one_step_more, record_of
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.part_words import (
    more_parts,
    parts_missing,
    parts_of_profile,
    shown_parts,
    too_alike,
)
from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom, learnt_parts_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.search import choice_in
from deeprx_gui.domain.suspects import suspects
from deeprx_gui.domain.words import percent
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.profiles.names import tidy_name
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.profiles.view_document import view_to_raw
from deeprx_gui.work.collect_normals import CollectedNormals
from deeprx_gui.work.expand_folders import GatheredPictures, gather_pictures
from deeprx_gui.work.fit import fit


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help=tr("name of the product profile"))
    parser.add_argument(
        "images", nargs="+", type=argument_types.path, help=tr("normal images, or folders of them")
    )
    add_fit_options(parser)
    parser.add_argument(
        "--bad",
        action="append",
        type=argument_types.path,
        default=[],
        metavar="PATH",
        help=tr("a picture of a bad part, or a folder: helps to choose; may be repeated"),
    )
    parser.add_argument("--why", default="", help=tr("reason, written into the history"))
    add_overrule_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Learn; an existing profile of that name gets a new revision.

    2 where something could not be opened: the rest is learnt, and what was named is missing; and
    where positioning missed the part in more than a few normal images: nothing is saved then.
    """
    name = tidy_name(args.name)
    check_overrule(args.overrule)
    taken, images, skipped_before = collect_normal_images(args.images)
    profile_id = context.store.find_id(name)
    settings = aligned(fit_settings(args), args, images)
    if args.part_from is None and profile_id is not None:
        settings = replace(settings, parts=part_rule_of(context.store.load(profile_id)))
    bad = _bad_parts(args.bad)
    request = FitRequest(
        name=name,
        images=images,
        settings=settings,
        who=context.settings.who,
        why=args.why,
        profile_id=profile_id,
        bad=tuple(item.path for item in bad.pictures),
        overrule=args.overrule.strip(),
        hold_misplaced=not args.accept_placement,
    )
    with history_of(context) as records:
        outcome = drive(
            fit(
                request,
                engines=context.engines(args.runtime),
                store=context.store,
                scratch=context.paths.scratch,
                records=lambda: records,
            )
        )
    if outcome.gate is not None:
        admitted(outcome.gate, request.overrule)
    left_out = (*taken.left_out, *bad.left_out)
    tell_skipped(outcome.skipped)
    if outcome.held:
        raise _held_back(outcome, request)
    alike = None if outcome.parts is None else too_alike(outcome.parts)
    for remark in (outcome.remark, alike):
        if remark is not None:
            print_note(render(remark))
    changes = changes_of(outcome.profile, context.store)
    if args.json:
        outcome = replace(outcome, skipped=(*skipped_before, *outcome.skipped))
        print_json(as_json(outcome, taken, changes, left_out))
    else:
        print_summary(outcome, request.settings.false_call_rate)
        _print_changes(changes)
    return exit_after(left_out)


def _held_back(outcome: FitOutcome, request: FitRequest) -> DetailedFitError:
    """Return why nothing was saved: the rule of the window, which shows the outlines first."""
    misplaced = [str(image.path) for image in outcome.misplaced]
    return DetailedFitError(
        say(
            "“{name}” was not saved: in {n} of {all} normal images the part was not found (listed "
            "above), and parts that lie like these would be errors in the inspection. Look at "
            "these pictures, change --align-shift, --align-turn or --align-quality, or save "
            "nevertheless with --accept-placement. What was in use before still is.",
            name=outcome.profile.name,
            n=len(misplaced),
            all=len(request.images),
        ),
        {"misplaced": misplaced, "images": len(request.images)},
    )


def part_rule_of(profile: Profile) -> PartRule:
    """Return how the parts of a profile's pictures were told apart, and what was said of them."""
    learnt = learnt_parts_in(profile.extra)
    return PartRule() if learnt is None else learnt.rule


def parts_as_json(profile: Profile, found: Parts | None = None) -> dict[str, object]:
    """Return how many parts the normal images show, how that is known, and which show the same.

    ``found``: what a fit found just now; it knows too how many could not be told apart.
    """
    learnt = learnt_parts_in(profile.extra)
    return {
        "count": shown_parts(profile).count,
        "from": (learnt.by if learnt else PartsFrom.AUTO).value,
        "groups": [list(group) for group in learnt.groups] if learnt else [],
        **({} if found is None else {"alike": found.alike}),
    }


def _bad_parts(given: Sequence[Path]) -> GatheredPictures:
    if not given:
        return GatheredPictures(())
    items = [PendingImage(absolute(path), Label.BAD) for path in given]
    found = drive(gather_pictures(items, needed=False))
    tell_left_out(found.left_out)
    return found


def changes_of(profile: Profile, store: ProfileStore) -> tuple[Message, ...]:
    """Return what this revision changed, in words; nothing for a new profile."""
    if profile.revision == 1:
        return ()
    newest = store.history(profile.id)[0]
    return tuple(change.text for change in newest.changes)


def suspicious(profile: Profile) -> list[Path]:
    """Return the normal images that do not look like the others, worst first."""
    scores = [normal.held_out for normal in profile.normals]
    found = suspects(scores, profile.suggested.review)
    return [Path(profile.normals[index].source) for index in found]


def limits_as_json(limits: Limits) -> dict[str, object]:
    """Return both limits, raw and on the scale that is shown, with the promise behind each."""
    return {
        "review": limits.review,
        "ng": limits.ng,
        "review_times": limits.review_times,
        "ng_times": limits.ng_times,
        "review_band": limits.has_review_band,
        "promised_review_rate": limits.review_promise.rate if limits.review_promise else None,
        "promised_false_call_rate": limits.ng_promise.rate if limits.ng_promise else None,
        "limit_kind": limits.ng_promise.kind.value if limits.ng_promise else None,
        "review_limit_kind": limits.review_promise.kind.value if limits.review_promise else None,
        "false_call_band": limits.ng_promise.band if limits.ng_promise else None,
    }


def chosen_as_json(profile: Profile) -> dict[str, object] | None:
    """Return what the program chose, and why; ``None`` where a person chose the settings."""
    chosen = choice_in(profile.extra)
    return None if chosen is None else choice_as_json(chosen)


def as_json(
    outcome: FitOutcome,
    taken: CollectedNormals,
    changes: Sequence[Message],
    left_out: Sequence[LeftOut],
) -> dict[str, object]:
    """Return what ``--json`` prints."""
    profile = outcome.profile
    return {
        "profile": profile.name,
        "id": profile.id,
        "revision": profile.revision,
        "detector": profile.detector.name,
        "backbone": profile.backbone.name,
        "taps": list(profile.backbone.taps),
        "size": profile.preprocessing.size,
        "normalise": profile.scoring.normalise,
        "view": view_to_raw(profile.view),
        "runtime": outcome.runtime,
        "normals": len(profile.normals),
        "parts": parts_as_json(profile, outcome.parts),
        "skipped": skipped_as_json(outcome.skipped),
        "copies": [str(copy) for copy, _ in taken.copies],
        "left_out": left_out_as_json(count_left_out(left_out)),
        "suspects": [str(path) for path in suspicious(profile)],
        "chosen": chosen_as_json(profile),
        "limits": limits_as_json(profile.limits),
        "held_out_scheme": profile.held_out_scheme.value,
        "held_out": [{"path": n.source, "score": n.held_out} for n in profile.normals],
        "remark": render(outcome.remark) if outcome.remark else None,
        "changes": [render(change) for change in changes],
        "gate": gate_as_json(outcome.gate),
        "fit_seconds": round(outcome.seconds, 3),
    }


def print_summary(outcome: FitOutcome, wanted_rate: float) -> None:
    """Print what a person wants to know after a fit; ``wanted_rate`` (0..1) was asked for."""
    profile = outcome.profile
    print_line(
        tr(
            "Learnt “{name}”, revision {revision}, from {normals} normal images in {seconds} s "
            "({runtime}).",
            name=profile.name,
            revision=f"r{profile.revision:04d}",
            normals=len(profile.normals),
            seconds=f"{outcome.seconds:.1f}",
            runtime=outcome.runtime,
        )
    )
    if outcome.chosen is not None:
        print_choice(outcome.chosen)
    counted = parts_of_profile(profile)
    if counted is not None:
        print_line(render(counted))
    _print_promise(profile, wanted_rate)
    step = one_step_more(profile, bad_known(profile, ()))
    if step is not None:
        print_line(render(step_words(step)))
    odd = suspicious(profile)
    if odd:
        folder, names = below_common_folder(odd)
        print_line(
            tr_n(
                "This normal image looks different from the others: {names} (in {folder}). "
                "Look at it; if the part is not good, learn again without the picture.",
                "These normal images look different from the others: {names} (in {folder}). "
                "Look at them; if a part is not good, learn again without its picture.",
                n=len(odd),
                names=", ".join(names),
                folder=folder or "–",
            )
        )


def _print_promise(profile: Profile, wanted_rate: float) -> None:
    promise = profile.limits.ng_promise
    if promise is None:
        return
    kind = record_of(profile).kind
    grouped = shown_parts(profile).count < len(profile.normals)
    if promise.tail is None and grouped:
        print_line(
            tr(
                "About {rate} % of good parts will be called NG (from {count} parts, each scored "
                "without its own pictures).",
                rate=percent(promise.rate),
                count=promise.normals,
            )
        )
    elif promise.tail is None:
        print_line(
            tr(
                "About {rate} % of good parts will be called NG (from {count} normal images, each "
                "scored without itself).",
                rate=percent(promise.rate),
                count=promise.normals,
            )
        )
    elif grouped:
        print_line(
            tr(
                "About {rate} % of good parts will be called NG, {low} to {high} % in nine of ten "
                "cases (a curve through the highest scores of {count} parts, each scored without "
                "its own pictures).",
                rate=percent(promise.rate),
                low=percent(promise.tail.low),
                high=percent(promise.tail.high),
                count=promise.normals,
            )
        )
    else:
        print_line(
            tr(
                "About {rate} % of good parts will be called NG, {low} to {high} % in nine of ten "
                "cases (a curve through the highest scores of {count} normal images, each scored "
                "without itself).",
                rate=percent(promise.rate),
                low=percent(promise.tail.low),
                high=percent(promise.tail.high),
                count=promise.normals,
            )
        )
    if grouped:
        more = parts_missing(promise.normals, wanted_rate, kind)
        if more is not None:
            print_line(render(more))
        return
    missing = more_parts(promise.normals, wanted_rate, kind)
    if missing:
        print_line(
            tr_n(
                "To promise {rate} %, add {n} more normal image.",
                "To promise {rate} %, add {n} more normal images.",
                n=missing,
                rate=percent(wanted_rate),
            )
        )


def _print_changes(changes: Sequence[Message]) -> None:
    if changes:
        print_line(tr("Changed from the revision before:"))
    for change in changes:
        print_line(f"  {render(change)}")
