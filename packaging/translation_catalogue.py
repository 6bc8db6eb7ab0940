"""Read the fragments of a language and compile them, always to the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import catalog as babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from translation_source import key_of

LANGUAGE_FOLDERS = ("ja",)
"""Every language except English, which is the source."""
_FIXED_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # so that the same fragments give the same bytes


@dataclass(frozen=True)
class Entry:
    """One translation: English (and plural), the translated forms, and the fragment it is in."""

    text: str
    plural: str | None
    forms: tuple[str, ...]
    fragment: str
    line: int
    fuzzy: bool
    context: str = ""

    @property
    def key(self) -> str:
        """What it is found by."""
        return key_of(self.context, self.text)

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.fragment}:{self.line}"


@dataclass
class Catalogue:
    """All entries of a language by ``Entry.key``, and what is wrong with the fragments."""

    code: str
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_catalogue(folder: Path) -> Catalogue:
    """Read every ``*.po`` of a folder named after its language."""
    found = Catalogue(folder.name)
    for file in sorted(folder.glob("*.po")):
        name = f"{folder.name}/{file.name}"
        try:
            with file.open("rb") as stream:
                fragment = read_po(stream, locale=folder.name, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            found.problems.append(f"{name}: cannot be read: {error}")
            continue
        found.problems += [f"{name}: throw away the obsolete (#~) {t!r}" for t in fragment.obsolete]
        for message in fragment:
            if message.id:
                _add(found, _entry(message, name))
    return found


def _entry(message: babel.Message, fragment: str) -> Entry:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    plural = ids[1] if len(ids) > 1 else None
    line, context = message.lineno or 0, message.context or ""
    return Entry(ids[0], plural, forms, fragment, line, message.fuzzy, context)


def _add(found: Catalogue, entry: Entry) -> None:
    first = found.entries.setdefault(entry.key, entry)
    if first is not entry:
        found.problems.append(f"{entry.place}: {entry.text!r} is already in {first.place}")


def compile_catalogue(catalogue: Catalogue) -> bytes:
    """Return the compiled gettext catalogue; fuzzy and empty entries are left out."""
    compiled = babel.Catalog(
        locale=catalogue.code,
        project="Deep RX Inspector",
        version="1",
        charset="utf-8",
        creation_date=_FIXED_DATE,
        revision_date=_FIXED_DATE,
        fuzzy=False,
    )
    for entry in catalogue.entries.values():
        if entry.fuzzy or not all(entry.forms):
            continue
        context = entry.context or None
        if entry.plural is None:
            compiled.add(entry.text, entry.forms[0], context=context)
        else:
            compiled.add((entry.text, entry.plural), entry.forms, context=context)
    stream = io.BytesIO()
    write_mo(stream, compiled)
    return stream.getvalue()
