"""``deeprx benchmark``: what scoring and learning cost on this PC."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import asdict

from deeprx_gui import __version__
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.engine.backbones.catalogue import known_backbones
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.benchmark import Benchmark, BenchmarkRequest, benchmark
from deeprx_gui.work.benchmark_row import BenchmarkRow


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    default = BenchmarkRequest((FitSettings().backbone,), tuple(DETECTORS))
    parser.add_argument(
        "--backbones",
        type=argument_types.some_of(known_backbones()),
        default=default.backbones,
        metavar="B,...",
        help=tr("backbones to measure, with commas between them"),
    )
    parser.add_argument(
        "--detectors",
        type=argument_types.some_of(DETECTORS),
        default=default.detectors,
        metavar="D,...",
        help=tr("detectors to measure, with commas between them; all of them unless given"),
    )
    parser.add_argument(
        "--size",
        type=argument_types.whole(SIZES[0]),
        default=default.size,
        metavar="256",
        help=tr("picture size for the network in pixels; larger finds smaller defects"),
    )
    parser.add_argument(
        "--rounds",
        type=argument_types.whole(1),
        default=default.rounds,
        metavar="N",
        help=tr("how often each is timed; more is steadier and takes longer"),
    )
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Measure and print; exit 2 when something asked for could not be measured."""
    request = BenchmarkRequest(args.backbones, args.detectors, args.size, args.rounds)
    job = benchmark(
        request,
        make_engines=lambda: context.engines(args.runtime),
        scratch=context.paths.scratch,
    )
    result = drive(job)
    for missing in result.not_measured:
        print_note(
            tr(
                "{detector} with {backbone} could not be measured: {reason}",
                detector=missing.detector,
                backbone=missing.backbone,
                reason=render(missing.reason),
            )
        )
    if args.json:
        print_json(as_json(result))
    else:
        _show(result)
    return 2 if result.not_measured else 0


def as_json(result: Benchmark) -> dict[str, object]:
    """Return what ``--json`` prints."""
    return {
        "version": __version__,
        "machine": asdict(result.machine),
        "runtime": result.runtime,
        "device": result.device,
        "size": result.size,
        "rounds": result.rounds,
        "normals": result.normals,
        "rows": [asdict(row) for row in result.rows],
        "not_measured": [
            {"backbone": m.backbone, "detector": m.detector, "reason": render(m.reason)}
            for m in result.not_measured
        ],
    }


_Column = tuple[str, Callable[[BenchmarkRow], str]]


def _show(result: Benchmark) -> None:
    machine = result.machine
    print_line(
        tr(
            "{cpu}, {cores} cores, {memory} GB of memory, {system}",
            cpu=machine.cpu,
            cores=machine.cores,
            memory=round(machine.memory_mb / 1000),
            system=machine.system,
        )
    )
    print_line(
        tr(
            "Runtime {runtime}, one picture of {size} × {size} pixels in memory, {rounds} rounds",
            runtime=result.runtime,
            size=result.size,
            rounds=result.rounds,
        )
    )
    if machine.load is not None and machine.load > machine.cores / 2:
        print_line(tr("Other programs are busy on this PC: compare the ratios, not the times."))
    print_line()
    for columns in (_scoring(), _learning()):
        _table(result.rows, columns)
        print_line()


def _scoring() -> Iterable[_Column]:
    yield tr("Backbone alone, ms"), lambda row: f"{row.backbone_ms:.2f}"
    yield tr("Score, ms"), lambda row: f"{row.score_ms:.2f}"
    yield tr("× alone"), lambda row: f"{row.score_ratio:.2f}"
    yield tr("95 % below"), lambda row: f"{row.score_ms_p95:.2f}"
    yield tr("With overlay, ms"), lambda row: f"{row.overlay_ms:.2f}"
    yield tr("× alone"), lambda row: f"{row.overlay_ratio:.2f}"


def _learning() -> Iterable[_Column]:
    yield tr("Learns per s"), lambda row: f"{row.learn_images_per_second:.1f}"
    yield tr("Scores per s"), lambda row: f"{row.score_images_per_second:.1f}"
    yield tr("Ratio"), lambda row: f"{row.learn_ratio:.2f}"
    yield tr("Memory, MB"), lambda row: f"{row.peak_rss_mb:.0f}"
    yield tr("Profile, MB"), lambda row: f"{row.profile_mb:.2f}"
    yield tr("Opens in, ms"), lambda row: f"{row.open_ms:.0f}"


def _table(rows: Iterable[BenchmarkRow], columns: Iterable[_Column]) -> None:
    titles, cells = zip(*columns, strict=True)
    print_table(
        (tr("Backbone"), tr("Detector"), *titles),
        [(row.backbone, row.detector, *(cell(row) for cell in cells)) for row in rows],
    )
