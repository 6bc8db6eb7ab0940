"""What changed between two revisions, in words: "NG limit 1.20 × -> 1.25 ×", "+14 images"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from deeprx_gui.domain.corrections import corrected_in, corrected_words
from deeprx_gui.domain.doctor import REASON_WORDS
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.part_words import shown_parts
from deeprx_gui.domain.parts import KEY
from deeprx_gui.domain.profile import Preprocessing, Profile, Scoring
from deeprx_gui.domain.profile_card import Difference
from deeprx_gui.domain.view import Positioning
from deeprx_gui.profiles.codec import RevisionHead
from deeprx_gui.profiles.untrusted_input import REFERENCE, STATISTICS, limit_sample_member


def differences(before: RevisionHead, after: RevisionHead) -> tuple[Difference, ...]:
    """Everything that changed from ``before`` to ``after``, most important first.

    Who saved, when and why are not differences: the history says them.
    """
    a, b = before.profile, after.profile
    return tuple(
        Difference(field, text)
        for field, text in (
            *_name(a, b),
            *_limits(a.limits, b.limits),
            *_normals(a, b),
            *_left_out(a, b),
            *_learnt(before, after),
            *_backbone(a, b),
            *_detector(a, b),
            *_preprocessing(a.preprocessing, b.preprocessing),
            *_scoring(a.scoring, b.scoring),
            *_view(before, after),
            *_golden(before, after),
            *_limit_samples(before, after),
            *_program(a, b),
        )
    )


_NAMED = 5
_Found = Iterator[tuple[str, Message]]


def numbers(old: float, new: float) -> tuple[str, str]:
    """Two different numbers with just enough digits to look different: at least two decimals."""
    for style in (".2f", ".4f", ".6g", ".9g"):
        texts = (format(old, style), format(new, style))
        vanished = (old and not float(texts[0])) or (new and not float(texts[1]))
        if texts[0] != texts[1] and not vanished:
            return texts
    return repr(old), repr(new)


def _name(a: Profile, b: Profile) -> _Found:
    if a.name != b.name:
        yield "name", say("name “{old}” -> “{new}”", old=a.name, new=b.name)


def _limits(a: Limits, b: Limits) -> _Found:
    """Say how limits moved, as multiples of the suggested one, as they are shown everywhere.

    Raw scores of two fits do not compare, so of limits learnt anew the new ones alone are said.
    """
    if a.review != b.review:
        old, new = numbers(a.review_times, b.review_times)
        if a.unit == b.unit:
            text = say("review limit {old} × -> {new} ×", old=old, new=new)
        else:
            text = say("review limit {new} × of what was learnt anew", new=f"{b.review_times:.2f}")
        yield "limits.review", _by_hand(text, b.review_promise)
    if a.ng != b.ng:
        old, new = numbers(a.ng_times, b.ng_times)
        if a.unit == b.unit:
            text = say("NG limit {old} × -> {new} ×", old=old, new=new)
        else:
            text = say("NG limit {new} × of what was learnt anew", new=f"{b.ng_times:.2f}")
        yield "limits.ng", _by_hand(text, b.ng_promise)


def _by_hand(text: Message, promise: Promise | None) -> Message:
    return text if promise is not None else say("{change}, set by hand", change=text)


def _normals(a: Profile, b: Profile) -> _Found:
    old, new = Counter(n.source for n in a.normals), Counter(n.source for n in b.normals)
    added, removed = (new - old).total(), (old - new).total()
    if added:
        yield "normals", say_n("+{n} normal image", "+{n} normal images", n=added)
    if removed:
        yield "normals", say_n("-{n} normal image", "-{n} normal images", n=removed)
    counted = [shown_parts(profile).count for profile in (a, b)]
    grouped = any(n < len(p.normals) for n, p in zip(counted, (a, b), strict=True))
    if grouped and counted[0] != counted[1]:
        text = say(
            "the promise counts {new} parts instead of {old}", old=counted[0], new=counted[1]
        )
        yield KEY, text


def _left_out(a: Profile, b: Profile) -> _Found:
    """Name the pictures that the doctor's reasons kept out of the new revision."""
    old, new = record_of(a).why_left_out, record_of(b).why_left_out
    fresh = {source: reason for source, reason in new.items() if source not in old}
    for reason in dict.fromkeys(fresh.values()):
        names = [PurePath(source).name for source, why in fresh.items() if why is reason]
        shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
        yield (
            "left_out",
            say("left out, {reason}: {names}", reason=REASON_WORDS[reason], names=shown),
        )


def _learnt(before: RevisionHead, after: RevisionHead) -> _Found:
    a, b = before.profile, after.profile
    same = before.hashes[STATISTICS] == after.hashes[STATISTICS]
    if same and a.normals == b.normals and a.suggested == b.suggested:
        return
    done = corrected_in(b.extra)
    if done is not None and len(b.normals) == len(a.normals) + done.good:
        yield "statistics", corrected_words(done)
    else:
        yield "statistics", say("learnt again")


