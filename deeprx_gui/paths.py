"""Where things live on this PC; one folder, so that ``--data-dir`` moves everything."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER_NAME = "DeepRXInspector"
ENVIRONMENT_VARIABLE = "DEEPRX_DATA_DIR"
SHARED_MARKER = "installed-for-all-users"
"""An empty file the all-users installer puts beside the program."""


@dataclass(frozen=True)
class Paths:
    """The places inside one data folder. Nothing is created until somebody writes there."""

    data: Path

    @property
    def profiles(self) -> Path:
        return self.data / "profiles"

    @property
    def backbones(self) -> Path:
        """Backbone weights that were imported or fetched."""
        return self.data / "backbones"

    @property
    def cache(self) -> Path:
        """What can be made again: thumbnails, converted backbones."""
        return self.data / "cache"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def samples(self) -> Path:
        """Sample parts that the program has drawn."""
        return self.data / "samples"

    @property
    def settings_file(self) -> Path:
        return self.data / "settings.json"

    @property
    def results(self) -> Path:
        """Every verdict and the kept pictures."""
        return self.data / "results"

    @property
    def station_file(self) -> Path:
        return self.data / "station.json"

    @property
    def central_file(self) -> Path:
        """Where the database that several stations share is; absent on a PC that stands alone."""
        return self.data / "central.json"

    @property
    def people_file(self) -> Path:
        """This station's sealed copy of the people in the central database."""
        return self.data / "people.json"

    @property
    def people_tries_file(self) -> Path:
        """Wrong tries of people to sign in here."""
        return self.data / "people-tries.json"

    @property
    def library_file(self) -> Path:
        """How this PC follows the library of products; absent on a PC that stands alone."""
        return self.data / "library.json"

    @property
    def library(self) -> Path:
        """What came from the library of products, what is on its way, what waits to be sent."""
        return self.data / "library"

    @property
    def station_id_file(self) -> Path:
        """What this installation is called for ever, in every verdict."""
        return self.data / "station-id.txt"

    @property
    def sequence_file(self) -> Path:
        """The number of the verdict that outputs were told last."""
        return self.data / "sequence.txt"

    @property
    def shadow(self) -> Path:
        """What candidates on trial judged, beside the verdicts."""
        return self.data / "shadow"

    @property
    def sample_records(self) -> Path:
        """When limit samples were checked, by whom, and what came of it."""
        return self.data / "limit-samples" / "records.jsonl"

    @property
    def access_file(self) -> Path:
        return self.data / "access.json"

    @property
    def written(self) -> tuple[Path, ...]:
        """Folders in which single files are written; a killed program leaves parts there."""
        imported = self.backbones / "imported"
        kept = (self.cache, self.cache / "backbones", self.cache / "compiled")
        return (self.data, self.backbones, imported, self.results, *kept)

    @property
    def window_file(self) -> Path:
        """Window geometry, kept by Qt in its own format."""
        return self.data / "window.ini"

    @property
    def scratch(self) -> Path:
        return self.data / "scratch"


def default_data_dir() -> Path:
    """Return the data folder used when ``--data-dir`` is not given.

    ``DEEPRX_DATA_DIR`` wins. On Windows it is the user's own folder, or the one shared by all
    accounts where the program was installed for all. Elsewhere the XDG data folder.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.name == "nt":
        return windows_data_dir(shared=installed_for_all_users())
    base = os.environ.get("XDG_DATA_HOME", "")
    # The specification says: a relative XDG path is to be ignored.
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return root / "deeprx-inspector"


def windows_data_dir(*, shared: bool) -> Path:
    """Return the folder below ``%PROGRAMDATA%`` (shared) or ``%LOCALAPPDATA%`` (the user's)."""
    if shared:
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / FOLDER_NAME
    local = os.environ.get("LOCALAPPDATA")
    return (Path(local) if local else Path.home() / "AppData" / "Local") / FOLDER_NAME


def installed_for_all_users() -> bool:
    """Say whether the installer left its all-users marker beside the program."""
    return (Path(sys.executable).parent / SHARED_MARKER).is_file()


def resources_dir() -> Path:
    """Return the folder of icons and translations.

    It lies inside the package once installed, and beside it in a source checkout.
    """
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
