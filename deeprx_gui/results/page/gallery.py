"""Pictures worth looking at: the worst NG and REVIEW, the OK nearest to the limit, and mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float64
from deeprx_gui.domain.blobs import Places
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.heat import QUIET_FROM, SATURATION, colours, quiet_colours
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.marked_places import NAMED_PLACES, count_words, places_above
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.overlay_files import overlay_picture
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.page.shell import SIDE, picture_uri
from deeprx_gui.results.words import JudgedResult, worst_first

Picture = Callable[[Path, int], ByteImage]
"""Returns a picture reduced to fit a square of so many pixels, or raises ImageError."""
_RADIUS_SHARE: Final = 0.05
"""Of a circle, as a share of the longer side of the picture."""


@dataclass(frozen=True)
class _GallerySection:
    """Pictures of one verdict (and label): how many at most, and what they are called.

    ``single``: without the plain picture beside the heat map, which hardly differs.
    """

    title: Message
    most: int
    verdict: Verdict
    label: Label | None = None
    single: bool = False

    def holds(self, row: JudgedResult) -> bool:
        """Whether a picture belongs here."""
        return row.verdict is self.verdict and self.label in (None, row.result.label)


_SHELVES = (
    _GallerySection(say("Misses: bad parts judged OK"), 6, Verdict.OK, Label.BAD),
    _GallerySection(say("False calls: good parts judged NG"), 6, Verdict.NG, Label.GOOD),
    _GallerySection(say("NG: highest scores first"), 12, Verdict.NG),
    _GallerySection(say("REVIEW: highest scores first"), 9, Verdict.REVIEW),
    _GallerySection(say("OK: nearest to the limit"), 6, Verdict.OK, single=True),
)


def gallery(
    rows: Sequence[JudgedResult],
    limits: Limits,
    profile: Profile,
    picture: Picture,
    *,
    below: bool = False,
) -> Html | None:
    """Return the pictures with their heat maps, at most 39, ``None`` when there are none.

    As many circles are drawn in a heat map as places are told below it. A picture that cannot be
    read any more is left out; its row in the table stays.
    """
    ranked = worst_first([row for row in rows if row.result.score is not None])
    shelves: list[Html] = []
    for shelf in _SHELVES:
        chosen = [row for row in ranked if shelf.holds(row)][: shelf.most]
        cards = [
            _card(row, limits, profile, picture, single=shelf.single, below=below) for row in chosen
        ]
        shown = [card for card in cards if card is not None]
        if shown:
            single = " single" if shelf.single else ""
            shelves.append(
                join(
                    tag("h3", render(shelf.title)),
                    tag("div", shown, class_="gallery" + single),
                )
            )
    if not shelves:
        return None
    return tag("section", tag("h2", tr("Pictures")), _scale(limits, below=below), shelves)


def _card(
    row: JudgedResult,
    limits: Limits,
    profile: Profile,
    picture: Picture,
    *,
    single: bool,
    below: bool,
) -> Html | None:
    try:
        plain = picture(row.result.path, SIDE)
    except ImageError:
        return None
    heat = overlay_picture(plain, row.result, limits, limits.unit, below=below)
    found = _places(row, limits, profile)
    name, label = one_line(row.result.path.name), row.result.label
    shown = [
        tag("div", tag("img", src=picture_uri(heat), alt=name), _rings(found, heat), class_="heat")
    ]
    if not single:
        shown.insert(0, tag("img", src=picture_uri(plain), alt=name))
    known = render(LABEL_WORDS[label]) if label is not Label.UNKNOWN else ""
    return tag(
        "figure",
        tag("div", shown, class_="pair"),
        tag(
            "figcaption",
            tag("span", render(VERDICT_WORDS[row.verdict]), class_=f"badge {row.verdict.value}"),
            tag("b", tr("{times} × limit", times=times_limit_text(row.times))),
            tag("span", known, class_="muted") if known else None,
            tag("small", name),
            tag("small", _told(found, limits)) if found.total else None,
        ),
    )


def _places(row: JudgedResult, limits: Limits, profile: Profile) -> Places:
    result = row.result
    if result.score is None:
        return Places()
    return places_above(result.score.map, limits, result.width, result.height, profile)


def _rings(found: Places, picture: ByteImage) -> Html | None:
    """Return a circle for each place, to lie over ``picture``; white on black shows on any."""
    if not found.total:
        return None
    height, width = picture.shape[:2]
    radius = _RADIUS_SHARE * max(height, width)
    circles = [
        tag("circle", cx=blob.peak_x * width, cy=blob.peak_y * height, r=radius, class_=kind)
        for blob in found.hottest
        for kind in ("edge", "place")
    ]
    return tag("svg", circles, viewBox=f"0 0 {width} {height}", aria_hidden="true")


def _told(found: Places, limits: Limits) -> str:
    """Say how many places there are, and the scores of the hottest."""
    named = found.hottest[:NAMED_PLACES]
    scores = [f"{times_limit_text(limits.times(blob.score))} ×" for blob in named]
    more = ["…"] if len(named) < found.total else []
    return f"{render(count_words(found))} · {', '.join([*scores, *more])}"


def _scale(limits: Limits, *, below: bool) -> Html:
    """The colours of the heat map, which are the same in every picture."""
    words = tr("blue: below the limit") if below else tr("no colour: below the limit")
    return tag(
        "p",
        _bar(quiet_colours, QUIET_FROM, min(limits.review_times, 1.0)) if below else None,
        tag("span", tr("{times} × limit", times="1.00")),
        _bar(colours, 1.0, SATURATION),
        tag("span", tr("{times} × limit or more", times=f"{SATURATION:.2f}")),
        tag("span", words),
        class_="scale",
    )


def _bar(scale: Callable[[Float64], Float64], low: float, high: float) -> Html:
    """Return the colours from one multiple of the suggested limit to another, as a bar."""
    found = scale(np.linspace(low, high, 9, dtype=np.float64))
    stops = ", ".join(f"rgb({r:.0f} {g:.0f} {b:.0f})" for r, g, b in found[:, :3])
    return tag("i", style=f"background:linear-gradient(90deg, {stops})")
