"""Where the limits are and what was promised about them."""

from __future__ import annotations

from deeprx_gui.domain.learning_curve import promise_at
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.limits import HeldOutScheme, Limits, Promise
from deeprx_gui.domain.part_words import more_parts, parts_missing, parts_of_profile
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.promise_words import promise_basis
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS, limit_texts
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.words import score_text, share_text

_TIGHTER = 0.01
"""A promise looser than this gets told how many images would reach it."""


def promise_section(profile: Profile, limits: Limits) -> Html:
    """Return both limits with their promise, and in plain words what a promise is."""
    head = (tr("Limit"), tr("× suggested"), tr("Score"), tr("Good parts above it"), tr("Basis"))
    review, ng = limit_texts(limits)
    if limits.has_review_band:
        first = _row(Verdict.REVIEW, review, limits.review, limits.review_promise)
    else:
        off = tag("td", tr("review band off"), colspan=4)
        first = tag("tr", tag("td", _badge(Verdict.REVIEW)), off)
    rows = [first, _row(Verdict.NG, ng, limits.ng, limits.ng_promise)]
    table = tag(
        "table",
        tag("thead", tag("tr", [tag("th", h, class_=_side(i)) for i, h in enumerate(head)])),
        tag("tbody", rows),
    )
    return tag(
        "section",
        tag("h2", tr("Limits and what they promise")),
        tag("div", table, class_="scroll"),
        tag("div", _explain(profile, limits), style="margin-top:14px"),
    )


def _side(column: int) -> str | None:
    return "n" if column in (1, 2, 3) else None


def _badge(verdict: Verdict) -> Html:
    return tag("span", render(VERDICT_WORDS[verdict]), class_=f"badge {verdict.value}")


def _row(verdict: Verdict, times: str, raw: float, promise: Promise | None) -> Html:
    if promise is None:
        expected, origin = "–", tr("moved by hand, nothing is promised")
    else:
        expected = tr("about {rate}", rate=share_text(promise.rate))
        origin = render(promise_basis(promise, share_text))
    return tag(
        "tr",
        tag("td", _badge(verdict)),
        tag("td", times, class_="n"),
        tag("td", score_text(raw), class_="n"),
        tag("td", expected, class_="n"),
        tag("td", origin),
    )


def _explain(profile: Profile, limits: Limits) -> Html:
    lines = [tag("p", scale_words(limits))]
    promise = limits.ng_promise or limits.review_promise
    if promise is not None:
        lines.append(tag("p", _meaning(profile)))
        counted = parts_of_profile(profile)
        if counted is not None:
            lines.append(tag("p", render(counted)))
            more = parts_missing(promise.normals, _TIGHTER, record_of(profile).kind)
            lines += [] if more is None else [tag("p", render(more))]
        elif limits.ng_promise is not None:
            lines += _more_needed(promise.normals, record_of(profile).kind)
    return join(lines)


def scale_words(limits: Limits) -> str:
    """Say what 1.00 is, and where OK ends: the same for every limit of this revision."""
    text = tr(
        "Scores are multiples of the review limit that learning suggested (1.00 × limit): the same "
        "wherever the limits are set. Higher is less normal."
    )
    ends = tr("OK ends at {times} × limit.", times=limit_texts(limits)[0])
    return f"{text} {ends}"


def _meaning(profile: Profile) -> str:
    if profile.held_out_scheme is HeldOutScheme.LEAVE_ONE_OUT:
        return tr(
            "The promise comes from the normal images alone: each was scored by what the others "
            "taught, never by itself (leave-one-out). For parts like those it says how many good "
            "ones will lie above the limit on average; the figure is approximate."
        )
    return tr(
        "The promise comes from the normal images alone: they were scored in groups, each by what "
        "the other groups taught (K-fold). For parts like those it says how many good ones will "
        "lie above the limit on average; the figure is approximate."
    )


def _more_needed(normals: int, kind: str) -> list[Html]:
    more = more_parts(normals, _TIGHTER, kind)
    if not more:
        return []
    words = tr(
        "With {n} normal images no less than {rate} can be promised. {more} more would allow a "
        "promise of {tighter}.",
        n=normals,
        rate=share_text(promise_at(normals, _TIGHTER, kind).rate),
        more=more,
        tighter=share_text(_TIGHTER),
    )
    return [tag("p", words)]
