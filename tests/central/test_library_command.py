"""``deeprx library`` from publishing to a proposal, as people at two PCs type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import password
from deeprx_gui.cli.main import main
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.paths import Paths
from tests.central.plant import NAME, copy_of, open_store

Login = Callable[[str], tuple[CentralPlace, str]]
Type = Callable[..., tuple[int, dict[str, Any], str]]
PASSPHRASE = "correct horse battery"  # noqa: S105 - of a key that lives for this test


@pytest.fixture
def pc(
    login: Login,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str], Type]:
    """Return what sets up a PC with a login of a role, and types ``deeprx library`` there."""
    known: dict[str, str] = {}
    monkeypatch.setattr(password, "read", lambda place: known[place.user])
    monkeypatch.setenv("DEEPRX_KEY_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("deeprx_gui.central.signing.recall", lambda: None)

    def make(role: str, line: str) -> Type:
        place, secret = login(role)
        known[place.user] = secret
        folder = tmp_path / place.user
        central_settings.save(replace(place, line=line), Paths(folder).central_file)

        def typed(*words: object) -> tuple[int, dict[str, Any], str]:
            capsys.readouterr()
            whole = ("--data-dir", folder, "--lang", "en", *words, "--json")
            code = main([str(word) for word in whole])
            out, err = capsys.readouterr()
            return code, json.loads(out) if out.strip() else {}, err

        return typed

    return make


def test_from_publishing_to_a_proposal(
    pc: Callable[[str, str], Type], learnt_product: Path, tmp_path: Path
) -> None:
    engineer, station = pc("deeprx_engineer", ""), pc("deeprx_station", "Line 1")
    mine = next(f for f in tmp_path.iterdir() if f.name.startswith("deeprx_engineer"))
    theirs = next(f for f in tmp_path.iterdir() if f.name.startswith("deeprx_station"))
    copy_of(learnt_product, mine)
    key_file = tmp_path / "key.pem"
    public = engineer("library", "key", "new", "--file", key_file)[1]["key"]
    assert station("library", "follow", "auto", "--signed", "on")[0] == 2  # whose?
    assert station("library", "key", "trust", "Sato", public)[0] == 0
    assert station("library", "follow", "auto", "--signed", "on")[1]["signed"] is True
    assert engineer("library", "publish", NAME, "--why", "first")[1]["state"] == "draft"
    assert station("library", "follow", "now")[1]["products"] == []
    code, _, said = engineer("library", "release", NAME, "1", "--to", "line:Lime 1")
    assert (code, "Line 1" in said) == (2, True)
    release = ("library", "release", NAME, "r0001", "--to", "line:Line 1", "--then", "all")
    code, released, _ = engineer(*release, "--after", "24", "--key", key_file)
    assert (code, released["released"]["key"]) == (0, public)
    (came,) = station("library", "follow", "now")[1]["products"]
    assert (came["changed"], came["running"]) == (True, 1)
    (listed,) = engineer("library", "list")[1]["products"]
    assert [(r["line"], r["station"]) for r in listed["rollouts"]] == [
        ("Line 1", None),
        (None,) * 2,
    ]
    (runs,) = engineer("library", "status")[1]["stations"]
    assert (runs["line"], runs["revision"], runs["state"]) == ("Line 1", 1, "current")
    before = open_store(theirs).load(NAME).limits

    code, _, said = station("limits", NAME, "--target", "1/3", "--save", "--why", "too strict")
    assert (code, "proposed" in said) == (0, True)
    assert open_store(theirs).load(NAME).limits == before  # no fork
    assert station("library", "follow", "now")[1]["proposals_sent"] == 1
    assert station("library", "follow", "now")[1]["proposals_sent"] == 0
    (proposal,) = engineer("library", "proposals")[1]["proposals"]
    assert (proposal["why"], proposal["state"]) == ("too strict", "open")
    made = engineer("library", "proposals", "accept", proposal["number"])[1]
    assert (made["revision"], made["state"]) == (2, "draft")
    code, _, said = engineer("library", "proposals", "reject", proposal["number"], "--why", "no")
    assert (code, "already" in said) == (2, True)
    assert engineer("library", "release", NAME, "2", "--key", key_file)[0] == 0
    assert station("library", "follow", "now")[1]["products"][0]["running"] == 2
    assert open_store(theirs).load(NAME).limits.review == pytest.approx(proposal["review"])

    assert engineer("library", "rollback", NAME, "--why", "false calls")[1]["revision"] == 1
    (back,) = station("library", "follow", "now")[1]["products"]
    assert (back["running"], "goes back" in back["sentence"]) == (1, True)
    assert engineer("library", "withdraw", NAME, "1", "--why", "lamp")[1]["state"] == "withdrawn"
    (left,) = station("library", "follow", "now")[1]["products"]
    assert (left["running"], "withdrawn" in left["sentence"]) == (2, True)


def test_a_station_waits_for_a_person_who_takes_it(
    pc: Callable[[str, str], Type], learnt_product: Path, tmp_path: Path
) -> None:
    engineer, station = pc("deeprx_engineer", ""), pc("deeprx_station", "")
    copy_of(learnt_product, next(f for f in tmp_path.iterdir() if "engineer" in f.name))
    engineer("library", "publish", NAME)
    engineer("library", "release", NAME, "1")
    station("library", "follow", "ask")
    assert station("library", "follow", "now")[1]["products"][0]["state"] == "waiting"
    assert station("library", "follow", "take", NAME)[1]["products"][0]["changed"] is True
    assert station("library", "rules")[1] == {"four_eyes": False}
    code, _, said = engineer("library", "rules", "--four-eyes", "on")
    assert (code, "right" in said) == (2, True)


def test_who_did_not_publish_it_looks_before_releasing(
    pc: Callable[[str, str], Type], learnt_product: Path, tmp_path: Path
) -> None:
    first = pc("deeprx_engineer", "")
    copy_of(learnt_product, next(f for f in tmp_path.iterdir() if "engineer" in f.name))
    second = pc("deeprx_engineer", "")
    first("library", "publish", NAME)
    code, _, said = second("library", "release", NAME, "1")
    assert (code, "not published from this PC" in said, "--yes" in said) == (2, True, True)
    assert "NG limit" in said
    assert second("library", "release", NAME, "1", "--yes")[1]["state"] == "released"


def test_without_a_central_database_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data-dir", str(tmp_path), "--lang", "en", "library", "list"]) == 2
    assert "none is set up on this PC" in capsys.readouterr().err
