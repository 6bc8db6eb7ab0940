"""``deeprx fit``: learn a product profile from normal images."""

from __future__ import annotations

import argparse
from pathlib import Path

from deeprx_gui.capture.folder import find_images
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_fit_options, fit_settings
from deeprx_gui.cli.output import drive, note, print_json
from deeprx_gui.domain.limits import Limits
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.fit import FitOutcome, FitRequest, fit


def add(parser: argparse.ArgumentParser, _common: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help=tr("name of the product profile"))
    parser.add_argument(
        "images", nargs="+", type=Path, help=tr("normal images, or folders of them")
    )
    add_fit_options(parser)
    parser.add_argument("--why", default="", help=tr("reason, written into the history"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Learn; an existing profile of that name gets a new revision."""
    request = FitRequest(
        name=args.name,
        images=tuple(find_images(args.images)),
        settings=fit_settings(args),
        who=context.settings.who,
        why=args.why,
        profile_id=context.store.find_id(args.name),
    )
    outcome = drive(
        fit(
            request,
            engines=context.engines(args.runtime),
            store=context.store,
            scratch=context.paths.scratch,
        )
    )
    for skipped in outcome.skipped:
        note(tr("Not used: {path}: {reason}", path=skipped.path, reason=render(skipped.reason)))
    if args.json:
        print_json(as_json(outcome))
    else:
        print_summary(outcome)
    return 0


def limits_as_json(limits: Limits) -> dict[str, object]:
    """Return both limits as raw scores, with the promise behind each."""
    return {
        "review": limits.review,
        "ng": limits.ng,
        "promised_review_rate": limits.review_promise.rate if limits.review_promise else None,
        "promised_false_call_rate": limits.ng_promise.rate if limits.ng_promise else None,
    }


def as_json(outcome: FitOutcome) -> dict[str, object]:
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
        "runtime": outcome.runtime,
        "normals": len(profile.normals),
        "skipped": [{"path": str(s.path), "reason": render(s.reason)} for s in outcome.skipped],
        "limits": limits_as_json(profile.limits),
        "held_out_scheme": profile.held_out_scheme.value,
        "held_out": [{"path": n.source, "score": n.held_out} for n in profile.normals],
        "fit_seconds": round(outcome.seconds, 3),
    }


def print_summary(outcome: FitOutcome) -> None:
    """Print what a person wants to know after a fit."""
    profile = outcome.profile
    promise = profile.limits.ng_promise
    assert promise is not None
    print(
        tr(
            "Learnt “{name}”, revision {revision}, from {normals} normal images in {seconds} s "
            "({runtime}).",
            name=profile.name,
            revision=profile.revision,
            normals=len(profile.normals),
            seconds=f"{outcome.seconds:.1f}",
            runtime=outcome.runtime,
        )
    )
    print(
        tr(
            "Promised false-call rate: about {rate} % (from {count} held-out scores).",
            rate=f"{100 * promise.rate:.1f}",
            count=promise.normals,
        )
    )
