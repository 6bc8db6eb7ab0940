"""What ``deeprx score --why`` answers: for each picture its places, taps and closest normals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.path_display import below_common_folder
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.why import ExplainedPlace, Explanation, tap_words
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import render, tr, tr_n

Why = Mapping[Path, Explanation | Message]


def with_why(answer: dict[str, object], why: Why) -> dict[str, object]:
    """Return the answer of ``score`` with ``why`` at each picture that has one."""
    if not why:
        return answer
    images: Any = answer["images"]
    return {**answer, "images": [_with(image, why.get(Path(image["path"]))) for image in images]}


def _with(image: dict[str, object], why: Explanation | Message | None) -> dict[str, object]:
    if why is None:
        return image
    if isinstance(why, Message):
        return {**image, "why": {"places": [], "total": 0, "note": render(why)}}
    notes = [render(note) for note in (why.note, why.normals_note) if note is not None]
    places = [_place_as_json(place) for place in why.places]
    return {
        **image,
        "why": {"places": places, "total": why.total, "note": " ".join(notes) or None},
    }


def _place_as_json(place: ExplainedPlace) -> dict[str, object]:
    blob = place.blob
    finest = min((tap.stride for tap in place.taps), default=0)
    words = tap_words(place.taps)
    return {
        "x": blob.peak_x,
        "y": blob.peak_y,
        "box": list(blob.box),
        "score": blob.score,
        "times_limit": place.times,
        "squared_distance": place.squared,
        "taps": [
            {
                "stride": tap.stride,
                "scale": "fine" if tap.stride == finest else "coarse",
                "squared": tap.squared,
                "share": tap.share,
            }
            for tap in place.taps
        ],
        "words": None if words is None else render(words),
        "closest": [
            {"source": normal.source, "distance": normal.distance, "golden": normal.golden}
            for normal in place.normals
        ],
    }


def print_why(results: Sequence[ScoredImage], why: Why) -> None:
    """Print for each picture that is not OK where, how much, and which scale carries it."""
    asked = [r.path for r in results if r.path in why]
    _, names = below_common_folder(asked) if asked else (None, [])
    for path, name in zip(asked, names, strict=True):
        found = why[path]
        print_line("")
        print_line(tr("Why {picture}:", picture=name))
        if isinstance(found, Message):
            print_line(f"  {render(found)}")
            continue
        for number, place in enumerate(found.places, 1):
            print_line(f"  {number}. {_place_line(place)}")
        for note in (found.note, found.normals_note):
            if note is not None:
                print_line(f"  {render(note)}")
        if found.total > len(found.places):
            print_line(
                "  "
                + tr_n(
                    "{n} more place lies above the limit.",
                    "{n} more places lie above the limit.",
                    n=found.total - len(found.places),
                )
            )


def _place_line(place: ExplainedPlace) -> str:
    where = tr(
        "{times} × at {x} % from the left, {y} % from the top.",
        times=times_limit_text(place.times),
        x=round(100 * place.blob.peak_x),
        y=round(100 * place.blob.peak_y),
    )
    words = tap_words(place.taps)
    parts = [where, "" if words is None else render(words)]
    if place.normals:
        closest = ", ".join(Path(normal.source).name for normal in place.normals)
        parts.append(tr("Closest normal pictures there: {names}.", names=closest))
    return " ".join(part for part in parts if part)
