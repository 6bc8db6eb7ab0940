"""The training-set doctor: which pictures of a set should not be learnt from, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from deeprx_gui.domain.arrays import Bytes2D, Float32
from deeprx_gui.domain.blobs import blobs
from deeprx_gui.domain.doctor import Diagnosis, Finding, Reason, name_pictures
from deeprx_gui.domain.errors import ImageError, PlacementError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import focus_of, grey_of, light_of
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.outlying import FEWEST, chances_of_pictures
from deeprx_gui.domain.part_words import shown_parts, too_alike
from deeprx_gui.domain.parts import PartRule, Parts
from deeprx_gui.domain.picture_facts import is_grey
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.set_facts import LOOKS, PictureFacts, measured_findings, plain_findings
from deeprx_gui.domain.suspects import suspects
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.input_view import ScoreMapPlacement
from deeprx_gui.engine.near_copies import Look
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.unlikeness import MOST_REFERENCES, PatchSet, Unlike
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.find_parts import parts_of
from deeprx_gui.work.frame_reader import read_frames_ahead

FEWEST_LOOKS, MOST_LOOKS, SHARE_OF_LOOKS = 5, 20, 0.2
"""Of a set so many pictures are shown as the most unlike though there is no ground to accuse them.

A fifth, within these bounds.
"""
_SCENE = 128
_SHARP = 1024
"""Focus is measured on so many pixels each way in the middle of a picture."""
_MOST_ALIKE = 60
"""Of so many accused, the oddest, it is found out which look alike: every pair is compared."""
_ALL_OVER = 0.5
"""Where more than this share of a picture is odd, it is not a place on a part that is."""
_DIFFER = 0.02
"""Pictures of which the most unlike is so little more unlike than most do not differ."""
_HOT = 0.7
_COMPARING = 0.02
"""Comparing with one other picture takes about this share of reading one."""


@dataclass(frozen=True, eq=False)
class SeenPicture:
    """What was read of one picture; ``taps`` is ``None`` where there is nothing to compare."""

    facts: PictureFacts
    look: Look
    taps: TapMaps | None
    home: ScoreMapPlacement | None = None
    problem: Message | None = None


class Gathered:
    """What is known of the pictures of a set, in the order in which they are put in.

    ``compared``: the places in ``facts`` of those whose patches are in ``patches``.
    """

    def __init__(self, spool: Spool) -> None:
        self.patches = PatchSet(spool)
        self.facts: list[PictureFacts] = []
        self.homes: list[ScoreMapPlacement | None] = []
        self.compared: list[int] = []
        self.findings: list[Finding] = []
        self.looks: dict[Path, Look | None] = {}

    def put(self, path: Path, seen: SeenPicture | ImageError) -> None:
        """Take in one picture, or why it cannot be read."""
        if isinstance(seen, ImageError):
            self.findings.append(Finding(path, Reason.UNREADABLE, seen.message))
            self.looks[path] = None
            return
        self.facts.append(seen.facts)
        self.looks[path] = seen.look
        if seen.problem is not None:
            self.findings.append(Finding(path, Reason.MISPLACED, seen.problem))
        if seen.taps is not None:
            self.patches.add(seen.taps)
            self.compared.append(len(self.facts) - 1)
            self.homes.append(seen.home)


def doctor_settings(rule: PartRule, profile: Profile | None = None) -> FitSettings:
    """Return what the doctor looks with: the same network for every product, its view of the part.

    ``rule``: how it is known which pictures show the same part.
    """
    settings = FitSettings(parts=rule)
    return settings if profile is None else replace(settings, view=profile.view)


def diagnose(
    images: Iterable[Path],
    settings: FitSettings,
    *,
    engines: EnginePool,
    scratch: Path,
    profile: Profile | None = None,
    accepted: Iterable[Path] = (),
) -> Generator[Progress, None, Diagnosis]:
    """Look through a training set; nothing is changed.

    ``settings``: what the network is shown (view), and how parts are told apart. ``profile``: what
    was learnt, whose held-out scores are looked at too. ``accepted``: pictures that a person called
    good parts. Memory does not grow with the pictures but for some 40 kB for each. Raises what
    ``EnginePool.for_fit`` raises and StorageError when the disk is full.
    """
    paths = tuple(dict.fromkeys(images))
    pace = EtaEstimator(round(len(paths) * (1 + _comparing(len(paths)))))
    with Spool(scratch) as spool, single_threaded_blas():
        gathered = Gathered(spool)
        yield Progress(0, max(1, pace.total), say("Getting ready…"))
        engine = engines.for_fit(settings)
        for path, frame in read_frames_ahead(paths):
            gathered.put(path, frame if isinstance(frame, ImageError) else see(path, frame, engine))
            del frame
            yield pace.step(say("Reading the pictures"), path)
        found = yield from examine(paths, gathered, settings.parts, pace)
    findings, known = list(found.findings), frozenset(accepted)
    if profile is not None:
        findings += learnt_findings(profile, frozenset(paths))
        known |= {Path(source) for source in record_of(profile).kept}
    named = name_pictures(findings, found.alike, known)
    return Diagnosis(paths, named, found.parts, found.remarks)


@dataclass(frozen=True)
class Examined:
    """What came out for a set, before it is known what a person said of it."""

    findings: tuple[Finding, ...]
    alike: Mapping[Path, int]
    parts: Parts
    remarks: tuple[Message, ...]


def examine(
    paths: Sequence[Path], gathered: Gathered, rule: PartRule, pace: EtaEstimator
) -> Generator[Progress, None, Examined]:
    """Compare the pictures that were gathered; ``paths``: all that were asked about."""
    yield pace.report(say("Looking for pictures of the same part"))
    parts = yield from parts_of(paths, rule, gathered.looks)
    found: list[Unlike] = []
    if len(gathered.patches) >= FEWEST:
        for unlike in gathered.patches.unlike():
            found.append(unlike)
            pace.done = len(paths) + round(_comparing(len(paths)) * len(found))
            yield pace.report(say("Comparing every picture with the others"))
    findings, alike = _unlike_findings(paths, gathered, found, parts)
    places = {path: place for place, path in enumerate(paths)}
    readable = parts.of(places[each.path] for each in gathered.facts)
    findings += [*gathered.findings, *plain_findings(gathered.facts)]
    findings += measured_findings(gathered.facts, readable)
    remarks = tuple(_remarks(paths, gathered, parts, found))
    return Examined(tuple(findings), alike, parts, remarks)


def see(path: Path, frame: Frame, engine: Engine) -> SeenPicture:
    """Read from one picture what the doctor looks at."""
    facts, look = facts_of(path, frame), Look.of(frame.pixels)
    if facts.flat:
        return SeenPicture(facts, look, None)
    try:
        sight = engine.see(frame.pixels)
    except PlacementError as error:
        return SeenPicture(facts, look, None, problem=error.message)
    return SeenPicture(facts, look, engine.taps(sight.pixels, sight.cells), sight.home)


def _comparing(pictures: int) -> float:
    """Return how long comparing a picture with the others takes, as a share of reading it."""
    return _COMPARING * min(pictures, MOST_REFERENCES)


def learnt_findings(profile: Profile, among: frozenset[Path]) -> list[Finding]:
    """Return the pictures that lie far from the others as the fit of a profile saw them."""
    known = [n for n in profile.normals if n.held_out is not None]
    scores = [n.held_out for n in known if n.held_out is not None]
    parts = shown_parts(profile)
    if len(known) < len(profile.normals):
        parts = parts.of(i for i, n in enumerate(profile.normals) if n.held_out is not None)
    chances = chances_of_pictures(scores, parts)
    doubtful = suspects([n.held_out for n in profile.normals], profile.suggested.review)
    odd = {profile.normals[i].source for i in doubtful}
    found = []
    for normal, score, chance in zip(known, scores, chances, strict=True):
        path, at_all = Path(normal.source), min(1.0, LOOKS * chance)
        finding = Finding(path, Reason.LEARNT, _learnt_words(profile, score), at_all)
        if path in among and (finding.accuses or normal.source in odd):
            found.append(finding)
    return found


def _learnt_words(profile: Profile, score: float) -> Message:
    return say(
        "Checked against the other good pictures it reaches {times} × limit, much more than they.",
        times=times_limit_text(profile.suggested.times(score)),
    )


def facts_of(path: Path, frame: Frame) -> PictureFacts:
    """Measure one picture as a picture."""
    pixels = frame.pixels
    height, width = pixels.shape[:2]
    top, left = max(0, height - _SHARP) // 2, max(0, width - _SHARP) // 2
    middle = grey_of(pixels[top : top + _SHARP, left : left + _SHARP])
    return PictureFacts(
        path,
        (width, height),
        is_grey(frame),
        frame.stored.share,
        int(pixels.max()) - int(pixels.min()) < 2,
        light_of(middle),
        focus_of(middle),
        hashlib.blake2b(pixels.data, digest_size=16).digest() + bytes(str(pixels.shape), "ascii"),
        _scene(frame),
    )


def _scene(frame: Frame) -> Bytes2D:
    scale = min(1.0, _SCENE / max(frame.height, frame.width))
    height, width = (max(1, round(side * scale)) for side in (frame.height, frame.width))
    small = resize_area(frame.pixels, height, width)
    return np.asarray(small.mean(axis=2).round(), np.uint8)


def _unlike_findings(
    paths: Sequence[Path], seen: Gathered, found: Sequence[Unlike], parts: Parts
) -> tuple[list[Finding], Mapping[Path, int]]:
    """Return who is unlike the others, and which of them look alike."""
    if not found:
        return [], {}
    places = {path: place for place, path in enumerate(paths)}
    shown = [seen.facts[i].path for i in seen.compared]
    scores = [each.score for each in found]
    chances = chances_of_pictures(scores, parts.of(places[path] for path in shown))
    usual = median(scores)
    ranked = sorted(range(len(found)), key=lambda i: -scores[i])
    findings: list[Finding] = []
    accused: list[int] = []
    looks, most = 0, min(max(FEWEST_LOOKS, round(SHARE_OF_LOOKS * len(found))), MOST_LOOKS)
    for i in ranked:
        chance = min(1.0, LOOKS * chances[i])
        all_over = float(np.mean(found[i].cells > usual)) > _ALL_OVER
        box = None if all_over else _box(found[i].cells, seen.homes[i])
        words = OTHER_WORDS if all_over else PLACE_WORDS
        reason = Reason.OTHER if all_over else Reason.DEFECT
        finding = Finding(shown[i], reason, words, chance, box)
        if finding.accuses:
            accused.append(i)
            findings.append(finding)
        elif looks < most and scores[i] > (1 + _DIFFER) * usual:
            looks += 1
            findings.append(Finding(shown[i], Reason.LOOK, LOOK_WORDS, chance, box))
        else:
            break
    accused = accused[:_MOST_ALIKE]
    groups = seen.patches.alike(accused, [found[i] for i in accused])
    several = [group for group in groups if len(group) > 1]
    alike = {shown[accused[i]]: n for n, group in enumerate(several, 1) for i in group}
    return findings, alike


OTHER_WORDS = say(
    "It looks different from the others nearly everywhere: another product, another side, or a "
    "file that is read wrongly."
)
PLACE_WORDS = say("One place looks like nothing in most other pictures: perhaps a defect.")
LOOK_WORDS = say("It is among the most unlike the others, but no more than chance explains.")


def _box(
    cells: Float32, home: ScoreMapPlacement | None
) -> tuple[float, float, float, float] | None:
    whole = cells if home is None else home.bring(cells)
    hot = blobs(whole, _HOT * float(whole.max()), most=1)
    return hot[0].box if hot else None


def _remarks(
    paths: Sequence[Path], seen: Gathered, parts: Parts, found: Sequence[Unlike]
) -> Generator[Message, None, None]:
    """Say what holds for the set as a whole, and what cannot be known."""
    if paths and not seen.facts:
        yield say("None of the pictures can be read. Check where they were copied from.")
    elif seen.facts and all(each.flat for each in seen.facts):
        yield say("Every picture shows one colour only. Check the camera and the lamp.")
    elif not found:
        yield say_n(
            "With {n} usable picture nobody can say which one is out of the ordinary: at least "
            "{fewest} are needed. Only copies, sizes, colours and files were looked at.",
            "With {n} usable pictures nobody can say which one is out of the ordinary: at least "
            "{fewest} are needed. Only copies, sizes, colours and files were looked at.",
            n=len(seen.compared),
            fewest=FEWEST,
        )
    alike = too_alike(parts)
    if alike is not None:
        yield alike
    sizes = len({each.size for each in seen.facts})
    if sizes > 1 and sizes > len(seen.facts) / 2:
        yield say("The pictures have {n} different sizes.", n=sizes)
