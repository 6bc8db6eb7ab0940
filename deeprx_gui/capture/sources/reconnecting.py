"""Reconnecting source: retries with growing pauses and reports its state.

The wrapped source is built once and opened again and again, so it keeps its place: nothing is
delivered twice, nothing is skipped. Opening happens in a thread of its own; reading never waits
longer than asked.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from deeprx_gui.capture.sources.base import Source, SourceEnded, TellsNews
from deeprx_gui.capture.sources.call_thread import CallThread, finished_within
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.domain.errors import DeepRxError, SourceError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.redaction import redact_password
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceSpec, SourceState

SETTLED = 10.0
"""Seconds of pictures after which the pauses start small again."""

_log = logging.getLogger(__name__)


class ReconnectingSource:
    """The same protocol as the source inside; while that is away ``read`` returns ``None``.

    ``build`` is called here, once; its RequestError (nonsense was asked for) passes. ``told`` gets
    every change of state, in the reading thread. ``pauses``: seconds before the first, second …
    attempt, the last one repeated. ``stall``: seconds without a picture after which a live device
    is connected again (0: never); its own option ``stall`` goes first.
    ``clock`` and ``wait`` stand for the passing of time, for tests.
    """

    def __init__(
        self,
        build: Callable[[], Source],
        told: Callable[[SourceState], None],
        *,
        pauses: Sequence[float] = (1, 2, 5, 10, 30),
        stall: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._source = build()
        self._told = told
        self._pauses = tuple(pauses)
        kind = SOURCES.get(self.spec.kind)
        can_stall = self._source.lossy and kind is not None and kind.stalls
        self._stall = float(self.spec.options.get("stall", stall)) if can_stall else 0.0
        self._clock = clock
        self._wake = threading.Event()
        self._wait = wait or self._wake.wait
        self._aside: CallThread | None = None
        self._attempt: Future[None] | None = None
        self._next_try = 0.0
        self._failures = 0
        self._connected = False
        self._live_since: float | None = None
        self._last = 0.0
        self._over: SourceEnded | None = None

    @property
    def spec(self) -> SourceSpec:
        return self._source.spec

    @property
    def lossy(self) -> bool:
        """Whether pictures are lost while nobody reads."""
        return self._source.lossy

    @property
    def connected(self) -> bool:
        """Whether the source is open and has not broken down; from any thread."""
        return self._connected

    def open(self) -> None:
        """Begin to connect; returns at once and never raises."""
        if self._aside is None:
            self._wake.clear()
            self._aside = CallThread("source connection")
            self._next_try = self._clock()
            self._tell(SourceState(SourceConnection.OPENING))

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next picture, ``None`` when none came or the source is away.

        Raises SourceEnded when there will be no more, and nothing else.
        """
        end = self._clock() + timeout
        if self._over is not None:
            raise SourceEnded(self._over.problem)
        if self._aside is None or not (self._connected or self._connect(self._aside, end)):
            return None
        try:
            captured = self._source.read(max(0.0, end - self._clock()))
            self._pass_on_news()
        except SourceEnded as over:
            self._pass_on_news()
            raise self._end(over) from None
        except SourceError as error:
            self._lose(error.message)
        except DeepRxError as error:
            raise self._end(SourceEnded(error.message)) from error
        except Exception as error:  # noqa: BLE001 - logged whole; the line goes on
            _log.exception("reading from %s failed", self._name())
            self._lose(_unexpected(error))
        else:
            if captured is None:
                self._watch_for_stall()
            else:
                self._alive()
            return captured
        return None

    def done(self, captured: CapturedImage) -> None:
        """Pass on that the verdict of a picture is stored."""
        try:
            self._source.done(captured)
        except Exception:  # noqa: BLE001 - the verdict is stored; only tidying up failed
            _log.exception("%s could not finish %s", self._name(), captured.item)

    def close(self) -> None:
        """Let go; an attempt under way is left to end by itself."""
        self._wake.set()
        aside, self._aside, self._connected = self._aside, None, False
        self._attempt = None
        if aside is not None and not aside.end(self._source.close):
            _log.warning("%s still hangs while it is closed", self._name())

    def _connect(self, aside: CallThread, end: float) -> bool:
        """Go on connecting until ``end``; say whether the source is open now."""
        if self._attempt is None:
            pause = self._next_try - self._clock()
            if pause > 0:
                self._wait(max(0.0, min(pause, end - self._clock())))
            if self._next_try > self._clock() or self._wake.is_set():
                return False
            self._attempt = aside.start(self._source.open)
        if not finished_within(self._attempt, end - self._clock()):
            return False
        attempt, self._attempt = self._attempt, None
        try:
            attempt.result()
        except SourceError as error:
            self._lose(error.message)
        except DeepRxError as error:
            raise self._end(SourceEnded(error.message)) from error
        except Exception as error:  # noqa: BLE001 - logged whole; the line goes on
            _log.exception("opening %s failed", self._name())
            self._lose(_unexpected(error))
        else:
            self._connected, self._live_since, self._last = True, None, self._clock()
            if not self._source.lossy:
                self._alive()
        return self._connected

    def _pass_on_news(self) -> None:
        if isinstance(self._source, TellsNews):
            for news in self._source.news():
                self._tell(SourceState(SourceConnection.LIVE, news=news))

    def _alive(self) -> None:
        """Note that all is well; tell it when that is news."""
        self._last = self._clock()
        if self._live_since is None:
            self._live_since = self._last
            _log.info("%s delivers", self._name())
            self._tell(SourceState(SourceConnection.LIVE))

    def _watch_for_stall(self) -> None:
        silent = self._clock() - self._last
        if self._stall and silent >= self._stall:
            problem = say(
                "No picture has come for {seconds:.0f} seconds. Check the camera's cable, power "
                "and trigger.",
                seconds=silent,
            )
            self._lose(problem, SourceConnection.STALLED)

    def _lose(self, problem: Message, link: SourceConnection = SourceConnection.LOST) -> None:
        """Close the source and plan the next attempt."""
        if self._live_since is not None and self._clock() - self._live_since >= SETTLED:
            self._failures = 0
        pause = self._pauses[min(self._failures, len(self._pauses) - 1)]
        self._failures += 1
        self._next_try = self._clock() + pause
        self._connected, self._live_since = False, None
        if self._aside is not None:
            self._aside.start(self._source.close)
        _log.warning("%s: %s; next attempt in %g s", self._name(), _plain(problem), pause)
        self._tell(SourceState(link, problem, float(pause)))

    def _end(self, over: SourceEnded) -> SourceEnded:
        self._over, self._connected = over, False
        why = _plain(over.problem) if over.problem is not None else "no more pictures"
        _log.info("%s ended: %s", self._name(), why)
        self._tell(SourceState(SourceConnection.ENDED, over.problem))
        return over

    def _tell(self, state: SourceState) -> None:
        try:
            self._told(state)
        except Exception:  # noqa: BLE001 - whoever shows the state must not stop the line
            _log.exception("the state of %s could not be told", self._name())

    def _name(self) -> str:
        return redact_password(f"{self.spec.kind}:{self.spec.address}")


def _plain(problem: Message) -> str:
    return redact_password(str(problem))


def _unexpected(error: Exception) -> Message:
    return say(
        "The source failed in a way that was not foreseen ({reason}). It is tried again; if this "
        "goes on, send the log to whoever looks after the program.",
        reason=type(error).__name__,
    )
