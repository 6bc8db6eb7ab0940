from pathlib import PurePosixPath

import pytest

from deeprx_gui.domain.folder_labels import is_defect_mask, labels_from_folders
from deeprx_gui.domain.scored import Label


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/data/tile/train/good/1.png", Label.GOOD),
        ("/line 3/NG/1.png", Label.BAD),
        ("/ライン/良品/朝/1.png", Label.GOOD),
        ("/ライン/不良/1.png", Label.BAD),
        ("/good/NG/1.png", Label.BAD),
        ("/photos/1.png", Label.UNKNOWN),
        ("/photos/test/monday/1.png", Label.UNKNOWN),
        ("good.png", Label.UNKNOWN),
    ],
)
def test_the_innermost_folder_that_says_something_decides(path: str, label: Label) -> None:
    assert labels_from_folders([PurePosixPath(path)]) == [label]


def test_beside_test_good_every_other_kind_is_bad() -> None:
    names = ["good/1.png", "crack/1.png", "print/deep/1.png"]
    paths = [PurePosixPath("/tile/Test", name) for name in names]
    assert labels_from_folders(paths) == [Label.GOOD, Label.BAD, Label.BAD]


def test_masks_are_no_pictures() -> None:
    assert is_defect_mask(PurePosixPath("/tile/ground_truth/crack/1_mask.png"))
    assert not is_defect_mask(PurePosixPath("/tile/test/crack/1.png"))
