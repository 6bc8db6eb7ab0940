"""Corrections become one revision, judged before it is put in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.corrections import CorrectionKind, corrected_in
from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.gate import RefusalKind
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice, Profile, Scoring
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render
from deeprx_gui.profiles.gate_check import GateError
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.correct import Proposal, apply, propose
from deeprx_gui.work.fit import fit
from deeprx_gui.work.note_corrections import take_in
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.replay import judge_revision, known_parts
from tests.engine.parts import part, with_scratch
from tests.work.helpers import SETTINGS, drive, request_for, save, save_parts

WAS_OK, MISSED = CorrectionKind.WAS_OK, CorrectionKind.MISSED
EXACT = ("rx", "deep-rx", "deep-rx-local", "padim")


class Shop:
    """A product learnt from eight parts, and what a person does with it."""

    def __init__(self, folder: Path, engines: EnginePool, detector: str = "rx") -> None:
        self.folder, self.engines = folder, engines
        self.store = ProfileStore(folder / "profiles")
        self.normals = save_parts(_made(folder / "normals"), 8)
        settings = replace(SETTINGS, detector=DetectorChoice(detector))
        self.settings = settings
        self.key = self._fit(self.normals).id

    def _fit(self, files: Sequence[Path], store: ProfileStore | None = None) -> Profile:
        job = fit(
            request_for(files, settings=self.settings),
            engines=self.engines,
            store=store or self.store,
            scratch=self.folder / "scratch",
        )
        return drive(job)[1].profile

    def refit(self, files: Sequence[Path]) -> Profile:
        """What a fit of these files learns, in a store of its own."""
        return self._fit(files, ProfileStore(self.folder / "another store"))

    def say(self, kind: CorrectionKind, pixels: ByteImage, name: str) -> str:
        file = save(self.folder / name, pixels)
        return take_in(self.store, self.key, kind, file, who="佐藤").id

    def propose(self) -> Proposal:
        job = propose(
            self.key, store=self.store, engines=self.engines, scratch=self.folder / "scratch"
        )
        return drive(job)[1]

    @property
    def current(self) -> Profile:
        return self.store.load(self.key)

    def score(self, profile: Profile, path: Path) -> float:
        from deeprx_gui.capture.decode import decode

        return open_scorer(self.engines, profile).score(decode(path)).value


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def darker(seed: int, by: int = 6) -> ByteImage:
    """A good part in a little less light: stopped, but not far out."""
    return np.asarray(np.clip(part(seed, 64, 64).astype(int) - by, 0, 255), np.uint8)


@pytest.fixture
def shop(tmp_path: Path, engines: EnginePool) -> Shop:
    return Shop(tmp_path, engines)


@pytest.mark.parametrize("detector", EXACT)
def test_was_ok_gives_what_a_fit_of_all_pictures_gives(
    tmp_path: Path, engines: EnginePool, detector: str
) -> None:
    shop = Shop(tmp_path, engines, detector)
    shop.say(WAS_OK, part(50, 64, 64), "was ok 1.png")
    shop.say(WAS_OK, part(51, 64, 64), "was ok 2.png")
    for path in shop.normals:
        path.unlink()  # the older pictures play no part
    proposal = shop.propose()
    assert proposal.exact
    assert proposal.candidate is not None
    saved = apply(proposal, shop.store, who="佐藤", overrule="test")
    save_parts(shop.folder / "normals", 8)
    new = [shop.folder / "was ok 1.png", shop.folder / "was ok 2.png"]
    refit = shop.refit([*shop.normals, *new])
    for name, wanted in refit.statistics.arrays.items():
        got = saved.statistics.arrays[name]
        assert np.allclose(got, wanted, rtol=0, atol=1e-6 * np.abs(wanted).max()), name
    assert saved.statistics.counts == refit.statistics.counts
    unseen = save(tmp_path / "unseen.png", with_scratch(part(60, 64, 64), 20, 20))
    assert shop.score(saved, unseen) == pytest.approx(shop.score(refit, unseen), rel=1e-6)
    for mine, theirs in zip(saved.normals[-2:], refit.normals[-2:], strict=True):
        assert mine.held_out == pytest.approx(theirs.held_out, rel=1e-6)


def test_one_revision_of_several_corrections_says_what_changed(shop: Shop) -> None:
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    shop.say(WAS_OK, part(51, 64, 64), "b.png")
    shop.say(MISSED, with_scratch(part(52, 64, 64), 10, 10, 20), "c.png")
    saved = apply(shop.propose(), shop.store, who="佐藤")
    assert saved.revision == 2
    entry = shop.store.history(shop.key)[0]
    texts = [render(change.text) for change in entry.changes]
    assert "+2 normal images" in texts
    assert "2 pictures that “were OK” added to what was learnt" in texts
    assert "learnt again" not in texts
    book = shop.store.corrections.book(shop.key)
    assert not book.pending
    assert [one.name for one in book.must_find] == ["c.png"]
    assert [one.revision for one in book.learnt] == [2, 2]
    assert all(Path(n.source).is_file() for n in saved.normals[-2:])
    done = corrected_in(saved.extra)
    assert done is not None
    assert (done.good, done.exact) == (2, True)
    assert saved.suggested.ng_promise is not None
    assert saved.suggested.ng_promise.normals == 10


def test_golden_images_fit_the_new_revision(shop: Shop) -> None:
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    saved = apply(shop.propose(), shop.store, who="")
    scorer = open_scorer(shop.engines, saved)
    for golden in saved.golden:
        assert scorer.score_prepared(golden.pixels).value == pytest.approx(golden.score, rel=1e-9)


def test_limits_moved_by_hand_stay_moved(shop: Shop) -> None:
    now = shop.current
    moved = Limits(now.suggested.review * 0.9, now.suggested.ng * 1.5)
    shop.store.save(replace(now, limits=moved))
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    saved = apply(shop.propose(), shop.store, who="")
    assert saved.limits.ng == pytest.approx(1.5 * saved.suggested.ng)
    assert saved.limits.review == pytest.approx(0.9 * saved.suggested.review)


def test_only_missed_learns_nothing_and_fills_the_must_find_set(shop: Shop) -> None:
    shop.say(MISSED, with_scratch(part(52, 64, 64), 10, 10), "c.png")
    proposal = shop.propose()
    assert proposal.candidate is None
    assert apply(proposal, shop.store, who="").revision == 1
    assert len(shop.store.corrections.book(shop.key).must_find) == 1


def test_a_detector_that_cannot_learns_again_from_the_older_pictures(
    tmp_path: Path, engines: EnginePool
) -> None:
    shop = Shop(tmp_path, engines, "patchcore")
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    proposal = shop.propose()
    assert not proposal.exact
    assert proposal.why_again is not None
    saved = apply(proposal, shop.store, who="", overrule="test")
    assert len(saved.normals) == 9
    texts = [render(change.text) for change in shop.store.history(shop.key)[0].changes]
    assert "learnt again with 1 picture that “was OK”" in texts
    shop.normals[0].unlink()
    shop.say(WAS_OK, part(51, 64, 64), "b.png")
    with pytest.raises(FitError, match="no longer where it was"):
        shop.propose()
    assert shop.current.revision == 2


def test_an_older_picture_that_cannot_be_read_is_never_dropped_silently(
    tmp_path: Path, engines: EnginePool
) -> None:
    shop = Shop(tmp_path, engines, "patchcore")
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    shop.normals[2].write_bytes(b"torn by a full disk")
    with pytest.raises(FitError, match="1 of 8 older pictures") as said:
        shop.propose()
    assert shop.normals[2].name in str(said.value)
    assert shop.current.revision == 1


def test_the_must_find_set_is_judged_though_the_revision_in_use_cannot(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a picture of it that cannot be opened is a reason, not a remark."""
    from deeprx_gui.work import replay as work

    for seed in range(2):
        shop.say(MISSED, with_scratch(part(80 + seed, 64, 64), 20, 20, 20), f"bad {seed}.png")
    apply(shop.propose(), shop.store, who="")
    before = shop.current
    lax = replace(before, revision=0, limits=Limits(900.0, 1000.0))
    known = known_parts(shop.store.corrections, shop.key, None)

    def cannot(engines: EnginePool, profile: Profile) -> Scorer:
        if profile is before:
            raise FitError(say("weights are gone"))
        return open_scorer(engines, profile)

    monkeypatch.setattr(work, "open_scorer", cannot)
    same = drive(judge_revision(before, replace(before, revision=0), known, engines=shop.engines))
    assert same[1].passed
    assert "weights are gone" in str(same[1].remarks[0])
    lost = drive(judge_revision(before, lax, known, engines=shop.engines))[1]
    assert [one.kind for one in lost.refusals] == [RefusalKind.MUST_FIND]
    known.parts[0].path.write_bytes(b"torn")
    torn = drive(judge_revision(before, replace(before, revision=0), known, engines=shop.engines))
    assert [one.kind for one in torn[1].refusals] == [RefusalKind.UNREAD]
    assert "bad 0.png" in str(torn[1].refusals[0].text)


