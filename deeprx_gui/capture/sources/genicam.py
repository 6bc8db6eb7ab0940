"""A GenICam camera (GigE Vision, USB3 Vision) through ``harvesters`` and a producer's .cti file.

Written against harvesters 1.4.3 and tested with a stand-in for it: it was not tried on a camera.
``harvesters`` is imported only when such a source is opened.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.genicam_pixels import FORMATS, genicam_frame
from deeprx_gui.capture.sources.live_device import STALL, LiveDeviceSource
from deeprx_gui.domain.errors import DeepRxError, SourceError
from deeprx_gui.domain.field import Answer, Field, FieldKind, Options, plain_choices
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import Device, SourceSpec

OPTIONS = (
    Field("cti", say("GenTL producer file (.cti) of the camera maker"), FieldKind.FILE),
    Field("width", say("Width"), FieldKind.WHOLE, unit="px", minimum=1, maximum=65535),
    Field("height", say("Height"), FieldKind.WHOLE, unit="px", minimum=1, maximum=65535),
    Field(
        "pixels",
        say("Pixel format"),
        FieldKind.CHOICE,
        choices=(Answer("", say("as the device has it")), *plain_choices(*FORMATS)),
    ),
    Field("exposure", say("Exposure"), FieldKind.NUMBER, unit="µs", minimum=1, maximum=1e8),
    Field("gain", say("Gain"), FieldKind.NUMBER),
    Field("trigger", say("Hardware trigger (camera input)"), FieldKind.SWITCH),
    STALL,
)

_PATIENCE = 0.5
_log = logging.getLogger(__name__)


def genicam_source(spec: SourceSpec, chosen: Options) -> Source:
    """Build a GenICam camera; its address is a serial number, or the place in the list from 0."""
    name = f"GenICam {spec.address}"
    return LiveDeviceSource(spec, name, lambda: _GenICam(spec.address, name, chosen))


def find_genicam(producers: Sequence[Path] = ()) -> tuple[Device, ...]:
    """Return the GenICam cameras that producers know of; nothing without ``harvesters``.

    A producer that a running source uses may refuse to be asked a second time: then nothing is
    found, and the log says so.
    """
    files = [path for path in (*producers, *_named_by_the_system()) if path.is_file()]
    if not files or importlib.util.find_spec("harvesters") is None:
        return ()
    try:
        harvester = _harvester(files)
    except Exception as error:  # noqa: BLE001 - every maker's producer fails in its own way
        _log.warning("the GenICam cameras could not be listed: %r", error)
        return ()
    try:
        return tuple(
            Device("genicam", _property(info, "serial_number") or str(i), _title(info))
            for i, info in enumerate(harvester.device_info_list)
        )
    finally:
        harvester.reset()


def _named_by_the_system() -> Iterable[Path]:
    for folder in os.environ.get("GENICAM_GENTL64_PATH", "").split(os.pathsep):
        if folder:
            yield from sorted(Path(folder).glob("*.cti"))


def _harvester(files: Iterable[Path]) -> Any:  # noqa: ANN401 - harvesters has no types
    harvester = importlib.import_module("harvesters.core").Harvester()
    try:
        for path in files:
            harvester.add_file(str(path))
        harvester.update()
    except BaseException:
        harvester.reset()
        raise
    return harvester


def _properties(info: object) -> Mapping[str, Any]:
    found = getattr(info, "property_dict", None)
    return found if isinstance(found, Mapping) else MappingProxyType({})


def _property(info: object, key: str) -> str:
    return str(_properties(info).get(key) or "")


def _title(info: object) -> str:
    words = (_property(info, key) for key in ("vendor", "model", "serial_number"))
    return " ".join(word for word in words if word) or "GenICam"


class _GenICam:
    def __init__(self, address: str, name: str, chosen: Options) -> None:
        self._address = address
        self._name = name
        self._chosen = chosen
        self._harvester: Any = None
        self._acquirer: Any = None

    def open(self) -> None:
        try:
            self._connect()
        except DeepRxError:
            raise
        except Exception as error:
            _log.warning("%s could not be opened: %r", self._name, error)
            raise SourceError(
                say(
                    "{name} cannot be opened ({reason}). Check its cable and power, whether "
                    "another program is using it, and the settings chosen for it.",
                    name=self._name,
                    reason=type(error).__name__,
                )
            ) from error

    def _connect(self) -> None:
        if importlib.util.find_spec("harvesters") is None:
            raise SourceError(
                say(
                    "GenICam cameras need the package {package}, which is not installed on this "
                    "PC. Ask whoever looks after this PC to install it.",
                    package="harvesters",
                )
            )
        self._harvester = _harvester(self._producers())
        self._acquirer = self._harvester.create(self._place())
        self._adjust(self._acquirer.remote_device.node_map)
        self._acquirer.start()

    def _producers(self) -> list[Path]:
        given = self._chosen.text("cti")
        found = [Path(given)] if given else list(_named_by_the_system())
        if not found or not all(path.is_file() for path in found):
            raise SourceError(
                say(
                    "The GenTL producer (.cti file) of the camera's maker was not found: {path}. "
                    "Install the maker's driver and choose its .cti file in the settings.",
                    path=given or "GENICAM_GENTL64_PATH",
                )
            )
        return found

    def _place(self) -> int:
        """Find the camera in the list: by its serial number, else by its place."""
        devices = self._harvester.device_info_list
        for place, info in enumerate(devices):
            if _property(info, "serial_number") == self._address:
                return place
        if self._address.isdecimal() and int(self._address) < len(devices):
            return int(self._address)
        raise SourceError(
            say("{name} is not connected. Check its cable and its power.", name=self._name)
        )

    def _adjust(self, nodes: Any) -> None:  # noqa: ANN401 - harvesters has no types
        """Set what was chosen; a camera that lacks an automatic has nothing to switch off."""
        chosen = self._chosen
        for key, node in (("width", "Width"), ("height", "Height")):
            if chosen.maybe(key) is not None:
                getattr(nodes, node).value = int(chosen.number(key))
        if chosen.text("pixels"):
            nodes.PixelFormat.value = chosen.text("pixels")
        for key, automatic, node in (
            ("exposure", "ExposureAuto", "ExposureTime"),
            ("gain", "GainAuto", "Gain"),
        ):
            if chosen.maybe(key) is not None:
                with suppress(AttributeError):
                    getattr(nodes, automatic).value = "Off"
                getattr(nodes, node).value = chosen.number(key)
        if chosen.values["trigger"] is not None:
            nodes.TriggerMode.value = "On" if chosen.switch("trigger") else "Off"

    def grab(self, arrived: Callable[[], object]) -> Frame | None:
        try:
            buffer = self._acquirer.try_fetch(timeout=_PATIENCE)
            if buffer is None:  # nothing yet, or a picture that lost parts on its way
                return None
            arrived()
            with buffer:  # handed back to the driver at the end: the pixels are copied before
                return self._frame(buffer.payload.components)
        except DeepRxError:
            raise
        except Exception as error:
            _log.warning("%s failed: %r", self._name, error)
            raise SourceError(
                say(
                    "{name} stopped delivering pictures. Check its cable and its power.",
                    name=self._name,
                )
            ) from error

    def _frame(self, components: Sequence[Any]) -> Frame:
        part = components[0] if components else None
        form = str(part.data_format) if part is not None else ""
        if part is not None and form not in FORMATS:
            raise SourceError(
                say(
                    "{name} delivers the pixel format {form}, which cannot be read here. Set one "
                    "of these in its settings: {forms}.",
                    name=self._name,
                    form=form,
                    forms=", ".join(FORMATS),
                )
            )
        frame = None
        if part is not None and part.data is not None:
            width, height, padding = int(part.width), int(part.height), int(part.y_padding)
            frame = genicam_frame(part.data, form, width, height, padding, source=self._name)
        if frame is None:
            raise SourceError(
                say(
                    "{name} delivers broken pictures. Check its cable and the network it shares.",
                    name=self._name,
                )
            )
        return frame

    def release(self) -> None:
        """Let go of camera and producer; what fails while it is gone is only logged."""
        for what in (
            getattr(self._acquirer, "destroy", None),
            getattr(self._harvester, "reset", None),
        ):
            if what is not None:
                try:
                    what()
                except Exception as error:  # noqa: BLE001 - the device may be gone already
                    _log.info("%s: %r while it was let go", self._name, error)
