"""Data sets in the layout of MVTec AD, and what is said about folders that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from deeprx_gui.capture.dataset import LabelledImage, read_dataset
from deeprx_gui.domain.errors import RequestError


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.fixture
def bottle(tmp_path: Path) -> Path:
    root = tmp_path / "bottle"
    touch(root, "train/good/10.png", "train/good/2.png", "train/good/readme.txt")
    touch(root, "test/good/1.png", "test/scratch/3.jpg", "test/scratch/4.png", "test/dent/5.png")
    touch(root, "ground_truth/scratch/3_mask.png", "license.txt", "test/notes.txt")
    return root


def test_the_layout_is_read_in_order(bottle: Path) -> None:
    found = read_dataset(bottle)
    assert found.name == "bottle"
    assert [p.name for p in found.train] == ["2.png", "10.png"]
    assert found.test == (
        LabelledImage(bottle / "test/dent/5.png", "dent", bad=True),
        LabelledImage(bottle / "test/good/1.png", "good", bad=False),
        LabelledImage(bottle / "test/scratch/3.jpg", "scratch", bad=True,
                      mask=bottle / "ground_truth/scratch/3_mask.png"),
        LabelledImage(bottle / "test/scratch/4.png", "scratch", bad=True),
    )  # fmt: skip
    assert [t.path.name for t in found.test_good] == ["1.png"]
    assert len(found.test_bad) == 3


def test_masks_named_like_the_picture_or_in_another_format_are_found(bottle: Path) -> None:
    touch(bottle, "ground_truth/dent/5.PNG", "ground_truth/scratch/4_MASK.tif")
    found = {t.path.name: t.mask for t in read_dataset(bottle).test}
    assert found["5.png"] == bottle / "ground_truth/dent/5.PNG"
    assert found["4.png"] == bottle / "ground_truth/scratch/4_MASK.tif"


def test_the_name_of_a_relative_folder(bottle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bottle)
    assert read_dataset(Path()).name == "bottle"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"is not a folder\. Choose the folder of a data set"):
        read_dataset(tmp_path / "absent")


def test_a_wrong_layout_says_what_is_expected(tmp_path: Path) -> None:
    touch(tmp_path, "good/1.png", "bad/2.png")
    with pytest.raises(RequestError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is not laid out as a data set. It needs good pictures to learn from in "
        "train/good, other good ones in test/good and bad ones in test/<kind>."
    )


def test_the_folder_above_several_sets_names_one_of_them(bottle: Path) -> None:
    touch(bottle.parent, "zipper/train/good/1.png")
    with pytest.raises(RequestError, match=r"several data sets.*for example .*bottle\."):
        read_dataset(bottle.parent)


def test_nothing_to_learn_from_and_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / "a/train/good").mkdir(parents=True)
    touch(tmp_path, "a/test/good/1.png", "b/train/good/1.png")
    with pytest.raises(RequestError, match=r"No pictures were found in .*good"):
        read_dataset(tmp_path / "a")
    with pytest.raises(
        RequestError, match=r"has no pictures to judge\. Put good ones into test/go"
    ):
        read_dataset(tmp_path / "b")


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("magnetic_tile", (699, 176, 388, 388)),
        ("circuitboard", (30, 20, 50, 0)),
        ("cookie", (31, 14, 40, 32)),
    ],
)
def test_the_real_sets_have_the_counts_their_readme_states(
    shared_data: Path, name: str, counts: tuple[int, int, int, int]
) -> None:
    found = read_dataset(shared_data / name)
    masks = sum(t.mask is not None for t in found.test)
    assert (len(found.train), len(found.test_good), len(found.test_bad), masks) == counts


def test_one_label_rule_whatever_good_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "Train/OK/1.png", "Test/Good/2.png", "Test/ok/3.png", "Test/NG/4.png")
    found = read_dataset(tmp_path)
    assert [p.name for p in found.train] == ["1.png"]
    assert [(t.path.name, t.bad) for t in found.test] == [
        ("2.png", False),
        ("4.png", True),
        ("3.png", False),
    ]


@pytest.mark.parametrize(
    "mask",
    [
        "ground_truth/crack/7_mask.png",
        "ground_truth/crack/7.png",
        "ground_truth/crack/7_GT.png",
        "Masks/crack/7.png",
        "masks/test/crack/7_mask.bmp",
        "gt/crack/7.png",
        "SegmentationClass/7.png",
        "ground_truth/7_mask.png",
        "ground_truth/crack/7/000.png",
        "test/crack/7_mask.png",
        "test/crack/masks/7.png",
        "test/crack_mask/7.png",
    ],
)
def test_masks_of_other_usual_names_and_layouts_are_found(tmp_path: Path, mask: str) -> None:
    touch(tmp_path, "train/good/1.png", "test/good/2.png", "test/crack/7.png", mask)
    Image.new("L", (9, 9)).save(tmp_path / mask)
    found = read_dataset(tmp_path)
    assert {t.path.name: t.mask for t in found.test} == {"2.png": None, "7.png": tmp_path / mask}
    assert not found.orphans


def test_several_masks_of_a_picture_and_masks_of_none(tmp_path: Path) -> None:
    masks = ("ground_truth/crack/7/000.png", "ground_truth/crack/7/001.png")
    touch(tmp_path, "train/good/1.png", "test/good/2.png", "test/crack/7.png", *masks)
    touch(tmp_path, "ground_truth/crack/9_mask.png")
    found = read_dataset(tmp_path)
    assert [t.masks for t in found.test if t.bad] == [tuple(tmp_path / m for m in masks)]
    assert [p.name for p in found.orphans] == ["9_mask.png"]
