"""Drawings of the history report: parts per hour and the trend of OK scores, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from deeprx_gui.domain.history import HourCounts, TrendPoint
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.domain.words import VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.page.markup import Html, join, tag

_WIDTH, _HEIGHT = 1000.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 984.0, 24.0, 220.0
_MOST_BARS: Final = 96
_BARS: Final = (1, 2, 4, 8, 12, 24, 48, 7 * 24, 28 * 24, 91 * 24, 365 * 24)
"""Hours per bar."""
_LABELS: Final = 7


def hours_chart(hours: Sequence[HourCounts]) -> Html | None:
    """Return parts per hour (or longer) by verdict; times without parts are left out."""
    if not hours:
        return None
    size, bars = _bars(hours)
    tallest = max(bar.total for bar in bars)
    step = (_RIGHT - _LEFT) / len(bars)
    drawing = join(
        _counts_axis(tallest),
        *(_bar(bar, _LEFT + i * step, step, tallest) for i, bar in enumerate(bars)),
        _times_axis([bar.hour for bar in bars], by_day=size >= 24),
    )
    title = _per(size)
    used = [v for v in VERDICTS if any(bar.by_verdict[v] for bar in bars)]
    return tag(
        "section",
        tag("h2", title),
        _svg(drawing, title),
        tag(
            "p",
            [tag("span", tag("i", class_=v.value), render(VERDICT_WORDS[v])) for v in used],
            class_="legend",
        ),
    )


def trend_chart(trend: Sequence[TrendPoint], bucket: timedelta) -> Html | None:
    """Return the median score of OK parts over time, and the limit it must stay below."""
    if not trend:
        return None
    highest = max(1.1, *(point.median * 1.05 for point in trend))
    step = (_RIGHT - _LEFT) / len(trend)
    spots = [(_LEFT + (i + 0.5) * step, _y(point.median, highest)) for i, point in enumerate(trend)]
    limit = _y(1.0, highest)
    drawing = join(
        _scores_axis(highest),
        tag("line", x1=_LEFT, x2=_RIGHT, y1=limit, y2=limit, class_="limit REVIEW"),
        tag(
            "text", tr("suggested limit"), x=_RIGHT, y=limit - 6, text_anchor="end", class_="REVIEW"
        ),
        tag("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots), class_="line"),
        *(tag("rect", x=x - 2, y=y - 2, width=4, height=4, class_="dot") for x, y in spots),
        _times_axis([point.when for point in trend], by_day=bucket >= timedelta(days=1)),
    )
    title = tr("Median score of OK parts in × suggested limit")
    return tag(
        "section",
        tag("h2", title),
        _svg(drawing, title),
        tag(
            "p",
            tr(
                "A line that climbs towards the limit means that good parts will soon be called"
                " REVIEW or NG: check lamp, lens and position, or learn again."
            ),
            class_="muted",
        ),
    )


def _bars(hours: Sequence[HourCounts]) -> tuple[int, list[HourCounts]]:
    """Return hours per bar and the bars, few enough to be told apart."""
    east = hours[-1].hour.astimezone().utcoffset() or timedelta()
    numbers = [int((h.hour + east).timestamp()) // 3600 for h in hours]
    size = next((s for s in _BARS if len({n // s for n in numbers}) <= _MOST_BARS), _BARS[-1])
    bars: dict[int, HourCounts] = {}
    for number, hour in zip(numbers, hours, strict=True):
        known = bars.get(number // size, HourCounts(hour.hour))
        bars[number // size] = HourCounts(
            known.hour,
            known.ok + hour.ok,
            known.review + hour.review,
            known.ng + hour.ng,
            known.error + hour.error,
        )
    return size, list(bars.values())


def _per(size: int) -> str:
    if size == 1:
        return tr("Parts per hour")
    if size < 24:
        return tr("Parts in {n} hours each", n=size)
    return tr("Parts per day") if size == 24 else tr("Parts in {n} days each", n=size // 24)


def _bar(bar: HourCounts, x: float, step: float, tallest: int) -> Html:
    """Stack the verdicts, OK at the bottom, with what they count as a tip."""
    parts, below = [], 0
    gap = min(2.0, step / 5)
    for verdict in VERDICTS:
        count = bar.by_verdict[verdict]
        if count:
            top, bottom = _y(below + count, tallest), _y(below, tallest)
            parts.append(
                tag(
                    "rect",
                    x=x + gap / 2,
                    y=top,
                    width=step - gap,
                    height=max(bottom - top, 1.0),
                    class_=verdict.value,
                )
            )
        below += count
    words = (f"{render(VERDICT_WORDS[v])} {n}" for v, n in bar.by_verdict.items() if n)
    tip = f"{bar.hour.astimezone():%Y-%m-%d %H:%M}: {', '.join(words)}"
    return tag("g", tag("title", tip), parts)


def _counts_axis(tallest: int) -> Html:
    step = next(s * 10**e for e in range(12) for s in (1, 2, 5) if tallest / (s * 10**e) <= 4)
    return join(*(_level(n, str(n), tallest) for n in range(0, tallest + 1, step)))


def _scores_axis(highest: float) -> Html:
    step = next(s for s in (0.25, 0.5, 1.0, 2.0, 5.0, 1e9) if highest / s <= 6)
    return join(
        *(
            _level(k * step, times_limit_text(k * step), highest)
            for k in range(int(highest / step) + 1)
        )
    )


def _level(value: float, text: str, highest: float) -> Html:
    y = _y(value, highest)
    return join(
        tag("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, class_="grid" if value else "axis"),
        tag("text", text, x=_LEFT - 8, y=y + 4, text_anchor="end"),
    )


def _times_axis(times: Sequence[datetime], *, by_day: bool) -> Html:
    """Label some of the times, the first always."""
    step = (_RIGHT - _LEFT) / len(times)
    every = -(-len(times) // _LABELS)
    shape = "%Y-%m-%d" if by_day else "%m-%d %H:%M"
    return join(
        *(
            tag(
                "text",
                format(times[i].astimezone(), shape),
                x=_LEFT + (i + 0.5) * step,
                y=_BOTTOM + 22,
                text_anchor="start" if i == 0 and len(times) > 1 else "middle",
            )
            for i in range(0, len(times), every)
        )
    )


def _y(value: float, highest: float) -> float:
    return _BOTTOM - value / highest * (_BOTTOM - _TOP)


def _svg(drawing: Html, title: str) -> Html:
    box = f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}"
    return tag("svg", drawing, viewBox=box, role="img", aria_label=title)
