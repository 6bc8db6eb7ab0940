"""``--part-from``: what is said and answered about pictures of the same part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.results.encode import encode_png
from tests.cli.conftest import SMALL, Run
from tests.engine.parts import texture


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six parts, each photographed twice: A0_0.png, A0_1.png, ..."""
    folder = tmp_path_factory.mktemp("burst")
    rng = np.random.default_rng(3)
    for number in range(6):
        for shot in range(2):
            noisy = texture(number, 72) + rng.normal(0, 2, (72, 72, 3))
            pixels = np.clip(noisy, 0, 255).astype(np.uint8)
            (folder / f"A{number}_{shot}.png").write_bytes(encode_png(pixels))
    return folder


def test_the_promise_counts_parts_and_says_so(run: Run, warm: Path, burst: Path) -> None:
    ran = run("fit", "Burst", burst, *SMALL, "--limit", "rank")
    assert ran.code == 0, ran.err
    assert "12 pictures of about 6 parts: the promise counts 6." in ran.out
    assert "About 14 % of good parts will be called NG (from 6 parts" in ran.out
    assert "To promise 1 %, add pictures of about 93 more parts." in ran.out
    shown = run("profiles", "show", "Burst", "--json").json
    assert shown["parts"]["count"] == 6
    assert [str(burst / "A0_0.png"), str(burst / "A0_1.png")] in shown["parts"]["groups"]


def test_names_tell_the_part_and_the_next_revision_remembers(
    run: Run, warm: Path, burst: Path
) -> None:
    options = [*SMALL, "--limit", "rank", "--json"]
    first = run("fit", "Named", burst, *options, "--part-from", "name:^A[012]").json
    assert first["parts"]["from"] == "name"
    assert first["parts"]["count"] == 9
    again = run("fit", "Named", burst, *options).json
    assert again["parts"] == first["parts"]
    none = run("fit", "Named", burst, *options, "--part-from", "none").json
    assert none["parts"] == {"count": 12, "from": "none", "groups": [], "alike": 0}
    assert none["limits"]["promised_false_call_rate"] == pytest.approx(1 / 13)


@pytest.mark.parametrize("word", ["names", "name:(", ""])
def test_a_word_that_tells_nothing_is_refused(run: Run, burst: Path, word: str) -> None:
    ran = run("fit", "Burst", burst, *SMALL, "--part-from", word)
    assert ran.code == 2
    assert "name:" in ran.err or "^(.*)_" in ran.err
