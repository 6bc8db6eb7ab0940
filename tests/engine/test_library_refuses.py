"""Weights files that are not what they should be: a sentence each, and nothing runs or stays."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from torch import Tensor

from deeprx_gui.domain.errors import BackboneError, StorageError
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.weights import check_unchanged
from deeprx_gui.engine.runtimes.torch_runtime import open_cpu
from tests.engine.disks import full_disk
from tests.engine.weights_files import Publish, announce, folder_of

States = dict[str, dict[str, Tensor]]
DO_AGAIN = "Download (it|the file) again"


@pytest.fixture
def state(random_states: States) -> dict[str, Tensor]:
    """A complete state dict of resnet18 that the test may spoil."""
    return dict(random_states["resnet18"])


def refused(library: BackboneLibrary, file: Path, sentence: str) -> None:
    """Importing says this, and leaves nothing behind."""
    with pytest.raises(BackboneError, match=sentence):
        library.import_file(file)
    folder = folder_of(library)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_of_another_hash_is_not_even_opened(
    library: BackboneLibrary, tmp_path: Path, state: dict[str, Tensor]
) -> None:
    file = tmp_path / "resnet18-f37072fd.pth"  # the right name proves nothing
    torch.save(state, file)
    refused(library, file, "not a weights file this program knows.*" + DO_AGAIN)


def test_a_truncated_download_is_refused(library: BackboneLibrary, tmp_path: Path) -> None:
    found = library.find("efficientnet-lite0").file
    half = tmp_path / found.name
    half.write_bytes(found.read_bytes()[:-1000])
    refused(library, half, DO_AGAIN)


@pytest.mark.parametrize("content", [b"", b"These are not weights.\n" * 9])
def test_a_text_file_is_refused(library: BackboneLibrary, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(content)
    refused(library, file, "not a weights file this program knows")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 no zip either"])
def test_a_file_that_torch_cannot_read_is_refused_whatever_its_hash(
    library: BackboneLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(content)
    announce(monkeypatch, "resnet18", file)
    refused(library, file, "cannot be read.*" + DO_AGAIN)


class Bomb:
    """Unpickling this would make a folder."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def test_code_inside_a_weights_file_does_not_run(
    library: BackboneLibrary, tmp_path: Path, published: Publish, state: dict[str, Tensor]
) -> None:
    trace = tmp_path / "it ran"
    refused(library, published("resnet18", {**state, "extra": Bomb(trace)}), "cannot be read")
    assert not trace.exists()


@pytest.mark.parametrize("what", [[1, 2, 3], {"conv1.weight": "text"}, {1: 2}, torch.zeros(3)])
def test_something_else_than_named_tensors_is_refused(
    library: BackboneLibrary, published: Publish, what: object
) -> None:
    refused(library, published("resnet18", what), "cannot be read")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(
    library: BackboneLibrary, published: Publish, state: dict[str, Tensor], bad: float
) -> None:
    spoilt = state["layer3.0.conv1.weight"].clone()
    spoilt[3, 2, 1, 0] = bad
    file = published("resnet18", {**state, "layer3.0.conv1.weight": spoilt})
    refused(library, file, r"does not fit.*layer3\.0\.conv1\.weight.*" + DO_AGAIN)


def test_a_missing_tensor_is_named(
    library: BackboneLibrary, published: Publish, state: dict[str, Tensor]
) -> None:
    del state["layer2.1.bn2.running_var"]
    refused(library, published("resnet18", state), r"layer2\.1\.bn2\.running_var")


def test_a_tensor_of_another_shape_is_named(
    library: BackboneLibrary, published: Publish, state: dict[str, Tensor], random_states: States
) -> None:
    state["conv1.weight"] = torch.zeros(64, 3, 5, 5)
    refused(library, published("resnet18", state), r"tensor conv1\.weight")
    refused(library, published("resnet50", random_states["resnet18"]), r"does not fit")


