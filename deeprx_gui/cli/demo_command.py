"""``deeprx demo``: sample images in; a profile, a scored batch, pictures and a report out."""

from __future__ import annotations

import argparse
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.display import has_display
from deeprx_gui.cli.fit_command import print_summary
from deeprx_gui.cli.options import add_runtime_option
from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.score_command import print_results
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.metrics import auroc, confusion
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import judge
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import write_csv
from deeprx_gui.work.demo import DemoOutcome, demo_job, sample_note, sample_title
from deeprx_gui.work.overlays import export_overlays
from deeprx_gui.work.report import write_batch_report


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("--headless", action="store_true", help=tr("do not open the window"))
    parser.add_argument(
        "--out",
        type=argument_types.path,
        default=Path("demo-result"),
        metavar="DIR",
        help=tr("folder for pictures and report, demo-result unless given"),
    )
    add_runtime_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the demonstration; open the window on its result when there is a display."""
    outcome = drive(
        demo_job(
            render(sample_title()),
            who=context.settings.who,
            engines=context.engines(args.runtime),
            store=context.store,
            scratch=context.paths.scratch,
            samples=context.paths.samples,
        )
    )
    drawn = sample_note()
    if drawn is not None:
        print_note(render(drawn))
    print_results(list(outcome.results), outcome.profile.limits)
    print_line()
    print_summary(outcome.fit, FitSettings().false_call_rate)
    _print_measure(outcome)
    _write_files(outcome, absolute(args.out))
    if args.headless or not has_display():
        return 0
    return _open_window(outcome, context)


def _write_files(outcome: DemoOutcome, folder: Path) -> None:
    profile, results = outcome.profile, list(outcome.results)
    overlays, report = folder / "overlays", folder / "report.html"
    drive(export_overlays(overlays, profile, results, profile.limits))
    write_csv(folder / "results.csv", profile, results, profile.limits)
    drive(write_batch_report(report, profile, results, profile.limits, outcome.batch.runtime))
    print_line(tr("Report: {path}", path=report))
    print_line(tr("Overlay pictures: {path}", path=overlays))


def _open_window(outcome: DemoOutcome, context: Context) -> int:
    print_note(tr("Opening the window…"))
    try:
        from deeprx_gui.app import run as run_window  # Qt only when a window opens
    except ImportError as error:  # a library of the system that Qt needs
        print_note(
            tr(
                "The window cannot be opened on this PC: {reason}. The report shows the result.",
                reason=error,
            )
        )
        return 0
    return run_window(
        context.paths,
        context.settings,
        open_profile=outcome.profile.id,
        open_results=outcome.results,
    )


def _print_measure(outcome: DemoOutcome) -> None:
    limits = outcome.profile.limits
    labels = [r.label for r in outcome.results]
    counts = confusion([judge(r.value, limits) for r in outcome.results], labels)
    area = auroc(
        [r.value for r in outcome.results if r.label is Label.GOOD and r.score],
        [r.value for r in outcome.results if r.label is Label.BAD and r.score],
    )
    print_line(
        tr(
            "False calls: {calls} of {good} good parts. Misses: {misses} of {bad} defective parts. "
            "AUROC {area}. {ms} ms per picture.",
            calls=counts.false_calls,
            good=counts.count(Label.GOOD),
            misses=counts.misses,
            bad=counts.count(Label.BAD),
            area="–" if area is None else f"{area:.3f}",
            ms=f"{outcome.batch.ms_per_image:.1f}",
        )
    )
