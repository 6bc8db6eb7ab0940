"""Checks of the self-test that compute: weights, reference scores, and a whole job."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RuntimeChoiceError, StorageError
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.weights import check_unchanged
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work import drawn_samples
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.fit import fit
from deeprx_gui.work.self_checks import CheckContext, SkippedError, own_folder

REFERENCE = Path(__file__).resolve().parent / "self_reference.json"
"""Scores as they must come out, by backbone and runtime; made by packaging/make_reference.py."""
TOLERANCE = 2e-3
"""How far a score may be from its reference, in × limit."""
_NORMALS = 10


def weights(bench: CheckContext) -> Message:
    """Check the built-in networks by hash. Raises BackboneError when one is missing or altered."""
    names = [name for name, spec in BACKBONES.items() if spec.package is not None]
    found = [bench.engines.library.find(name) for name in names]
    for network in found:
        check_unchanged(network)
    if not all(network.file_sha256 for network in found):
        return say(
            "{names} were prepared from the published ones and are undamaged",
            names=", ".join(names),
        )
    return say("{names} are the published ones (sha256)", names=", ".join(names))


def backbone(bench: CheckContext) -> Message:
    """Show the default network a picture. Raises StorageError when no numbers come out."""
    engine = bench.engines.for_fit(FitSettings())
    taps = engine.taps(engine.prepare(drawn_samples.sample_part(1)))
    if not all(np.isfinite(m).all() for m in taps.maps):
        raise StorageError(say("The network gives no usable numbers. Install the program again."))
    return say(
        "{backbone} on {runtime} ({device})",
        backbone=FitSettings().backbone,
        runtime=engine.info.name,
        device=engine.info.device,
    )


def reference_scores(engines: EnginePool, backbone_name: str) -> tuple[float, float, float]:
    """Learn ten reference pictures; return limit, score of a good one and of the defective one."""
    settings = FitSettings(backbone=backbone_name, limit="rank")
    with own_folder() as folder:
        pictures = [
            drawn_samples.sample_part(n, defect=n == _NORMALS + 1) for n in range(_NORMALS + 2)
        ]
        return _learn_and_score(engines, settings, folder, pictures)


def reference(runtime: str) -> Callable[[CheckContext], Message]:
    """Return the check that a runtime gives the stored scores."""

    def check(bench: CheckContext) -> Message:
        stored = read_json_file(REFERENCE)
        engines = EnginePool(bench.engines.library, runtime)
        worst = 0.0
        for name in stored:
            try:
                found = reference_scores(engines, name)
            except RuntimeChoiceError as error:
                raise SkippedError(error.message) from error
            wanted = stored[name][runtime]
            worst = max(
                worst, *(abs(f - w) / wanted[0] for f, w in zip(found, wanted, strict=True))
            )
        if not worst <= TOLERANCE:
            raise StorageError(
                say(
                    "Scores differ by {worst} × limit from what they must be. Do not inspect with "
                    "this PC; call support.",
                    worst=f"{worst:.4f}",
                )
            )
        return say(
            "Scores are what they must be (largest difference {worst} × limit)",
            worst=f"{worst:.5f}",
        )

    return check


def whole_job(bench: CheckContext) -> Message:
    """Learn synthetic parts, save, open, score: the defect must be found, the good part pass."""
    part = drawn_samples.sample_part
    with own_folder() as folder:
        pictures = [part(seed, defect=seed == 12) for seed in range(13)]
        limit, good, bad = _learn_and_score(bench.engines, FitSettings(), folder, pictures)
    if not bad > 1.5 * limit or not good < bad:
        raise StorageError(
            say("The test defect was not found. Do not inspect with this PC; call support.")
        )
    return say(
        "Test defect found at {bad} × limit, good parts at {good} × limit",
        bad=f"{bad / limit:.2f}",
        good=f"{good / limit:.2f}",
    )


def _learn_and_score(
    engines: EnginePool, settings: FitSettings, folder: Path, pictures: list[ByteImage]
) -> tuple[float, float, float]:
    """Learn the first ten, save and open the profile, score the others; the last has the defect.

    Returns the NG limit, the highest score of the good ones, and the defective one's.
    """
    files = []
    for number, pixels in enumerate(pictures):
        file = folder / f"部品 {number}.png"
        file.write_bytes(encode_png(pixels))
        files.append(file)
    store = ProfileStore(folder / "品種 profiles")
    request = FitRequest("self-test", tuple(files[:_NORMALS]), settings, "self-test")
    _drain(fit(request, engines=engines, store=store, scratch=folder / "scratch"))
    profile = store.load("self-test")
    scored = _drain(
        score_images(profile, [PendingImage(f) for f in files[_NORMALS:]], engines=engines)
    )
    values = [item.value for item in scored if isinstance(item, ScoredImage)]
    return profile.limits.ng, max(values[:-1]), values[-1]


def _drain(job: Generator[Progress, None, object]) -> list[object]:
    return [progress.item for progress in job if progress.item is not None]
