"""``deeprx doctor``: who is named, why and how sure; the exit code; what bad input gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.cli.conftest import NAME, Run
from tests.cli.pictures import part, write, write_parts


def test_bad_parts_among_good_ones_are_named_with_how_sure(
    run: Run, warm: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "good"
    write_parts(folder, 18)
    for n in (3, 9, 14):
        write(folder / f"{n}.png", part(400 + n, defect=True))
    ran = run("doctor", folder, "--json")
    assert ran.code == 1, ran.err
    answer = ran.json
    assert (answer["pictures"], answer["accused"]) == (18, 3)
    assert answer["false_accusation_rate"] == 0.05
    first = answer["named"][0]
    assert {Path(each["path"]).stem for each in answer["named"][:3]} == {"3", "9", "14"}
    assert {each["alike"] for each in answer["named"][:3]} == {1}
    assert first["accused"] is True
    assert first["findings"][0]["reason"] in {"defect", "other_product"}
    assert first["findings"][0]["chance"] <= 0.05
    assert not answer["named"][3]["accused"]
    read = run("doctor", folder)
    assert read.code == 1
    assert "3 of 18 pictures should be looked at." in read.out
    assert "14.png" in read.out


def test_a_profile_brings_its_pictures_and_what_was_learnt(run: Run, home: Path) -> None:
    ran = run("doctor", "--profile", NAME, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["pictures"] == 12
    assert ran.json["accused"] == 0


def test_copies_and_unreadable_files_are_facts(run: Run, warm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "good"
    write_parts(folder, 4)
    write(folder / "5.png", part(0))
    (folder / "6.png").write_bytes(b"no picture")
    ran = run("doctor", folder, "--json")
    assert ran.code == 1
    found = {Path(each["path"]).name: each["findings"][0] for each in ran.json["named"]}
    assert found["6.png"]["reason"] == "unreadable"
    assert found["5.png"]["reason"] == "copy"
    assert found["5.png"]["chance"] is None
    assert any("at least 8 are needed" in remark for remark in ran.json["remarks"])


def test_what_cannot_be_looked_at_is_said(run: Run, warm: Path, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    assert run("doctor", empty).code == 2
    nothing = run("doctor")
    assert nothing.code == 2
    assert "--profile" in nothing.err
    unknown = run("doctor", "--profile", "Nobody")
    assert unknown.code == 2
    flat = tmp_path / "flat"
    for n in range(3):
        write(flat / f"{n}.png", np.full((30, 30, 3), 80 + n, np.uint8))
    ran = run("doctor", flat)
    assert ran.code == 1
    assert "Every picture shows one colour only." in ran.out
