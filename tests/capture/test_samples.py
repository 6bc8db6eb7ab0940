"""The sample pictures: real solar cells, always the same ones."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.capture import samples
from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.samples import elpv_dataset, sample_dataset
from deeprx_gui.domain.errors import RequestError


@pytest.fixture
def installed() -> None:
    try:
        elpv_dataset()
    except RequestError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("installed")
def test_the_split_of_all_mono_cells() -> None:
    found = elpv_dataset("mono")
    assert (len(found.train), len(found.test_good), len(found.test_bad)) == (472, 116, 88)
    numbers = [int(p.stem.removeprefix("cell")) for p in found.train]
    assert numbers == sorted(numbers)
    assert all(n // 60 % 4 != 3 for n in numbers)
    assert all(int(t.path.stem.removeprefix("cell")) // 60 % 4 == 3 for t in found.test)


@pytest.mark.usefixtures("installed")
def test_poly_cells_are_another_set() -> None:
    found = elpv_dataset("poly")
    assert found.name == "elpv-poly"
    assert not set(found.train) & set(elpv_dataset("mono").train)
    with pytest.raises(RequestError, match=r"kind tandem\. Use mono or poly"):
        elpv_dataset("tandem")


@pytest.mark.usefixtures("installed")
def test_the_samples_are_few_unseen_and_always_the_same() -> None:
    found = sample_dataset(normals=50, unseen_good=20, unseen_bad=15)
    assert (len(found.train), len(found.test_good), len(found.test_bad)) == (50, 20, 15)
    assert found == sample_dataset(normals=50, unseen_good=20, unseen_bad=15)
    assert len(set(found.train) | {t.path for t in found.test}) == 85
    numbers = [int(p.stem.removeprefix("cell")) for p in found.train]
    assert max(numbers) - min(numbers) > 2000  # from all over, not fifty neighbours
    assert decode(found.train[0]).pixels.shape == (300, 300, 3)


@pytest.mark.usefixtures("installed")
def test_asking_for_more_than_there_are_gives_all() -> None:
    found = sample_dataset(normals=9999, unseen_good=0, unseen_bad=9999)
    assert (len(found.train), len(found.test_good), len(found.test_bad)) == (472, 0, 88)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        return None

    monkeypatch.setattr("deeprx_gui.capture.samples.importlib.util.find_spec", absent)
    with pytest.raises(RequestError, match=r"not installed on this PC\. Install the package elpv"):
        sample_dataset()


@pytest.mark.parametrize("labels", ["images/cell0001.png 1.0\n", "images/x.png 0.0 mono\n", "\xff"])
def test_a_damaged_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "labels.csv").write_bytes(labels.encode("latin-1"))
    spec: Any = ModuleSpec(samples.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr("deeprx_gui.capture.samples.importlib.util.find_spec", lambda name: spec)
    with pytest.raises(RequestError, match=r"are damaged\. Install the package elpv-dataset again"):
        elpv_dataset()


def test_the_package_itself_is_never_imported() -> None:
    program = (
        "import sys\n"
        "from deeprx_gui.capture.samples import elpv_dataset\n"
        "try: elpv_dataset()\n"
        "except Exception as e: print(type(e).__name__)\n"
        "print('elpv_dataset' in sys.modules, 'PySide6' in sys.modules, 'torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("False False False")
