"""GenICam cameras, against a stand-in for ``harvesters`` 1.4.3: no camera was at hand."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import cv2
import numpy as np
import pytest

from deeprx_gui.capture.sources.genicam_pixels import FORMATS, genicam_frame, genicam_rgb
from deeprx_gui.capture.sources.table import find_devices, open_source, parse_source
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.source import Device
from tests.capture.sources.conftest import Open, collect, never


@dataclass
class World:
    """What the stand-in does and what was done to it."""

    infos: list[dict[str, str | None]] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=list)
    nodes: Any = field(default_factory=SimpleNamespace)
    log: list[str] = field(default_factory=list)
    broken: bool = False
    threads: set[threading.Thread] = field(default_factory=set)


class Buffer:
    def __init__(self, world: World, form: str, data: Any, size: tuple[int, int]) -> None:
        self.world = world
        part = SimpleNamespace(
            data_format=form, data=data, width=size[0], height=size[1], y_padding=0
        )
        self.payload = SimpleNamespace(components=[part])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.log.append("queued")
        if isinstance(self.payload.components[0].data, np.ndarray):
            self.payload.components[0].data[:] = 0  # the driver uses its memory again


@dataclass
class Acquirer:
    world: World

    @property
    def remote_device(self) -> Any:
        return SimpleNamespace(node_map=self.world.nodes)

    def start(self) -> None:
        self.world.log.append("start")

    def try_fetch(self, *, timeout: float) -> Any:
        self.world.threads.add(threading.current_thread())
        assert timeout > 0  # 0 would wait for ever
        time.sleep(0.002)
        found = self.world.buffers.pop(0) if self.world.buffers else None
        if isinstance(found, Exception):
            raise found
        return found

    def destroy(self) -> None:
        self.world.log.append("destroy")
        if self.world.broken:
            raise OSError("gone")


@dataclass
class Harvester:
    world: World
    device_info_list: list[Any] = field(default_factory=list)

    def add_file(self, file_path: str) -> None:
        self.world.log.append(f"add {Path(file_path).name}")

    def update(self) -> None:
        if self.world.broken:
            raise OSError("resource in use")
        self.device_info_list = [SimpleNamespace(property_dict=i) for i in self.world.infos]

    def create(self, search_key: int) -> Acquirer:
        self.world.log.append(f"create {search_key}")
        return Acquirer(self.world)

    def reset(self) -> None:
        self.world.log.append("reset")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World(infos=[{"serial_number": "S1", "vendor": "Maker", "model": "M1"}])
    for name in ("Width", "Height", "PixelFormat", "ExposureAuto", "ExposureTime", "TriggerMode"):
        setattr(world.nodes, name, SimpleNamespace(value=None))

    package, core = ModuleType("harvesters"), ModuleType("harvesters.core")
    package.__spec__ = ModuleSpec("harvesters", None)
    core.Harvester = lambda: Harvester(world)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "harvesters", package)
    monkeypatch.setitem(sys.modules, "harvesters.core", core)
    (tmp_path / "maker.cti").touch()
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(tmp_path))
    monkeypatch.setattr("deeprx_gui.capture.sources.devices.find_cameras", lambda: ())
    return world


def grey(world: World, value: int = 7, form: str = "Mono8") -> Buffer:
    return Buffer(world, form, np.full(6 * 4, value, np.uint8), (6, 4))


def test_pictures_come_and_buffers_go_back(world: World, opened: Open) -> None:
    world.buffers = [grey(world, 7), None, grey(world, 8)]
    source = opened("genicam:S1")
    found = collect(source, 2)
    assert [int(c.frame.pixels[3, 5, 1]) for c in found if c.frame] == [7, 8]
    assert found[0].source == "GenICam S1"
    source.close()
    assert world.log == [
        "add maker.cti", "create 0", "start", "queued", "queued", "destroy", "reset",
    ]  # fmt: skip
    assert threading.current_thread() not in world.threads


def test_settings_reach_the_camera_before_it_starts(world: World, opened: Open) -> None:
    opened("genicam:0?width=640&height=480&pixels=BayerRG8&exposure=2500&trigger=1")
    nodes = world.nodes
    assert (nodes.Width.value, nodes.Height.value) == (640, 480)
    assert nodes.PixelFormat.value == "BayerRG8"
    assert (nodes.ExposureAuto.value, nodes.ExposureTime.value) == ("Off", 2500)
    assert nodes.TriggerMode.value == "On"


def test_a_setting_the_camera_lacks_is_said(world: World, opened: Open) -> None:
    with pytest.raises(SourceError, match="settings chosen"):
        opened("genicam:0?gain=3")
    assert world.log[-2:] == ["destroy", "reset"]


@pytest.mark.parametrize(
    ("address", "says"),
    [("S9", "not connected"), ("1", "not connected"), ("0?cti=none.cti", "none.cti")],
)
def test_a_camera_or_producer_that_is_not_there_is_said(
    world: World, opened: Open, address: str, says: str
) -> None:
    with pytest.raises(SourceError, match=says):
        opened(f"genicam:{address}")


def test_without_harvesters_it_is_said_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, opened: Open
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SourceError, match="package harvesters"):
        opened("genicam:0")


def test_building_a_source_imports_no_harvesters() -> None:
    sys.modules.pop("harvesters", None)
    open_source(parse_source("genicam:0"), known=never)
    assert "harvesters" not in sys.modules


def test_an_unplugged_camera_is_a_broken_source(world: World, opened: Open) -> None:
    world.buffers = [grey(world), OSError("device lost")]
    source = opened("genicam:S1")
    collect(source, 1)
    world.broken = True
    with pytest.raises(SourceError, match="stopped delivering"):
        collect(source, 1)
    source.close()
    with pytest.raises(SourceError, match="cannot be opened"):
        source.open()
    world.broken = False
    world.buffers = [grey(world)]
    source.open()
    assert len(collect(source, 1)) == 1


@pytest.mark.parametrize("data", [None, np.zeros(5, np.uint8)])
def test_a_broken_picture_is_a_broken_source(world: World, opened: Open, data: Any) -> None:
    world.buffers = [Buffer(world, "Mono8", data, (6, 4))]
    with pytest.raises(SourceError, match="broken pictures"):
        collect(opened("genicam:0"), 1)
    assert "queued" in world.log


def test_a_pixel_format_that_cannot_be_read_is_said(world: World, opened: Open) -> None:
    world.buffers = [grey(world, form="YUV422_8")]
    with pytest.raises(SourceError, match="YUV422_8"):
        collect(opened("genicam:0"), 1)


def test_genicam_cameras_are_found_by_serial_number(world: World, tmp_path: Path) -> None:
    world.infos.append({"serial_number": None, "vendor": None, "model": None})
    assert find_devices() == (
        Device("genicam", "S1", "Maker M1 S1"),
        Device("genicam", "1", "GenICam"),
    )
    assert world.log[-1] == "reset"


def test_a_producer_in_use_hides_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.broken = True
    assert find_devices() == ()
    assert "could not be listed" in caplog.text
    assert world.log[-1] == "reset"


# --- pixels ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "bits"),
    [
        ("Mono10", 10),
        ("Mono12", 12),
        ("Mono10p", 10),
        ("Mono12Packed", 12),
        ("Mono14", 14),
        ("Mono16", 16),
    ],
)
def test_deep_grey_keeps_its_upper_8_bits(form: str, bits: int) -> None:
    data = np.array([0, 1, (1 << bits) - 1, 1 << (bits - 1)], np.uint16)
    pixels = genicam_rgb(data, form, 2, 2)
    assert pixels is not None
    assert pixels[:, :, 0].ravel().tolist() == [0, 0, 255, 128]


@pytest.mark.parametrize(("form", "red_first"), [("RGB8", True), ("BGR8", False)])
def test_colour_is_rgb(form: str, red_first: bool) -> None:
    data = np.array([200, 7, 9] * 6, np.uint8)
    pixels = genicam_rgb(data, form, 3, 2)
    assert pixels is not None
    assert pixels[1, 2].tolist() == ([200, 7, 9] if red_first else [9, 7, 200])
    assert not np.shares_memory(pixels, data)


@pytest.mark.parametrize("form", ["BayerRG8", "BayerBG8", "BayerGB8", "BayerGR8"])
def test_a_bayer_pattern_gives_its_colours(form: str) -> None:
    """A scene of one colour, seen through the pattern as GenICam names it."""
    colour = {"R": 200, "G": 100, "B": 50}
    first, second = form[5], form[6]
    other = {"R": "B", "B": "R"}
    below = (
        ("G", other[first]) if second == "G" else (other[second], "G")
    )  # the other diagonal's colours
    tile = [[colour[first], colour[second]], [colour[below[0]], colour[below[1]]]]
    data = np.tile(np.array(tile, np.uint8), (8, 8))
    pixels = genicam_rgb(data.ravel(), form, 16, 16)
    assert pixels is not None
    assert pixels[8, 8].tolist() == [200, 100, 50]


def test_padding_at_the_ends_of_rows_and_below_is_left_out() -> None:
    rows = np.arange(5 * 8, dtype=np.uint8).reshape(5, 8)
    pixels = genicam_rgb(rows.ravel(), "Mono8", 6, 4, padding_y=1)
    assert pixels is not None
    assert np.array_equal(pixels[:, :, 0], rows[:4, :6])


@pytest.mark.parametrize("form", FORMATS)
def test_a_buffer_that_is_too_short_is_no_picture(form: str) -> None:
    assert genicam_rgb(np.zeros(11, np.uint8), form, 4, 3) is None
    assert genicam_rgb(np.zeros(11, np.uint8), form, 0, 3) is None


def test_grey_is_grey() -> None:
    grey = np.arange(12, dtype=np.uint8)
    pixels = genicam_rgb(grey, "Mono8", 4, 3)
    assert pixels is not None
    assert np.array_equal(pixels, cv2.cvtColor(grey.reshape(3, 4), cv2.COLOR_GRAY2RGB))


def test_a_picture_counts_from_its_arrival_not_from_its_conversion(
    world: World, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    converting: list[float] = []

    def slow(*given: Any, **named: Any) -> Any:
        converting.append(time.perf_counter())
        return genicam_frame(*given, **named)

    monkeypatch.setattr("deeprx_gui.capture.sources.genicam.genicam_frame", slow)
    world.buffers = [grey(world)]
    (found,) = collect(opened("genicam:S1"), 1)
    assert found.moment <= converting[0]
