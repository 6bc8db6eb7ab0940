from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.work.expand_folders import expand_folders


def _gathered(*items: PendingImage) -> tuple[PendingImage, ...]:
    job = expand_folders(items)
    try:
        while True:
            next(job)
    except StopIteration as stop:
        found: tuple[PendingImage, ...] = stop.value
        return found


def _make(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def test_a_data_set_gives_its_test_pictures_labelled_by_their_folders(tmp_path: Path) -> None:
    _make(
        tmp_path,
        "train/good/1.png",
        "test/good/2.png",
        "test/割れ/3.png",
        "ground_truth/割れ/3_mask.png",
    )
    found = {item.path.name: item.label for item in _gathered(PendingImage(tmp_path))}
    assert found == {"2.png": Label.GOOD, "3.png": Label.BAD}


def test_a_label_given_by_hand_stays(tmp_path: Path) -> None:
    _make(tmp_path, "NG/10.png", "NG/9.png", "NG/note.txt")
    found = _gathered(PendingImage(tmp_path, Label.GOOD))
    assert [(i.path.name, i.label) for i in found] == [
        ("9.png", Label.GOOD),
        ("10.png", Label.GOOD),
    ]


def test_a_file_and_its_folder_give_one_picture(tmp_path: Path) -> None:
    _make(tmp_path, "a.png", "b.png")
    found = _gathered(PendingImage(tmp_path / "a.png", Label.BAD), PendingImage(tmp_path))
    assert [(i.path.name, i.label) for i in found] == [
        ("a.png", Label.BAD),
        ("b.png", Label.UNKNOWN),
    ]


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not there"):
        _gathered(PendingImage(tmp_path / "gone"))


def test_a_folder_of_masks_is_a_sentence(tmp_path: Path) -> None:
    _make(tmp_path, "ground_truth/crack/1_mask.png")
    with pytest.raises(RequestError, match="only defect masks"):
        _gathered(PendingImage(tmp_path / "ground_truth"))
