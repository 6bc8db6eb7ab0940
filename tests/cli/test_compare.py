"""``deeprx compare`` as a program: one object for scripts, a table and a sentence for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deeprx_gui.results.encode import encode_png
from tests.cli.conftest import ROOT, Run
from tests.engine.parts import part

QUICK = ("--size", "64", "--detectors", "deep-rx,deep-rx-local", "--runtime", "torch-cpu")


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """Write eight normal images, and three good and three bad parts to judge."""
    root = tmp_path / "data set"
    for folder, first, count in (("train/good", 0, 8), ("test/good", 50, 3), ("test/hole", 80, 3)):
        (root / folder).mkdir(parents=True)
        for number in range(count):
            pixels = part(first + number).copy()
            if folder == "test/hole":
                pixels[20:40, 20:40] = 255 - pixels[20:40, 20:40]
            (root / folder / f"{number}.png").write_bytes(encode_png(pixels))
    return root


def test_one_object_with_the_keys_of_the_page(run: Run, data_set: Path) -> None:
    ran = run("compare", str(data_set), *QUICK, "--json")
    assert ran.code == 0, ran.err
    answer = ran.json
    assert [row["detector"] for row in answer["rows"]] == ["deep-rx", "deep-rx-local"]
    assert answer["recommended"]["backbone"] == "efficientnet-lite0"
    assert answer["recommended"]["detector"] in answer["why"]
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    section = page.partition("\n## compare\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section)) | {"rows", "recommended", "why"}
    assert {*answer, *answer["rows"][0]} <= named


def test_a_table_and_a_sentence_in_the_readers_language(run: Run, data_set: Path) -> None:
    ran = run("compare", str(data_set), *QUICK, "--lang", "ja")
    assert ran.code == 0, ran.err
    assert "見逃し" in ran.out
    assert "おすすめ" in ran.out


def test_nothing_measured_is_exit_two_and_says_why(run: Run, data_set: Path) -> None:
    ran = run("compare", str(data_set), *QUICK, "--backbones", "vgg16", "--json")
    assert ran.code == 2
    assert ran.json["recommended"] is None
    assert "not installed" in ran.json["rows"][0]["not_started"]
