"""The user guide: both languages say the same, and nothing in it leads nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import guide
import translation_catalogue
from deeprx_gui import i18n
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.domain.fit_settings import PRESETS
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.station import FIELDS
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.ui.actions import ACTIONS
from deeprx_gui.ui.check.keys import CHECK_KEYS
from deeprx_gui.ui.history.keys import HISTORY_KEYS
from guide import CHAPTERS, SECTIONS, WORDS, build, chapters, it_file, read
from guide_markdown import GuideError, Page, Reader, joined

HELD_BY_WIDGETS = {"G", "B", "U", "Space"}
"""Labels on the Check page, the trigger of the Inspect page: keys of one widget, in no table."""

ELSEWHERE = frozenset(
    {
        # Windows and the setup program
        "WindowsによってPCが保護されました", "詳細情報", "実行", "アプリ", "はい", "いいえ",
        "自分だけ(推奨)", "このPCのすべてのアカウント", "Windowsと同時に起動する",
        "Windows protected your PC", "More info", "Run anyway", "Apps", "Yes", "No",
        "Only for me (recommended)", "For all accounts of this PC", "Start together with Windows",
        # signs on buttons, parts of this guide, words of the reader, numbers in a PLC
        "−", "+", "どの画面でも", "On every page", "PIN", "normal", "good", "bad", "40001", "00001",
    }
)  # fmt: skip
"""What is quoted but no text of the window."""
_PART_OF_A_SENTENCE = 5

ROOT = Path(guide.__file__).resolve().parents[1]
I18N = ROOT / "resources" / "i18n"


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are looked for, not scaled."""

    def only_there(file: Path) -> str:
        if not file.is_file():
            raise GuideError(f"no such picture: {file.name}")
        return "data:,"

    monkeypatch.setattr(guide, "picture", only_there)


def pages(language: str) -> list[Page]:
    return [*chapters(language), read(it_file(language), language)]


