"""The scenes of the Profiles page, of an import from another PC, and of the window's own sheets."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from deeprx_gui.capture.samples import sample_dataset
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.note_corrections import take_in

if TYPE_CHECKING:
    from deeprx_gui.app import Program

IMPORT: Final = "profiles-import"
_MUST_FIND: Final = 3


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""


def profile_scenes(camera: Camera, second: str, third: str, colleague: str) -> None:
    """Photograph three products, one of them damaged, and one that comes from a colleague."""
    program = camera.program
    profile = program.session.profile
    if profile is None:
        raise SystemExit("nothing was learnt")
    if program.profiles.rowCount() == 1:
        for name in (second, third):
            program.profiles_controller.duplicate(profile.id, name)
            camera.settle()
        damage_last(program)
    program.profiles_controller.refresh()
    camera.settle()
    program.window.show_page(0)
    program.profiles_page.view.select(profile.id)
    camera.settle()
    camera.shoot("profiles-history")
    broken = next(c for c in program.profiles.cards if c.problem is not None)
    program.profiles_page.view.select(broken.id)
    camera.settle()
    camera.shoot("profiles-damaged", themes=("light",))
    program.profiles_page.view.select(profile.id)
    if camera.wanted(IMPORT):
        import_scene(camera, colleague)


def sheet_scenes(camera: Camera) -> None:
    """Photograph the preferences and the list of keys."""
    window = camera.program.window
    window.settings_sheet.open(window.header.settings)
    camera.shoot("settings")
    window.settings_sheet.close_sheet()
    window.keys_sheet.open()
    camera.shoot("keyboard", themes=("light",))
    window.keys_sheet.close_sheet()


def import_scene(camera: Camera, who: str) -> None:
    """Photograph the question about a file of a product that is here; it is left alone."""
    program, sheet = camera.program, camera.program.imports.sheet
    profile = program.session.profile
    if profile is None:
        raise SystemExit("nothing was learnt")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = program.job_service.services.store.export(profile.id, folder / "first.deeprx")
        elsewhere = ProfileStore(folder / "profiles")
        known = elsewhere.import_file(first, who=who)
        limits = known.limits.moved(ng=known.limits.ng * 0.94)
        origin = replace(known.origin, who=who, when=datetime.now(UTC))
        saved = elsewhere.save(replace(known, limits=limits, origin=origin))
        _miss_some(elsewhere, saved.id, who)
        program.imports.import_files(
            [elsewhere.export(saved.id, folder / f"{profile.name}.deeprx")]
        )
        camera.wait(sheet.isVisible)
        camera.settle()
        camera.shoot(IMPORT)
        sheet.close_sheet()


def _miss_some(store: ProfileStore, key: str, who: str) -> None:
    """Put bad parts into the must-find set, which travels with the file."""
    bad = [part.path for part in sample_dataset(unseen_bad=_MUST_FIND).test if part.bad]
    for path in bad:
        take_in(store, key, CorrectionKind.MISSED, path, who=who)
    said = [one.id for one in store.corrections.book(key).pending]
    store.corrections.applied(key, said, 0)


def damage_last(program: Program) -> None:
    """Flip bytes in the file of the last profile, as a dying disk would."""
    card = program.profiles.cards[-1]
    current = program.session.profile
    others = [c for c in program.profiles.cards if current is None or c.id != current.id]
    card = others[-1]
    folder = program.job_service.services.paths.profiles / card.id
    file = max(folder.glob("*.deeprx"))
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    file.write_bytes(data)
