"""The language of the reader: sentences made with ``say`` or ``tr`` become text here.

The catalogue is a compiled gettext file in the resources (see ``packaging/translate.py``). It is
read when the first sentence is shown, and a sentence it lacks is shown in English: a missing
translation must never keep an inspection from running.
"""

from __future__ import annotations

import gettext  # noqa: TID251 - the one place that uses it
import logging
import struct
import threading
from collections.abc import Mapping
from pathlib import Path, PurePath

from deeprx_gui.domain.message import Message, say, say_n, say_p
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.i18n.system import system_language
from deeprx_gui.paths import resources_dir

__all__ = [
    "LANGUAGES",
    "LANGUAGE_NAMES",
    "catalogue_file",
    "language",
    "render",
    "set_language",
    "system_language",
    "tr",
    "tr_n",
    "tr_p",
]

LANGUAGE_NAMES: Mapping[str, str] = {"en": "English", "ja": "日本語"}
"""Every language under the name its speakers look for in a menu."""
LANGUAGES: tuple[str, ...] = tuple(LANGUAGE_NAMES)

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_catalogues: dict[str, gettext.NullTranslations] = {}
_chosen = "en"


def catalogue_file(code: str) -> Path:
    """Return where the compiled catalogue of a language lies."""
    return resources_dir() / "i18n" / f"{code}.mo"


def set_language(code: str) -> None:
    """Choose the language of every sentence from now on; one of ``LANGUAGES``.

    Raises ValueError for any other code.
    """
    global _chosen  # noqa: PLW0603 - one person reads one screen: the language is the process's
    if code not in LANGUAGES:
        raise ValueError(f"language {code!r} is not one of {', '.join(LANGUAGES)}")
    _chosen = code


def language() -> str:
    """Return the language in use, one of ``LANGUAGES``."""
    return _chosen


def tr(template: str, /, **values: object) -> str:
    """Return a sentence in the reader's language; the template must be a literal."""
    return render(say(template, **values))


def tr_n(one: str, many: str, /, *, n: int, **values: object) -> str:
    """Return a sentence that counts in the reader's language; both templates are literals."""
    return render(say_n(one, many, n=n, **values))


def tr_p(context: str, template: str, /, **values: object) -> str:
    """Return a sentence whose English means something else elsewhere; literals both (``say_p``)."""
    return render(say_p(context, template, **values))


def render(message: Message) -> str:
    """Return the text of a message in the reader's language, messages among its values too.

    Never raises: a sentence whose values do not fit is shown with its placeholders, and logged.
    """
    template = _translate(message)
    if not message.values and "{" not in template and "}" not in template:
        return template  # single words are asked for in every paint
    values = {k: _shown(v) for k, v in message.values.items()}
    for candidate in (template, message.english):
        try:
            return candidate.format_map(values)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            _log.error("cannot fill %r with %s: %s", candidate, sorted(values), error)
    return message.english


def _shown(value: object) -> object:
    """Return a value as it may stand in a sentence: a name cannot break it into lines."""
    if isinstance(value, Message):
        return render(value)
    if isinstance(value, PurePath):
        value = str(value)
    return one_line(value) if isinstance(value, str) else value


def _translate(message: Message) -> str:
    if not message.template:
        return ""  # gettext answers the empty string with the catalogue's own header
    catalogue = _catalogue(_chosen)
    if message.context:
        return catalogue.pgettext(message.context, message.template)
    if message.plural:
        n = message.values.get("n")
        count = n if isinstance(n, int) else 2
        return catalogue.ngettext(message.template, message.plural, count)
    return catalogue.gettext(message.template)


def _catalogue(code: str) -> gettext.NullTranslations:
    known = _catalogues.get(code)
    if known is not None:  # asked for every word of every paint
        return known
    with _lock:
        found = _catalogues.get(code)
        if found is None:
            found = _catalogues[code] = _read(code)
        return found


def _read(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    file = catalogue_file(code)
    try:
        with file.open("rb") as stream:
            return gettext.GNUTranslations(stream)
    except (OSError, ValueError, struct.error) as error:
        _log.warning("no translations for %s, showing English: %s: %s", code, file, error)
        return gettext.NullTranslations()
