"""``deeprx profiles import`` as a program of its own: a file on another PC."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.profile import Profile
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.png import write_png
from deeprx_gui.profiles.store import ProfileStore
from tests.cli.conftest import NAME, Run
from tests.profiles.factory import by, make_profile, picture

PRODUCT = "カバー 上"


class TwoPcs:
    """The PC where a product is improved, and the line PC, where the program is called."""

    def __init__(self, folder: Path, process: Callable[..., Any], run: Run) -> None:
        self.folder, self._process, self._run = folder, process, run
        self.office_data = folder / "office PC"
        self.office = ProfileStore(Paths(self.office_data).profiles)
        self.line_data = folder / "ライン PC"
        self.line = ProfileStore(Paths(self.line_data).profiles)

    def improve(self, store: ProfileStore, key: str, ng: float, who: str) -> Profile:
        """Save the product with another limit."""
        profile = store.load(key)
        return store.save(by(replace(profile, limits=profile.limits.moved(ng=ng)), who, "照明"))

    def exported(self, revision: int) -> Path:
        """The office's file of a revision."""
        target = self.folder / f"r{revision}.deeprx"
        return self.office.export(PRODUCT, target, revision)

    def call(self, *words: object) -> subprocess.CompletedProcess[bytes]:
        """Import on the line PC, by a program of its own."""
        ran: subprocess.CompletedProcess[bytes] = self._process(
            "--data-dir", self.line_data, "profiles", "import", *words
        )
        assert b"Traceback" not in ran.stderr
        return ran

    def answer(self, *words: object, code: int = 0) -> dict[str, Any]:
        """The same, and read the JSON object."""
        ran = self.call(*words, "--json")
        assert ran.returncode == code, ran.stderr.decode()
        answer: dict[str, Any] = json.loads(ran.stdout)
        return answer

    def quick(self, *words: object, code: int = 0) -> dict[str, Any]:
        """The same in this process."""
        ran = self._run("--data-dir", self.line_data, "profiles", "import", *words, "--json")
        assert ran.code == code, ran.err
        return ran.json


@pytest.fixture
def pcs(tmp_path: Path, process: Callable[..., Any], run: Run) -> TwoPcs:
    """The office has two revisions, the line PC took over the first."""
    made = TwoPcs(tmp_path, process, run)
    made.office.save(make_profile(PRODUCT))
    made.improve(made.office, PRODUCT, 13.0, "佐藤")
    made.line.import_file(made.exported(1), who="鈴木")
    return made


def test_a_newer_file_waits_for_an_answer_and_then_becomes_the_revision(pcs: TwoPcs) -> None:
    file = pcs.exported(2)
    refused = pcs.answer(file, code=2)
    assert set(refused) == {
        "error", "kind", "profile", "id", "revision", "relation", "here", "file", "differences",
    }  # fmt: skip
    assert (refused["kind"], refused["relation"], refused["revision"]) == ("profile", "newer", 1)
    assert refused["file"]["who"] == "佐藤"
    assert refused["here"]["saved_at"].startswith("2025-03-04")
    assert [d["field"] for d in refused["differences"]] == ["limits.ng"]
    assert "NG limit 1.29 × -> 1.37 ×" in refused["error"]
    assert "by 佐藤" in refused["error"]
    assert pcs.line.load(PRODUCT).revision == 1, "nothing was done"
    taken = pcs.answer(file, "--as-revision", "--why", "改良")
    assert taken == {
        "profile": PRODUCT,
        "id": refused["id"],
        "revision": 2,
        "how": "revision",
        "relation": "newer",
        "must_find": {"joined": 0, "known": 0, "called_good_here": [], "no_room": []},
    }
    newest = pcs.line.history(PRODUCT)[0]
    assert (newest.why, newest.is_current) == ("改良", True)


def test_going_back_is_said_in_the_readers_language(pcs: TwoPcs) -> None:
    older = pcs.exported(1)
    pcs.line.import_revision(pcs.exported(2), PRODUCT, expected=1, who="")
    ran = pcs.call(older, "--lang", "ja")
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert "より古い" in ran.stderr.decode()
    assert "佐藤" in ran.stderr.decode()
    assert "--as-revision" in ran.stderr.decode()
    ran = pcs.call(older, "--as-revision", "--lang", "en")
    assert ran.returncode == 0
    told, now = ran.stdout.decode().splitlines()
    assert told.endswith("Taking it over goes back behind it.")
    assert now == f"“{PRODUCT}” now uses revision r0001."
    assert len(pcs.line.history(PRODUCT)) == 3


