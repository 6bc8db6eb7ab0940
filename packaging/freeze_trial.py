"""Try a frozen program as its user would: self-test, damage, learning and scoring, its window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

import door_trials
import screen_file
from boot_shell import tell
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.drawn_samples import drawn_dataset
from frozen_contents import Edition
from linux_door import LinuxDoor
from trial import TrialError, run_all

LARGEST_DIFFERENCE = 1e-3
"""Between frozen and unfrozen scores, in × limit."""
FIRST_PAINT = 3.0
"""Seconds from the call to a window on two cores; beyond it the trial only says so: it depends on
what else the PC is doing."""
WITH_TORCH = frozenset({"reference_torch", "torch_first"})
"""Checks of the self-test that the light edition skips."""
_TIMEOUT = 400
_NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD = 24, 6, 8
_PRESETS = ("balanced", "accurate")
"""What is learnt twice and compared. Not automatic: it measures the time of its choices, and two
runs may rightly choose differently; the launchers' trials learn with it."""
_SOURCE = Path(__file__).resolve().parents[1]


def run(
    program: Path, data: Path, figures: dict[str, object], edition: Edition = Edition.FULL
) -> list[str]:
    """Run every trial; return what failed, ``figures`` what was measured."""
    data.mkdir(parents=True, exist_ok=True)
    failed = run_all(TRIALS[edition], program, data, figures)
    (data / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return failed


def self_test(program: Path, data: Path, figures: dict[str, object]) -> None:
    """Both programs: the one without a console writes its report into a file."""
    start = time.monotonic()
    answer = _json(
        _call(program / "deeprx", "self-test", "--json", data=data / "自己診断", codes=(0, 2))
    )
    figures["self_test_seconds"] = round(time.monotonic() - start, 1)
    _expect_sound(answer)
    report = data / "report.json"
    report.unlink(missing_ok=True)
    command = (program / "DeepRX Inspector", "--self-test", "--report", report)
    _call(*command, data=data / "self-test")
    again = json.loads(report.read_text(encoding="utf-8"))
    _expect_sound(again)
    figures["packages"] = again["packages"]
    for check in again["checks"]:
        tell(f"  {check['state']:8}{check['name']:20}{check['seconds']:7.1f} s  {check['detail']}")


def _expect_sound(answer: Mapping[str, Any]) -> None:
    left = WITH_TORCH if answer["edition"] == Edition.LIGHT else frozenset()
    wrong = [
        f"{c['name']}: {c['state']}: {c['detail']}"
        for c in answer["checks"]
        if c["state"] != ("skipped" if c["name"] in left else "ok")
    ]
    if wrong or not answer["ok"] or not answer["frozen"]:
        raise TrialError("; ".join(wrong) or "not frozen")


def damage(program: Path, data: Path, _figures: dict[str, object]) -> None:
    """A missing and an altered file are named, and nothing starts."""
    file = program / "_internal" / "deeprx_gui" / "resources" / "style.qss"
    for change in (file.unlink, lambda: file.write_bytes(b"")):
        with _as_it_was(file):
            change()
            for name in ("deeprx", "DeepRX Inspector"):
                ended = _call(program / name, "profiles", "list", data=data, codes=(2,))
                if "style.qss" not in ended.stderr:
                    raise TrialError(f"{name} did not name the damaged file: {ended.stderr[-200:]}")
    with _as_it_was(file):
        file.write_bytes(file.read_bytes().replace(b"{", b"[", 1))  # the size stays
        ended = _call(program / "deeprx", "self-test", "--json", data=data, codes=(2,))
        if "style.qss" not in ended.stdout:
            raise TrialError("the self-test did not find an altered file")


@contextmanager
def _as_it_was(file: Path) -> Iterator[None]:
    whole = file.read_bytes()
    try:
        yield
    finally:
        file.write_bytes(whole)


def same_scores(program: Path, data: Path, figures: dict[str, object]) -> None:
    """Learn and score with the frozen program and from the source: the same scores."""
    drawn = drawn_dataset(data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    unseen = [item.path for item in drawn.test]
    ways: dict[str, list[str | Path]] = {
        "frozen": [program / "deeprx"],
        "source": [sys.executable, "-m", "deeprx_gui"],
    }
    worst: dict[str, float] = {}
    for preset in _PRESETS:
        scores = {}
        for way, command in ways.items():
            place, product = data / way, f"部品 {preset}"
            learn: list[str | Path] = ["fit", product, *drawn.train, "--preset", preset, "--json"]
            _call(*command, *learn, data=place, codes=(0, 1))
            look: list[str | Path] = ["score", product, *unseen, "--json"]
            answer = _json(_call(*command, *look, data=place, codes=(0, 1)))
            scores[way] = [image["times_limit"] for image in answer["images"]]
        worst[preset] = max(abs(a - b) for a, b in zip(*scores.values(), strict=True))
        good = [s for s, i in zip(scores["frozen"], drawn.test, strict=True) if not i.bad]
        bad = [s for s, i in zip(scores["frozen"], drawn.test, strict=True) if i.bad]
        if not max(good) < min(bad):
            raise TrialError(f"{preset}: the defects were not found: good {good}, bad {bad}")
    figures["largest_difference"] = max(worst.values())
    if not max(worst.values()) <= LARGEST_DIFFERENCE:
        raise TrialError(f"frozen and unfrozen scores differ by {worst} × limit")


def autoencoder(program: Path, data: Path, figures: dict[str, object]) -> None:
    """The frozen program learns with torch: the network of one's own pictures."""
    drawn = drawn_dataset(data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    command: list[str | Path] = [
        "fit",
        "own",
        *drawn.train,
        "--backbone",
        "autoencoder",
        "--size",
        "64",
        "--json",
    ]
    start = time.monotonic()
    # One thread: two that wait for each other are slow where others want the processor, too.
    answer = _json(
        _call(program / "deeprx", *command, data=data / "frozen", more={"OMP_NUM_THREADS": "1"})
    )
    figures["autoencoder_fit_seconds"] = round(time.monotonic() - start, 1)
    if "error" in answer:
        raise TrialError(str(answer["error"]))


def imported_weights(program: Path, data: Path, _figures: dict[str, object]) -> None:
    """A weights file is imported and learnt with, where one lies beside the checkout."""
    weights = _SOURCE.parent / "shared" / "weights" / "resnet18_trunk.pth"
    if not weights.exists():
        tell("no weights file beside the checkout: not tried")
        return
    drawn = drawn_dataset(data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    place = data / "frozen"
    _call(program / "deeprx", "backbones", "import", weights, data=place)
    command: list[str | Path] = ["fit", "resnet", *drawn.train, "--backbone", "resnet18", "--json"]
    _call(program / "deeprx", *command, data=place)


def demo(program: Path, data: Path, _figures: dict[str, object]) -> None:
    """“Try with sample images” without any sample images."""
    out = data / "demo"
    ended = _call(program / "deeprx", "demo", "--headless", "--out", out, data=data / "demo-data")
    if not (out / "report.html").exists() or "Drawn parts" not in ended.stdout:
        raise TrialError("the demonstration left no report")


def launcher(program: Path, data: Path, figures: dict[str, object]) -> None:
    """What a start runs into on a real PC, windows included."""
    if not screen_file.available():
        tell("no Xvfb on this PC: not tried")
        return
    failed = door_trials.run(LinuxDoor(program, data / "検査 データ"), figures)
    if failed:
        raise TrialError("; ".join(failed))


def window(program: Path, data: Path, figures: dict[str, object]) -> None:
    """Its window on a virtual screen, in both languages; closed as by Ctrl-C."""
    if not screen_file.available():
        tell("no Xvfb on this PC: the window was not looked at")
        return
    times = []
    for number, language in enumerate(("en", "ja", "ja")):  # later ones find the files in memory
        seconds, picture, code = _opened(program, data / "demo-data", language)
        if code != 0:
            raise TrialError(f"the window ended with code {code}")
        times.append(seconds)
        (data / f"window-{number}-{language}.png").write_bytes(encode_png(picture))
    figures["window_first_paint_calm_and_processor_seconds"] = times
    if times[-1][0] > FIRST_PAINT:
        tell(f"the first paint took {times[-1][0]} s, wanted are {FIRST_PAINT} s")


def _opened(
    program: Path, place: Path, language: str
) -> tuple[tuple[float, float, float], screen_file.Picture, int]:
    """Return seconds to the first paint, to calm, and of processor time; the picture; the code."""
    with screen_file.screen() as shown:
        start = time.monotonic()
        process = subprocess.Popen(
            [program / "DeepRX Inspector", "--data-dir", place, "--lang", language],
            env=_environment({"DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            first, last = screen_file.wait_for_window(shown, start)
            picture = shown.picture()
            used = psutil.Process(process.pid).cpu_times()
            process.send_signal(signal.SIGINT)
            seconds = (round(first, 2), round(last, 2), round(used.user + used.system, 2))
            return seconds, picture, process.wait(20)
        finally:
            process.kill()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "PYTHON", "DEEPRX"))}
    return {**kept, **more}


def _call(
    *command: str | Path,
    data: Path,
    codes: tuple[int, ...] = (0,),
    more: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a program; ``codes``: what it may end with."""
    ended = subprocess.run(
        [*command, "--data-dir", data, "--lang", "en"],
        cwd=_SOURCE,
        env=_environment({"QT_QPA_PLATFORM": "offscreen", **more}),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_TIMEOUT,
    )
    if ended.returncode not in codes:
        said = (ended.stderr or ended.stdout).strip().splitlines()[-12:]
        raise TrialError(f"exit code {ended.returncode}: " + "\n".join(said))
    return ended


def _json(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def identical_scores(program: Path, data: Path, figures: dict[str, object]) -> None:
    """As ``same_scores``, and no digit may differ: both editions compute with the same numbers."""
    same_scores(program, data, figures)
    if figures["largest_difference"] != 0:
        raise TrialError(f"the editions differ by {figures['largest_difference']} × limit")


def full_edition(program: Path, data: Path, _figures: dict[str, object]) -> None:
    """What the light edition cannot is refused at once, in a sentence that names the full one."""
    drawn = drawn_dataset(data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    onnx = data / "network.onnx"
    onnx.write_bytes(b"")
    refused: tuple[list[str | Path], ...] = (
        ["fit", "own", *drawn.train, "--backbone", "autoencoder"],
        ["fit", "own", *drawn.train, "--runtime", "torch"],
        ["backbones", "import", onnx],
        ["backbones", "fetch", "resnet18"],
    )
    for words in refused:
        ended = _call(program / "deeprx", *words, data=data / "frozen", codes=(2,))
        if "full edition" not in ended.stderr:
            raise TrialError(f"{words[:2]} did not name the full edition: {ended.stderr[-300:]}")


def learnt_elsewhere(program: Path, data: Path, figures: dict[str, object]) -> None:
    """Profiles that only the full edition can learn score the same in the light one."""
    drawn = drawn_dataset(data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    unseen = [item.path for item in drawn.test]
    source: list[str | Path] = [sys.executable, "-m", "deeprx_gui"]
    ways: list[tuple[str, list[str | Path]]] = [("autoencoder", ["--size", "64"])]
    weights = _SOURCE.parent / "shared" / "weights" / "resnet18_trunk.pth"
    if weights.exists():
        _call(*source, "backbones", "import", weights, data=data / "source")
        network = data / "resnet18.deeprx-network"
        _call(*source, "backbones", "export", "resnet18", network, data=data / "source")
        _call(program / "deeprx", "backbones", "import", network, data=data / "frozen")
        ways.append(("resnet18", []))
    worst = {}
    for backbone, more in ways:
        file = data / f"{backbone}.deeprx"
        learn = ["fit", backbone, *drawn.train, "--backbone", backbone, *more]
        _call(*source, *learn, data=data / "source", more={"OMP_NUM_THREADS": "1"})
        file.unlink(missing_ok=True)
        _call(*source, "profiles", "export", backbone, file, data=data / "source")
        _call(program / "deeprx", "profiles", "import", file, data=data / "frozen")
        scores = []
        for command, place in ((source, "source"), ([program / "deeprx"], "frozen")):
            look: list[str | Path] = ["score", backbone, *unseen, "--json"]
            answer = _json(_call(*command, *look, data=data / place, codes=(0, 1)))
            scores.append([image["times_limit"] for image in answer["images"]])
        worst[backbone] = max(abs(a - b) for a, b in zip(*scores, strict=True))
    figures["largest_difference_learnt_elsewhere"] = worst
    if max(worst.values()) > 0:
        raise TrialError(f"profiles from the full edition score differently: {worst} × limit")


Trial = Callable[[Path, Path, dict[str, object]], None]
_ALWAYS: tuple[Trial, ...] = (self_test, damage, demo)
_SHOWN: tuple[Trial, ...] = (launcher, window)
TRIALS: Mapping[Edition, tuple[Trial, ...]] = {
    Edition.FULL: (*_ALWAYS, same_scores, autoencoder, imported_weights, *_SHOWN),
    Edition.LIGHT: (*_ALWAYS, identical_scores, full_edition, learnt_elsewhere, *_SHOWN),
}
