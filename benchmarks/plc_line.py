"""The line of ``plc.py``: what lies under the camera, the camera, and the inspection program."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from deeprx_gui.capture.sources.base import CaptureNumbering, Timestamp
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.limits import HeldOutScheme, Limits
from deeprx_gui.domain.line_status import LineProduct
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    Preprocessing,
    Profile,
    RevisionOrigin,
    Scoring,
)
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.source import CapturedImage, SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.input_view import InputView
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.sequence import SequenceNumbers
from deeprx_gui.outputs.table import parse_output
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveRequest, live

GAP = 0.03
ANSWER_WITHIN = 0.05
"""Less than a part stays, as on a real line."""
_PERIOD = 0.004
_LEVELS = 251


class World:
    """What lies under the camera, and how the camera is."""

    def __init__(self) -> None:
        self.part = 0
        self.away = self.still = False

    @staticmethod
    def level(part: int) -> int:
        return part * 97 % _LEVELS

    def picture(self) -> ByteImage:
        return np.full((8, 8, 3), self.level(self.part), np.uint8)


class Camera:
    """Shows the world as it is at the moment of exposure."""

    lossy = True

    def __init__(self, world: World) -> None:
        self.spec = SourceSpec("camera", "simulated")
        self._world = world
        self._arrivals = CaptureNumbering("simulated")

    def open(self) -> None:
        self._check()

    def read(self, timeout: float) -> CapturedImage | None:
        self._check()
        time.sleep(min(_PERIOD, timeout))
        if self._world.still:
            return None
        at = Timestamp()  # the exposure begins: what is seen lies there from now on
        return self._arrivals.frame(Frame(self._world.picture(), "simulated"), at=at)

    def done(self, captured: CapturedImage) -> None:
        pass

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if self._world.away:
            raise SourceError(say("The camera is gone."))


class Brightness:
    """Stands for the engine: the score is the brightness / 100."""

    def see(self, frame: Frame) -> InputView:
        return InputView(frame.pixels)

    def score_seen(self, sight: InputView, start: float) -> Score:
        value = float(sight.pixels.mean()) / 100
        return Score(value, np.full((1, 1), value, np.float32), (time.perf_counter() - start) * 1e3)


class Engines:
    """An engine room with nothing but ``Brightness``."""

    def for_profile(self, profile: Profile) -> Brightness:  # noqa: ARG002 - there is only one
        return Brightness()

    def describe(self) -> None:
        return None


def profile() -> Profile:
    """Return a profile that nobody learnt: OK up to brightness 100."""
    limits = Limits(1.0, 1.5)
    return Profile(
        id="plc-1", name="PLC", revision=1, preprocessing=Preprocessing(), scoring=Scoring(),
        backbone=BackboneChoice("efficientnet-lite0", (8, 16), "0" * 64),
        detector=DetectorChoice("deep-rx"), limits=limits, suggested=limits,
        held_out_scheme=HeldOutScheme.LEAVE_ONE_OUT, normals=(),
        origin=RevisionOrigin("", datetime(2026, 1, 1, tzinfo=UTC), "", "", ""),
        statistics=Statistics({"mean": np.zeros(3)}), golden=(),
    )  # fmt: skip


class Program:
    """The inspection program: started, ended and killed."""

    def __init__(
        self, folder: Path, world: World, port: int, options: str, kind: str = "modbus"
    ) -> None:
        self._folder, self._world = folder, world
        self._spec = parse_output(f"{kind}:127.0.0.1:{port}{options}")
        self._controls = LiveControls()
        self._killed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._controls, self._killed = LiveControls(), False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self, *, kill: bool = False) -> None:
        self._killed = kill
        self._controls.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        controls = self._controls

        def fire(serial: str, origin: str) -> int:
            answer = controls.fire(serial, origin)
            if answer.problem is not None:
                raise RequestError(answer.problem)
            return answer.number

        numbers = SequenceNumbers(self._folder / "sequence.txt")
        station = Station(trigger=Trigger.KEY, answer_within=ANSWER_WITHIN, gap=round(GAP * 1000))
        hub = OutputHub(
            (self._spec,), on_trigger=fire, on_status=controls.status,
            on_products=lambda: (LineProduct("plc-1", "PLC", 1, in_use=True),), sequence=numbers,
            folder=self._folder, pauses=(0.02,),
        )  # fmt: skip
        engines: Any = Engines()
        camera = ReconnectingSource(lambda: Camera(self._world), lambda _s: None, pauses=(0.02,))
        with closing(RecordStore(self._folder / "results")) as store:
            hub.start()
            job = live(
                LiveRequest(profile(), station), engines=engines, recorder=Recorder(store),
                outputs=hub, controls=controls, source=camera,
            )  # fmt: skip
            for _progress in job:
                if self._killed:
                    job.close()
                    break
            if self._killed:
                numbers.close = lambda: None  # type: ignore[method-assign] # a kill tidies nothing
            hub.close()
