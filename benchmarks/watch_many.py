"""How soon a watched folder hands out a picture though a great many files lie in it.

    python benchmarks/watch_many.py [FOLDER]

Two figures: seconds from the arrival of a new part to its being handed out while 20,000 judged
files stay (the worst of ten); and seconds to the first of 100,000 unjudged pictures after start,
with the word that is said meanwhile. Small pictures, so that it is the folder that is measured.
Beside each the processor's seconds: on a machine that others use only these can be compared.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from deeprx_gui.capture.sources.base import Source, TellsNews
from deeprx_gui.capture.sources.table import open_source, parse_source
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.results.records.store import RecordStore

STAYING, UNJUDGED, PARTS = 20_000, 100_000, 10


def main() -> None:
    """Measure in a folder of one's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as name:
        folder = Path(name)
        data = _picture(folder)
        _new_part(folder / "staying", data)
        _first_of_many(folder / "unjudged", data, folder / "store")


def _new_part(folder: Path, data: bytes) -> None:
    _fill(folder, STAYING, data)
    judged = {str(path) for path in folder.iterdir()}
    source = _open(folder, lambda item: item.partition("|")[0] in judged)
    _read(source, 5)  # takes in what lies there
    waits, computed = [], time.process_time()
    for number in range(PARTS):
        time.sleep(0.37)
        path = folder / f"new{number}.png"
        began = time.perf_counter()
        path.write_bytes(data)
        found = _read(source, 30)
        assert found is not None
        assert found.path == path
        waits.append(time.perf_counter() - began)
    computed = time.process_time() - computed
    source.close()
    print(f"{STAYING} files stay: a new part after {max(waits):.2f} s at worst, ", end="")
    print(f"{sorted(waits)[PARTS // 2]:.2f} s in the middle; ", end="")
    print(f"processor {computed / PARTS:.3f} s for each")


def _first_of_many(folder: Path, data: bytes, results: Path) -> None:
    _fill(folder, UNJUDGED, data)
    store = RecordStore(results)
    began, computed = time.perf_counter(), time.process_time()
    source = _open(folder, store.known)
    found = _read(source, 120)
    took, computed = time.perf_counter() - began, time.process_time() - computed
    assert found is not None
    assert isinstance(source, TellsNews)
    words = [str(news.remark) for news in source.news()]
    source.close()
    store.close()
    print(f"{UNJUDGED} files unjudged: the first after {took:.2f} s ", end="")
    print(f"(processor {computed:.2f} s); said: {words}")


def _open(folder: Path, known: object) -> Source:
    source = open_source(parse_source(f"watch:{folder}"), known=known)  # type: ignore[arg-type]
    source.open()
    return source


def _read(source: Source, seconds: float) -> CapturedImage | None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        found = source.read(0.1)
        if found is not None:
            return found
    return None


def _picture(folder: Path) -> bytes:
    Image.fromarray(np.full((16, 24, 3), 90, np.uint8)).save(folder / "one.png")
    return (folder / "one.png").read_bytes()


def _fill(folder: Path, count: int, data: bytes) -> None:
    folder.mkdir()
    for number in range(count):
        (folder / f"part{number}.png").write_bytes(data)


if __name__ == "__main__":
    main()