def test_a_missing_file_and_a_folder_are_sentences(
    library: BackboneLibrary, tmp_path: Path
) -> None:
    refused(library, tmp_path / "nowhere.pth", "cannot be read: No such file.*Check the path")
    refused(library, tmp_path, "is not a file on a disk. Choose another one")


def test_an_absurdly_large_file_is_refused_before_it_is_read(
    library: BackboneLibrary, tmp_path: Path
) -> None:
    file = tmp_path / "large.pth"
    with file.open("wb") as stream:
        stream.truncate(3 * 1024**3)  # sparse: takes no room
    refused(library, file, "too large to be a weights file")


@pytest.mark.parametrize("room", [0, 1_000_000])
def test_a_full_disk_is_a_sentence_and_keeps_what_was_there(
    library: BackboneLibrary,
    published: Publish,
    state: dict[str, Tensor],
    tmp_path: Path,
    room: int,
) -> None:
    file = published("resnet18", state)
    fresh = BackboneLibrary(tmp_path / "fresh")
    with full_disk(room), pytest.raises(StorageError, match=r"could not be saved.*Free some space"):
        fresh.import_file(file)
    assert not list(folder_of(fresh).iterdir())
    library.import_file(file)
    with full_disk(room), pytest.raises(StorageError):
        library.import_file(file)
    check_unchanged(library.find("resnet18"))


def test_a_data_folder_that_is_a_file_is_a_sentence(
    tmp_path: Path, published: Publish, state: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    library = BackboneLibrary(tmp_path / "taken")
    with pytest.raises(StorageError, match="choose another data folder"):
        library.import_file(published("resnet18", state))
    with pytest.raises((StorageError, BackboneError), match="folder"):
        library.fetch("vgg16")
    assert not library.status("resnet18").installed


@pytest.fixture
def imported(library: BackboneLibrary, published: Publish, state: dict[str, Tensor]) -> Path:
    """The stored file of an imported resnet18."""
    library.import_file(published("resnet18", state))
    return folder_of(library) / "resnet18.safetensors"


def test_a_flipped_bit_in_the_stored_weights_is_found(
    library: BackboneLibrary, imported: Path
) -> None:
    data = bytearray(imported.read_bytes())
    data[len(data) // 2] ^= 1
    imported.write_bytes(data)
    with pytest.raises(BackboneError, match=r"damaged. Import the file again"):
        open_cpu(library.find("resnet18"), (8,))


@pytest.mark.parametrize("damage", ["", "{", "[]", "7", '{"format": "deeprx-backbone"}', "\udcff"])
def test_a_damaged_manifest_hides_no_other_backbone(
    library: BackboneLibrary, imported: Path, damage: str
) -> None:
    manifest = imported.with_suffix(".json")
    manifest.write_bytes(damage.encode("utf-8", "surrogateescape"))
    status = {s.name: s for s in library.list()}["resnet18"]
    assert not status.installed
    assert "mport" in str(status.advice)
    assert library.status("efficientnet-lite0").installed
    with pytest.raises(BackboneError, match="mport"):
        library.find("resnet18")


def test_a_manifest_for_other_weights_is_not_believed(
    library: BackboneLibrary, imported: Path
) -> None:
    manifest = imported.with_suffix(".json")
    entry = json.loads(manifest.read_text(encoding="utf-8"))
    entry["sha256"] = library.find("efficientnet-lite0").sha256
    manifest.write_text(json.dumps(entry), encoding="utf-8")
    assert not library.status("resnet18").installed


def test_a_stored_file_that_vanished_is_not_installed(
    library: BackboneLibrary, imported: Path
) -> None:
    found = library.find("resnet18")
    imported.unlink()
    assert not library.status("resnet18").installed
    with pytest.raises(BackboneError, match="cannot be read"):
        open_cpu(found, (8,))


def test_importing_again_repairs(library: BackboneLibrary, imported: Path, tmp_path: Path) -> None:
    imported.write_bytes(b"broken")
    imported.with_suffix(".json").write_text("{")
    library.import_file(tmp_path / "resnet18.pth")
    check_unchanged(library.find("resnet18"))
