"""A profile learnt once, and the command line called as a person calls it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.cli.main import main
from deeprx_gui.settings import Settings
from tests.cli import pictures

ROOT = Path(__file__).resolve().parents[2]
NAME = "Bracket"
SMALL = ("--size", "64")
"""Quick to learn and to score."""


@dataclass(frozen=True)
class Ran:
    """What one call answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output, which must be one JSON object and nothing else."""
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _english_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr("deeprx_gui.settings.system_language", lambda: "en")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Call ``deeprx`` in this process."""

    def call(*words: object) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve good parts to learn from, two unseen good ones and two bad ones."""
    root = tmp_path_factory.mktemp("parts")
    pictures.write_parts(root / "good", 12)
    pictures.write_parts(root / "new", 2, first=100)
    pictures.write_parts(root / "bad", 2, first=200, defect=True)
    return root


@pytest.fixture(scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory, parts: Path) -> Path:
    """A data folder with the profile NAME; copy it before changing it."""
    data = tmp_path_factory.mktemp("learnt")
    code = main(["--data-dir", str(data), "fit", NAME, str(parts / "good"), *SMALL, "--lang", "en"])
    assert code == 0
    return data


@pytest.fixture
def warm(learnt: Path, data_dir: Path) -> Path:
    """This test's own data folder, empty but for what a first call would have to prepare."""
    if (learnt / "cache").is_dir():
        shutil.copytree(learnt / "cache", data_dir / "cache")
    return data_dir


@pytest.fixture
def home(learnt: Path, data_dir: Path) -> Path:
    """This test's own data folder, with the profile NAME in it."""
    shutil.copytree(learnt, data_dir, dirs_exist_ok=True)
    return data_dir


@pytest.fixture
def process(data_dir: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Start ``deeprx`` as a program of its own."""

    def start(
        *words: object, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command(*words),
            env=environment(data_dir, **(env or {})),
            timeout=200,
            check=False,
            **{"capture_output": "stdout" not in options, "cwd": ROOT, **options},
        )

    return start


def lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Refuse to list a folder, as a system does to whoever may not read it."""
    listed = os.scandir

    def scandir(path: str | int) -> Any:
        if isinstance(path, str) and Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr("deeprx_gui.capture.folder.os.scandir", scandir)


def command(*words: object) -> list[str]:
    """The command line of a program of its own."""
    return [sys.executable, "-m", "deeprx_gui", *map(str, words)]


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a program of its own: one thread, English, this data folder."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return {
        **plain,
        "DEEPRX_DATA_DIR": str(data),
        "LANGUAGE": "en",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def save_settings(data: Path, **chosen: Any) -> None:
    """Write preferences."""
    from deeprx_gui import settings

    settings.save(Settings(**chosen), data / "settings.json")
