"""``deeprx evaluate``: measure a detector on a data set with known good and bad parts."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from deeprx_gui.capture.dataset import read_dataset
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.choice_output import choice_as_json, print_choice
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.left_out import (
    EXIT_ERROR,
    exit_after,
    left_out_as_json,
    skipped_as_json,
    tell_left_out,
    tell_skipped,
)
from deeprx_gui.cli.options import add_draw_options, add_fit_options, add_json_option, fit_settings
from deeprx_gui.cli.output import print_json, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.view_options import aligned
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.left_out import count_left_out
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.words import percent_cell
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.check_masks import MaskRemarks
from deeprx_gui.work.evaluate import Evaluation, evaluate, pick_normals


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "dataset",
        type=argument_types.path,
        help=tr("folder with train/good, test/good and test/<kind of defect>"),
    )
    add_fit_options(parser)
    add_draw_options(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Evaluate and print; exit 2 where something in the data set could not be opened or read."""
    dataset = read_dataset(args.dataset)
    tell_left_out(dataset.left_out)
    remarks: list[Message] = []
    not_judged: list[SkippedImage] = []

    def told(item: object) -> None:
        if isinstance(item, MaskRemarks):
            remarks.extend(item.remarks)
        elif isinstance(item, SkippedImage):
            not_judged.append(item)

    normals = pick_normals(dataset, args.normals, args.seed)
    result = drive(
        evaluate(
            dataset,
            aligned(fit_settings(args), args, normals),
            engines=context.engines(args.runtime),
            scratch=context.paths.scratch,
            normals=args.normals,
            seed=args.seed,
        ),
        told,
    )
    for remark in remarks:
        print_note(render(remark))
    tell_skipped(not_judged)
    if args.json:
        answer = asdict(result)
        answer["chosen"] = None if result.chosen is None else choice_as_json(result.chosen)
        if not args.align:
            del answer["not_in_place"]  # said where parts are positioned
        answer["left_out"] = left_out_as_json(count_left_out(dataset.left_out))
        answer["not_judged"] = skipped_as_json(not_judged)
        answer["mask_remarks"] = [render(remark) for remark in remarks]
        print_json(answer)
    else:
        rows = _rows(result)
        if args.align:
            rows.append((tr("Parts not in place"), str(result.not_in_place)))
        print_table((tr("Figure"), tr("Value")), rows)
        if result.chosen is not None:
            print_choice(result.chosen)
    return exit_after(dataset.left_out, EXIT_ERROR if not_judged else 0)


def _rows(result: Evaluation) -> list[tuple[str, str]]:
    ms = result.ms_per_image
    return [
        (tr("Detector"), result.detector),
        (tr("Backbone"), result.backbone),
        (tr("Runtime"), result.runtime),
        (tr("Inspection image size"), str(result.size)),
        (tr("Normal images"), str(result.normals)),
        (tr("Different parts"), str(result.parts)),
        (tr("Good test pictures"), str(result.test_good)),
        (tr("Bad test pictures"), str(result.test_bad)),
        (tr("AUROC of pictures"), _figure(result.image_auroc)),
        (tr("AUROC of pixels"), _figure(result.pixel_auroc)),
        (tr("AUPRO up to 0.3"), _figure(result.aupro)),
        (tr("Limit"), f"{result.limit:.4g}"),
        (tr("Promised false-call rate"), percent_cell(result.promised_false_call_rate)),
        (tr("False-call rate"), percent_cell(result.false_call_rate)),
        (tr("Miss rate"), percent_cell(result.miss_rate)),
        (tr("Seconds to learn"), f"{result.fit_seconds:.1f}"),
        (tr("ms per picture, median"), f"{ms['p50']:.1f}"),
        (tr("ms per picture, 95 % below"), f"{ms['p95']:.1f}"),
        (tr("Memory used at most (MB)"), f"{result.peak_rss_mb:.0f}"),
    ]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
