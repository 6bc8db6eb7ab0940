"""What bad input gets: a sentence in both languages that says what to do, and nothing lost.

One test for each entry of the list that the program is held to.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.cli.context import Context
from deeprx_gui.domain.score import Score
from deeprx_gui.engine.backbones import library
from deeprx_gui.engine.runtimes.base import RuntimeInfo
from tests.cli import pictures
from tests.cli.conftest import NAME, SMALL, Ran, Run
from tests.profiles.files import document, repacked


def both(run: Run, words: list[object], english: str, japanese: str, code: int = 2) -> Ran:
    """Call in both languages; return the English answer."""
    told = run(*words, "--lang", "ja")
    assert told.code == code, told.err
    assert japanese in told.err + told.out
    told = run(*words, "--lang", "en")
    assert told.code == code, told.err
    assert english in told.err + told.out
    assert "Traceback" not in told.err
    return told


def sound(run: Run) -> bool:
    """Whether everything that was saved is still whole, and the profile still opens."""
    answer = run("profiles", "verify", "--json").json
    return bool(answer["sound"]) and run("profiles", "show", NAME).code == 0


def revision_file(home: Path, number: int = 1) -> Path:
    """The file of a revision of the only profile."""
    (file,) = home.glob(f"profiles/*/r{number:04d}.deeprx")
    return file


# -- too few, too many -------------------------------------------------------------------------


def test_no_image(run: Run, data_dir: Path) -> None:
    empty = data_dir / "空"
    empty.mkdir()
    both(run, ["fit", "x", empty], "No pictures were found in", "画像が見つかりません")
    ran = both(run, ["fit", "x"], "IMAGES is missing", "正常画像")
    assert "Usage: deeprx fit NAME IMAGES..." in ran.err


def test_one_image_and_four(run: Run, warm: Path, parts: Path) -> None:
    one = [parts / "good" / "1.png"]
    both(run, ["fit", "x", *one], "add 4 more pictures", "あと 4 枚追加")
    ran = run("fit", "x", *one)
    assert "1 normal image is too little" in ran.err
    four = [parts / "good" / f"{n}.png" for n in range(1, 5)]
    ran = both(run, ["fit", "x", *four], "add 1 more", "あと 1 枚追加")
    assert "4 normal images are too few" in ran.err
    assert run("profiles", "list", "--json").json == {"profiles": []}


def test_enough_images_of_which_too_few_can_be_read(run: Run, warm: Path, parts: Path) -> None:
    folder = warm / "x"
    shutil.copytree(parts / "good", folder)
    for n in range(4, 13):
        (folder / f"{n}.png").write_bytes(b"\x89PNG broken" + bytes([n]))
    told = both(run, ["fit", "x", folder, *SMALL], "add 2 more", "あと 2 枚追加")
    assert "Only 3 of the pictures can be used, 9 could not be read" in told.err


class _InstantEngines:
    """Stands in for the engines: every picture is judged, none is looked at."""

    def for_profile(self, _profile: object) -> _InstantEngines:
        return self

    def score(self, frame: Any) -> Score:
        return Score(float(frame.pixels[0, 0, 0]), np.zeros((2, 2), np.float32), 0.1)

    def describe(self) -> RuntimeInfo:
        return RuntimeInfo("instant", "none")


def test_ten_thousand_images(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found, judged, written to a table and told one by one.

    What reading and scoring so many takes is for the benchmarks: here one picture stands for all.
    """
    first = pictures.write(tmp_path / "0.png", pictures.part(0, height=16, width=16))
    frame = decode(first)
    for n in range(1, 10_000):
        (tmp_path / f"{n}.png").hardlink_to(first)
    monkeypatch.setattr(Context, "engines", lambda *_: _InstantEngines())
    monkeypatch.setattr("deeprx_gui.work.batch.check_golden", lambda *_: 0.0)
    monkeypatch.setattr(
        "deeprx_gui.work.batch.read_frames_ahead", lambda paths: ((p, frame) for p in paths)
    )
    ran = run("score", NAME, tmp_path, "--json", "--csv", home / "all.csv")
    assert sum(ran.json["counts"].values()) == 10_000
    names = [Path(image["path"]).name for image in ran.json["images"]]
    assert names == [f"{n}.png" for n in range(10_000)]
    assert (home / "all.csv").read_bytes().count(b"\r\n") == 10_001
    assert len(ran.err.splitlines()) < 100, "progress does not flood a log file"


