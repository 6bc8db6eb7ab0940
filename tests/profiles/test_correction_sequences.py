"""Any order of saying, taking back, applying, removing and going back leaves a consistent store.

Few sequences by default; ``DEEPRX_SEQUENCES=1000`` runs as many as that says.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deeprx_gui.domain.corrections import (
    Corrected,
    CorrectionBook,
    CorrectionKind,
    with_corrected,
)
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.gate import Outcome, Replay, ReplayedPart, Truth, gate_report
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import DetectorChoice, NormalImage
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.updating import update
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.correct import Proposal, apply
from tests.engine.detector_oracles import same_statistics
from tests.engine.oracles import Shape, made_taps
from tests.made_profile import made_profile

WAS_OK, MISSED = CorrectionKind.WAS_OK, CorrectionKind.MISSED
SHAPES: list[Shape] = [(3, 2, 3), (2, 4, 6)]
FIRST = 4
PICTURES = st.integers(0, 5)
SPEC = detector("deep-rx")


def look(picture: int) -> TapMaps:
    return made_taps(SHAPES, 100 + picture)


def learnt(pictures: list[int]) -> Statistics:
    """What a fit of the first pictures and these learns: the independent answer."""
    total = SPEC.accumulator(look(0).channels, SPEC.check({}))
    for seed in range(FIRST):
        total.add(made_taps(SHAPES, seed))
    for picture in pictures:
        total.add(look(picture))
    return total.statistics()


class Corrections(RuleBasedStateMachine):
    """The store beside a model of it: lists of picture numbers, and what each revision learnt."""

    @initialize()
    def begin(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        self.store = ProfileStore(Path(self.home.name) / "profiles")
        normals = tuple(NormalImage(f"/normals/{n}.png", 1.0 + n) for n in range(FIRST))
        first = made_profile(
            "gear",
            id="",
            revision=0,
            normals=normals,
            statistics=learnt([]),
            detector=DetectorChoice(SPEC.name, dict(SPEC.check({}))),
        )
        self.key = self.store.save(first).id
        self.pending: dict[int, CorrectionKind] = {}
        self.must_find: set[int] = set()
        self.learnt: set[int] = set()
        self.revisions: dict[int, list[int]] = {1: []}
        self.current = 1

    def teardown(self) -> None:
        self.home.cleanup()

    @rule(picture=PICTURES, kind=st.sampled_from(CorrectionKind))
    def say(self, picture: int, kind: CorrectionKind) -> None:
        now = self.revisions[self.current]
        against = (
            (picture in self.pending and self.pending[picture] is not kind)
            or (kind is WAS_OK and picture in self.must_find)
            or (kind is MISSED and picture in now)
        )
        known = (kind is WAS_OK and picture in now) or (
            kind is MISSED and picture in self.must_find
        )
        try:
            self.store.corrections.add(
                self.key, kind, bytes([picture]), name=f"{picture}.png", who="w"
            )
        except ProfileError:
            assert against
        else:
            assert not against
            if not known:
                self.pending[picture] = kind
                self.learnt.discard(picture)

    @rule(picture=PICTURES)
    def take_back(self, picture: int) -> None:
        ids = [one.id for one in self.book.pending if one.name == f"{picture}.png"]
        self.store.corrections.take_back(self.key, ids)
        self.pending.pop(picture, None)

    @rule(picture=PICTURES)
    def remove(self, picture: int) -> None:
        ids = [one.id for one in self.book.must_find if one.name == f"{picture}.png"]
        self.store.corrections.remove_must_find(self.key, ids)
        self.must_find.discard(picture)

    @precondition(lambda self: self.pending)
    @rule(loses=st.booleans(), overrule=st.sampled_from(["", "a reason"]), killed=st.booleans())
    def apply(self, loses: bool, overrule: str, killed: bool) -> None:
        base = self.store.load(self.key)
        pending = self.book.pending
        good = [one for one in pending if one.kind is WAS_OK]
        if not good:
            apply(Proposal(base, pending), self.store, who="w")
            self._count_applied(self.current)
            return
        numbers = [int(one.name[0]) for one in good]
        made = update(base, [look(n) for n in numbers], Parts.each(len(good)))
        sources = [str(self.store.corrections.path_of(self.key, one)) for one in good]
        added = tuple(NormalImage(s, v) for s, v in zip(sources, made.scores, strict=True))
        candidate = replace(
            base,
            normals=(*base.normals, *added),
            statistics=made.statistics,
            extra=with_corrected(base.extra, Corrected(len(good), exact=True)),
        )
        stops, passes = Outcome(Verdict.NG, 2.0), Outcome(Verdict.OK, 0.5)
        part = ReplayedPart("m", Truth.BAD, stops, passes if loses else stops, must_find=True)
        report = gate_report(Replay(self.current, 0, (part,)), None)
        proposal = Proposal(base, pending, candidate, report)
        if killed and not loses:  # between the revision and the list of corrections
            saved = self.store.save(candidate, report)
            self.revisions[saved.revision] = [*self.revisions[self.current], *numbers]
            self.current = saved.revision
            self.store.corrections.applied(self.key, [one.id for one in pending], saved.revision)
            self._count_applied(saved.revision)
            return
        try:
            saved = apply(proposal, self.store, who="w", overrule=overrule)
        except ProfileError:
            assert loses
            assert not overrule
            return
        assert not loses or overrule
        self.revisions[saved.revision] = [*self.revisions[self.current], *numbers]
        self.current = saved.revision
        self._count_applied(saved.revision)

    def _count_applied(self, revision: int) -> None:
        for picture, kind in self.pending.items():
            (self.learnt if kind is WAS_OK else self.must_find).add(picture)
        self.pending.clear()
        assert self.store.load(self.key).revision == revision

    @rule(data=st.data(), judged=st.booleans())
    def go_back(self, data: st.DataObject, judged: bool) -> None:
        revision = data.draw(st.sampled_from(sorted(self.revisions)))
        report = gate_report(Replay(self.current, revision), None) if judged else None
        try:
            self.store.rollback(self.key, revision, who="w", why="", judged=report)
        except ProfileError:
            assert not judged
            assert self.must_find
            return
        assert judged or not self.must_find or revision == self.current
        self.current = revision

    @rule()
    def an_outdated_judgement_is_refused(self) -> None:
        report = gate_report(Replay(self.current + 1000, 0), None)
        candidate = replace(self.store.load(self.key), statistics=learnt([0]))
        try:
            self.store.save(candidate, report)
        except ProfileError:
            return
        raise AssertionError("saved against a revision that is not in use")

    @rule()
    def reopen(self) -> None:
        self.store = ProfileStore(Path(self.home.name) / "profiles")

    @property
    def book(self) -> CorrectionBook:
        return self.store.corrections.book(self.key)

    @invariant()
    def the_lists_are_the_models(self) -> None:
        book = self.book
        assert {int(one.name[0]): one.kind for one in book.pending} == self.pending
        assert {int(one.name[0]) for one in book.must_find} == self.must_find
        assert {int(one.name[0]) for one in book.learnt} == self.learnt

    @invariant()
    def every_picture_is_there_and_no_other(self) -> None:
        named = {one.file: one.name for one in self.book.every}
        folder = Path(self.store._shelf.root) / self.key / "corrections"
        there = {path.name for path in folder.glob("*.png")} if folder.is_dir() else set()
        assert there == set(named)
        for file, name in named.items():
            assert (folder / file).read_bytes() == bytes([int(name[0])])

    @invariant()
    def what_is_in_use_learnt_what_the_model_says(self) -> None:
        profile = self.store.load(self.key)
        assert profile.revision == self.current
        wanted = self.revisions[self.current]
        assert len(profile.normals) == FIRST + len(wanted)
        assert same_statistics(profile.statistics, learnt(wanted), 1e-6)
        assert np.isfinite(profile.held_out_scores).all()

    @invariant()
    def the_log_agrees(self) -> None:
        assert all(finding.problem is None for finding in self.store.verify(self.key))
        assert self.store.history(self.key)[0].is_current


def test_any_sequence_leaves_a_consistent_store() -> None:
    asked = os.environ.get("DEEPRX_SEQUENCES")
    run_state_machine_as_test(
        Corrections,
        settings=settings(
            max_examples=int(asked or 6),
            derandomize=asked is None,  # others in every run, where somebody asks for many
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
