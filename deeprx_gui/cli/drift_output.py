"""What ``deeprx history drift`` answers: what moved first, and the figures behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

from deeprx_gui.cli.output import print_line, print_note, print_table
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.domain.drift import Measure, Move
from deeprx_gui.domain.drift_words import MEASURE_WORDS
from deeprx_gui.domain.product_drift import ProductDrift
from deeprx_gui.i18n import render, tr

EXIT_DRIFT = 1
"""Something has drifted."""


def drift_answer(found: Sequence[tuple[str, ProductDrift]]) -> CommandOutput:
    """Answer ``drift``: exit code 1 when any product has drifted."""

    def show() -> None:
        if not found:
            print_line(tr("There are no such verdicts."))
        for name, product in found:
            print_line(f"{name}: {render(product.sentence)}")
            for words in product.more:
                print_note(f"  {render(words)}")
            if product.drift.moves:
                print_table(
                    (tr("Measure"), tr("Since"), tr("Before"), tr("Now")),
                    [_row(move) for move in product.drift.moves],
                )

    answer = {"products": [_as_json(name, product) for name, product in found]}
    drifted = any(product.drift.moves for _, product in found)
    return CommandOutput(answer, show, EXIT_DRIFT if drifted else 0)


def _row(move: Move) -> tuple[str, str, str, str]:
    since = f"{move.since.astimezone():%Y-%m-%d %H:%M}"
    digits = 4 if move.measure is Measure.POSITION else 2
    return (
        render(MEASURE_WORDS[move.measure]),
        since,
        f"{move.before:.{digits}f}",
        f"{move.now:.{digits}f}",
    )


def _as_json(name: str, product: ProductDrift) -> dict[str, object]:
    drift = product.drift
    return {
        "profile": name,
        "id": product.profile_id,
        "parts": drift.parts,
        "enough": drift.enough,
        "revisions": list(product.revisions),
        "unit": product.unit,
        "first": None if drift.first is None else drift.first.measure.value,
        "sentence": render(product.sentence),
        "more": [render(words) for words in product.more],
        "known": sorted(measure.value for measure in drift.known),
        "moves": [
            {
                "measure": move.measure.value,
                "since": move.since.isoformat(),
                "seen": move.seen.isoformat(),
                "before": move.before,
                "now": move.now,
                "relative": move.relative if math.isfinite(move.relative) else None,
            }
            for move in drift.moves
        ],
        "stopped_before": drift.stopped_before,
        "stopped_now": drift.stopped_now,
        "forecast": None if drift.forecast is None else asdict(drift.forecast),
    }
