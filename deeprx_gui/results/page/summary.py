"""What came out: how many OK, REVIEW, NG and ERROR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.words import Row, percent


def summary(rows: Sequence[Row]) -> Html:
    """Return the counts, large enough to be read first, and a bar of their shares."""
    counts = Counter(row.verdict for row in rows)
    total = len(rows)
    tiles = [_tile(tr("Pictures"), total, "", "")]
    for verdict in VERDICTS:
        share = percent(counts[verdict] / total) if total else ""
        tiles.append(_tile(render(VERDICT_WORDS[verdict]), counts[verdict], share, verdict.value))
    shares = [
        tag("i", class_=verdict.value, style=f"flex:{counts[verdict]}")
        for verdict in VERDICTS
        if counts[verdict]
    ]
    return tag(
        "section",
        tag("h2", tr("Result")),
        tag("div", tiles, class_="counts"),
        tag("div", shares, class_="bar", aria_hidden="true") if shares else None,
    )


def _tile(word: str, count: int, share: str, style: str) -> Html:
    return tag(
        "div",
        tag("b", str(count)),
        tag("span", join(word, tag("small", share) if share else None)),
        class_=f"count {style}".strip(),
    )
