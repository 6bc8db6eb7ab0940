"""``deeprx score``: judge pictures with a product profile."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import asdict

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.fit_command import limits_as_json
from deeprx_gui.cli.left_out import exit_after, left_out_as_json, tell_left_out
from deeprx_gui.cli.options import (
    add_json_option,
    add_runtime_option,
    add_strict_option,
    check_strict,
)
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute, below_common_folder
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.side_files import SideFiles
from deeprx_gui.cli.why_output import print_why, with_why
from deeprx_gui.domain.blobs import blobs
from deeprx_gui.domain.left_out import count_left_out
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.metrics import confusion
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.domain.words import CAUSE_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import write_table
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.expand_folders import gather_pictures
from deeprx_gui.work.explain_results import explain_results
from deeprx_gui.work.overlays import export_overlays

EXIT_OK, EXIT_NOT_OK, EXIT_ERROR = 0, 1, 2


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help=tr("name of the product profile"))
    parser.add_argument(
        "images", nargs="+", type=argument_types.path, help=tr("pictures, or folders of them")
    )
    parser.add_argument(
        "--csv", type=argument_types.path, metavar="FILE", help=tr("write a table for Excel")
    )
    parser.add_argument(
        "--overlays",
        type=argument_types.path,
        metavar="DIR",
        help=tr("write pictures with their heat map"),
    )
    parser.add_argument(
        "--why",
        action="store_true",
        help=tr("for NG and REVIEW: which scale carries the distance, and the closest normals"),
    )
    add_strict_option(parser)
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Score; exit 0 when all are OK, 1 when some are NG or REVIEW, 2 when any is an ERROR.

    2 as well where something could not be opened: a part in it would not have been judged.
    """
    profile = context.store.load(context.find(args.name))
    if args.strict:
        check_strict(profile)
    gathered = drive(gather_pictures([PendingImage(absolute(path)) for path in args.images]))
    tell_left_out(gathered.left_out)
    results: list[ScoredImage] = []
    engines = context.engines(args.runtime)
    outcome = drive(
        score_images(profile, gathered.pictures, engines=engines, strict=bool(args.strict)),
        lambda item: results.append(item) if isinstance(item, ScoredImage) else None,
    )
    why = drive(explain_results(profile, results, engines)) if args.why else {}
    files = SideFiles()
    files.write(lambda: _write_files(args, profile, results))
    if args.json:
        left_out = left_out_as_json(count_left_out(gathered.left_out))
        answer = with_why(as_json(profile, results, outcome), why)
        print_json({**answer, "left_out": left_out, **files.as_json()})
    else:
        print_results(results, profile.limits)
        print_why(results, why)
        _print_measure(results, profile.limits)
    code = exit_after(gathered.left_out, exit_code(results, profile.limits))
    return files.exit_after(code)


def _write_files(args: argparse.Namespace, profile: Profile, results: list[ScoredImage]) -> None:
    if args.csv:
        write_table(args.csv, profile, results, profile.limits)
        print_note(tr("Table written: {path}", path=args.csv))
    if args.overlays:
        done = drive(export_overlays(args.overlays, profile, results, profile.limits))
        print_note(tr("Overlay pictures written: {count}", count=done.written))


def exit_code(results: list[ScoredImage], limits: Limits) -> int:
    """Return the worst verdict as an exit code."""
    verdicts = {judge(r.value, limits) for r in results}
    if Verdict.ERROR in verdicts:
        return EXIT_ERROR
    return EXIT_OK if verdicts <= {Verdict.OK} else EXIT_NOT_OK


def as_json(
    profile: Profile, results: list[ScoredImage], outcome: BatchOutcome
) -> dict[str, object]:
    """Return what ``--json`` prints; scores are raw, ``times_limit`` on the one scale."""
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
        "labelled": _measure(results, limits),
        "images": [_image_as_json(r, profile) for r in results],
        "seconds": round(outcome.seconds, 3),
    }


def _image_as_json(result: ScoredImage, profile: Profile) -> dict[str, object]:
    score, limits = result.score, profile.limits
    known = score is not None and math.isfinite(score.value)
    return {
        "path": str(result.path),
        "label": result.label.value,
        "verdict": judge(result.value, limits).value,
        "score": result.value if known else None,
        "times_limit": limits.times(result.value) if known else None,
        "ms": round(score.milliseconds, 3) if score else None,
        "error": render(result.error) if result.error else None,
        "causes": [cause.value for cause in result.causes],
        "blobs": _blobs_as_json(result, profile) if known else [],
    }


def _blobs_as_json(result: ScoredImage, profile: Profile) -> list[dict[str, object]]:
    """Return what lies above the review limit, the hottest first."""
    assert result.score is not None
    found = blobs(
        result.score.map,
        profile.limits.review,
        width=result.width,
        height=result.height,
        mm_per_pixel=profile.view.mm_per_pixel,
        min_cells=profile.scoring.min_area,
    )
    return [{**asdict(b), "times_limit": profile.limits.times(b.score)} for b in found]


def _measure(results: list[ScoredImage], limits: Limits) -> dict[str, int]:
    """Return how the verdicts fit what the names of the folders say about the parts."""
    found = confusion([judge(r.value, limits) for r in results], [r.label for r in results])
    return {
        "good": found.count(Label.GOOD),
        "false_calls": found.false_calls,
        "bad": found.count(Label.BAD),
        "misses": found.misses,
    }


def _print_measure(results: list[ScoredImage], limits: Limits) -> None:
    measure = _measure(results, limits)
    if measure["good"] or measure["bad"]:
        print_line(
            tr(
                "By the names of the folders: {false_calls} false calls among {good} good parts, "
                "{misses} misses among {bad} bad parts.",
                **measure,
            )
        )


def _remarks(result: ScoredImage) -> str:
    return "; ".join(render(CAUSE_WORDS[cause]) for cause in result.causes)


def print_results(results: list[ScoredImage], limits: Limits) -> None:
    """Print a table, the highest score last so that it stays in sight."""
    order = {Verdict.OK: 0, Verdict.REVIEW: 1, Verdict.NG: 2, Verdict.ERROR: 3}
    verdicts = [judge(r.value, limits) for r in results]
    ranked = sorted(
        zip(verdicts, results, strict=True),
        key=lambda pair: (order[pair[0]], pair[1].score.value if pair[1].score else 0.0),
    )
    folder, names = below_common_folder([result.path for _, result in ranked])
    rows = [
        (
            render(VERDICT_WORDS[verdict]),
            times_limit_text(limits.times(result.value)),
            name,
            render(result.error) if result.error else _remarks(result),
        )
        for (verdict, result), name in zip(ranked, names, strict=True)
    ]
    if folder is not None:
        print_line(tr("Folder: {folder}", folder=folder))
    print_table((tr("Verdict"), tr("× suggested"), tr("Picture"), ""), rows)
    counts = Counter(verdicts)
    print_line(
        "  ".join(f"{render(VERDICT_WORDS[verdict])} {counts[verdict]}" for verdict in Verdict)
    )