# -- pictures that are none --------------------------------------------------------------------


def test_a_broken_file_in_the_middle_stops_nothing(run: Run, home: Path, parts: Path) -> None:
    folder = home / "today"
    shutil.copytree(parts / "new", folder)
    whole = (folder / "1.png").read_bytes()
    (folder / "1b.png").write_bytes(whole[: len(whole) // 2])
    (folder / "1c.png").write_text("This is a text file.", encoding="utf-8")
    pictures.huge_png(folder / "1d.png", 20_000)
    (folder / "1e.png").write_bytes(b"")
    told = both(run, ["score", NAME, folder], "1b.png is incomplete or damaged", "壊れています")
    assert told.out.splitlines()[-1] == "OK 2  REVIEW 0  NG 0  ERROR 4"
    assert "1c.png is not a picture that can be read here" in told.out
    assert "1d.png is 20000 x 20000 pixels; pictures of up to 100 megapixels" in told.out
    assert "1e.png is empty" in told.out
    told = run("score", NAME, folder, "--json", "--overlays", home / "heat")
    assert told.code == 2
    assert [i["verdict"] for i in told.json["images"]] == ["OK"] + ["ERROR"] * 4 + ["OK"]
    assert len(list((home / "heat").iterdir())) == 2


def test_a_folder_without_images(run: Run, home: Path) -> None:
    folder = home / "docs"
    folder.mkdir()
    (folder / "readme.txt").write_text("nothing to see", encoding="utf-8")
    told = both(run, ["score", NAME, folder], "No pictures were found in", "画像が見つかりません")
    assert "PNG, JPEG, BMP, TIFF or WebP" in told.err
    both(run, ["score", NAME, folder / "none"], "is not there", "見つからない")


@pytest.mark.parametrize("brightness", [0, 255])
def test_a_set_of_one_colour(run: Run, warm: Path, brightness: int) -> None:
    for n in range(6):
        flat = np.full((64, 64 + n, 3), brightness, np.uint8)
        pictures.write(warm / "flat" / f"{n}.png", flat)
    words: list[object] = ["fit", "x", warm / "flat", *SMALL]
    told = both(run, words, "no structure at all", "一色")
    assert "Check the camera and the lamp" in told.err
    assert run("fit", "x", warm / "flat", *SMALL, "--json").json["kind"] == "fit"


def test_a_black_picture_is_judged_and_not_ok(run: Run, home: Path) -> None:
    black = pictures.write(home / "black.png", np.zeros((96, 96, 3), np.uint8))
    assert run("score", NAME, black, "--json").json["counts"]["NG"] == 1


# -- profiles that cannot be used ------------------------------------------------------------


def test_a_profile_of_a_newer_program(run: Run, home: Path, parts: Path, tmp_path: Path) -> None:
    file = revision_file(home)
    data = file.read_bytes()
    newer = repacked(data, {**document(data), "schema": 99})
    foreign = tmp_path / "new.deeprx"
    foreign.write_bytes(newer)
    both(run, ["profiles", "import", foreign], "Update the program", "プログラムを更新")
    file.write_bytes(newer)
    told = both(run, ["score", NAME, parts / "new"], "Update the program", "プログラムを更新")
    assert "made by a newer program" in told.err
    assert "unusable" in run("profiles", "list").out
    assert run("profiles", "verify").code == 2
    assert file.read_bytes() == newer, "not touched"


def test_a_profile_with_one_flipped_byte(run: Run, home: Path, parts: Path) -> None:
    assert run("fit", NAME, parts / "good", *SMALL).code == 0
    file = revision_file(home, 2)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    words: list[object] = ["score", NAME, parts / "new"]
    told = both(run, words, "you can roll back to r0001", "r0001 に戻して")
    assert "damaged" in told.err
    assert run("score", NAME, parts / "new", "--json").json["kind"] == "profile"
    assert [f["sound"] for f in run("profiles", "verify", "--json").json["findings"]] == [
        True,
        False,
    ]
    assert run("profiles", "rollback", NAME, "1").code == 0, "the advice works"
    assert run(*words).code == 0


def test_a_profile_whose_backbone_is_missing(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "packaged", lambda _spec: None)
    words: list[object] = ["score", NAME, parts / "new"]
    both(run, words, "Install the program again", "インストールし直して")
    told = both(
        run,
        ["fit", "x", parts / "good", "--backbone", "resnet18"],
        "deeprx backbones import",
        "deeprx backbones import",
    )
    assert "resnet18-f37072fd.pth" in told.err


# -- the disk ----------------------------------------------------------------------------------


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_while_saving(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _no_space)
        words: list[object] = ["fit", NAME, parts / "good", *SMALL]
        told = both(run, words, "The disk is full", "空きがない")
        assert "What was saved before is untouched" in told.err
    assert sound(run)
    assert len(list(home.glob("profiles/*/r*.deeprx"))) == 1
    assert not list(home.rglob("*.part"))


def test_a_full_disk_while_learning(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=1000))
    told = both(
        run, ["fit", NAME, parts / "good", *SMALL], "The disk is full", "ディスクの空きがありません"
    )
    assert "scratch" in told.err
    assert sound(run)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can make a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system mounts no small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_really_full_disk_for_results(run: Run, home: Path, tiny_disk: Path) -> None:
    folder = home / "large"
    for n in range(3):
        pictures.write(folder / f"{n}.png", pictures.part(n, height=700, width=700))
    ran = run("score", NAME, folder, "--overlays", tiny_disk, "--json")
    assert ran.code == 2
    assert "the disk is full" in ran.json["error"]
    assert len(ran.json["images"]) == 3
    whole = run("profiles", "export", NAME, tiny_disk)
    assert whole.code == 2
    assert "The disk is full" in whole.err
    assert not list(tiny_disk.glob("*.deeprx"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_does_not_fit_on_the_disk(run: Run, process: Any, home: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = process("profiles", "list", stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 2
    assert b"The answer could not be written (No space left on device)" in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert b"Exception ignored" not in ran.stderr


def test_no_permission(run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the data folder should be; a folder of pictures that may not be opened."""
    wrong = home / "file"
    wrong.write_text("x", encoding="utf-8")
    words: list[object] = ["fit", "x", parts / "good", *SMALL, "--data-dir", wrong]
    told = both(run, words, "Nothing can be saved in", "保存できません")
    assert "--data-dir" in told.err

    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr(os, "fsync", forbidden)
        told = both(run, ["fit", NAME, parts / "good", *SMALL], "may not write to", "書き込み権限")
    assert sound(run)
    with monkeypatch.context() as locked:
        locked.setattr(os, "scandir", forbidden)
        both(run, ["score", NAME, parts / "new"], "rights", "権限")


@pytest.mark.logs_errors
def test_what_nobody_foresaw_ends_in_a_sentence_and_in_the_log(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr("deeprx_gui.cli.score_command.gather_pictures", surprise)
    log = home / "logs" / "deeprx.log"
    told = both(run, ["score", NAME, parts], f"send the file {log} to support", "サポートに送って")
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert json.loads(run("score", NAME, parts, "--json").out)["kind"] == "unexpected"
    assert "ZeroDivisionError" not in told.err


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("Exception from core.cpp:117:\nstd::bad_alloc")],
    ids=["numpy", "openvino"],
)
def test_too_little_memory_is_said_whoever_ran_out_of_it(
    run: Run, home: Path, parts: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def exhausted(*_: object) -> None:
        raise error

    monkeypatch.setattr("deeprx_gui.cli.score_command.gather_pictures", exhausted)
    both(run, ["score", NAME, parts], "not enough memory", "メモリが足りません")
    assert json.loads(run("score", NAME, parts, "--json").out)["kind"] == "memory"
