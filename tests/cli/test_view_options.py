"""Region, positioning and blobs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from tests.cli import pictures
from tests.cli.conftest import SMALL, Run


@pytest.mark.usefixtures("warm")
def test_a_defect_outside_the_region_is_none(run: Run, parts: Path) -> None:
    """The scratch lies in the middle: left out, the bad parts are good."""
    where = ("--region", "0,0,1,0.25", "--region", "0,0.7,1,1", "--mm-per-pixel", "0.5")
    fitted = run("fit", "Edges", parts / "good", *SMALL, *where, "--json")
    assert fitted.code == 0, fitted.err
    assert len(fitted.json["view"]["region"]["inside"]) == 2
    assert fitted.json["view"]["mm_per_pixel"] == 0.5
    scored = run("score", "Edges", parts / "bad", "--json").json
    assert all(image["times_limit"] < 1.5 for image in scored["images"])

    run("fit", "Middle", parts / "good", *SMALL, "--mm-per-pixel", "0.5", "--min-area", "2")
    (first, *_) = run("score", "Middle", parts / "bad", "--json").json["images"]
    hottest = first["blobs"][0]
    assert hottest["times_limit"] == pytest.approx(first["times_limit"], rel=0.01)
    assert all(blob["cells"] >= 2 for blob in first["blobs"]), "smaller than the smallest area"
    left, top, right, bottom = hottest["box"]
    assert left < 43 / 96 < right
    assert top < 45 / 96 < bottom
    assert hottest["area_px"] == pytest.approx(hottest["area"] * 96 * 96)
    assert hottest["area_mm2"] == pytest.approx(hottest["area_px"] / 4)
    shown = run("profiles", "show", "Middle", "--json").json
    assert shown["min_area"] == 2
    assert run("profiles", "show", "Edges").out.count("2 shapes inside, 0 ignored") == 1


@pytest.mark.usefixtures("warm")
def test_shapes_come_from_files_too(run: Run, parts: Path, tmp_path: Path) -> None:
    file = tmp_path / "領域.json"
    triangle = {"kind": "polygon", "points": [[0, 0], [1, 0], [0.5, 1]]}
    file.write_text(json.dumps([triangle]), encoding="utf-8")
    options = ("--region", file, "--ignore", "0.4,0.1,0.6,0.3", "--json")
    view = run("fit", "Triangle", parts / "good", *SMALL, *options).json["view"]
    assert view["region"]["inside"] == [triangle]
    assert view["region"]["ignore"][0]["kind"] == "rectangle"


@pytest.mark.parametrize("text", ["0,0,1", "0,0,1,2", "0.5,0,0.5,1", "0,0,nan,1"])
def test_a_rectangle_that_is_none_is_refused(run: Run, parts: Path, text: str) -> None:
    ran = run("fit", "X", parts / "good", "--region", text)
    assert ran.code == 2
    assert "no rectangle within the picture" in ran.err


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '[{"kind": "circle"}]', "[NaN]"])
def test_a_file_without_shapes_is_refused(run: Run, parts: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "region.json"
    file.write_text(text, encoding="utf-8")
    ran = run("fit", "X", parts / "good", "--ignore", file)
    assert ran.code == 2
    assert "holds no region" in ran.err
    missing = run("fit", "X", parts / "good", "--region", tmp_path / "none.json")
    assert missing.code == 2
    assert "cannot be read" in missing.err


def test_positioning_that_is_set_up_must_be_switched_on(run: Run, parts: Path) -> None:
    for given in (("--align-turn", "3"), ("--accept-placement",)):
        ran = run("fit", "X", parts / "good", *given)
        assert ran.code == 2
        assert "only brought to their place with --align" in ran.err


def lying_parts(parts: Path, folder: Path) -> Path:
    """Write eight parts that lie a little differently, with something to go by."""
    for n in range(8):
        pixels = decode(parts / "good" / f"{n + 1}.png").pixels
        plate = np.full((96, 96, 3), 60, np.uint8)
        plate[20:76, 16:80] = pixels[20:76, 16:80]
        plate[24:40, 20:44] = 220
        pictures.write(folder / f"{n}.png", np.roll(plate, (n % 3 - 1, n % 4 - 2), (0, 1)))
    return folder


def empty_tray(seed: int) -> ByteImage:
    return np.random.default_rng(seed).integers(50, 70, (96, 96, 3)).astype(np.uint8)


@pytest.mark.usefixtures("warm")
def test_where_positioning_misses_more_than_a_few_nothing_is_saved_until_accepted(
    run: Run, parts: Path, tmp_path: Path
) -> None:
    folder = lying_parts(parts, tmp_path / "lying")
    trays = [pictures.write(folder / f"tray {n}.png", empty_tray(n)) for n in range(3)]
    asked = ("fit", "Placed", folder, *SMALL, "--align", "--align-shift", "0.08")
    ran = run(*asked, "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "fit"
    assert sorted(ran.json["misplaced"]) == [str(tray) for tray in trays]
    assert ran.json["images"] == 11
    assert "in 3 of 11 normal images the part was not found" in ran.json["error"]
    assert "--accept-placement" in ran.err
    assert f"Not used: {trays[0]}: " in ran.err
    assert "There is no profile" in run("profiles", "show", "Placed").err
    accepted = run(*asked, "--accept-placement", "--json")
    assert accepted.code == 0, accepted.err
    assert (accepted.json["revision"], accepted.json["normals"]) == (1, 8)
    assert len(accepted.json["skipped"]) == 3


@pytest.mark.usefixtures("warm")
def test_a_part_that_is_not_in_place_is_an_error_with_that_reason(
    run: Run, parts: Path, tmp_path: Path
) -> None:
    folder = lying_parts(parts, tmp_path / "lying")
    ran = run("fit", "Placed", folder, *SMALL, "--align", "--align-shift", "0.08", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["view"]["positioning"]["shift"] == 0.08
    assert "Choosing the reference picture" in ran.err
    pictures.write(tmp_path / "new" / "missing.png", empty_tray(0))
    pictures.write(tmp_path / "new" / "good.png", decode(folder / "1.png").pixels)
    scored = run("score", "Placed", tmp_path / "new", "--json")
    assert scored.code == 2
    good, missing = scored.json["images"]
    assert good["verdict"] in {"OK", "REVIEW"}
    assert missing["verdict"] == "ERROR"
    assert "not in place" in missing["error"]
    assert missing["blobs"] == []
