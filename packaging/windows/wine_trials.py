"""Try the Windows program under Wine as its user would, and compare its scores with Linux's.

    wine_trials.py TREE PROGRAM --out FOLDER      called by build_under_wine.sh,
    which puts the source and packaging/ on Python's path

Exit code 1 when anything is wrong; FOLDER then holds figures.json and pictures of the window.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import door_trials
from boot_shell import tell
from deeprx_gui.work.drawn_samples import drawn_dataset
from freeze_trial import WITH_TORCH
from frozen_contents import Edition
from trial import TrialError, run_all
from windows.wine_door import WineDoor
from windows.wine_program import Program, Source, Wine

ROOT = Path(__file__).resolve().parents[2]
LARGEST_DIFFERENCE = 1e-3
"""Between the scores of Windows and Linux, in × limit."""
RUNTIMES: Mapping[Edition, tuple[str, ...]] = {
    Edition.FULL: ("openvino-cpu", "torch-cpu"),
    Edition.LIGHT: ("openvino-cpu",),
}
_EVERYWHERE = "openvino-cpu"
_NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD = 24, 10, 10


@dataclass(frozen=True)
class Bench:
    """What the trials share; ``figures`` is filled by them."""

    program: Program
    out: Path
    figures: dict[str, Any]
    edition: Edition = Edition.FULL

    @property
    def wine(self) -> Wine:
        """Where it runs."""
        return self.program.wine


def self_test(bench: Bench) -> None:
    """Both programs; the one without a console writes its report into a file."""
    program, report = bench.program, bench.program.data / "report.json"
    start = time.monotonic()
    answer = program.answer("self-test")
    bench.figures["self_test_seconds"] = round(time.monotonic() - start, 1)
    for check in answer["checks"]:
        tell(f"  {check['state']:8}{check['name']:20}{check['seconds']:7.1f} s  {check['detail']}")
    expect_sound(answer)
    window = program.folder / "DeepRX Inspector.exe"
    options = ("--data-dir", program.data, "--lang", "en")
    bench.wine.call(window, "--self-test", "--report", report, *options)
    expect_sound(json.loads(report.read_text(encoding="utf-8")))


def expect_sound(answer: Mapping[str, Any]) -> None:
    """Raise TrialError unless nothing failed. Wine has no cameras, the light edition no torch."""
    may_be_skipped = {"cameras"} | (WITH_TORCH if answer["edition"] == Edition.LIGHT else set())
    wrong = [
        f"{c['name']}: {c['detail']}"
        for c in answer["checks"]
        if c["state"] != "ok" and (c["state"] != "skipped" or c["name"] not in may_be_skipped)
    ]
    if wrong or not answer["ok"] or not answer["frozen"]:
        raise TrialError("; ".join(wrong) or "not frozen")


def demo(bench: Bench) -> None:
    """“Try with sample images” in the program, without a network."""
    out = bench.program.data / "demo"
    bench.program.console("demo", "--headless", "--out", out)
    if not (out / "report.html").exists():
        raise TrialError("the demonstration left no report")


def same_scores(bench: Bench) -> None:
    """Learn and score the same pictures here and there, with each runtime."""
    folder = bench.program.data / "部品 parts"
    drawn = drawn_dataset(folder, _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    unseen = [item.path for item in drawn.test]
    here = Source(ROOT, bench.program.data / "linux")
    worst = {}
    for runtime in RUNTIMES[bench.edition]:
        scores = []
        for system in (bench.program, here):
            start = time.monotonic()
            # a named preset: automatic measures the time of its choices, which differs here
            learn = ("--runtime", runtime, "--preset", "balanced")
            system.answer("fit", f"部品 {runtime}", *drawn.train, *learn)
            said = system.answer("score", f"部品 {runtime}", *unseen, "--runtime", runtime)
            scores.append([image["times_limit"] for image in said["images"]])
            tell(f"  {type(system).__name__} {runtime}: {time.monotonic() - start:.1f} s")
        worst[runtime] = max(abs(a - b) for a, b in zip(*scores, strict=True))
        tell(f"  {runtime}: greatest difference {worst[runtime]:.2e} × limit")
        expect_apart(scores[0], [item.bad for item in drawn.test])
    bench.figures["greatest_difference_times_limit"] = worst
    if max(worst.values()) > LARGEST_DIFFERENCE:
        raise TrialError(f"Windows and Linux differ by {worst} × limit")


def expect_apart(scores: Sequence[float], bad: Sequence[bool]) -> None:
    """Raise TrialError unless every defective part scores higher than every good one."""
    both = list(zip(scores, bad, strict=True))
    if not max(s for s, is_bad in both if not is_bad) < min(s for s, is_bad in both if is_bad):
        raise TrialError(f"the defects were not found: {both}")


def other_profiles(bench: Bench) -> None:
    """A profile learnt on Linux gives its scores on Windows; those of older programs open."""
    drawn = drawn_dataset(bench.program.data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    unseen = [item.path for item in drawn.test]
    here = Source(ROOT, bench.program.data / "linux")
    name = f"部品 {_EVERYWHERE}"
    said = here.answer("score", name, *unseen, "--runtime", _EVERYWHERE)
    file = bench.program.data / "Linux から.deeprx"
    here.answer("profiles", "export", name, file)
    bench.program.answer("profiles", "import", file, "--name", "from Linux")
    there = bench.program.answer("score", "from Linux", *unseen, "--runtime", _EVERYWHERE)
    pairs = zip(said["images"], there["images"], strict=True)
    worst = max(abs(a["times_limit"] - b["times_limit"]) for a, b in pairs)
    bench.figures["greatest_difference_of_one_profile"] = worst
    if worst > LARGEST_DIFFERENCE:
        raise TrialError(f"a profile from Linux scores {worst} × limit differently")
    for old in sorted((ROOT / "tests" / "data" / "profiles").glob("*.deeprx")):
        copy = Path(shutil.copy(old, bench.program.data / f"旧 {old.name}"))
        bench.program.answer("profiles", "import", copy, "--name", f"old {old.stem}")


def autoencoder(bench: Bench) -> None:
    """Torch learns in the program: the network of one's own pictures."""
    drawn = drawn_dataset(bench.program.data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    start = time.monotonic()
    bench.program.answer("fit", "own", *drawn.train, "--backbone", "autoencoder", "--size", "128")
    bench.figures["autoencoder_fit_seconds"] = round(time.monotonic() - start, 1)


def full_edition(bench: Bench) -> None:
    """The light edition refuses what it cannot, and scores what the full one taught."""
    drawn = drawn_dataset(bench.program.data / "部品 parts", _NORMALS, _UNSEEN_GOOD, _UNSEEN_BAD)
    unseen = [item.path for item in drawn.test]
    own = ("--backbone", "autoencoder", "--size", "64")
    ended = bench.program.console("fit", "own", *drawn.train, *own, code=2)
    if "full edition" not in ended.stdout + ended.stderr:
        raise TrialError(f"the full edition was not named: {ended.stderr[-300:]}")
    here = Source(ROOT, bench.program.data / "linux")
    here.answer("fit", "own", *drawn.train, *own)
    said = here.answer("score", "own", *unseen, "--runtime", _EVERYWHERE)
    file = bench.program.data / "own.deeprx"
    here.answer("profiles", "export", "own", file)
    bench.program.answer("profiles", "import", file)
    there = bench.program.answer("score", "own", *unseen)
    pairs = zip(said["images"], there["images"], strict=True)
    worst = max(abs(a["times_limit"] - b["times_limit"]) for a, b in pairs)
    bench.figures["greatest_difference_of_a_taught_network"] = worst
    if worst > LARGEST_DIFFERENCE:
        raise TrialError(f"a network taught on Linux scores {worst} × limit differently")


def damage(bench: Bench) -> None:
    """A missing file is named and nothing starts."""
    file = bench.program.folder / "_internal" / "deeprx_gui" / "resources" / "style.qss"
    away = file.with_suffix(".away")
    file.rename(away)
    try:
        ended = bench.program.console("profiles", "list", code=2)
    finally:
        away.rename(file)
    if "style.qss" not in ended.stdout + ended.stderr:
        raise TrialError(f"the missing file was not named: {ended.stderr[-300:]}")


def window(bench: Bench) -> None:
    """The window in both languages: when it is there, what it shows, that it closes."""
    times = []
    for number, language in enumerate(("en", "ja", "ja")):  # later ones find the files in memory
        first, last = _opened(bench, language, f"window-{number}-{language}")
        times.append((round(first, 1), round(last, 1)))
    bench.figures["window_first_paint_and_calm_seconds"] = times


def _opened(bench: Bench, language: str, name: str) -> tuple[float, float]:
    door = WineDoor(bench.wine, bench.program.folder, bench.program.data, bench.out)
    options = ("--data-dir", bench.program.data, "--lang", language)
    program = bench.program.folder / "DeepRX Inspector.exe"
    with door.opened(bench.program.data, program, *options) as opened:
        times = opened.wait_until_shown()
        opened.photograph(name)
    if opened.process.returncode != 0:
        raise TrialError(f"the window ended with code {opened.process.returncode}")
    return times


def launcher(bench: Bench) -> None:
    """What a start runs into on a real PC."""
    home = bench.program.data / "launcher"
    door = WineDoor(bench.wine, bench.program.folder, home, bench.out)
    failed = door_trials.run(door, bench.figures)
    if failed:
        raise TrialError("; ".join(failed))


Trial = Callable[[Bench], None]
_BEFORE: tuple[Trial, ...] = (self_test, damage, demo, same_scores, other_profiles)
_AFTER: tuple[Trial, ...] = (window, launcher)
TRIALS: Mapping[Edition, tuple[Trial, ...]] = {
    Edition.FULL: (*_BEFORE, autoencoder, *_AFTER),
    Edition.LIGHT: (*_BEFORE, full_edition, *_AFTER),
}
_NAMES = sorted({trial.__name__ for trials in TRIALS.values() for trial in trials})


def main(words: list[str] | None = None) -> int:
    """Run every trial, also after one has failed; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("program", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=_NAMES, action="append")
    parser.add_argument("--edition", type=Edition, choices=list(Edition), default=Edition.FULL)
    args = parser.parse_args(words)
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.tree / "trial" / "検査 データ"
    if not args.only and data.exists():
        shutil.rmtree(data)  # what an earlier run imported would be there already
    data.mkdir(parents=True, exist_ok=True)
    bench = Bench(Program(Wine(args.tree), args.program, data), args.out, {}, args.edition)
    chosen = [t for t in TRIALS[args.edition] if not args.only or t.__name__ in args.only]
    failed = run_all(chosen, bench)
    text = json.dumps(bench.figures, indent=1)
    (args.out / "figures.json").write_text(text, encoding="utf-8")
    tell(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