class Found(HTMLParser):
    """Anchors, links, pictures and tags that were not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in {"meta", "img"}:
            self.open.append(tag)
        self.anchors += [v for v in [given.get("id")] if v]
        self.links += [v for v in [given.get("href")] if v]
        self.sources += [v for v in [given.get("src")] if v]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", WORDS)
def test_every_link_and_picture_is_there(language: str) -> None:
    made = build(language)
    found = {name: Found(text) for name, text in made.items()}
    for name, page in found.items():
        assert not page.open
        assert len(set(page.anchors)) == len(page.anchors)
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = found[file or name]
            assert not anchor or anchor in target.anchors, f"{name}: {link}"
        assert all(source.startswith("data:") for source in page.sources)
    assert set(CHAPTERS) <= set(found["index.html"].anchors)


@pytest.mark.parametrize("language", WORDS)
def test_it_needs_nothing_from_outside(language: str) -> None:
    for text in build(language).values():
        assert not re.search(r"https?://|<script|@import|url\((?!data:)", text)


def test_both_languages_have_the_same_chapters_sections_and_pictures() -> None:
    for ours, theirs in zip(pages("ja"), pages("en"), strict=True):
        assert ours.file.stem.removesuffix("-ja") == theirs.file.stem.removesuffix("-en")
        assert len(ours.sections) == len(theirs.sections), ours.file.name
        assert ours.keys == theirs.keys, ours.file.name
        assert ours.html.count("<tr>") == theirs.html.count("<tr>") or ours.file.stem == "inspect"
        names = [p.name.replace("-ja-", "-en-") for p in ours.pictures]
        assert names == [p.name for p in theirs.pictures]
        assert len(ours.links) == len(theirs.links), ours.file.name


@pytest.mark.parametrize("language", WORDS)
def test_every_key_that_is_named_does_something(language: str) -> None:
    specs = (*ACTIONS, *CHECK_KEYS, *HISTORY_KEYS)
    known = {key for spec in specs for key in spec.keys} | HELD_BY_WIDGETS
    named = {key for page in pages(language) for key in page.keys}
    assert named <= known
    missing = {spec.keys[0] for spec in ACTIONS} - named
    assert missing <= {f"Ctrl+{n}" for n in (2, 3)}, "“Ctrl+1 to Ctrl+5” names the rest"


def test_every_page_of_the_window_has_its_chapter() -> None:
    source = (ROOT / "deeprx_gui" / "app.py").read_text(encoding="utf-8")
    assert list(SECTIONS) == re.findall(r'PageEntry\("(\w+)"', source)
    assert set(SECTIONS.values()) <= set(CHAPTERS)
    for language in WORDS:
        made = build(language)
        for name, chapter in SECTIONS.items():
            assert f"url=index.html#{chapter}" in made[f"open-{name}.html"]


def test_names_are_those_of_the_window() -> None:
    """What is quoted is a name or a part of a sentence the window shows, word for word."""
    english, japanese = set[str](), set[str]()
    for entry in translation_catalogue.read_catalogue(I18N / "ja").entries.values():
        english |= {entry.text, entry.plural or entry.text}
        japanese |= set(entry.forms)
    for language, quoted, shown in (
        ("ja", r"「([^「」]+)」", japanese),
        ("en", r"“([^“”]+)”", english),
    ):
        names = {_without_values(text) for text in shown}
        long = [text for text in shown if re.search(r"[.。:：（({]", text)]
        sentences = "\n".join(map(_without_values, long))
        for page in pages(language):
            for name in re.findall(quoted, page.file.read_text(encoding="utf-8")):
                words = _without_values(name.strip("… "))
                whole = _without_values(name) in names
                part = len(words) >= _PART_OF_A_SENTENCE and words in sentences
                assert whole or part or name in ELSEWHERE, f"{page.file.name}: {name}"


def _without_values(text: str) -> str:
    return re.sub(r"\{[^}]*\}|[0-9.]+", "\0", text.rstrip(".。"))


@pytest.mark.parametrize("language", WORDS)
def test_tables_of_the_guide_name_every_choice(language: str) -> None:
    """Sources, outputs, triggers, detectors, presets and what positioning asks, by their titles."""
    triggers = FIELDS["trigger"].choices
    by_chapter: dict[str, list[Message]] = {
        "inspect": [kind.title for kind in SOURCES.values()]
        + [answer.title for answer in triggers if answer.title is not None],
        "outputs": [kind.title for kind in OUTPUTS.values()],
        "detectors": [detector.title for detector in DETECTORS.values()],
        "learn": [preset.title for preset in PRESETS.values()],
        "region": [say("Maximum shift"), say("Maximum rotation"), say("Minimum match score")],
    }
    i18n.set_language(language)
    for chapter, titles in by_chapter.items():
        text = (guide.SOURCE / language / f"{chapter}.md").read_text(encoding="utf-8")
        for title in titles:
            assert f"| {i18n.render(title)} |" in text, f"{chapter}: {i18n.render(title)}"


@pytest.mark.parametrize("language", WORDS)
def test_the_readers_words(language: str) -> None:
    """DESIGN: say false call, miss, limit; never what programmers say."""
    banned = r"\b(FP|FN|threshold|encoder|anomaly score|train(ing|ed)?)\b|異常度|エンコーダ|訓練"
    for page in pages(language):
        assert not re.search(banned, page.html), page.file.name


WRONG = [
    ("no title", "begins with"),
    ("# A\n\n# B", "one title"),
    ("# A\n\n[b](c.md)", "no such chapter"),
    ("# A\n\n[b](https://example.org)", "links lead to chapters"),
    ("# A\n\n![b](c.png)", "no such picture"),
    ("# A\n\n| a | b |\n| c | d |", "line of dashes"),
    ("# A\n\n| a | b |\n|---|---|\n| c |", "1 cells under 2"),
    ("# A\n\n```\ncode", "not closed"),
    ("# A\n\n<script>x</script>", "not understood"),
    ("# A\n\ntext <b>bold</b>", "not understood"),
    ("# A\n\na `b", "not understood"),
    ("# A\n\n- a\nb", "two spaces"),
]


@pytest.mark.parametrize(("text", "says"), WRONG, ids=range(len(WRONG)))
def test_what_is_not_understood_stops_the_build(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GuideError, match=rf"page\.md:\d+: .*{says}"):
        read(file, "en")


def test_text_is_text(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# A & B\n\n1 > 0 & `<x>` **b** <kbd>F1</kbd>\n行が\n続く\n", encoding="utf-8")
    page = Reader(file, str, str).read()
    assert (
        "<p>1 &gt; 0 &amp; <code>&lt;x&gt;</code> <b>b</b> <kbd>F1</kbd> 行が続く</p>" in page.html
    )
    assert page.title == "A & B"
    assert joined("a", "b") == "a b"
