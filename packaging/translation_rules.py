"""What a translation must satisfy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from translation_catalogue import Catalogue, Entry
from translation_source import Sentence, placeholders

_ENDINGS = ((".", "。"), ("…", "…"), (":", ":："), ("?", "?？。"))
"""What an English sentence ends in, and what its Japanese may then end in."""
_AVOID = {
    "閾値": "しきい値",
    "レシピ": "品種プロファイル",
    "偽陽性": "過検出",
    "偽陰性": "見逃し",
    "異常確率": "スコア",
    "訓練": "学習",
}
"""Words that CONTEXT.md avoids, and what to write instead."""
_HALF_WIDTH_KANA = re.compile("[\uff66-\uff9f]")
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def check_entries(sentences: Mapping[str, Sentence], catalogue: Catalogue) -> Iterator[str]:
    """Yield what is missing, what is stale, and what is wrong with each translation."""
    for key, sentence in sentences.items():
        entry = catalogue.entries.get(key)
        if entry is None:
            yield f"{sentence.places[0]}: no {catalogue.code} translation of {_named(sentence)}"
        elif entry.plural != sentence.plural:
            yield f"{entry.place}: plural is {entry.plural!r}, in the source {sentence.plural!r}"
    for key, entry in catalogue.entries.items():
        if key not in sentences:
            yield f"{entry.place}: {_named(entry)} is no longer in the source"
        yield from check_entry(entry)


def _named(one: Sentence | Entry) -> str:
    return f"{one.text!r} ({one.context})" if one.context else repr(one.text)


def check_entry(entry: Entry) -> Iterator[str]:
    """Yield what is wrong with one translation."""
    if entry.fuzzy:
        yield f"{entry.place}: {entry.text!r} is marked fuzzy: check it and take the mark away"
    if not entry.forms or not all(form.strip() for form in entry.forms):
        yield f"{entry.place}: {entry.text!r} is not translated"
        return
    for form in entry.forms:
        for problem in (*_fields(entry, form), *_ending(entry, form), *_words(entry, form)):
            yield f"{entry.place}: {problem}"


def _fields(entry: Entry, form: str) -> Iterator[str]:
    try:
        wanted, given = placeholders(entry.plural or entry.text), placeholders(form)
    except ValueError as error:
        yield f"{form!r}: {error}"
        return
    if wanted != given:
        yield f"{form!r} has {sorted(given)} where {entry.text!r} has {sorted(wanted)}"


def _ending(entry: Entry, form: str) -> Iterator[str]:
    english, japanese = entry.text, form.rstrip()
    if english.endswith("...") or japanese.endswith("..."):
        yield f"{form!r}: write … instead of three dots, in both languages"
        return
    for end, allowed in _ENDINGS:
        if english.endswith(end) and japanese[-1] not in allowed:
            yield f"{form!r} must end in one of {allowed!r} as {english!r} ends in {end!r}"
    if japanese.endswith("。") and english[-1] not in ".?!":
        yield f"{form!r} ends in 。 but {english!r} is no sentence"


def _words(entry: Entry, form: str) -> Iterator[str]:
    if _HALF_WIDTH_KANA.search(form):
        yield f"{form!r}: write kana in full width"
    if entry.text.endswith(".") and not _JAPANESE.search(form):
        yield f"{form!r} is a sentence without Japanese"
    for word, better in _AVOID.items():
        if word in form:
            yield f"{form!r}: write {better} instead of {word}"
