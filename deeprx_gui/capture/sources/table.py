"""The table of sources: adding a kind of source is adding an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deeprx_gui.capture.sources import camera, folder, genicam, replay, stream, video, watch
from deeprx_gui.capture.sources.base import Known, Source
from deeprx_gui.capture.sources.options import Chosen, Option, choose
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Form
from deeprx_gui.domain.source import SourceKind, SourceSpec

Build = Callable[[SourceSpec, Chosen, Known], Source]


@dataclass(frozen=True)
class SourceKindSpec:
    """One kind of source: what it is called, where it is found, what can be chosen.

    ``form`` says what its address is: a folder, a file or text (devices are listed by
    ``devices.find_devices``); ``default_address`` is taken when none is written. ``lossy`` is how
    it is unless an option of that name says otherwise.
    """

    title: Message
    form: Form
    options: tuple[Option, ...]
    lossy: bool
    build: Build
    default_address: str = ""


SOURCES: Mapping[SourceKind, SourceKindSpec] = {
    SourceKind.FOLDER: SourceKindSpec(
        say("Folder"), Form.FOLDER, folder.OPTIONS, lossy=False,
        build=folder.FolderSource,
    ),
    SourceKind.WATCH: SourceKindSpec(
        say("Watched folder"), Form.FOLDER, watch.OPTIONS, lossy=False,
        build=watch.WatchSource,
    ),
    SourceKind.CAMERA: SourceKindSpec(
        say("USB camera"), Form.TEXT, camera.OPTIONS, lossy=True,
        build=lambda spec, chosen, _known: camera.camera_source(spec, chosen),
        default_address="0",
    ),
    SourceKind.VIDEO: SourceKindSpec(
        say("Video file"), Form.FILE, video.OPTIONS, lossy=False,
        build=lambda spec, chosen, _known: video.VideoSource(spec, chosen),
    ),
    SourceKind.STREAM: SourceKindSpec(
        say("Network camera (RTSP, HTTP)"), Form.TEXT, stream.OPTIONS, lossy=True,
        build=lambda spec, chosen, _known: stream.stream_source(spec, chosen),
    ),
    SourceKind.GENICAM: SourceKindSpec(
        say("GenICam camera (GigE Vision, USB3 Vision)"), Form.TEXT, genicam.OPTIONS, lossy=True,
        build=lambda spec, chosen, _known: genicam.genicam_source(spec, chosen),
        default_address="0",
    ),
    SourceKind.REPLAY: SourceKindSpec(
        say("Folder played as a camera"), Form.FOLDER, replay.OPTIONS, lossy=True,
        build=lambda spec, chosen, _known: replay.ReplaySource(spec, chosen),
    ),
}  # fmt: skip


def open_source(spec: SourceSpec, *, known: Known) -> Source:
    """Build a source without touching any device or folder yet; it must still be opened.

    ``known`` says whether a file's verdict is stored already. Raises RequestError when address or
    options make no sense.
    """
    kind = SOURCES[spec.kind]
    address = complete_address(spec.kind, spec.address)
    return kind.build(
        SourceSpec(spec.kind, address, spec.options), choose(kind.options, spec.options), known
    )


def complete_address(kind: SourceKind, address: str) -> str:
    """Return the address, or the kind's own where none was given; raises RequestError."""
    found = address.strip() or SOURCES[kind].default_address
    if not found:
        raise RequestError(
            say("{kind}: says nothing about where. Write its address after the colon.", kind=kind)
        )
    return found
