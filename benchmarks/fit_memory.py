"""Peak memory of a fit, and whether it grows with the number of normal images.

    python benchmarks/fit_memory.py [--detector deep-rx] [--counts 100 1000] [--size 256] [--json]

Each fit runs in a fresh process on real solar cells (package elpv-dataset), repeated as often as it
takes. Budget: the peak with the most images within 10 % of that with the fewest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from deeprx_gui.capture.samples import elpv_dataset
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from deeprx_gui.work.memory_watch import peak_rss_mb
from deeprx_gui.work.predict import predict

Figures = dict[str, float]


def one_fit(images: int, size: int, detector: str) -> Figures:
    """Fit in this process and return images, seconds and peak memory in MB."""
    found = elpv_dataset("mono").train
    settings = replace(
        FitSettings(), preprocessing=Preprocessing(size), detector=DetectorChoice(detector)
    )
    files = tuple(found[i % len(found)] for i in range(images))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = fit(
            FitRequest("memory", files, settings, "benchmark"),
            engines=EnginePool(BackboneLibrary(folder / "backbones")),
            store=ProfileStore(folder / "profiles"),
            scratch=folder / "scratch",
        )
        start = time.perf_counter()
        for _ in job:
            pass
        seconds = time.perf_counter() - start
    return {
        "images": images,
        "seconds": round(seconds, 1),
        "peak_mb": round(peak_rss_mb(), 1),
        "predicted_mb": round(predict(settings, images).megabytes, 1),
    }


def in_fresh_process(images: int, size: int, detector: str) -> Figures:
    """Run ``one_fit`` in a process of its own."""
    command = [sys.executable, __file__, "--one", str(images), "--size", str(size)]
    command += ["--detector", detector]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures: Figures = json.loads(done.stdout)
    return figures


def main() -> None:
    """Print peak memory per number of images, and the ratio of the largest to the smallest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--detector", default="deep-rx")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one_fit(args.one, args.size, args.detector)))
        return
    rows = [in_fresh_process(count, args.size, args.detector) for count in sorted(args.counts)]
    ratio = rows[-1]["peak_mb"] / rows[0]["peak_mb"]
    if args.json:
        print(
            json.dumps(
                {
                    "detector": args.detector,
                    "size": args.size,
                    "rows": rows,
                    "ratio": round(ratio, 4),
                },
                indent=1,
            )
        )
        return
    for row in rows:
        print(f"{row['images']:6.0f} images  {row['seconds']:7.1f} s  {row['peak_mb']:8.1f} MB")
    print(f"largest / smallest: {ratio:.3f} (budget 1.10)")


if __name__ == "__main__":
    main()
