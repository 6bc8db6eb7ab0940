"""Without torch the program learns and judges to the very same numbers, and says what it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.light.conftest import Edition, Parts

_SMALL = ("--size", "128", "--json")


def _without_times(answer: dict[str, Any]) -> dict[str, Any]:
    """What must be the same: everything but how long it took and where it lies."""
    timed = ("seconds", "ms", "megabytes", "mb", "per_second")
    return {k: v for k, v in answer.items() if not any(word in k for word in timed)}


def test_it_learns_and_judges_to_the_same_numbers(
    light: Edition, full: Edition, parts: Parts
) -> None:
    judge: Sequence[str | Path] = ("score", "部品", *parts.unseen, "--json")
    measure: Sequence[str | Path] = ("evaluate", parts.folder, *_SMALL)
    learn: Sequence[str | Path] = ("fit", "部品", *parts.train, *_SMALL)
    here, there = (edition.run(learn, judge, measure) for edition in (light, full))
    assert [a.code for a in here] == [a.code for a in there], [a.said for a in here]
    scores, wanted = ([i["score"] for i in a[1].json["images"]] for a in (here, there))
    assert scores == wanted
    assert max(scores[:2]) < min(scores[2:]), "the defects are found"
    assert here[0].json["limits"] == there[0].json["limits"]
    assert _without_times(here[2].json) == _without_times(there[2].json)


def test_its_self_test_passes_and_skips_only_what_is_torchs(light: Edition) -> None:
    (answer,) = light.run(("self-test", "--json"))
    found = {c["name"]: c["state"] for c in answer.json["checks"]}
    skipped = {name for name, state in found.items() if state == "skipped"}
    assert "failed" not in found.values(), answer.text
    assert skipped == {"reference_torch", "torch_first", "installation"}
    assert answer.json["edition"] == "light"
    assert "torch" not in answer.json["packages"]


def test_what_needs_the_full_edition_says_so(light: Edition, parts: Parts, tmp_path: Path) -> None:
    onnx = tmp_path / "network.onnx"
    onnx.write_bytes(b"any")
    commands: tuple[Sequence[str | Path], ...] = (
        ("fit", "own", *parts.train, "--backbone", "autoencoder"),
        ("fit", "own", *parts.train, "--runtime", "torch"),
        ("fit", "own", *parts.train, "--runtime", "torch-cuda"),
        ("fit", "own", *parts.train, "--backbone", "resnet18"),
        ("fit", "own", *parts.train, "--taps", "8,16,32"),
        ("backbones", "import", onnx),
        ("backbones", "import", onnx, "--taps", "a"),
        ("backbones", "fetch", "resnet18"),
    )
    for words, answer in zip(commands, light.run(*commands), strict=True):
        assert answer.code == 2, words
        assert "full edition" in answer.said, (words, answer.said)
        assert "Traceback" not in answer.said


def test_the_list_of_networks_shows_what_it_cannot_learn_with(light: Edition) -> None:
    table, as_json = light.run(("backbones", "list"), ("backbones", "list", "--json"))
    assert "full edition only" in table.text
    networks = {b["name"]: b for b in as_json.json["backbones"]}
    assert networks["efficientnet-lite0"]["installed"]
    assert networks["efficientnet-lite0"]["taps"] == [2, 4, 8, 16]
    assert not networks["autoencoder"]["installed"]
    assert [n for n, b in networks.items() if b["needs_full_edition"]] == ["autoencoder"]


@pytest.mark.usefixtures("no_torch")
def test_what_computes_is_openvino_and_its_trouble_is_what_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from deeprx_gui.domain.errors import RuntimeChoiceError
    from deeprx_gui.domain.message import say
    from deeprx_gui.engine.runtimes import probe, table

    assert table.choose("auto").name == "openvino-cpu"
    for asked in ("torch", "torch-cpu", "torch-cuda"):
        with pytest.raises(RuntimeChoiceError, match="light edition"):
            table.choose(asked)
    monkeypatch.setattr(probe, "openvino_problem", lambda: say("OpenVINO is broken"))
    with pytest.raises(RuntimeChoiceError, match="OpenVINO is broken"):
        table.choose("auto")


def test_a_network_camera_without_ffmpeg_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from deeprx_gui.capture.sources import opencv, stream
    from deeprx_gui.domain.errors import SourceError

    monkeypatch.setattr(stream, "has_ffmpeg", lambda: False)
    assert "full edition" in str(stream.stream_title())
    with pytest.raises(SourceError, match="watched folder"):
        stream._Stream("rtsp://192.0.2.7/1", "camera", 1.0, "").open()
    monkeypatch.setattr("deeprx_gui.capture.sources.opencv.sys.platform", "win32")
    assert not opencv.has_ffmpeg(), "no such file beside OpenCV of this system"
