"""What receivers are told does not change under them."""

from __future__ import annotations

import csv
import json
import math
from datetime import datetime, timedelta, timezone

from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.payload import CSV_COLUMNS, payload, to_csv, to_json
from tests.outputs.conftest import record


def test_the_keys_and_values_of_a_verdict() -> None:
    told = payload(
        record(
            12,
            causes=(Cause.DARK, Cause.SHIFTED),
            decision=Decision.OK,
            station="ライン 3",
            station_id="0123456789abcdef0123456789abcdef",
            operator="佐藤",
            method="patchcore · efficientnet-lite0",
        )
    )
    assert told == {
        "schema": 2,
        "uid": "uid-0012",
        "number": 12,
        "time": "2026-07-01T08:30:15.123Z",
        "profile": "ブラケット",
        "profile_id": "a1",
        "revision": 7,
        "verdict": "NG",
        "score": 3.0,
        "times": 1.5,
        "review_limit": 2.0,
        "ng_limit": 2.5,
        "runtime": "openvino-cpu",
        "milliseconds": 3.25,
        "latency_ms": 21.5,
        "source": "camera:0",
        "serial": "S-12",
        "item": "",
        "picture": "",
        "causes": ["dark", "shifted"],
        "error": None,
        "decision": "ok",
        "station": "ライン 3",
        "station_id": "0123456789abcdef0123456789abcdef",
        "operator": "佐藤",
        "method": "patchcore · efficientnet-lite0",
        "review_times": 1.0,
        "ng_times": 1.25,
    }


def test_times_stay_when_a_limit_moves_and_the_limits_say_where_they_are() -> None:
    moved = payload(record(limits=Limits(1.0, 2.5, unit=2.0)))
    assert (moved["times"], moved["review_times"], moved["ng_times"]) == (1.5, 0.5, 1.25)
    assert (moved["score"], moved["review_limit"], moved["ng_limit"]) == (3.0, 1.0, 2.5)


def test_an_error_has_no_score_and_says_why() -> None:
    broken = record(verdict=Verdict.ERROR, score=math.nan, error=say("No picture of {n}.", n=3))
    told = json.loads(to_json(broken))
    assert (told["verdict"], told["score"], told["times"]) == ("ERROR", None, None)
    assert told["error"] == "No picture of 3."


def test_no_number_is_anything_but_json() -> None:
    odd = record(score=math.inf, milliseconds=math.nan, latency=-math.inf)
    text = to_json(odd).decode()
    assert "NaN" not in text
    assert "Infinity" not in text
    assert json.loads(text)["milliseconds"] is None


def test_times_are_utc_whatever_the_clock_of_the_line() -> None:
    tokyo = datetime(2026, 7, 1, 17, 30, tzinfo=timezone(timedelta(hours=9)))
    assert payload(record(when=tokyo))["time"] == "2026-07-01T08:30:00.000Z"


def test_a_line_is_one_line_and_utf8_even_with_a_broken_file_name() -> None:
    line = to_json(record(item="a\nb\udc80", serial="品\r\n1"))
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line)["item"] == "a\nb\udc80"


def test_csv_has_its_columns_and_stays_one_line() -> None:
    assert CSV_COLUMNS == (
        "uid", "number", "time", "profile", "revision", "verdict", "score", "times", "serial",
        "source", "causes", "error", "station", "operator", "method", "station_id",
    )  # fmt: skip
    line = to_csv(record(3, serial='a,"b"\nc', causes=(Cause.DARK, Cause.DIRT))).decode()
    assert "\n" not in line
    (row,) = csv.reader([line])
    told = dict(zip(CSV_COLUMNS, row, strict=True))
    assert told["serial"] == 'a,"b" c'
    assert told["causes"] == "dark dirt"
    assert (told["verdict"], told["times"], told["error"]) == ("NG", "1.5", "")
