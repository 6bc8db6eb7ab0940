"""A source and an output as somebody outside the program adds them: each one registration call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.sources.base import CaptureNumbering, SourceEnded
from deeprx_gui.capture.sources.table import SOURCES, SourceType, register_source
from deeprx_gui.domain.connection import AddressRule
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Answer, Field, FieldKind, Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import CapturedImage, Device, SourceSpec
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.table import OUTPUTS, OutputType, register_output


class Projector:
    """Shows one picture so many times."""

    lossy = False

    def __init__(self, spec: SourceSpec, options: Options) -> None:
        self.spec = spec
        self._left = options.whole("times")
        self._arrivals = CaptureNumbering(spec.address)

    def open(self) -> None:
        if not Path(self.spec.address).is_file():
            raise RequestError(Message("There is no slide {file}.", {"file": self.spec.address}))

    def read(self, timeout: float) -> CapturedImage | None:
        if not self._left:
            raise SourceEnded
        self._left -= 1
        return self._arrivals.frame(decode(Path(self.spec.address)))

    def done(self, captured: CapturedImage) -> None: ...

    def close(self) -> None: ...


class Diary:
    """Writes one word into a file for each verdict."""

    every = None
    present_only = False

    def __init__(self, file: Path, *, loud: bool) -> None:
        self._file = file
        self._loud = loud

    def open(self) -> None: ...

    def deliver(self, told: NumberedRecord) -> None:
        word = told.record.verdict.value
        with self._file.open("a", encoding="utf-8") as diary:
            diary.write(f"{word if self._loud else word.lower()}\n")

    def idle(self, *, running: bool) -> None: ...

    def notice(self) -> Message | None:
        return None

    def close(self) -> None: ...

    def abort(self) -> None: ...


PROJECTOR = SourceType(
    key="projector",
    title=say("Projector"),
    address=Field("address", say("Slide"), FieldKind.DEVICE),
    fields=(Field("times", say("Times"), FieldKind.WHOLE, 3, minimum=1, maximum=9),),
    example="slide.png",
    lossy=False,
    devices=lambda: (Device("projector", "first.png", "The first slide"),),
    make=lambda spec, options, _known: Projector(spec, options),
)
DIARY = OutputType(
    key="diary",
    title=say("Diary"),
    address=Field("address", say("File"), FieldKind.FILE),
    fields=(
        Field(
            "voice",
            say("Voice"),
            FieldKind.CHOICE,
            "low",
            choices=(Answer("low", say("low voice")), Answer("loud", say("loud voice"))),
        ),
    ),
    example="diary.txt",
    rule=AddressRule.ESCAPED,
    make=lambda spec, options, _commands: Diary(
        Path(spec.address), loud=options.text("voice") == "loud"
    ),
)


@contextmanager
def registered() -> Iterator[None]:
    """Have both for a while."""
    register_source(PROJECTOR)
    register_output(DIARY)
    try:
        yield
    finally:
        SOURCES.unregister("projector")
        OUTPUTS.unregister("diary")