def test_normalised_maps_are_learnt_again(tmp_path: Path, engines: EnginePool) -> None:
    shop = Shop.__new__(Shop)
    shop.folder, shop.engines, shop.store = tmp_path, engines, ProfileStore(tmp_path / "profiles")
    shop.normals = save_parts(_made(tmp_path / "normals"), 8)
    shop.settings = replace(
        SETTINGS, detector=DetectorChoice("rx"), scoring=Scoring(normalise="position")
    )
    shop.key = shop._fit(shop.normals).id
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    proposal = shop.propose()
    assert not proposal.exact
    assert proposal.candidate is not None
    assert proposal.candidate.scoring.normalise == "position"


def test_a_real_defect_called_ok_is_refused_in_plain_words(shop: Shop) -> None:
    """Its twin of the must-find set would pass, and it lies far out."""
    for seed in range(3):
        shop.say(MISSED, with_scratch(part(80 + seed, 64, 64), 20, 20, 20), f"bad {seed}.png")
    apply(shop.propose(), shop.store, who="")
    shop.say(WAS_OK, with_scratch(part(90, 64, 64), 20, 20, 20), "no defect at all.png")
    proposal = shop.propose()
    report = proposal.report
    assert report is not None
    assert not report.passed
    assert RefusalKind.FAR_OUT in {one.kind for one in report.refusals}
    with pytest.raises(GateError, match="not put in use") as refused:
        apply(proposal, shop.store, who="")
    assert "no defect at all.png" in str(refused.value)
    assert shop.current.revision == 1
    assert len(shop.store.corrections.book(shop.key).pending) == 1


