"""Stations that judge the same product: what differs is told once, where it is clear."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.history import TrendPoint
from deeprx_gui.domain.plant_report import StationFigures, differences

START = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


def station(
    name: str, medians: npt.ArrayLike, product: str = "gear", line: str = ""
) -> StationFigures:
    """A station whose median score was read every four hours, of 200 parts each."""
    trend = tuple(
        TrendPoint(START + n * timedelta(hours=4), float(value), 200)
        for n, value in enumerate(np.asarray(medians, np.float64))
    )
    return StationFigures(
        name, f"Press {name}", line or f"Line {name}", product, "Gear", trend=trend
    )


def noise(seed: int, n: int = 60) -> Float64:
    """Medians of stations that read alike: 2 % of noise around 0.5, and a common slow wave."""
    wave = 0.05 * np.sin(np.arange(n) / 9)
    read = 0.5 * (1 + wave + np.random.default_rng(seed).normal(0, 0.02, n))
    return np.asarray(read, np.float64)


def sentences(*rows: StationFigures) -> list[str]:
    return [str(sentence) for sentence in differences(rows)]


def test_the_station_that_changed_is_named_with_the_time_and_the_size() -> None:
    changed = noise(1)
    changed[36:] *= 1.08
    for others in ([noise(2)], [noise(2), noise(3)]):
        rows = [station(str(n), values) for n, values in enumerate(others, 1)]
        (told,) = sentences(*rows, station("3", changed))
        assert re.search("Line 3 reads [789] % higher since|Line 1 reads [678] % lower since", told)
        assert "Line 3" in told
        begin = (START + 36 * timedelta(hours=4)).astimezone()
        near = [f"{begin + n * timedelta(hours=4):%Y-%m-%d %H:%M}" for n in (-2, -1, 0, 1, 2)]
        assert any(time in told for time in near)


def test_lower_is_told_as_well() -> None:
    changed = noise(4)
    changed[30:] *= 0.85
    (told,) = sentences(station("1", noise(5)), station("2", changed))
    assert re.search("Line 2 reads 1[3-7] % lower since .*, compared with Line 1", told)


def test_what_was_there_all_the_time_is_told_once() -> None:
    (told,) = sentences(station("1", noise(6)), station("2", noise(7) * 1.2))
    assert re.search("Line 2 reads (19|20|21) % higher than Line 1 all the time", told)


def test_noise_small_changes_and_few_times_are_not_told() -> None:
    small = noise(8)
    small[30:] *= 1.02
    assert sentences(station("1", noise(9)), station("2", small)) == []
    assert sentences(station("1", noise(10, 8)), station("2", noise(11, 8) * 1.5)) == []
    false_alarms = sum(
        len(sentences(station("1", noise(100 + n)), station("2", noise(200 + n))))
        for n in range(60)
    )
    assert false_alarms == 0


def test_other_products_are_not_compared() -> None:
    assert sentences(station("1", noise(12)), station("2", noise(13) * 2, product="nut")) == []


def test_two_stations_of_a_line_are_named_by_themselves() -> None:
    (told,) = sentences(
        station("1", noise(14), line="Line 7"), station("2", noise(15) * 1.3, line="Line 7")
    )
    assert "Press 2" in told
