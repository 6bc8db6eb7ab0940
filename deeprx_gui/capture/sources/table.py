"""The table of sources: adding a kind of source is adding an entry, or registering one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from deeprx_gui.capture.sources import camera, folder, genicam, replay, stream, video, watch
from deeprx_gui.capture.sources.base import Known, Source
from deeprx_gui.capture.sources.devices import find_usb_cameras
from deeprx_gui.domain.connection import AddressRule, ConnectionType, Registry
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, FieldKind, Options, checked, complete_options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.redaction import redact_password
from deeprx_gui.domain.source import Device, SourceSpec
from deeprx_gui.domain.spec_text import read_spec, split_kind, write_spec

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SourceType(ConnectionType):
    """One kind of source.

    ``make`` builds it without touching any device yet. ``lossy``: pictures are lost while nobody
    reads, unless an option of that name says otherwise; what is not lossy is judged picture by
    picture, without a trigger. ``stalls``: it may fall silent without an error, so that it is
    connected again after ``stall`` seconds. ``devices`` lists what is connected; it may take
    seconds.
    """

    make: Callable[[SourceSpec, Options, Known], Source]
    lossy: bool
    stalls: bool = False
    devices: Callable[[], tuple[Device, ...]] | None = None


_FOLDER = Field("address", say("Folder"), FieldKind.FOLDER)
_FILE = Field("address", say("File"), FieldKind.FILE)
_CAMERA = Field("address", say("Number or name of the camera"), FieldKind.DEVICE, "0")
_URL = Field("address", say("URL"), FieldKind.TEXT)


def _no_source(key: str, known: str) -> Message:
    return say(
        "This program has no source “{kind}”. Choose one of: {known}.", kind=key, known=known
    )


SOURCES: Final[Registry[SourceType]] = Registry(
    _no_source,
    SourceType(
        key="folder", title=say("Folder"), address=_FOLDER, fields=folder.OPTIONS, lossy=False,
        make=folder.FolderSource,
    ),
    SourceType(
        key="watch", title=say("Watched folder"), address=_FOLDER, fields=watch.OPTIONS,
        lossy=False, make=watch.WatchSource,
    ),
    SourceType(
        key="camera", title=say("USB camera"), address=_CAMERA, fields=camera.OPTIONS, example="0",
        lossy=True, stalls=True, devices=find_usb_cameras,
        make=lambda spec, options, _known: camera.camera_source(spec, options),
    ),
    SourceType(
        key="video", title=say("Video file"), address=_FILE, fields=video.OPTIONS, lossy=False,
        make=lambda spec, options, _known: video.VideoSource(spec, options),
    ),
    SourceType(
        key="stream", title=stream.stream_title(), address=_URL,
        fields=stream.OPTIONS, example="rtsp://192.168.0.10/stream1", rule=AddressRule.QUERY,
        lossy=True, stalls=True,
        make=lambda spec, options, _known: stream.stream_source(spec, options),
    ),
    SourceType(
        key="genicam", title=say("GenICam camera (GigE Vision, USB3 Vision)"), address=_CAMERA,
        fields=genicam.OPTIONS, example="0", lossy=True, stalls=True, devices=genicam.find_genicam,
        make=lambda spec, options, _known: genicam.genicam_source(spec, options),
    ),
    SourceType(
        key="replay", title=say("Folder (simulated camera)"), address=_FOLDER,
        fields=replay.OPTIONS, lossy=True,
        make=lambda spec, options, _known: replay.ReplaySource(spec, options),
    ),
)  # fmt: skip


def register_source(kind: SourceType) -> None:
    """Add a kind of source, before the window or a command starts (``docs/sources.md``)."""
    SOURCES.register(kind)


def open_source(spec: SourceSpec, *, known: Known) -> Source:
    """Build a source without touching any device or folder yet; it must still be opened.

    ``known`` says whether a file's verdict is stored already. Raises RequestError when kind,
    address or options make no sense.
    """
    kind = SOURCES.find(spec.kind)
    where = SourceSpec(spec.kind, _complete_address(kind, spec.address), spec.options)
    return kind.make(where, complete_options(kind.fields, spec.options), known)


def check_source(spec: SourceSpec) -> SourceSpec:
    """Return a source with its address and options in their own types. Raises RequestError."""
    kind = SOURCES.find(spec.kind)
    options = checked(kind.fields, spec.options)
    return SourceSpec(kind.key, _complete_address(kind, spec.address), options)


def parse_source(text: str) -> SourceSpec:
    """Read a source from one line. Raises RequestError with what to write instead."""
    word, colon, rest = split_kind(text)
    if word not in SOURCES:
        raise RequestError(
            say(
                "“{text}” does not say what kind of source it is. Write one of these in front: "
                "{kinds}. For example folder:PATH or camera:0.",
                text=redact_password(text),
                kinds=", ".join(f"{kind}:" for kind in SOURCES) if colon else "folder:",
            )
        )
    return check_source(SourceSpec(word, *read_spec(SOURCES[word], rest)))


def write_source(spec: SourceSpec) -> str:
    """Return a source in one line that ``parse_source`` reads back, password and all."""
    return write_spec(SOURCES.find(spec.kind), spec)


def show_source(spec: SourceSpec) -> str:
    """Return a source in one line for screens and logs: a password in its address is hidden."""
    return redact_password(write_source(spec))


def source_words(spec: SourceSpec | None) -> Message | None:
    """Say where pictures come from, without options and without a password."""
    if spec is None or spec.kind not in SOURCES:
        return None
    _, _, where = show_source(SourceSpec(spec.kind, spec.address)).partition(":")
    return say("{kind}: {where}", kind=SOURCES[spec.kind].title, where=where)


def reads_files(spec: SourceSpec | None) -> bool:
    """Return whether every picture is judged: nothing to trigger, nothing live."""
    return spec is not None and spec.kind in SOURCES and not SOURCES[spec.kind].lossy


def find_devices() -> tuple[Device, ...]:
    """Return every camera that is connected; none is an answer, not an error.

    Asking may take seconds: never in the window's own thread.
    """
    return tuple(chain.from_iterable(_found(kind) for kind in SOURCES.values()))


def _found(kind: SourceType) -> tuple[Device, ...]:
    if kind.devices is None:
        return ()
    try:
        return kind.devices()
    except Exception as error:  # noqa: BLE001 - a driver's trouble must not hide the other devices
        _log.warning("the devices of %s could not be listed: %r", kind.key, error)
        return ()


def _complete_address(kind: SourceType, address: str) -> str:
    found = address.strip() or str(kind.address.default or "")
    if not found:
        raise RequestError(
            say(
                "{kind}: says nothing about where. Write its address after the colon.",
                kind=kind.key,
            )
        )
    return found