def test_what_would_make_must_finds_pass_is_refused(shop: Shop) -> None:
    """Below the far-out limit, yet the limit it brings lets a known bad part through."""
    limit = shop.current.suggested.ng
    bad = save(shop.folder / "faint.png", darker(70, 25))
    good = shop.folder / "called good.png"
    save(good, darker(71, 26))
    assert limit < shop.score(shop.current, good) < 2 * limit
    assert limit < shop.score(shop.current, bad) < 2 * limit
    take_in(shop.store, shop.key, MISSED, bad, who="")
    apply(shop.propose(), shop.store, who="")
    take_in(shop.store, shop.key, WAS_OK, good, who="")
    report = shop.propose().report
    assert report is not None
    assert [one.kind for one in report.refusals] == [RefusalKind.MUST_FIND]
    assert "faint.png" in str(report.refusals[0].text)


def test_an_engineer_may_overrule_with_a_reason_that_is_logged(shop: Shop) -> None:
    shop.say(WAS_OK, with_scratch(part(90, 64, 64), 20, 20, 30), "odd.png")
    proposal = shop.propose()
    assert proposal.report is not None
    assert proposal.report.refusals
    saved = apply(proposal, shop.store, who="田中", overrule="the customer accepts it")
    assert saved.revision == 2
    log = (shop.folder / "profiles" / shop.key / "log.jsonl").read_text("utf-8")
    assert '"overruled": "the customer accepts it"' in log


def test_the_same_picture_learnt_twice_is_refused(shop: Shop) -> None:
    take_in(shop.store, shop.key, WAS_OK, shop.normals[0], who="")
    with pytest.raises(FitError, match="among the normal images already"):
        shop.propose()


def test_opposite_words_about_one_picture_are_refused(shop: Shop) -> None:
    picture = part(50, 64, 64)
    shop.say(WAS_OK, picture, "a.png")
    with pytest.raises(ProfileError, match="opposite word"):
        shop.say(MISSED, picture, "the same.png")
    apply(shop.propose(), shop.store, who="")
    with pytest.raises(ProfileError, match="learnt as a good part"):
        shop.say(MISSED, picture, "the same.png")
    shop.say(MISSED, with_scratch(picture, 5, 5), "bad.png")
    apply(shop.propose(), shop.store, who="")
    with pytest.raises(ProfileError, match="must-find set as a bad part"):
        shop.say(WAS_OK, with_scratch(picture, 5, 5), "bad.png")


def test_nothing_pending_is_said(shop: Shop) -> None:
    with pytest.raises(RequestError, match="nothing to apply"):
        shop.propose()


def test_what_is_no_picture_is_said_at_once(shop: Shop) -> None:
    text = shop.folder / "notes.png"
    text.write_text("no picture")
    with pytest.raises(Exception, match=r"notes\.png"):
        take_in(shop.store, shop.key, WAS_OK, text, who="")
    assert not shop.store.corrections.book(shop.key).every


def test_a_change_meanwhile_is_not_overwritten(shop: Shop) -> None:
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    proposal = shop.propose()
    now = shop.current
    shop.store.save(replace(now, limits=Limits(now.limits.review, now.limits.ng * 2)))
    with pytest.raises(GateError, match="changed while"):
        apply(proposal, shop.store, who="")


def test_a_kill_between_revision_and_list_is_made_good(shop: Shop) -> None:
    """The revision is saved, the correction still pending: it is not learnt a second time."""
    shop.say(WAS_OK, part(50, 64, 64), "a.png")
    proposal = shop.propose()
    assert proposal.candidate is not None
    shop.store.save(proposal.candidate, proposal.report)
    again = shop.propose()
    assert again.candidate is None
    assert apply(again, shop.store, who="").revision == 2
    assert not shop.store.corrections.book(shop.key).pending
