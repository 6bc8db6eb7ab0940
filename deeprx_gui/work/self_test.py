"""Self-test: does this program work on this PC? Every check really does what it is named after."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.self_test import Check, SelfTest, State
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work import self_checks, self_checks_deep, self_checks_plant
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.probe_process import probe
from deeprx_gui.work.self_checks import CheckContext, SkippedError


def self_test(engines: EnginePool, data: Path) -> Generator[Progress, None, SelfTest]:
    """Run every check, also after one has failed. ``Progress.item`` is each finished ``Check``."""
    bench = CheckContext(engines, data)
    pace = EtaEstimator(len(CHECKS))
    done: list[Check] = []
    for name, (title, run) in CHECKS.items():
        yield pace.report(title)
        done.append(_ended(name, title, run, bench))
        yield pace.step(title, done[-1])
    return SelfTest(tuple(done))


def _ended(
    name: str, title: Message, run: Callable[[CheckContext], Message], bench: CheckContext
) -> Check:
    start = time.perf_counter()
    try:
        detail, state = run(bench), State.OK
    except SkippedError as reason:
        detail, state = reason.message, State.SKIPPED
    except DeepRxError as error:
        detail, state = error.message, State.FAILED
    except Exception as error:  # noqa: BLE001 - a self-test reports whatever goes wrong and goes on
        detail = say("{kind}: {text}", kind=type(error).__name__, text=str(error))
        state = State.FAILED
    return Check(name, title, state, detail, time.perf_counter() - start)


CHECKS: dict[str, tuple[Message, Callable[[CheckContext], Message]]] = {
    "versions": (say("Versions"), self_checks.versions),
    "computer": (say("Computer"), self_checks.computer),
    "installation": (say("Installed files"), probe("installation")),
    "data_folder": (say("Data folder"), self_checks.disk),
    "decoder": (say("Reading pictures"), self_checks.decoder),
    "weights": (say("Built-in backbones"), self_checks_deep.weights),
    "backbone": (say("Backbone"), self_checks_deep.backbone),
    "reference_openvino": (
        say("Reference scores with OpenVINO"),
        self_checks_deep.reference("openvino-cpu"),
    ),
    "reference_torch": (
        say("Reference scores with torch"),
        self_checks_deep.reference("torch-cpu"),
    ),
    "inspection": (say("Learning, saving and judging"), self_checks_deep.whole_job),
    "records": (say("Memory of verdicts"), self_checks.records),
    "cameras": (say("Cameras"), self_checks.cameras),
    "credential_store": (say("Credential store"), self_checks_plant.credential_store),
    "database": (say("Driver of the central database"), self_checks_plant.database),
    "opcua": (say("OPC UA server"), probe("opcua")),
    "window": (say("Window, pictures and letters"), probe("window")),
    "torch_first": (say("torch before the window"), probe("torch_first")),
    "window_first": (say("Learning beside the window"), probe("window_first")),
}
"""Every check by its name, in the order in which they run."""

NAMES: Mapping[str, Message] = {name: title for name, (title, _) in CHECKS.items()}
