"""``--strict``: pictures of another kind than learnt are an ERROR, not only a remark."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from deeprx_gui.domain.picture_facts import KEY
from deeprx_gui.profiles.store import ProfileStore
from tests.cli import pictures
from tests.cli.conftest import NAME, Run


@pytest.fixture
def mixed(parts: Path, tmp_path: Path) -> Path:
    """A picture as learnt (grey), a wider one, a coloured one and one with 12 bits in 16."""
    folder = tmp_path / "mixed"
    usual = pictures.part(100)
    pictures.write(folder / "1 as learnt.png", usual)
    pictures.write(folder / "2 wider.png", pictures.part(101, width=120))
    coloured = usual.copy()
    coloured[..., 2] //= 2
    pictures.write(folder / "3 coloured.png", coloured)
    deep = cv2.cvtColor(usual, cv2.COLOR_RGB2BGR).astype(np.uint16) * 16
    (folder / "4 deep.png").write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    return folder


def test_score_refuses_them_or_says_so(run: Run, home: Path, mixed: Path) -> None:
    plain = run("score", NAME, mixed, "--json")
    assert plain.json["counts"]["ERROR"] == 0
    causes = [image["causes"] for image in plain.json["images"]]
    assert causes == [[], ["size"], ["colour"], ["range"]]
    strict = run("score", NAME, mixed, "--strict", "--json")
    assert strict.code == 2
    assert [i["verdict"] == "ERROR" for i in strict.json["images"]] == [False, True, True, True]
    assert [image["causes"] for image in strict.json["images"]] == causes
    reasons = [image["error"] for image in strict.json["images"]]
    assert reasons[0] is None
    assert "another size than the normal images" in reasons[1]
    assert "in colour and the normal images were grey, or the reverse" in reasons[2]
    assert "another part of their brightness range" in reasons[3]


def test_inspect_refuses_them_too(run: Run, home: Path, mixed: Path) -> None:
    words = ("inspect", NAME, "--source", f"folder:{mixed}", "--jsonl")
    plain, strict = run(*words), run(*words, "--strict")
    told = [[json.loads(line) for line in ran.out.splitlines()] for ran in (plain, strict)]
    assert all(t["verdict"] != "ERROR" for t in told[0])
    assert [t["verdict"] == "ERROR" for t in told[1]] == [False, True, True, True]
    assert strict.code == 2
    assert "another size than the normal images" in told[1][1]["error"]


@pytest.mark.parametrize("verb", [("score",), ("inspect", "--source")])
def test_a_profile_that_does_not_know_its_pictures_cannot_keep_the_promise(
    run: Run, home: Path, mixed: Path, verb: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ProfileStore.load

    def older(store: ProfileStore, key: str) -> object:
        profile = load(store, key)
        return replace(profile, extra={k: v for k, v in profile.extra.items() if k != KEY})

    monkeypatch.setattr(ProfileStore, "load", older)
    where = (mixed,) if len(verb) == 1 else (verb[1], f"folder:{mixed}")
    ran = run(verb[0], NAME, *where, "--strict")
    assert ran.code == 2
    assert "--strict cannot be kept. Learn it again." in ran.err
    assert run(verb[0], NAME, *where).code != 2
