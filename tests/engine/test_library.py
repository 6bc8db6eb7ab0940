"""Backbone weights on this PC: listed, imported, found again."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import BackboneError, RequestError
from deeprx_gui.engine.backbones import fetch as fetching
from deeprx_gui.engine.backbones.catalogue import (
    BACKBONES,
    check_taps,
    identify,
)
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.runtimes.torch_runtime import open_cpu
from tests.engine.weights_files import Publish, folder_of

BACKBONE_LIBRARY = "deeprx_gui.engine.backbones.library"
States = dict[str, dict[str, Tensor]]


def test_listing_needs_neither_torch_nor_weights(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from deeprx_gui.engine.backbones.library import BackboneLibrary\n"
        "from deeprx_gui.work.predict import predict\n"
        "names = [s.name for s in BackboneLibrary(pathlib.Path(sys.argv[1])).list()]\n"
        "print(names[0], len(names), [m for m in sys.modules if m.startswith('torch')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split(maxsplit=2) == ["efficientnet-lite0", "7", "[]\n"]


def test_what_is_not_installed_says_what_to_do(library: BackboneLibrary) -> None:
    status = library.status("wide-resnet50-2")
    assert not status.installed
    assert status.fetchable
    assert status.sha256 is None
    assert "wide_resnet50_2-95faca4d.pth" in str(status.advice)
    assert "import" in str(status.advice)
    with pytest.raises(BackboneError, match="wide_resnet50_2-95faca4d"):
        library.find("wide-resnet50-2")


def test_a_program_without_a_downloader_says_where_to_get_the_file(
    library: BackboneLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BACKBONE_LIBRARY + "._can_fetch", lambda: False)
    status = library.status("wide-resnet50-2")
    assert not status.fetchable
    assert "downloads nothing" in str(status.advice)
    with pytest.raises(BackboneError, match=r"wide_resnet50_2-95faca4d\.pth"):
        library.fetch("wide-resnet50-2")


def test_a_backbone_whose_package_is_gone_says_so(
    library: BackboneLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = BACKBONES["efficientnet-lite0"]
    monkeypatch.setitem(BACKBONES, spec.name, replace(spec, package="no_such_package_here"))
    assert "Install the program again" in str(library.status(spec.name).advice)


def test_an_unknown_name_is_answered_with_the_known_ones(library: BackboneLibrary) -> None:
    for ask in (library.find, library.status, library.fetch):
        with pytest.raises(RequestError, match=r"resnet1800.*efficientnet-lite0.*vgg16"):
            ask("resnet1800")


def test_the_trunk_of_resnet18_can_be_imported(
    library: BackboneLibrary, shared_weights: Path, picture: ByteImage
) -> None:
    status = library.import_file(shared_weights / "resnet18_trunk.pth")
    assert (status.installed, status.taps) == (True, (4, 8, 16))
    weights = library.find("resnet18")
    assert weights.sha256 == status.sha256
    found = open_cpu(weights, (8, 16)).taps(picture)
    assert [m.shape for m in found.maps] == [(256, 4, 6), (128, 8, 12)]
    assert all(np.isfinite(m).all() and m.std() > 0.1 for m in found.maps)
    with pytest.raises(BackboneError, match="end at stride 16"):
        check_taps(weights.spec, (8, 32), weights.max_stride)


def test_a_complete_file_can_be_imported_and_gives_its_own_features(
    library: BackboneLibrary, published: Publish, random_states: States, picture: ByteImage
) -> None:
    file = published("resnet18", random_states["resnet18"])
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    status = library.import_file(file)
    assert (status.installed, status.taps, status.sha256) == (True, (4, 8, 16, 32), before)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    file.unlink()  # the original is not needed again
    first = open_cpu(library.find("resnet18"), (8, 32)).taps(picture)
    assert [m.shape[0] for m in first.maps] == [512, 128]
    again = open_cpu(library.find("resnet18"), (8, 32)).taps(picture)
    assert all(np.array_equal(a, b) for a, b in zip(first.maps, again.maps, strict=True))
    assert sorted(f.suffix for f in folder_of(library).iterdir()) == [".json", ".safetensors"]


def test_importing_twice_is_importing_once(
    library: BackboneLibrary, published: Publish, random_states: States
) -> None:
    file = published("resnet18", random_states["resnet18"])
    assert library.import_file(file) == library.import_file(file)


def test_fetching_without_a_network_says_what_to_do(
    library: BackboneLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_args: object, **_options: object) -> None:
        raise OSError("<urlopen error [Errno -3] Temporary failure in name resolution>")

    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    with pytest.raises(BackboneError, match=r"name resolution.*vgg16-397923af\.pth.*import"):
        library.fetch("vgg16")
    assert not library.status("vgg16").installed


@pytest.mark.parametrize("error", [RuntimeError("invalid hash value"), TimeoutError("timed out")])
def test_a_download_that_breaks_off_leaves_nothing_behind(
    library: BackboneLibrary, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(_url: str, target: str, **_options: object) -> None:
        Path(target).write_bytes(b"half of it")
        raise error

    monkeypatch.setattr(torch.hub, "download_url_to_file", broken)
    with pytest.raises(BackboneError, match=str(error)):
        library.fetch("vgg16")
    assert not list(folder_of(library).iterdir())


def test_an_answer_cut_short_is_a_sentence_too(
    library: BackboneLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_args: object, **_options: object) -> None:
        raise http.client.IncompleteRead(b"half")

    monkeypatch.setattr(torch.hub, "download_url_to_file", cut)
    with pytest.raises(BackboneError, match="IncompleteRead"):
        library.fetch("vgg16")


def test_a_download_is_imported_and_tidied_away(
    library: BackboneLibrary,
    published: Publish,
    random_states: States,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready = published("resnet18", random_states["resnet18"])

    def delivered(url: str, target: str, **options: object) -> None:
        assert url == fetching.weights_url(BACKBONES["resnet18"])
        assert options["hash_prefix"] == "f37072fd"
        Path(target).write_bytes(ready.read_bytes())

    monkeypatch.setattr(torch.hub, "download_url_to_file", delivered)
    assert library.fetch("resnet18").installed
    names = sorted(f.name for f in folder_of(library).iterdir())
    assert names == ["resnet18.json", "resnet18.safetensors"]


def test_what_is_built_in_is_not_downloaded(library: BackboneLibrary) -> None:
    with pytest.raises(BackboneError, match="nothing to download"):
        library.fetch("efficientnet-lite0")


@pytest.mark.parametrize("taps", [(), (8, 8), (3,), (8, 64), (0,)])
def test_taps_that_do_not_exist_are_answered_with_those_that_do(taps: tuple[int, ...]) -> None:
    with pytest.raises(RequestError, match="2, 4, 8, 16, 32"):
        check_taps(BACKBONES["efficientnet-lite0"], taps, 32)


def test_taps_come_out_finest_first() -> None:
    assert check_taps(BACKBONES["efficientnet-lite0"], (16, 4, 8), 32) == (4, 8, 16)


def test_no_two_published_files_share_a_hash() -> None:
    every = [(s.name, p) for s in BACKBONES.values() for p in s.published]
    for name, p in every:
        found = identify(p.sha256.ljust(64, "0"))
        assert found is not None
        assert (found[0].name, found[1]) == (name, p)
    assert identify("0" * 64) is None


def test_the_manifest_says_what_was_imported(
    library: BackboneLibrary, published: Publish, random_states: States
) -> None:
    file = published("resnet18", random_states["resnet18"])
    library.import_file(file)
    manifest = json.loads((folder_of(library) / "resnet18.json").read_text(encoding="utf-8"))
    stored = folder_of(library) / "resnet18.safetensors"
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert manifest["file_sha256"] == hashlib.sha256(stored.read_bytes()).hexdigest()
