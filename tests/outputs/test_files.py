"""Result files: whole or not there, and a folder that went comes back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from deeprx_gui import atomic
from tests.outputs.conftest import Rig, is_ready, is_retrying, only, record, until


def test_each_part_has_a_file_of_its_own(rig: Rig, results: Path) -> None:
    hub = rig.outputs(f"files:{results}")
    for number in range(3):
        hub.tell(record(number))
    hub.close()
    names = sorted(file.name for file in results.iterdir())
    assert names == [f"20260701T083015.123Z_NG_uid-000{n}.json" for n in range(3)]
    assert json.loads((results / names[2]).read_bytes())["serial"] == "S-2"


def test_a_uid_cannot_lead_out_of_the_folder(rig: Rig, results: Path) -> None:
    hub = rig.outputs(f"files:{results}")
    hub.tell(record(uid="../../evil\\x:y"))
    hub.close()
    (file,) = results.parent.rglob("*.json")
    assert file.parent == results
    assert file.name.endswith("_NG_------evil-x-y.json")


def test_one_file_a_day(rig: Rig, results: Path) -> None:
    hub = rig.outputs(f"files:{results}?write=day")
    for number in range(3):
        hub.tell(record(number))
    hub.close()
    (file,) = results.iterdir()
    assert file.name == f"{record().when.astimezone():%Y-%m-%d}.jsonl"
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [line["number"] for line in lines] == [0, 1, 2]


def test_a_file_appears_only_when_it_is_whole(
    rig: Rig, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    really = os.replace

    def replace(part: str, target: str) -> None:
        seen.append([file.name for file in results.glob("*.json")])
        json.loads(Path(part).read_bytes())
        really(part, target)

    monkeypatch.setattr(os, "replace", replace)
    hub = rig.outputs(f"files:{results}")
    hub.tell(record())
    hub.close()
    assert seen == [[]]
    assert len(list(results.glob("*.json"))) == 1


def test_a_folder_that_was_deleted_comes_back(rig: Rig, results: Path) -> None:
    hub = rig.outputs(f"files:{results}")
    hub.tell(record(1))
    # A file has its name before its folder is on the disk: deleting earlier would rightly bring
    # the first verdict back too.
    until(lambda: only(hub).waiting == 0)
    shutil.rmtree(results)
    hub.tell(record(2))
    until(lambda: is_ready(hub) and only(hub).waiting == 0)
    assert [json.loads(file.read_bytes())["uid"] for file in results.glob("*.json")] == ["uid-0002"]


def test_a_folder_that_cannot_be_made_is_shown_and_tried_again(rig: Rig, results: Path) -> None:
    results.write_text("in the way")
    hub = rig.outputs(f"files:{results}")
    hub.tell(record(1))
    until(lambda: is_retrying(hub))
    assert str(results) in str(only(hub).problem)
    results.unlink()
    until(lambda: results.is_dir() and list(results.glob("*.json")))


def test_a_full_disk_is_shown_and_nothing_is_lost(
    rig: Rig, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, "No space left on device")

    def fails(*_: object, **__: object) -> None:
        raise atomic.storage_error(full, results / "x")

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "write_over", fails)
        hub = rig.outputs(f"files:{results}")
        for number in range(5):
            hub.tell(record(number))
        until(lambda: is_retrying(hub))
        assert "disk is full" in str(only(hub).problem)
        assert only(hub).waiting == 5
    until(lambda: len(list(results.glob("*.json"))) == 5)
    assert only(hub).dropped == 0
