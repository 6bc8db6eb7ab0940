"""The weights on this PC: find, import from a file, fetch, and check their hashes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import cast

from deeprx_gui.atomic import whole_file
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.edition import CONVERTING, TEACHING, is_light
from deeprx_gui.domain.errors import BackboneError, RequestError, StorageError
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.onnx_order import OnnxContents, OnnxOrder
from deeprx_gui.engine.backbones import imported, prepared
from deeprx_gui.engine.backbones.catalogue import (
    BACKBONES,
    BackboneSpec,
    backbone,
    identify,
    register,
)
from deeprx_gui.engine.backbones.plan_cache import PlanCache
from deeprx_gui.engine.backbones.weights import Weights, damaged, hash_file, packaged
from deeprx_gui.engine.torch_import import import_torch_module

_FORMAT = "deeprx-backbone"


class BackboneLibrary:
    """Backbone weights under one folder, plus those that came with installed packages.

    An imported file is checked against its publisher's hash, opened with ``weights_only=True``,
    and kept as safetensors; the original is not needed again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for spec in imported.found_in(folder):
            register(spec)

    def list(self) -> tuple[BackboneStatus, ...]:
        """Describe every backbone of the catalogue; loads nothing."""
        here = (spec.name for spec in imported.found_in(self._folder))
        return tuple(self.status(name) for name in (*BACKBONES, *here))

    def status(self, name: str) -> BackboneStatus:
        """Describe one backbone. Raises RequestError when the name is unknown."""
        spec = backbone(name)
        if spec.own:
            return _own_status(spec)
        found, advice = None, _advice(spec)
        try:
            found = self._find(spec)
        except BackboneError as error:  # damaged: one entry says so, the others are still listed
            advice = error.message
        reach = found.max_stride if found else max(spec.channels)
        return BackboneStatus(
            name=spec.name,
            title=spec.title,
            taps=tuple(stride for stride in spec.channels if stride <= reach),
            default_taps=spec.default_taps,
            installed=found is not None,
            sha256=found.sha256 if found else None,
            licence=spec.licence,
            advice=None if found else advice,
            fetchable=spec.fetch is not None and _can_fetch(),
            words=spec.imported.words if spec.imported else "",
            size=spec.imported.size if spec.imported else None,
        )

    def find(self, name: str) -> Weights:
        """Return the weights of an installed backbone.

        Raises RequestError when the name is unknown and BackboneError when it is not installed.
        """
        spec = backbone(name)
        if spec.own:
            raise BackboneError(
                say(
                    "{name} has no weights of its own: every fit teaches it from the normal "
                    "images. Learn with it, or choose another backbone.",
                    name=spec.name,
                )
            )
        found = self._find(spec)
        if found is None:
            raise BackboneError(_advice(spec))
        return found

    def look_into(self, file: Path) -> OnnxContents:
        """Say which layers of an ONNX file can be tapped; raises BackboneError when none can."""
        _check_converting()
        maker = import_torch_module("deeprx_gui.engine.backbones.onnx_import")
        return cast("OnnxContents", maker.look_into(file))

    def import_onnx(self, file: Path, order: OnnxOrder) -> BackboneStatus:
        """Import a network from an ONNX file; the file itself is not needed again. Needs torch.

        Raises BackboneError that says why it cannot be a backbone, RequestError for an impossible
        order, StorageError when it cannot be kept.
        """
        _check_converting()
        maker = import_torch_module("deeprx_gui.engine.backbones.onnx_import")
        made = maker.make(file, order)
        self._check_free(made.spec)
        try:
            imported.save(self._folder, made.spec, made.plan)
        except OSError as error:
            raise _cannot_save(self._folder, error) from error
        register(made.spec)
        return self.status(made.spec.name)

    def import_file(self, file: Path) -> BackboneStatus:
        """Import a weights file as its publisher offers it, or a network prepared elsewhere.

        The original stays as it is. Raises BackboneError when the file is missing, unknown or not
        what its hash says, RequestError when another network has its name.
        """
        if prepared.is_one(file):
            return self._import_prepared(file)
        sha256 = hash_file(file)
        known = identify(sha256)
        if known is None:
            raise BackboneError(
                say(
                    "{file} is not a weights file this program knows (sha256 {hash}…). "
                    "Download the file again from its publisher; “deeprx backbones list” shows the "
                    "backbones.",
                    file=file.name,
                    hash=sha256[:12],
                )
            )
        spec, published = known
        _check_converting()
        convert = import_torch_module("deeprx_gui.engine.backbones.convert")
        target = self._folder / f"{spec.name}.safetensors"
        manifest = target.with_suffix(".json")
        data = convert.to_safetensors(spec, file, published.max_stride)
        entry = {
            "format": _FORMAT,
            "name": spec.name,
            "sha256": sha256,
            "file_sha256": hashlib.sha256(data).hexdigest(),
            "max_stride": published.max_stride,
            "note": published.note,
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(manifest) as note, whole_file(target) as weights:
                note.write(json.dumps(entry, indent=1).encode())
                weights.write(data)
        except OSError as error:
            raise _cannot_save(self._folder, error) from error
        return self.status(spec.name)

    def export(self, name: str, file: Path) -> Path:
        """Write an installed network for PCs with the light edition; return the file.

        Raises RequestError when the name is unknown, BackboneError when it is not installed,
        StorageError when the file cannot be written.
        """
        weights = self.find(name)
        plan = PlanCache(None).plan(weights)
        target = file if prepared.is_one(file) else file.with_name(file.name + prepared.SUFFIX)
        try:
            prepared.write(target, weights.spec, weights.sha256, plan)
        except OSError as error:
            raise _cannot_save(target, error) from error
        return target

    def _import_prepared(self, file: Path) -> BackboneStatus:
        spec, sha256, plan = prepared.read(file)
        try:
            if spec.imported is None:
                prepared.keep(self._folder, spec, sha256, plan)
            else:
                self._check_free(spec)
                imported.save(self._folder, spec, plan)
                register(spec)
        except OSError as error:
            raise _cannot_save(self._folder, error) from error
        return self.status(spec.name)

    def fetch(self, name: str) -> BackboneStatus:
        """Download the published weights and import them; the only use of the network.

        Raises BackboneError when there is no network or nothing to download.
        """
        spec = backbone(name)
        if spec.own:
            raise BackboneError(
                say(
                    "There is nothing to download for {name}: it learns from your own pictures.",
                    name=spec.name,
                )
            )
        if spec.fetch is None:
            raise BackboneError(
                say("{name} is built in; there is nothing to download.", name=spec.name)
            )
        if not _can_fetch():
            raise BackboneError(_advice(spec))
        fetch = import_torch_module("deeprx_gui.engine.backbones.fetch")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_save(self._folder, error) from error
        file: Path = fetch.download(spec, self._folder)
        try:
            return self.import_file(file)
        finally:
            file.unlink(missing_ok=True)

    def _check_free(self, spec: BackboneSpec) -> None:
        """Refuse to put a network in the place of another: profiles may have been learnt with it.

        Raises RequestError.
        """
        for other in imported.found_in(self._folder):
            taken = other.name.casefold() == spec.name.casefold() and self._find(other) is not None
            if taken and _sha256(other) != _sha256(spec):
                raise RequestError(
                    say(
                        "Another network was imported as “{name}”, and profiles may need it. Give "
                        "this one another name (--name).",
                        name=other.name,
                    )
                )

    def _find(self, spec: BackboneSpec) -> Weights | None:
        if spec.imported is not None:
            file = imported.plan_path(self._folder, spec.name)
            sha256 = spec.imported.sha256
            found = Weights(spec, file, sha256, "", max(spec.channels), converted=True)
            return found if file.exists() else None
        brought = prepared.kept(self._folder, spec)
        if is_light():  # it may reach further than what came with the program
            return brought or packaged(spec) or self._imported(spec)
        return self._imported(spec) or packaged(spec) or brought

    def _imported(self, spec: BackboneSpec) -> Weights | None:
        file = self._folder / f"{spec.name}.safetensors"
        if not file.exists():
            return None
        entry = _manifest(spec, file.with_suffix(".json"))
        if entry is None or entry.get("format") != _FORMAT:
            return None
        sha256 = str(entry.get("sha256", ""))
        known = identify(sha256)
        if known is None or known[0].name != spec.name:
            return None
        return Weights(
            spec, file, sha256, str(entry.get("file_sha256", "")), known[1].max_stride, True
        )


def _check_converting() -> None:
    """Raise BackboneError where there is no torch to read a network with."""
    if is_light():
        raise BackboneError(CONVERTING)


def _sha256(spec: BackboneSpec) -> str:
    return spec.imported.sha256 if spec.imported else ""


def _own_status(spec: BackboneSpec) -> BackboneStatus:
    return BackboneStatus(
        name=spec.name,
        title=spec.title,
        taps=tuple(spec.channels),
        default_taps=spec.default_taps,
        installed=not is_light(),
        sha256=None,
        licence=spec.licence,
        advice=TEACHING
        if is_light()
        else say(
            "{name}: every fit teaches it anew, about a minute on an office PC. Half of the normal "
            "images teach it and set no limits, so it takes twice as many for the same promise.",
            name=spec.name,
        ),
        fetchable=False,
        own=True,
        needs_full=is_light(),
    )


def _manifest(spec: BackboneSpec, file: Path) -> dict[str, object] | None:
    """Read what stands beside stored weights; raises BackboneError when it cannot be read."""
    try:
        entry = read_json_file(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(spec) from error
    if not isinstance(entry, dict):
        raise damaged(spec)
    return entry


def _cannot_save(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        say(
            "The backbone could not be saved in {folder}: {reason}. "
            "Free some space or choose another data folder.",
            folder=folder,
            reason=error.strerror or str(error),
        )
    )


def _advice(spec: BackboneSpec) -> Message:
    if spec.imported is not None:
        return say(
            "{name} is not on this PC any more. Import it again: {words}",
            name=spec.name,
            words=spec.imported.words,
        )
    if spec.package is not None:
        return say(
            "{name} belongs to this program but its weights are missing. "
            "Install the program again.",
            name=spec.name,
        )
    if is_light():
        return say(
            "{name} is not installed. On a PC with the full edition write it with “deeprx "
            "backbones export {name} FILE”, then import that file here.",
            name=spec.name,
        )
    if not _can_fetch():
        return _bring(spec)
    return say(
        "{name} is not installed. On a PC with a network run “deeprx backbones fetch {name}”, "
        "or bring the file {file} and import it (button “Import weights”, or "
        "“deeprx backbones import FILE”).",
        name=spec.name,
        file=_file_name(spec),
    )


def _bring(spec: BackboneSpec) -> Message:
    return say(
        "{name} is not installed, and this program downloads nothing. Get the file {file} from "
        "its publisher on another PC and import it (button “Import weights”, or "
        "“deeprx backbones import FILE”).",
        name=spec.name,
        file=_file_name(spec),
    )


def _file_name(spec: BackboneSpec) -> str:
    return f"{spec.name.replace('-', '_')}-{spec.published[0].sha256}.pth"


def _can_fetch() -> bool:
    """Say whether there is something to download with: the installed program has nothing."""
    return importlib.util.find_spec("torchvision") is not None