def test_changed_on_both_pcs_is_taken_over_only_on_request(pcs: TwoPcs) -> None:
    pcs.improve(pcs.line, PRODUCT, 14.0, "鈴木")
    file = pcs.exported(2)
    refused = pcs.answer(file, "--lang", "ja", code=2)
    assert (refused["relation"], refused["revision"]) == ("diverged", 2)
    assert "両方の PC で別々に変更されています" in refused["error"]
    assert "was changed on both PCs" in pcs.quick(file, "--lang", "en", code=2)["error"]
    assert pcs.quick(file, "--as-revision")["revision"] == 3
    assert [e.revision for e in pcs.line.history(PRODUCT)] == [3, 2, 1], "both histories are kept"
    assert pcs.line.load(PRODUCT).limits.ng == 13.0


def test_as_another_product_and_answers_that_contradict(pcs: TwoPcs) -> None:
    file = pcs.exported(2)
    assert pcs.call(file, "--as-new", "--as-revision").returncode == 2
    made = pcs.quick(file, "--as-new")
    assert (made["profile"], made["how"], made["relation"]) == (f"{PRODUCT} (2)", "new", None)
    assert {card.revisions for card in pcs.line.list()} == {1}
    file.write_bytes(file.read_bytes()[:-7])
    assert pcs.quick(file, "--as-revision", code=2)["kind"] == "profile"


def test_must_find_pictures_are_said_on_both_sides(pcs: TwoPcs, run: Run) -> None:
    key = pcs.office.find_id(PRODUCT) or ""
    missed = partial(pcs.office.corrections.add, key, CorrectionKind.MISSED, who="佐藤")
    ids = [missed(write_png(picture(8, n)), name=f"傷 {n}.png").id for n in range(2)]
    pcs.office.corrections.applied(key, ids, 2)
    target = pcs.folder / "whole.deeprx"
    export = ("--data-dir", pcs.office_data, "profiles", "export", PRODUCT, target)
    ran = run(*export, "--json")
    assert (ran.json["must_find"], ran.json["limit_samples"]) == (2, 0)
    assert ran.json["bytes"] == target.stat().st_size
    assert "must-find pictures 2 (" in run(*export, "--lang", "en").err
    taken = pcs.quick(target, "--as-new")
    assert taken["must_find"]["joined"] == 2
    assert pcs.quick(target, "--as-new", "--name", "C")["must_find"]["joined"] == 2
    bare = run(*export, "--without-must-find", "--json").json
    assert bare["must_find"] == 0
    assert pcs.quick(target, "--as-new", "--name", "D")["must_find"]["joined"] == 0


def test_what_joined_is_said_where_the_revision_is_not_taken_over(pcs: TwoPcs) -> None:
    key = pcs.office.find_id(PRODUCT) or ""
    missed = pcs.office.corrections.add(
        key, CorrectionKind.MISSED, write_png(picture(8, 1)), name="傷.png", who="佐藤"
    )
    pcs.office.corrections.applied(key, [missed.id], 2)
    refused = pcs.quick(pcs.exported(2), "--as-revision", "--lang", "en", code=2)
    assert refused["error"].endswith("1 picture from the file joined the must-find set.")
    assert pcs.line.load(PRODUCT).revision == 1
    there = pcs.line.corrections.book(pcs.line.find_id(PRODUCT) or "")
    assert [one.id for one in there.must_find] == [missed.id]


def test_the_golden_images_are_those_taken_over(
    run: Run, home: Path, parts: Path, tmp_path: Path
) -> None:
    """The part of the program that judges tries them before it goes to work."""
    office = ProfileStore(Paths(home).profiles)
    line = tmp_path / "line"
    first = office.load(NAME)
    assert len(first.golden) > 1
    line_store = ProfileStore(Paths(line).profiles)
    line_store.import_file(office.export(NAME, tmp_path / "1.deeprx"), who="")
    office.save(replace(first, golden=first.golden[1:]))
    other = ("--data-dir", line)
    second = office.export(NAME, tmp_path / "2.deeprx")
    refused = run(*other, "profiles", "import", second, "--json").json
    assert [d["field"] for d in refused["differences"]] == ["golden"]
    assert run(*other, "profiles", "import", second, "--as-revision").code == 0
    taken = line_store.load(NAME)
    assert [g.name for g in taken.golden] == [g.name for g in first.golden[1:]]
    answer = run(*other, "score", NAME, parts / "new", "--json").json
    assert (answer["revision"], answer["golden_difference"] <= 0.02) == (2, True)
