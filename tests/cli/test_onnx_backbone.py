"""``deeprx backbones import NET.onnx`` as a program of its own, and what is learnt with it.

Listing and scoring run in the tests' process: a program of its own would only import torch again.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprx_gui.engine.backbones import catalogue
from deeprx_gui.results.encode import encode_png
from tests.cli.conftest import Run
from tests.engine.onnx_writer import write_vit
from tests.engine.parts import part
from tests.engine.test_onnx_import import small_net

Process = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def net(tmp_path: Path) -> Path:
    file = tmp_path / "Netz 1.onnx"
    file.write_bytes(small_net(("n", 3, 64, 64)))
    return file


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """Eight normal images, and three good and three bad parts to judge."""
    root = tmp_path / "data set"
    for folder, first, count in (("train/good", 0, 8), ("test/good", 50, 3), ("test/hole", 80, 3)):
        (root / folder).mkdir(parents=True)
        for number in range(count):
            pixels = part(first + number).copy()
            if folder == "test/hole":
                pixels[20:40, 20:40] = 255 - pixels[20:40, 20:40]
            (root / folder / f"{number}.png").write_bytes(encode_png(pixels))
    return root


def test_list_the_layers_import_learn_and_score(
    process: Process, run: Run, net: Path, parts: Path
) -> None:
    listed = run("backbones", "import", net, "--json")
    assert listed.code == 2, "nothing was imported"
    layers = {layer["name"]: layer for layer in listed.json["layers"]}
    assert (layers["coarse"]["stride"], layers["coarse"]["channels"]) == (16, 12)
    assert "Nothing is imported yet" in run("backbones", "import", net).out

    words = ("--taps", "fine,coarse", "--mean", "127,127,127", "--std", "128,128,128")
    done = process("backbones", "import", net, *words, "--licence", "Apache-2.0")
    assert done.returncode == 0, done.stderr.decode()
    told = done.stdout.decode()
    assert "netz-1 is installed. Its taps are 4, 16" in told
    assert "pixels from 0 to 255" in told

    entry = {b["name"]: b for b in run("backbones", "list", "--json").json["backbones"]}["netz-1"]
    assert (entry["licence"], entry["only_size"]) == ("Apache-2.0", None)
    assert entry["imported_with"].startswith('deeprx backbones import "Netz 1.onnx" --taps fine,')

    learnt = process(
        "fit", "Plate", parts / "good", "--backbone", "netz-1", "--size", "64", "--json"
    )
    assert learnt.returncode == 0, learnt.stderr.decode()
    assert json.loads(learnt.stdout)["taps"] == [4, 16], "the network's own"
    here = run("profiles", "show", "Plate", "--json").json
    assert here["weights_sha256"] == entry["sha256"]
    scored = {}
    for runtime in ("openvino", "torch"):
        ran = run("score", "Plate", parts / "bad", "--runtime", runtime, "--json")
        assert ran.code in (0, 1), ran.err
        scored[runtime] = [image["score"] for image in ran.json["images"]]
    assert scored["openvino"] == pytest.approx(scored["torch"], rel=1e-3)


def test_a_profile_on_a_pc_without_the_network(
    run: Run, net: Path, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("backbones", "import", net, "--taps", "coarse", "--name", "mine").code == 0
    learnt = run("fit", "Plate", parts / "good", "--backbone", "mine", "--size", "64")
    assert learnt.code == 0, learnt.err
    file = tmp_path / "plate.deeprx"
    assert run("profiles", "export", "Plate", file).code == 0
    other = ("--data-dir", tmp_path / "another PC")
    assert run("profiles", "import", file, *other).code == 0
    monkeypatch.setattr(catalogue, "_imported", {})  # as in a program of its own
    refused = run("score", "Plate", parts / "bad", *other)
    assert refused.code == 2
    assert "was learnt with the imported network mine" in refused.err
    assert "Import its ONNX file here" in refused.err
    assert run("backbones", "import", net, "--taps", "fine", "--name", "mine", *other).code == 0
    refused = run("score", "Plate", parts / "bad", *other)
    assert refused.code == 2
    assert "in the same words" in refused.err


def test_one_size_only_evaluate_and_compare(run: Run, data_set: Path, tmp_path: Path) -> None:
    file = tmp_path / "vit.onnx"
    file.write_bytes(write_vit())
    told = run("backbones", "import", file, "--taps", "block2")
    assert told.code == 0, told.err
    assert "pictures of 64 × 64 pixels only" in told.out
    done = run("evaluate", data_set, "--backbone", "vit", "--detector", "padim", "--json")
    assert done.code == 0, done.err
    assert done.json["size"] == 64
    refused = run("evaluate", data_set, "--backbone", "vit", "--size", "256")
    assert refused.code == 2
    assert "--size 64 --squash" in refused.err
    rows = run("compare", data_set, "--backbones", "vit", "--detectors", "padim", "--json").json
    assert rows["rows"][0]["backbone"] == "vit"
    assert rows["rows"][0]["miss_rate"] is not None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--taps", "nothing"), "it has no layer “nothing”"),
        (("--taps", "fine", "--mean", "1,2"), "Write three numbers"),
        (("--taps", "fine", "--std", "0,0,0"), "greater than 0"),
        (("--taps", ","), "Write names with commas"),
        (("--taps", "fine", "--size-multiple", "0"), "a whole number, 1 or more"),
        (("--taps", "fine", "--name", "vgg16"), "cannot be the name"),
    ],
)
def test_what_is_refused(run: Run, net: Path, words: tuple[str, ...], sentence: str) -> None:
    refused = run("backbones", "import", net, *words)
    assert refused.code == 2
    assert sentence in refused.err
