"""Small synthetic parts in files, an engine that is opened once, and jobs driven to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from tests.work.helpers import drive, request_for, save_parts

MakeParts = Callable[..., list[Path]]


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    """The built-in backbones on the processor."""
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")), "torch-cpu")


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    """An empty store."""
    return ProfileStore(tmp_path / "profiles")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where temporary files go."""
    return tmp_path / "scratch"


@pytest.fixture
def parts(tmp_path: Path) -> MakeParts:
    """``parts(n, ...)`` writes n good parts as PNG files, see ``save_parts``."""
    folder = tmp_path / "正常 images"
    folder.mkdir()
    return lambda count, **options: save_parts(folder, count, **options)


@pytest.fixture(scope="session")
def learnt(
    engines: EnginePool, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Profile, Sequence[Path]]:
    """A profile learnt from eight parts, and the parts' files. Read only."""
    root = tmp_path_factory.mktemp("learnt")
    files = save_parts(root, 8)
    job = fit(
        request_for(files), engines=engines, store=ProfileStore(root / "p"), scratch=root / "s"
    )
    return drive(job)[1].profile, files
