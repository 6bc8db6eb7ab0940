"""``deeprx shadow``: a candidate is tried beside the line, and put in use or dropped."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import NAME, Run


@pytest.fixture
def two(home: Path) -> Path:
    """r0001 in use; r0002 is so lax that it passes everything."""
    store = ProfileStore(home / "profiles")
    first = store.load(NAME)
    lax = replace(first.limits, review=first.limits.review * 1000, ng=first.limits.ng * 1000)
    store.save(replace(first, limits=lax))
    store.rollback(NAME, 1, who="", why="")
    return home


@pytest.fixture
def line(parts: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "line"
    folder.mkdir()
    for number, file in enumerate([*sorted((parts / "new").iterdir()), parts / "bad" / "1.png"]):
        shutil.copy(file, folder / f"{number}.png")
    return folder


def test_the_whole_story(two: Path, line: Path, run: Run, tmp_path: Path) -> None:
    nothing = run("shadow", "status", NAME, "--json").json
    assert nothing == {"running": None, "decided": None, "trials": []}
    started = run("shadow", "start", NAME, "r0002", "--why", "fewer false calls", "--json")
    assert started.json["candidate"] == 2
    assert started.json["state"] == "running"

    ran = run("inspect", NAME, "--source", f"folder:{line}", "--json")
    assert ran.code == 1
    assert ran.json["counts"]["NG"] == 1, "the line judges as before"
    shadow = ran.json["shadow"]
    assert (shadow["candidate"], shadow["compared"], shadow["differing"]) == (2, 3, 1)
    assert shadow["problem"] is None

    status = run("shadow", "status", NAME, "--json").json["running"]
    assert (status["compared"], status["agreed"], status["looser"]) == (3, 2, 1)
    assert status["live_revisions"] == [1]
    listed = run("shadow", "list", NAME, "--pictures", tmp_path / "p", "--json").json["parts"]
    (part,) = listed
    assert part["live"]["verdict"] == "NG"
    assert part["candidate"]["verdict"] == "OK"
    assert part["live"]["times"] == pytest.approx(part["candidate"]["times"])
    assert Path(part["file"]).read_bytes().startswith(b"\xff\xd8")
    assert run("shadow", "list", NAME, "--side", "stricter", "--json").json["parts"] == []
    assert "1 stopped in use and passed by the candidate" in run("shadow", "status", NAME).out

    with closing(RecordStore(two / "results")) as store:
        records = list(store.rows(RecordQuery()))
        assert {r.revision for r in records} == {1}, "nothing of the candidate is in the verdicts"
        (bad,) = (r for r in records if r.uid == part["uid"])
        store.decide(bad.number, Decision.NG, who="佐藤")
    decided = run("shadow", "status", NAME, "--json").json["decided"]
    assert decided["parts"] == 1
    assert decided["candidate_misses"] == 1
    assert decided["live_misses"] == 0

    refused = run("shadow", "promote", NAME, "--why", "as agreed", "--json")
    assert refused.code == 2, "the gate: a part that a person called NG would pass"
    assert [one["kind"] for one in refused.json["gate"]["refusals"]] == ["bad-parts"]
    assert ProfileStore(two / "profiles").load(NAME).revision == 1
    assert run("shadow", "status", NAME, "--json").json["running"] is not None
    promoted = run("shadow", "promote", NAME, "--why", "as agreed", "--overrule", "only to see")
    assert "now uses revision r0002" in promoted.out
    history = run("profiles", "history", NAME, "--json").json
    assert "as agreed" in json.dumps(history)
    assert history["history"][0]["what"] == "r0002 promoted after its trial"
    assert ProfileStore(two / "profiles").load(NAME).revision == 2
    ended = run("shadow", "status", NAME, "--json").json["trials"][0]
    assert (ended["state"], ended["ended_why"]) == ("promoted", "as agreed")


def test_words_for_people(two: Path, line: Path, run: Run) -> None:
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--shadow", "r0002")
    assert "Shadow: 3 parts judged by the candidate as well, 1 differently." in ran.out
    assert "is on trial since" in run("shadow", "status", NAME).out
    listed = run("shadow", "list", NAME).out
    assert "in use NG" in listed
    assert "candidate OK" in listed
    assert "r0002 dropped" in run("shadow", "drop", NAME, "--why", "too lax").out
    assert "No candidate is on trial" in run("shadow", "status", NAME).out
    assert "r0002 dropped" in run("shadow", "status", NAME).out
    assert ProfileStore(two / "profiles").load(NAME).revision == 1


def test_a_promotion_without_a_reason_says_what_it_rests_on(
    two: Path, line: Path, run: Run
) -> None:
    run("inspect", NAME, "--source", f"folder:{line}", "--shadow", "2")
    run("shadow", "promote", NAME)
    (latest, *_) = ProfileStore(two / "profiles").history(NAME)
    assert "Shadow mode: 3 parts judged by both" in latest.why


def test_a_trial_goes_on_with_the_next_run(two: Path, line: Path, run: Run) -> None:
    run("shadow", "start", NAME, "2")
    for _ in range(2):
        run("inspect", NAME, "--source", f"replay:{line}?fps=0&lossy=0", "--count", "2")
    assert run("shadow", "status", NAME, "--json").json["running"]["compared"] == 4
    run("shadow", "stop", NAME)
    ran = run("inspect", NAME, "--source", f"replay:{line}?fps=0&lossy=0", "--count", "2", "--json")
    assert ran.json["shadow"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("start", NAME, "r0001"), "is the revision in use"),
        (("start", NAME, "r0009"), "has no revision r0009"),
        (("start", "Nobody", "r0002"), "There is no profile “Nobody”"),
        (("start", NAME, "new"), "“new” is not a revision"),
        (("stop", NAME), "No candidate of “Bracket” is on trial"),
        (("promote", NAME), "No candidate of “Bracket” is on trial"),
        (("drop", NAME), "No candidate of “Bracket” is on trial"),
        (("list", NAME, "--side", "better"), "not possible"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    two: Path, run: Run, words: tuple[str, ...], says: str
) -> None:
    ran = run("shadow", *words)
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert ProfileStore(two / "profiles").load(NAME).revision == 1


def test_a_second_candidate_has_to_wait(two: Path, run: Run) -> None:
    store = ProfileStore(two / "profiles")
    store.save(store.load(NAME))
    store.rollback(NAME, 1, who="", why="")
    run("shadow", "start", NAME, "2")
    ran = run("shadow", "start", NAME, "3")
    assert ran.code == 2
    assert "r0002 of “Bracket” is on trial already" in ran.err


def test_a_candidate_that_is_damaged_costs_the_line_nothing(
    two: Path, line: Path, run: Run
) -> None:
    run("shadow", "start", NAME, "2")
    (file,) = (two / "profiles").rglob("r0002.deeprx")
    file.write_bytes(file.read_bytes()[:-200])
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--json")
    assert ran.code == 1
    assert ran.json["parts"] == 3
    assert ran.json["shadow"] is None
    assert "damaged" in ran.err
    asked = run("inspect", NAME, "--source", f"folder:{line}", "--shadow", "2")
    assert asked.code == 2


def test_the_pin_guards_it(two: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from deeprx_gui.access import PinAccess

    PinAccess(two / "access.json").set_pin("1234", who="佐藤")
    ran: Any = run("shadow", "start", NAME, "2")
    assert ran.code == 2
    assert "PIN" in ran.err
    assert run("shadow", "status", NAME).code == 0
    monkeypatch.setenv("DEEPRX_PIN", "1234")
    assert run("shadow", "start", NAME, "2").code == 0
