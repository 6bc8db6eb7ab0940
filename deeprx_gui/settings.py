"""Preferences: a table of settings, and one small file that never keeps the program from starting.

A value that makes no sense is dropped with a warning; a key this program does not know (a newer
one wrote it) survives. Window geometry is not here: Qt keeps that in ``Paths.window_file``.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.fit_settings import DEFAULT_PRESET, PRESETS
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import LANGUAGE_NAMES, system_language
from deeprx_gui.preferences import JsonStore

VERSION = 1
STORE = JsonStore("preferences", VERSION)
SYSTEM = "system"
"""The choice that follows the operating system."""

_log = logging.getLogger(__name__)


LONGEST_NAME = 200
"""Characters of ``operator``."""


@dataclass(frozen=True)
class Settings:
    """What a person prefers on this PC; change it with ``dataclasses.replace`` and ``save``.

    ``overlay_opacity`` is 0..1; ``heat_below``: heat maps show what lies below the limit, too;
    folders are empty until one was used; an empty ``operator`` means the account name.
    """

    language: str = SYSTEM
    theme: str = SYSTEM
    operator: str = ""
    preset: str = DEFAULT_PRESET
    overlay_opacity: float = 0.7
    heat_below: bool = False
    image_folder: str = ""
    export_folder: str = ""

    @property
    def language_code(self) -> str:
        """The language to show: the chosen one, or the operating system's."""
        return system_language() if self.language == SYSTEM else self.language

    @property
    def who(self) -> str:
        """The name written beside everything this person saves."""
        return self.operator.strip() or account_name()


class Kind(StrEnum):
    """How a setting is asked for on the settings page; HIDDEN ones are only remembered."""

    CHOICE = "choice"
    TEXT = "text"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class SettingChoice:
    """One answer to a setting; a plain ``str`` title is the same in every language."""

    value: str
    title: Message | str


@dataclass(frozen=True)
class Setting:
    """One entry of the table: the field of ``Settings``, how to ask for it, what is allowed."""

    key: str
    kind: Kind
    allowed: Callable[[object], bool]
    title: Message | None = None
    hint: Message | None = None
    choices: tuple[SettingChoice, ...] = ()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_name(value: object) -> bool:
    """It goes into every log and profile; a file may hold more than a person would type."""
    return isinstance(value, str) and _is_text(value) and len(value) <= LONGEST_NAME


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_answer(value: object) -> bool:
    return isinstance(value, bool)


def _choice(
    key: str, title: Message, *choices: SettingChoice, hint: Message | None = None
) -> Setting:
    values = tuple(c.value for c in choices)
    return Setting(key, Kind.CHOICE, lambda v: v in values, title, hint, choices)


SETTINGS: tuple[Setting, ...] = (
    _choice(
        "language",
        say("Language"),
        SettingChoice(SYSTEM, say("Same as this PC")),
        *(SettingChoice(code, name) for code, name in LANGUAGE_NAMES.items()),
    ),
    _choice(
        "theme",
        say("Appearance"),
        SettingChoice(SYSTEM, say("Same as this PC")),
        SettingChoice("light", say("Light")),
        SettingChoice("dark", say("Dark")),
    ),
    Setting(
        "operator",
        Kind.TEXT,
        _is_name,
        say("Your name"),
        say("Written into the history of every profile you save."),
    ),
    _choice(
        "preset",
        say("Default preset for new profiles"),
        *(SettingChoice(p.key, p.title) for p in PRESETS.values()),
    ),
    Setting("overlay_opacity", Kind.HIDDEN, _is_share),
    Setting("heat_below", Kind.HIDDEN, _is_answer),
    Setting("image_folder", Kind.HIDDEN, _is_text),
    Setting("export_folder", Kind.HIDDEN, _is_text),
)


def account_name() -> str:
    """Return the name of the account at this PC, empty where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a service account without a name
        return ""


def load(file: Path) -> Settings:
    """Read the preferences; whatever is missing or makes no sense is the default. Never raises."""
    raw = STORE.load(file)
    known: dict[str, object] = {}
    for setting in SETTINGS:
        if setting.key not in raw:
            continue
        value = raw[setting.key]
        if setting.allowed(value):
            known[setting.key] = value
        else:
            _log.warning("setting %s: %r makes no sense, using the default", setting.key, value)
    return Settings(**known)  # type: ignore[arg-type] # the table has checked each


def save(settings: Settings, file: Path) -> None:
    """Write the preferences, whole or not at all; keys of a newer program stay.

    Raises StorageError when the folder cannot be written.
    """
    try:
        STORE.save(file, asdict(settings))
    except StorageError as error:
        raise StorageError(
            say(
                "Your preferences could not be saved in {folder}. Check that the disk is not full "
                "and that you may write there.",
                folder=file.parent,
            )
        ) from error
