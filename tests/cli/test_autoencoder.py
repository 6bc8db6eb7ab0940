"""``--backbone autoencoder`` as a person uses it: learn, look, score, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprx_gui.engine.backbones import autoencoder_teaching
from deeprx_gui.work.teach_autoencoder import taught_by
from tests.cli.conftest import Run

Process = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.mark.usefixtures("warm")
def test_learn_here_and_score_in_a_program_of_its_own(
    run: Run, process: Process, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autoencoder_teaching, "MOST_STEPS", 6)
    options = ("--backbone", "autoencoder", "--size", "64", "--json")
    learnt = run("fit", "Plate", parts / "good", *options)
    assert learnt.code == 0, learnt.err
    assert learnt.json["backbone"] == "autoencoder"
    assert "Teaching the autoencoder" in learnt.err
    shown = run("profiles", "show", "Plate", "--json").json
    assert len(shown["weights_sha256"]) == 64
    assert sum(n["held_out"] is not None for n in shown["normals"]) == 12 - len(taught_by(12))
    scored = process("score", "Plate", parts / "bad", "--json")
    assert scored.returncode == 1, scored.stderr.decode()
    assert {i["verdict"] for i in json.loads(scored.stdout)["images"]} <= {"NG", "REVIEW"}


def test_it_is_listed_and_needs_no_file(run: Run, tmp_path: Path) -> None:
    listed = {b["name"]: b for b in run("backbones", "list", "--json").json["backbones"]}
    found = listed.pop("autoencoder")
    assert (found["installed"], found["own"], found["sha256"]) == (True, True, None)
    assert "Half of the normal images" in found["advice"]
    assert not any(other["own"] for other in listed.values())
    assert "学習のたびに作成" in run("backbones", "list", "--lang", "ja").out
    refused = run("backbones", "fetch", "autoencoder")
    assert refused.code == 2
    assert "nothing to download" in refused.err
    file = tmp_path / "autoencoder.safetensors"
    file.write_bytes(b"made elsewhere")
    refused = run("backbones", "import", file)
    assert refused.code == 2
    assert "is not a weights file this program knows" in refused.err


@pytest.mark.usefixtures("warm")
def test_the_benchmark_says_why_not(run: Run) -> None:
    ran = run("benchmark", "--backbones", "autoencoder", "--detectors", "deep-rx", "--size", "64",
              "--json")  # fmt: skip
    assert "every fit teaches it" in ran.out + ran.err
