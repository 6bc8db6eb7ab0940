"""What every report has: the document around it, its heading, and the counts by verdict."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from deeprx_gui import __version__
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import language, render, tr
from deeprx_gui.results.encode import encode_jpeg
from deeprx_gui.results.page.markup import Content, Html, join, tag
from deeprx_gui.results.page.style import STYLE
from deeprx_gui.results.words import share_text

SIDE = 320
"""Longer side of a picture in a report, in pixels."""
_QUALITY = 82
# Nothing in the file may load or run anything, whatever a file name or a serial number tries.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def document(title: str, *sections: Content) -> str:
    """Return one self-contained HTML document in the reader's language."""
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    body = tag("body", tag("main", *sections))
    page = tag("html", tag("head", head), body, lang=language())
    return f"<!DOCTYPE html>\n{page}\n"


def heading(title: str, made: datetime, about: str = "") -> Html:
    """Return the title, what the report is about, and when and by which program it was made."""
    made_by = tr(
        "{when} · Deep RX Inspector {version}",
        when=f"{made.astimezone():%Y-%m-%d %H:%M}",
        version=__version__,
    )
    return tag("header", tag("h1", title), tag("p", about) if about else None, tag("p", made_by))


def counts_section(word: str, counts: Mapping[Verdict, int], *more: str) -> Html:
    """Return the counts, large enough to be read first, a bar of their shares, and sentences.

    ``word``: what is counted.
    """
    total = sum(counts.values())
    tiles = [_tile(word, total, "", "")]
    for verdict in VERDICTS:
        share = share_text(counts[verdict] / total) if total else ""
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
        *(tag("p", sentence) for sentence in more),
    )


def picture_uri(pixels: ByteImage) -> str:
    """Return a picture, (height, width, 3) RGB, as the address of an ``img``."""
    data = base64.b64encode(encode_jpeg(pixels, _QUALITY)).decode()
    return f"data:image/jpeg;base64,{data}"


def _tile(word: str, count: int, share: str, style: str) -> Html:
    return tag(
        "div",
        tag("b", str(count)),
        tag("span", join(word, tag("small", share) if share else None)),
        class_=f"count {style}".strip(),
    )
