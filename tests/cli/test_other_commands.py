"""``deeprx evaluate``, ``backbones``, ``self-test`` and ``demo``."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.cli import demo_command, self_test_command
from deeprx_gui.domain.learning_curve import promise_at
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.self_test import Check, SelfTest, State
from deeprx_gui.work import demo
from deeprx_gui.work.self_test import CHECKS
from tests.cli import pictures
from tests.cli.conftest import SMALL, Run

EVALUATE_KEYS = {
    "detector", "backbone", "runtime", "size", "normals", "test_good", "test_bad", "image_auroc",
    "pixel_auroc", "aupro", "limit", "promised_false_call_rate", "false_call_rate", "miss_rate",
    "fit_seconds", "ms_per_image", "peak_rss_mb", "limit_kind", "normalise", "chosen",
    "left_out", "mask_remarks", "not_judged", "parts",
}  # fmt: skip
"""DESIGN §8, word for word, and how the limit was made."""
TRUNK = "resnet18_trunk.pth"
_ROW = {"name", "ok", "state", "detail", "seconds"}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set in the MVTec AD layout: masks for one of two kinds of defect."""
    root = tmp_path_factory.mktemp("plates")
    pictures.write_parts(root / "train" / "good", 14)
    pictures.write_parts(root / "test" / "good", 4, first=100)
    pictures.write_parts(root / "test" / "scratch", 3, first=200, defect=True)
    pictures.write_parts(root / "test" / "unmarked", 1, first=300, defect=True)
    mask = np.zeros((96, 96, 3), np.uint8)
    mask[30:60, 40:46] = mask[42:48, 20:76] = 255
    for n in range(3):
        pictures.write(root / "ground_truth" / "scratch" / f"{n + 1}_mask.png", mask)
    return root


@pytest.mark.usefixtures("warm")
def test_evaluate_answers_with_exactly_these_keys(run: Run, dataset: Path) -> None:
    options = (*SMALL, "--normals", "10", "--seed", "3", "--json")
    ran = run("evaluate", dataset, *options)
    assert ran.code == 0, ran.err
    answer = ran.json
    assert set(answer) == EVALUATE_KEYS
    assert set(answer["ms_per_image"]) == {"p50", "p95"}
    assert (answer["normals"], answer["test_good"], answer["test_bad"]) == (10, 4, 4)
    assert (answer["detector"], answer["size"]) == ("deep-rx", 64)
    assert answer["image_auroc"] == 1.0
    assert answer["pixel_auroc"] > 0.8
    assert 0 < answer["aupro"] <= 1
    assert answer["promised_false_call_rate"] == pytest.approx(promise_at(10, 0.01).rate, abs=1e-5)
    assert answer["miss_rate"] == 0.0
    assert "Scoring test pictures" in ran.err

    timed = {"fit_seconds", "ms_per_image", "peak_rss_mb"}
    again = run("evaluate", dataset, *options).json
    assert {k: v for k, v in again.items() if k not in timed} == {
        k: v for k, v in answer.items() if k not in timed
    }
    other = run("evaluate", dataset, *SMALL, "--normals", "10", "--seed", "4", "--json").json
    assert other["limit"] != answer["limit"]


@pytest.mark.usefixtures("warm")
def test_evaluate_in_words_and_without_masks(run: Run, tmp_path: Path) -> None:
    pictures.write_parts(tmp_path / "train" / "good", 6)
    pictures.write_parts(tmp_path / "test" / "good", 1, first=100)
    pictures.write_parts(tmp_path / "test" / "bad", 1, first=200, defect=True)
    ran = run("evaluate", tmp_path, *SMALL, "--lang", "ja")
    assert ran.code == 0
    assert re.search(r"AUROC（画像） +1\.000\n", ran.out)
    assert re.search(r"AUROC（画素） +–\n", ran.out)
    answer = run("evaluate", tmp_path, *SMALL, "--json").json
    assert (answer["pixel_auroc"], answer["aupro"]) == (None, None)


def test_evaluate_says_what_a_data_set_is(run: Run, tmp_path: Path, dataset: Path) -> None:
    assert "train/good" in run("evaluate", tmp_path).err
    assert "several data sets" in run("evaluate", dataset.parent).err
    ran = run("evaluate", tmp_path / "none", "--json", "--lang", "ja")
    assert (ran.code, ran.json["kind"]) == (2, "request")
    assert "フォルダーではありません" in ran.json["error"]


def test_backbones_that_are_here_and_those_that_are_not(run: Run, tmp_path: Path) -> None:
    found = {b["name"]: b for b in run("backbones", "list", "--json").json["backbones"]}
    assert found["efficientnet-lite0"]["installed"] is True
    assert found["efficientnet-lite0"]["advice"] is None
    assert found["resnet18"]["installed"] is False
    assert "deeprx backbones import" in found["resnet18"]["advice"]
    printed = run("backbones", "list", "--lang", "ja").out
    assert re.search(r"resnet18 +なし", printed)
    assert "resnet18-f37072fd.pth" in printed

    wrong = tmp_path / "weights.pth"
    wrong.write_bytes(b"nothing of the kind")
    ran = run("backbones", "import", wrong, "--json")
    assert (ran.code, ran.json["kind"]) == (2, "backbone")
    assert "Download the file again" in ran.json["error"]
    assert "cannot be read" in run("backbones", "import", tmp_path / "none.pth").err
    assert "built in" in run("backbones", "fetch", "efficientnet-lite0").err
    assert "There is no backbone" in run("backbones", "fetch", "resnet81", "--lang", "en").err


