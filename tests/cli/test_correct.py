"""``deeprx correct`` and ``deeprx replay`` as scripts and people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import NAME, SMALL, Run
from tests.cli.pictures import write_parts
from tests.made_record import made_record

DOCS = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


@pytest.fixture
def good(home: Path, tmp_path: Path) -> Path:
    """A good part nobody has learnt yet."""
    write_parts(tmp_path / "more", 1, first=300)
    return next((tmp_path / "more").iterdir()).rename(tmp_path / "dust.png")


@pytest.fixture
def bad(home: Path, parts: Path) -> Path:
    return min((parts / "bad").iterdir())


def recorded(home: Path, number: int, verdict: Verdict, picture: Path) -> str:
    """Remember a verdict about this product, with a kept picture."""
    key = ProfileStore(home / "profiles").find_id(NAME)
    assert key is not None
    kept = home / "results" / "pictures" / f"{number}.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(picture.read_bytes())
    store = RecordStore(home / "results")
    store.add(
        made_record(number, verdict, profile_id=key, profile=NAME, picture=f"pictures/{number}.png")
    )
    store.close()
    return key


def test_was_ok_and_missed_wait_then_become_one_revision(run: Run, good: Path, bad: Path) -> None:
    waiting = run("correct", NAME, "--was-ok", good, "--missed", bad, "--json").json
    assert [one["kind"] for one in waiting["pending"]] == ["was-ok", "missed"]
    assert (waiting["applied"], waiting["revision"], waiting["gate"]) == (False, 1, None)
    assert "Waiting – Was OK" in run("correct", NAME).out
    ran = run("correct", NAME, "--apply", "--why", "dust", "--json")
    assert ran.code == 0, ran.err
    answer = ran.json
    assert (answer["revision"], answer["exact"], answer["pending"]) == (2, True, [])
    assert answer["gate"]["passed"]
    assert answer["gate"]["must_find"]["all"] == 1
    assert "+1 normal image" in answer["changes"]
    assert [one["name"] for one in answer["must_find"]] == [bad.name]
    assert [one["revision"] for one in answer["learnt"]] == [2]
    history = run("profiles", "history", NAME, "--json").json["history"]
    assert history[0]["why"] == "dust"


def test_take_back_and_remove(run: Run, good: Path, bad: Path) -> None:
    run("correct", NAME, "--was-ok", good, "--missed", bad)
    left = run("correct", NAME, "--take-back", good.name, "--json").json
    assert [one["kind"] for one in left["pending"]] == ["missed"]
    assert len(run("correct", NAME, "--apply", "--json").json["must_find"]) == 1
    assert run("correct", NAME, "--remove", bad.stem, "--json").json["must_find"] == []
    more = good.parent / "again"
    write_parts(more, 2, first=310)
    twins = [picture.rename(more / f"{n}.same") for n, picture in enumerate(more.iterdir())]
    run("correct", NAME, "--was-ok", twins[0].rename(good.parent / "x.png"))
    run("correct", NAME, "--was-ok", twins[1].rename(more / "x.png"))
    assert "Several of these pictures" in run("correct", NAME, "--take-back", "x").err
    ran = run("correct", NAME, "--remove", "nobody.png")
    assert ran.code == 2
    assert "is not among these pictures" in ran.err


def test_what_cannot_be_is_said(run: Run, good: Path, tmp_path: Path) -> None:
    assert "nothing to apply" in run("correct", NAME, "--apply").err
    assert "cannot be good and bad" in run("correct", NAME, "--was-ok", good, "--missed", good).err
    assert "no verdict “4711”" in run("correct", NAME, "--from-history", "4711").err
    assert "needs a reason" in run("correct", NAME, "--apply", "--overrule", " ").err
    assert run("correct", NAME, "--was-ok", tmp_path / "missing.png").code == 2


def test_decisions_of_the_history_become_corrections(run: Run, home: Path, good: Path) -> None:
    recorded(home, 1, Verdict.NG, good)
    assert "Nobody decided" in run("correct", NAME, "--from-history", "1").err
    run("history", "decide", "1", "ok")
    uid = made_record(1, Verdict.NG).uid
    (one,) = run("correct", NAME, "--from-history", uid, "--json").json["pending"]
    assert (one["kind"], one["uid"]) == ("was-ok", uid)
    (home / "results" / "pictures" / "1.png").unlink()
    assert "no longer there" in run("correct", NAME, "--from-history", "1").err


def test_a_defect_called_ok_is_refused_until_somebody_overrules(
    run: Run, home: Path, bad: Path
) -> None:
    run("correct", NAME, "--was-ok", bad)
    ran = run("correct", NAME, "--apply", "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "profile"
    assert [one["kind"] for one in ran.json["gate"]["refusals"]] == ["far-out"]
    assert "--overrule" in ran.json["error"]
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1
    ran = run("correct", NAME, "--apply", "--overrule", "a customer's wish", "--json")
    assert ran.json["gate"]["overruled"] == "a customer's wish"
    log = next((home / "profiles").glob("*/log.jsonl")).read_text("utf-8").splitlines()
    assert json.loads(log[-1])["gate"]["overruled"] == "a customer's wish"


def test_every_way_into_use_is_judged_on_the_must_find_set(
    run: Run, home: Path, parts: Path, tmp_path: Path, bad: Path
) -> None:
    """Learning again, going back and taking a file over: none lets a must-find pass unasked."""
    run("correct", NAME, "--missed", bad)
    run("correct", NAME, "--apply")
    write_parts(tmp_path / "all wrong", 8, first=200, defect=True)
    wrong = ("fit", NAME, parts / "good", tmp_path / "all wrong", *SMALL, "--json")
    ran = run(*wrong)
    assert ran.code == 2
    assert [one["kind"] for one in ran.json["gate"]["refusals"]] == ["must-find"]
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1
    assert run(*wrong, "--overrule", "to see").json["gate"]["overruled"] == "to see"
    run("profiles", "export", NAME, tmp_path / "wrong.deeprx")
    back = run("profiles", "rollback", NAME, "1", "--json")
    assert back.code == 0, back.err
    assert back.json["gate"]["must_find"] == {
        "all": 1,
        "found_before": 0,
        "found_after": 1,
        "lost": [],
    }
    assert "would pass now" in run("profiles", "rollback", NAME, "2").err
    ran = run("profiles", "import", tmp_path / "wrong.deeprx", "--as-revision")
    assert ran.code == 2
    assert "would pass now" in ran.err
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1
    entries = (home / "profiles").glob("*/log.jsonl")
    last = json.loads(next(entries).read_text("utf-8").splitlines()[-1])
    assert (last["what"], last["gate"]["must_find"]) == ("rolled-back", 1)


def test_replay_says_what_a_revision_would_have_said(
    run: Run, home: Path, good: Path, bad: Path
) -> None:
    recorded(home, 1, Verdict.OK, good)
    key = recorded(home, 2, Verdict.NG, bad)
    recorded(home, 3, Verdict.OK, bad)  # as if its lamp had been off
    store = RecordStore(home / "results")
    store.decide(3, Decision.NG, who="")
    store.add(made_record(4, Verdict.OK, profile_id=key, profile=NAME, picture="pictures/4.png"))
    store.close()
    answer = run("replay", NAME, "--json").json
    assert (answer["judged"], answer["in_use"], answer["revision"]) == (3, 1, 1)
    assert answer["different"] == []
    assert [p["number"] for p in answer["differs_from_recorded"]] == [3]
    assert answer["differs_from_recorded"][0]["truth"] == "bad"
    assert answer["gate"]["gone"] == 1
    assert run("replay", NAME, "--last", "1", "--json").json["judged"] == 1
    run("correct", NAME, "--was-ok", good)
    candidate = run("replay", NAME, "--revision", "candidate", "--json").json
    assert candidate["revision"] == "candidate"
    assert candidate["judged"] == 3
    out = run("replay", NAME).out
    assert "r0001 judged 3 parts; 0 differently" in out
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1


def test_replay_without_anything_to_judge(run: Run, home: Path) -> None:
    ran = run("replay", NAME)
    assert ran.code == 0
    assert "must-find set is empty" in ran.err
    assert "none of their pictures is kept" in ran.err


@pytest.mark.parametrize("verb", ["correct", "replay"])
def test_the_json_is_documented(run: Run, home: Path, bad: Path, verb: str) -> None:
    run("correct", NAME, "--missed", bad)
    answer = run(verb, NAME, "--json").json
    page = DOCS.read_text("utf-8")
    section = page.partition(f"\n## {verb}\n")[2].partition("\n## ")[0]
    for key in answer:
        assert f"`{key}`" in section, key
