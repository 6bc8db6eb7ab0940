"""``deeprx compare``: which detector with which backbone suits these pictures."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from itertools import product

from deeprx_gui.capture.dataset import Dataset, read_dataset
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.left_out import exit_after, tell_left_out
from deeprx_gui.cli.options import add_draw_options, add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.compare import Combination, CompareOutcome, CompareRequest, CompareRow
from deeprx_gui.domain.fit_settings import (
    LONGEST_TAKT_MS,
    PRESETS,
    USUAL_TAKT_MS,
    FitSettings,
)
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.words import percent_cell
from deeprx_gui.engine.backbones.catalogue import known_backbones
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.compare import compare
from deeprx_gui.work.evaluate import pick_normals


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    default = FitSettings()
    parser.add_argument(
        "dataset",
        type=argument_types.path,
        help=tr("folder with train/good, test/good and test/<kind of defect>"),
    )
    parser.add_argument(
        "--detectors",
        type=argument_types.some_of(DETECTORS),
        default=tuple(DETECTORS),
        metavar="D,...",
        help=tr("detectors to compare, with commas between them; all of them unless given"),
    )
    parser.add_argument(
        "--backbones",
        type=argument_types.some_of(known_backbones()),
        default=(default.backbone,),
        metavar="B,...",
        help=tr("backbones to compare, with commas between them"),
    )
    parser.add_argument(
        "--size",
        type=argument_types.sizes,
        default=(default.preprocessing.size,),
        metavar="256,...",
        help=tr("picture sizes for the network in pixels, with commas between them"),
    )
    parser.add_argument(
        "--preset",
        type=argument_types.some_of(PRESETS),
        default=(),
        metavar="P,...",
        help=tr("compare these presets instead: {known}", known=", ".join(PRESETS)),
    )
    parser.add_argument(
        "--takt",
        type=argument_types.number(1, LONGEST_TAKT_MS, "100"),
        default=USUAL_TAKT_MS,
        metavar="100",
        help=tr("milliseconds that a picture may take, for the preset automatic"),
    )
    add_draw_options(parser)
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Compare and print; exit 2 when nothing at all could be measured, or something opened."""
    default = FitSettings()
    preprocessing = replace(default.preprocessing, size=args.size[0])
    dataset = read_dataset(args.dataset)
    tell_left_out(dataset.left_out)
    result = drive(
        compare(
            CompareRequest(
                normals=pick_normals(dataset, args.normals, args.seed),
                labelled=labelled(dataset),
                combinations=tuple(map(of_preset, args.preset))
                or combinations(args.detectors, args.backbones, args.size),
                settings=replace(default, preprocessing=preprocessing, takt_ms=args.takt),
            ),
            engines=context.engines(args.runtime),
            scratch=context.paths.scratch,
        )
    )
    if args.json:
        print_json(as_json(result))
    else:
        _show(result)
    return exit_after(dataset.left_out, 0 if any(row.measured for row in result.rows) else 2)


def labelled(dataset: Dataset) -> tuple[PendingImage, ...]:
    """Return a data set's test pictures with what they really are."""
    return tuple(PendingImage(t.path, Label.BAD if t.bad else Label.GOOD) for t in dataset.test)


def of_preset(key: str) -> Combination:
    """Return a preset as a candidate."""
    settings = PRESETS[key].settings
    return Combination(settings.detector.name, settings.backbone, settings.preprocessing.size, key)


def combinations(
    detectors: tuple[str, ...], backbones: tuple[str, ...], sizes: tuple[int, ...]
) -> tuple[Combination, ...]:
    """Return every detector with every backbone at every size; one that uses none once a size."""
    every = (Combination(d, b, s) for d, b, s in product(detectors, backbones, sizes))
    return tuple(c for c in every if not DETECTORS[c.detector].pixels or c.backbone == backbones[0])


def as_json(result: CompareOutcome) -> dict[str, object]:
    """Return what ``--json`` prints."""
    chosen = None if result.recommended is None else result.rows[result.recommended]
    return {
        "rows": [
            {
                **_plain(row),
                "not_started": row.not_started and render(row.not_started),
            }
            for row in result.rows
        ],
        "recommended": chosen and {"detector": chosen.detector, "backbone": chosen.backbone},
        "chosen": chosen and _settings_as_json(chosen),
        "why": render(result.why),
    }


def _plain(row: CompareRow) -> dict[str, object]:
    """Return the figures; messages, settings and single shares have no place among them."""
    answer = asdict(replace(row, not_started=None, settings=None, shares=()))
    del answer["settings"], answer["shares"]
    return answer


def _settings_as_json(row: CompareRow) -> dict[str, object] | None:
    settings = row.settings
    if settings is None:
        return None
    return {
        "detector": settings.detector.name,
        "backbone": settings.backbone,
        "size": settings.preprocessing.size,
        "normalise": settings.scoring.normalise,
        "reduce": settings.scoring.reduce,
        "sigma": settings.scoring.sigma,
    }


def _show(result: CompareOutcome) -> None:
    print_table(
        (
            tr("Detector"),
            tr("Backbone"),
            tr("Inspection image size"),
            tr("Misses"),
            tr("Planted found"),
            tr("False calls"),
            tr("Promised"),
            tr("AUROC"),
            tr("ms per picture"),
            tr("Memory, MB"),
            tr("Profile, MB"),
            tr("Seconds to learn"),
            tr("Needs positioning"),
        ),
        [_cells(row) for row in result.rows if row.measured],
    )
    for row in result.rows:
        if row.not_started is not None:
            print_note(
                tr(
                    "{detector} with {backbone} could not be measured: {reason}",
                    detector=row.detector,
                    backbone=row.backbone,
                    reason=render(row.not_started),
                )
            )
    print_line()
    print_line(render(result.why))


def _cells(row: CompareRow) -> tuple[str, ...]:
    return (
        row.detector,
        row.backbone,
        str(row.size),
        percent_cell(row.missed_rate),
        percent_cell(row.found),
        percent_cell(row.false_call_rate),
        percent_cell(row.promised_false_call_rate),
        "–" if row.auroc is None else f"{row.auroc:.3f}",
        f"{row.ms_per_image:.1f}",
        f"{row.peak_mb:.0f} ({row.predicted_mb:.0f})",
        f"{row.file_mb:.1f}",
        f"{row.seconds:.0f} ({row.predicted_seconds:.0f})",
        tr("yes") if row.needs_positioning else tr("no"),
    )
