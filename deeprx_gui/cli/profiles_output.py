"""What ``deeprx profiles`` answers: once as JSON, once for reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deeprx_gui.cli import limit_setters_output as setters
from deeprx_gui.cli.fit_command import limits_as_json, parts_as_json
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.must_find import MustFindJoined
from deeprx_gui.domain.part_words import shown_parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.profile_card import Difference, HistoryEntry, ProfileCard
from deeprx_gui.domain.promise_words import promise_basis
from deeprx_gui.domain.view import Region
from deeprx_gui.domain.words import limit_texts, percent
from deeprx_gui.i18n import render, tr
from deeprx_gui.profiles.exchange import FileContents
from deeprx_gui.profiles.history import RevisionFinding
from deeprx_gui.profiles.incoming_profile import KnownProduct
from deeprx_gui.profiles.view_document import view_to_raw
from deeprx_gui.work.predict import judging_mb

EXIT_ERROR = 2


@dataclass(frozen=True)
class CommandOutput:
    """The JSON object, how to print the same for a person, and the exit code."""

    json: Mapping[str, object]
    show: Callable[[], None]
    code: int = 0

    def tell(self, *, as_json: bool) -> int:
        """Print it as was asked for; return the exit code."""
        if as_json:
            print_json(self.json)
        else:
            self.show()
        return self.code


def label(number: int) -> str:
    """Return how a revision is written."""
    return f"r{number:04d}"


def _time(when: datetime | None) -> str:
    return "–" if when is None else when.astimezone().strftime("%Y-%m-%d %H:%M")


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def listing(cards: Sequence[ProfileCard]) -> CommandOutput:
    """Answer ``list``."""

    def show() -> None:
        if not cards:
            command = "deeprx fit NAME IMAGES..."
            print_line(
                tr("There are no profiles yet. Learn one with “{command}”.", command=command)
            )
            return
        header = (tr("Name"), tr("Revision"), tr("Saved"), tr("Detector"), tr("Backbone"))
        print_table((*header, tr("Normal images")), [_card_row(card) for card in cards])
        for card in cards:
            if card.problem:
                print_line(f"\n{card.name}: {render(card.problem)}")

    return CommandOutput({"profiles": [_card_json(card) for card in cards]}, show)


def _card_row(card: ProfileCard) -> tuple[str, ...]:
    if card.problem:
        return (card.name, tr("unusable"), "–", "–", "–", "–")
    return (
        card.name,
        label(card.revision),
        _time(card.saved_at),
        card.detector,
        card.backbone,
        str(card.normals),
    )


def _card_json(card: ProfileCard) -> dict[str, object]:
    return {
        "id": card.id,
        "name": card.name,
        "revision": card.revision,
        "revisions": card.revisions,
        "normals": card.normals,
        "detector": card.detector,
        "backbone": card.backbone,
        "saved_at": _iso(card.saved_at),
        "last_used": _iso(card.last_used),
        "who": card.who,
        "problem": render(card.problem) if card.problem else None,
    }


def one(profile: Profile) -> CommandOutput:
    """Answer ``show``."""

    def show() -> None:
        print_table((tr("Field"), tr("Value")), _profile_rows(profile))
        setters.show(profile)

    return CommandOutput({**profile_as_json(profile), **setters.as_json(profile)}, show)


def profile_as_json(profile: Profile) -> dict[str, object]:
    """Return everything of a profile but its arrays and pictures."""
    origin = profile.origin
    return {
        "id": profile.id,
        "name": profile.name,
        "revision": profile.revision,
        "lineage": profile.lineage.id,
        "detector": profile.detector.name,
        "detector_settings": dict(profile.detector.settings),
        "backbone": profile.backbone.name,
        "weights_sha256": profile.backbone.weights_sha256,
        "taps": list(profile.backbone.taps),
        "size": profile.preprocessing.size,
        "keep_aspect": profile.preprocessing.keep_aspect,
        "memory_mb": _memory(profile),
        "sigma": profile.scoring.sigma,
        "score": profile.scoring.reduce,
        "min_area": profile.scoring.min_area,
        "normalise": profile.scoring.normalise,
        "view": view_to_raw(profile.view),
        "limits": limits_as_json(profile.limits),
        "suggested_limits": limits_as_json(profile.suggested),
        "held_out_scheme": profile.held_out_scheme.value,
        "normals": [{"path": n.source, "held_out": n.held_out} for n in profile.normals],
        "parts": parts_as_json(profile),
        "golden": [{"name": g.name, "score": g.score} for g in profile.golden],
        "who": origin.who,
        "when": origin.when.isoformat(),
        "why": origin.why,
        "program": origin.program,
        "runtime": origin.runtime,
    }


def _memory(profile: Profile) -> int | None:
    needed = judging_mb(profile)
    return None if needed is None else round(needed)


def _profile_rows(profile: Profile) -> list[tuple[str, str]]:
    origin, limits = profile.origin, profile.limits
    promise = limits.ng_promise
    shape, memory = profile.preprocessing, _memory(profile)
    return [
        (tr("Name"), profile.name),
        (tr("Number in the data folder"), profile.id),
        (tr("Revision"), label(profile.revision)),
        (tr("Saved"), _time(origin.when)),
        (tr("By"), origin.who),
        (tr("Reason"), origin.why or "–"),
        (tr("Detector"), _settings(profile.detector.name, profile.detector.settings)),
        (tr("Backbone"), profile.backbone.name),
        (tr("Taps"), ", ".join(map(str, profile.backbone.taps))),
        (
            tr("Inspection image size"),
            str(shape.size) if shape.keep_aspect else f"{shape.size} × {shape.size}",
        ),
        (tr("Memory for judging"), "–" if memory is None else f"{memory:,} MB"),
        (tr("Region"), _region(profile.view.region)),
        (tr("Positioning"), tr("off") if profile.view.positioning is None else tr("on")),
        (tr("Normal images"), str(len(profile.normals))),
        (tr("Different parts"), str(shown_parts(profile).count)),
        (tr("Review limit"), _review_limit(limits)),
        (tr("NG limit"), f"{limits.ng:.4g} ({limit_texts(limits)[1]} ×)"),
        (
            tr("Promised false-call rate"),
            tr("none, the limit was set by hand")
            if promise is None
            else f"{percent(promise.rate)} %",
        ),
        (
            tr("The promise rests on"),
            "–"
            if promise is None
            else render(promise_basis(promise, lambda share: f"{percent(share)} %")),
        ),
        (tr("Program"), origin.program),
        (tr("Runtime"), origin.runtime),
    ]


def _review_limit(limits: Limits) -> str:
    if not limits.has_review_band:
        return tr("review band off")
    return f"{limits.review:.4g} ({limit_texts(limits)[0]} ×)"


def _region(region: Region) -> str:
    if region.whole:
        return tr("the whole picture")
    return tr(
        "{inside} shapes inside, {ignore} ignored",
        inside=len(region.inside),
        ignore=len(region.ignore),
    )


def _settings(name: str, settings: Mapping[str, object]) -> str:
    listed = ", ".join(f"{key} {value}" for key, value in settings.items() if value is not False)
    return f"{name} ({listed})" if listed else name


def history(name: str, entries: Sequence[HistoryEntry]) -> CommandOutput:
    """Answer ``history``."""
    answer = [
        {
            "revision": e.revision,
            "when": e.when.isoformat(),
            "who": e.who,
            "what": render(e.what),
            "why": e.why,
            "changes": [render(d.text) for d in e.changes],
            "current": e.is_current,
            "problem": render(e.problem) if e.problem else None,
        }
        for e in entries
    ]

    def show() -> None:
        for e in entries:
            mark = "*" if e.is_current else " "
            words = (label(e.revision), _time(e.when), e.who, render(e.what), e.why)
            print_line(f"{mark} {'  '.join(filter(None, words))}")
            for change in e.changes:
                print_line(f"      {render(change.text)}")
            if e.problem:
                print_line(f"      {render(e.problem)}")

    return CommandOutput({"profile": name, "history": answer}, show)


def differences_as_json(found: Sequence[Difference]) -> list[dict[str, str]]:
    """Each difference: the field and the words for it."""
    return [{"field": d.field, "text": render(d.text)} for d in found]


def diff(name: str, old: int, new: int, found: Sequence[Difference]) -> CommandOutput:
    """Answer ``diff``."""
    lines = differences_as_json(found)

    def show() -> None:
        for line in lines:
            print_line(line["text"])
        if not lines:
            print_line(tr("No difference."))

    return CommandOutput({"profile": name, "old": old, "new": new, "differences": lines}, show)


def saved_by_whom(known: KnownProduct, incoming: Profile) -> Message:
    """Who saved the two states, and when."""
    origin = known.origin
    return say(
        "In use here: {revision}, saved {here} by {who_here}. In the file: saved {there} by"
        " {who_there}.",
        revision=label(known.revision),
        here=_time(None if origin is None else origin.when),
        who_here="–" if origin is None else origin.who or "–",
        there=_time(incoming.origin.when),
        who_there=incoming.origin.who or "–",
    )


def known_as_json(known: KnownProduct, incoming: Profile) -> dict[str, object]:
    """How a file stands to the product on this PC that it belongs to."""
    origin = known.origin
    return {
        "profile": known.name,
        "id": known.id,
        "revision": known.revision,
        "relation": str(known.relation),
        "here": {
            "saved_at": _iso(None if origin is None else origin.when),
            "who": None if origin is None else origin.who,
            "normals": known.normals,
        },
        "file": {
            "saved_at": _iso(incoming.origin.when),
            "who": incoming.origin.who,
            "normals": len(incoming.normals),
        },
        "differences": differences_as_json(known.changes),
    }


def exported(name: str, file: Path, contents: FileContents) -> CommandOutput:
    """Answer ``export``."""
    answer = {
        "profile": name,
        "file": str(file),
        "bytes": contents.size,
        "limit_samples": contents.limit_samples,
        "must_find": contents.must_find,
    }

    def show() -> None:
        print_line(tr("Written: {path}", path=file))
        print_note(render(contents.sentence))

    return CommandOutput(answer, show)


def imported(
    profile: Profile,
    how: str,
    known: KnownProduct | None = None,
    joined: MustFindJoined | None = None,
) -> CommandOutput:
    """Answer ``import``; ``how`` is ``new``, ``revision`` or ``already``.

    ``known``: the product on this PC, as it was before. ``joined``: what came of the must-find
    pictures in the file.
    """
    joined = joined or MustFindJoined()
    values = {"name": profile.name, "revision": label(profile.revision)}
    memory = _memory(profile)

    def show() -> None:
        if how == "new":
            print_line(tr("Imported as “{name}”.", name=profile.name))
            if memory is not None:
                print_note(tr("Judging with it takes up to {mb} MB of memory.", mb=f"{memory:,}"))
        elif how == "revision":
            if known is not None:
                print_line(render(known.sentence))
            print_line(tr("“{name}” now uses revision {revision}.", **values))
        else:
            print_line(tr("Already there: it is {revision} of “{name}”, in use here.", **values))
        for remark in joined.remarks:
            print_note(render(remark))

    answer = {
        "profile": profile.name,
        "id": profile.id,
        "revision": profile.revision,
        "how": how,
        "relation": None if known is None else str(known.relation),
        "must_find": {
            "joined": joined.joined,
            "known": joined.known,
            "called_good_here": list(joined.good),
            "no_room": list(joined.full),
        },
    }
    return CommandOutput(answer, show)


def findings(rows: Sequence[tuple[str, RevisionFinding]]) -> CommandOutput:
    """Answer ``verify``: exit code 0 when everything is sound, else 2."""
    sound = all(finding.sound for _, finding in rows)
    answer = [
        {
            "profile": name,
            "revision": f.revision,
            "sound": f.sound,
            "sha256": f.sha256,
            "problem": render(f.problem) if f.problem else None,
            "remark": render(f.remark) if f.remark else None,
        }
        for name, f in rows
    ]

    def show() -> None:
        cells = [
            (
                name,
                "" if f.revision is None else label(f.revision),
                render(f.problem or f.remark or say("sound")),
            )
            for name, f in rows
        ]
        print_table((tr("Name"), tr("Revision"), tr("Finding")), cells)

    return CommandOutput({"sound": sound, "findings": answer}, show, 0 if sound else EXIT_ERROR)
