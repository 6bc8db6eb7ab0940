"""``deeprx score``: judge pictures with a product profile."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from deeprx_gui.capture.folder import find_images
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.fit_command import limits_as_json
from deeprx_gui.cli.options import add_runtime_option
from deeprx_gui.cli.output import drive, note, print_json, print_table
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Scored, ToScore
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import write_csv
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.overlays import export_overlays

EXIT_OK, EXIT_NOT_OK, EXIT_ERROR = 0, 1, 2


def add(parser: argparse.ArgumentParser, _common: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help=tr("name of the product profile"))
    parser.add_argument("images", nargs="+", type=Path, help=tr("pictures, or folders of them"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    parser.add_argument("--csv", type=Path, metavar="FILE", help=tr("write a table for Excel"))
    parser.add_argument("--overlays", type=Path, metavar="DIR", help=tr("write overlay pictures"))
    add_runtime_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Score; exit 0 when all are OK, 1 when some are NG or REVIEW, 2 when any is an ERROR."""
    profile = context.store.load(args.name)
    items = [ToScore(path) for path in find_images(args.images)]
    results: list[Scored] = []
    outcome = drive(
        score_images(profile, items, engines=context.engines(args.runtime)),
        lambda item: results.append(item) if isinstance(item, Scored) else None,
    )
    if args.csv:
        write_csv(args.csv, profile, results, profile.limits)
        note(tr("Table written: {path}", path=args.csv))
    if args.overlays:
        done = drive(export_overlays(args.overlays, profile, results, profile.limits))
        note(
            tr("{count} overlay pictures written to {path}", count=done.written, path=args.overlays)
        )
    if args.json:
        print_json(as_json(profile, results, outcome))
    else:
        print_results(results, profile.limits)
    return exit_code(results, profile.limits)


def exit_code(results: list[Scored], limits: Limits) -> int:
    """Return the worst verdict as an exit code."""
    verdicts = {judge(r.value, limits) for r in results}
    if Verdict.ERROR in verdicts:
        return EXIT_ERROR
    return EXIT_OK if verdicts <= {Verdict.OK} else EXIT_NOT_OK


def as_json(profile: Profile, results: list[Scored], outcome: BatchOutcome) -> dict[str, object]:
    """Return what ``--json`` prints; scores are raw, ``times_limit`` is 1.00 where OK ends."""
    limits = profile.limits
    counts = Counter(judge(r.value, limits) for r in results)
    return {
        "profile": profile.name,
        "id": profile.id,
        "revision": profile.revision,
        "runtime": outcome.runtime,
        "golden_difference": outcome.golden_difference,
        "limits": limits_as_json(limits),
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "images": [_image_as_json(r, limits) for r in results],
        "seconds": round(outcome.seconds, 3),
    }


def _image_as_json(result: Scored, limits: Limits) -> dict[str, object]:
    score = result.score
    return {
        "path": str(result.path),
        "verdict": judge(result.value, limits).value,
        "score": score.value if score else None,
        "times_limit": limits.times(score.value) if score else None,
        "ms": round(score.milliseconds, 3) if score else None,
        "error": render(result.error) if isinstance(result.error, Message) else None,
    }


def print_results(results: list[Scored], limits: Limits) -> None:
    """Print a table, the highest score last so that it stays in sight."""
    order = {Verdict.OK: 0, Verdict.REVIEW: 1, Verdict.NG: 2, Verdict.ERROR: 3}
    ranked = sorted(
        results, key=lambda r: (order[judge(r.value, limits)], r.score.value if r.score else 0)
    )
    rows = []
    for result in ranked:
        verdict = judge(result.value, limits)
        times = f"{limits.times(result.value):.2f}" if result.score else "–"
        reason = render(result.error) if result.error else ""
        rows.append((verdict.value, times, str(result.path), reason))
    print_table((tr("Verdict"), tr("× limit"), tr("Picture"), ""), rows)
    counts = Counter(judge(r.value, limits) for r in results)
    print("  ".join(f"{verdict.value} {counts[verdict]}" for verdict in Verdict))