def _backbone(a: Profile, b: Profile) -> _Found:
    old, new = a.backbone, b.backbone
    if old.name != new.name:
        yield "backbone.name", say("network {old} -> {new}", old=old.name, new=new.name)
    elif old.weights_sha256 != new.weights_sha256:
        yield "backbone.weights_sha256", say("other weights of the network {name}", name=new.name)
    if old.taps != new.taps:
        yield (
            "backbone.taps",
            say("feature strides {old} -> {new}", old=_listed(old.taps), new=_listed(new.taps)),
        )


def _detector(a: Profile, b: Profile) -> _Found:
    old, new = a.detector, b.detector
    if old.name != new.name:
        yield "detector.name", say("detector {old} -> {new}", old=old.name, new=new.name)
    for key in sorted(old.settings.keys() | new.settings.keys()):
        was, now = old.settings.get(key, "-"), new.settings.get(key, "-")
        if was != now:
            yield (
                f"detector.settings.{key}",
                say("setting {key} {old} -> {new}", key=key, old=was, new=now),
            )


def _preprocessing(a: Preprocessing, b: Preprocessing) -> _Found:
    if a.size != b.size:
        yield "preprocessing.size", say("picture size {old} -> {new}", old=a.size, new=b.size)
    if a.keep_aspect != b.keep_aspect:
        text = (
            say("the picture keeps its proportions now")
            if b.keep_aspect
            else say("the picture is squeezed to a square now")
        )
        yield "preprocessing.keep_aspect", text


def _scoring(a: Scoring, b: Scoring) -> _Found:
    if a.sigma != b.sigma:
        old, new = numbers(a.sigma, b.sigma)
        yield "scoring.sigma", say("smoothing {old} -> {new}", old=old, new=new)
    if a.reduce != b.reduce:
        yield (
            "scoring.reduce",
            say("score {old} -> {new}", old=_reduce(a.reduce), new=_reduce(b.reduce)),
        )
    if a.normalise != b.normalise:
        yield (
            "scoring.normalise",
            say("every place is measured by what is usual there")
            if b.normalise == "position"
            else say("places are no longer measured by what is usual there"),
        )
    if a.min_area != b.min_area:
        yield (
            "scoring.min_area",
            say(
                "smallest area that counts {old} -> {new} grid cells",
                old=a.min_area,
                new=b.min_area,
            ),
        )


def _view(before: RevisionHead, after: RevisionHead) -> _Found:
    a, b = before.profile.view, after.profile.view
    if a.region.inside != b.region.inside:
        yield "view.region.inside", say("region changed")
    if a.region.ignore != b.region.ignore:
        yield "view.region.ignore", say("ignored areas changed")
    yield from _positioning(a.positioning, b.positioning)
    if before.hashes.get(REFERENCE) != after.hashes.get(REFERENCE) and (
        a.positioning and b.positioning
    ):
        yield "view.positioning.reference", say("other reference picture for positioning")
    if a.mm_per_pixel != b.mm_per_pixel:
        old, new = _scale(a.mm_per_pixel), _scale(b.mm_per_pixel)
        yield "view.mm_per_pixel", say("mm per pixel {old} -> {new}", old=old, new=new)


def _positioning(a: Positioning | None, b: Positioning | None) -> _Found:
    if a is None and b is None:
        return
    if a is None or b is None:
        text = say("positioning switched on") if a is None else say("positioning switched off")
        yield "view.positioning", text
        return
    if a.window != b.window:
        yield "view.positioning.window", say("other search window for positioning")
    if (a.shift, a.turn, a.quality) != (b.shift, b.turn, b.quality):
        yield "view.positioning", say("settings of positioning changed")


def _scale(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _reduce(word: str) -> Message:
    return say("highest point") if word == "max" else say("mean of the highest 1 %")


def _golden(before: RevisionHead, after: RevisionHead) -> _Found:
    def pictures(head: RevisionHead) -> dict[str, str]:
        return {name: digest for name, digest in head.hashes.items() if name.startswith("golden/")}

    if pictures(before) != pictures(after):
        yield "golden", say("other sample pictures for the self-check")


def _limit_samples(before: RevisionHead, after: RevisionHead) -> _Found:
    old, new = (Counter(_samples(head)) for head in (before, after))
    added, removed = (new - old).total(), (old - new).total()
    if added and added == removed:
        yield "limit_samples", say("limit samples changed")
        return
    if added:
        yield "limit_samples", say_n("+{n} limit sample", "+{n} limit samples", n=added)
    if removed:
        yield "limit_samples", say_n("-{n} limit sample", "-{n} limit samples", n=removed)


def _samples(head: RevisionHead) -> Iterator[tuple[object, ...]]:
    for index, sample in enumerate(head.profile.limit_samples):
        yield (*sample.key, head.hashes.get(limit_sample_member(index)))


def _program(a: Profile, b: Profile) -> _Found:
    old, new = a.origin, b.origin
    if old.program != new.program:
        yield "origin.program", say("program {old} -> {new}", old=old.program, new=new.program)
    if old.runtime != new.runtime:
        yield "origin.runtime", say("runtime {old} -> {new}", old=old.runtime, new=new.runtime)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