@pytest.mark.usefixtures("warm")
def test_a_trunk_is_imported_learnt_with_and_judged_with(
    run: Run, shared_weights: Path, parts: Path
) -> None:
    file = shared_weights / TRUNK
    if not file.exists():
        pytest.skip(f"needs ../shared/weights/{TRUNK}")
    ran = run("backbones", "import", file, "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["name"], ran.json["taps"]) == ("resnet18", [4, 8, 16])
    assert "resnet18 is installed. Its taps are 4, 8, 16" in run("backbones", "import", file).out
    with_it = (*SMALL, "--backbone", "resnet18")
    assert "end at stride 16" in run("fit", "x", parts / "good", *with_it, "--taps", "32").err
    assert run("fit", "x", parts / "good", *with_it, "--taps", "8").code == 0
    assert run("profiles", "show", "x", "--json").json["backbone"] == "resnet18"
    assert run("score", "x", parts / "new", parts / "bad").code == 1


def _finished(result: object) -> Generator[Progress, None, object]:
    yield Progress(1, 1, say("Saving…"))
    return result


@pytest.mark.usefixtures("warm")
def test_self_test(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # What starts processes and imports torch takes a minute: .ci/run does that with the frozen one.
    # The whole job has tests of its own (tests/work/test_self_test.py).
    for slow in set(CHECKS) - {"versions", "computer", "data_folder", "decoder"}:
        monkeypatch.delitem(CHECKS, slow)
    ran = run("self-test", "--json")
    assert ran.code == 0, ran.out
    answer = ran.json
    assert set(answer) == {
        "ok", "version", "edition", "python", "system", "frozen", "packages", "checks"
    }  # fmt: skip
    assert answer["ok"] is True
    assert answer["edition"] == "full"
    assert answer["frozen"] is False
    assert [c["name"] for c in answer["checks"]] == list(CHECKS)
    assert all(set(c) == _ROW for c in answer["checks"])

    bad = Check(
        "disk", say("Data folder"), State.FAILED, detail=say("Reading pictures"), seconds=0.1
    )
    monkeypatch.setattr(self_test_command, "self_test", lambda *_: _finished(SelfTest((bad,))))
    ran = run("self-test", "--lang", "ja")
    assert ran.code == 2
    assert re.search(r"不合格 +データフォルダー +画像の読み込み\n", ran.out)
    assert run("self-test", "--json").json["ok"] is False


@pytest.mark.usefixtures("one_setting")
def test_the_demonstration(
    run: Run, tmp_path: Path, warm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On few of the real cells, so that it is quick; twice, as people do."""
    pytest.importorskip("elpv_dataset", reason="needs the sample images (extra: demo)")
    monkeypatch.setattr(demo, "NORMALS", 8)
    monkeypatch.setattr(demo, "UNSEEN_GOOD", 2)
    monkeypatch.setattr(demo, "UNSEEN_BAD", 2)
    out = tmp_path / "結果"
    ran = run("demo", "--headless", "--out", out)
    assert ran.code == 0, ran.err
    assert "Learnt “Solar cells (sample)”, revision r0001, from 8 normal images" in ran.out
    assert re.search(r"False calls: \d of 2 good parts\. Misses: \d of 2 defective parts", ran.out)
    assert f"Report: {out / 'report.html'}" in ran.out
    assert len(list((out / "overlays").iterdir())) == 4
    assert (out / "results.csv").exists()
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")

    opened: list[object] = []
    monkeypatch.setattr(demo_command, "has_display", lambda: True)

    def open_window(*_: object, **more: object) -> int:
        opened.append(more)
        return 0

    monkeypatch.setattr("deeprx_gui.app.run", open_window)
    ran = run("demo", "--out", out)
    assert ran.code == 0
    assert "Opening the window" in ran.err
    (given,) = opened
    assert isinstance(given, dict)
    assert len(given["open_results"]) == 4
    (card,) = run("profiles", "list", "--json").json["profiles"]
    assert (card["id"], card["revision"]) == (given["open_profile"], 2)


@pytest.mark.usefixtures("one_setting")
def test_the_demonstration_draws_parts_where_the_real_ones_may_not_be(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "elpv_dataset", None)
    monkeypatch.setattr(demo, "NORMALS", 10)
    monkeypatch.setattr(demo, "UNSEEN_GOOD", 2)
    monkeypatch.setattr(demo, "UNSEEN_BAD", 4)
    ran = run("demo", "--headless", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "Learnt “Drawn parts (sample)”" in ran.out
    assert "These parts are drawn by the program" in ran.err
    assert "Misses: 0 of 4 defective parts" in ran.out
