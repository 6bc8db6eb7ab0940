from pathlib import PurePosixPath

import pytest

from deeprx_gui.domain.folder_labels import (
    FolderMeaning,
    is_defect_mask,
    labels_from_folders,
    mask_of_stem,
    meaning_of,
)
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


@pytest.mark.parametrize(
    ("meaning", "names"),
    [
        (FolderMeaning.GOOD, ("good OK Normal pass 01_good good_parts no_defect defect-free 良品 "
         "OK品 異常なし")),
        (FolderMeaning.BAD, ("bad abnormal Anomaly anomalous KO nok NG NG_01 ng-scratch defect "
         "defects2 Defective_parts broken broken_large scratch Scratches not_ok no_good not-normal "
         "notOK n.i.O. reject 不良品 NG品 表面異常 キズ 不合格")),
        (FolderMeaning.MASKS, ("ground_truth GroundTruth SegmentationClass crack_mask scratch-GT "
         "defect_masks")),
        (FolderMeaning.PERHAPS_MASKS, "mask Masks GT label labels"),
        (FolderMeaning.UNSURE, "dent missing chips KO-240_gear ok_and_ng good_scratch unknown"),
        (FolderMeaning.NOTHING, ("monday lot5 2024-05-01 crackers bottle koala goods metal_nut "
         "test_bad_parts_never_enter_a_long_mask")),
    ],
)  # fmt: skip
def test_what_names_of_folders_say(meaning: FolderMeaning, names: str) -> None:
    assert {name: meaning_of(name) for name in names.split()} == dict.fromkeys(
        names.split(), meaning
    )


@pytest.mark.parametrize(
    ("stem", "picture"),
    [
        ("3_mask", ("3", True)),
        ("part 3-GT", ("part 3", True)),
        ("3_ground_truth", ("3", True)),
        ("3_label", ("3", False)),
        ("mask_3", ("3", False)),
        ("mask", None),
        ("3", None),
        ("unmask3", None),
    ],
)
def test_the_name_of_a_mask_says_whose_it_is(stem: str, picture: tuple[str, bool] | None) -> None:
    assert mask_of_stem(stem) == picture
