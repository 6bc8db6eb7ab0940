"""Sentences reach the reader in their language, and never fail on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import translation_catalogue
from deeprx_gui import i18n
from deeprx_gui.domain.message import Message, say, say_n

_FRAGMENT = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Hello {name}"
msgstr "こんにちは、{name}さん"

msgid "Good"
msgstr "良品"

msgid "Light {n}"
msgstr "明るい {n}"

msgctxt "a lamp"
msgid "Light {n}"
msgstr "照明 {n}"

msgid "{n} image"
msgid_plural "{n} images"
msgstr[0] "画像 {n} 枚"

msgid "{a} of {b}"
msgstr "{b}のうち{a}"

msgid "Broken {x}"
msgstr "こわれた{y}"
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "i18n" / "ja"
    folder.mkdir(parents=True)
    (folder / "part.po").write_text(_FRAGMENT, encoding="utf-8")
    file = tmp_path / "i18n" / "ja.mo"
    file.write_bytes(
        translation_catalogue.compile_catalogue(translation_catalogue.read_catalogue(folder))
    )
    monkeypatch.setattr(i18n, "resources_dir", lambda: tmp_path)
    monkeypatch.setattr(i18n, "_catalogues", {})
    return file


@pytest.mark.usefixtures("catalogue")
def test_a_sentence_follows_the_language() -> None:
    assert i18n.tr("Hello {name}", name="佐藤") == "Hello 佐藤"
    i18n.set_language("ja")
    assert i18n.language() == "ja"
    assert i18n.tr("Hello {name}", name="佐藤") == "こんにちは、佐藤さん"
    i18n.set_language("en")
    assert i18n.tr("Hello {name}", name="佐藤") == "Hello 佐藤"


@pytest.mark.usefixtures("catalogue")
def test_messages_inside_messages_are_translated_too() -> None:
    message = say("Hello {name}", name=say("Good"))
    assert str(message) == "Hello Good"
    i18n.set_language("ja")
    assert i18n.render(message) == "こんにちは、良品さん"
    assert str(message) == "Hello Good", "logs stay English"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("n", "english"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_counting(n: int, english: str) -> None:
    assert i18n.tr_n("{n} image", "{n} images", n=n) == english
    assert str(say_n("{n} image", "{n} images", n=n)) == english
    i18n.set_language("ja")
    assert i18n.tr_n("{n} image", "{n} images", n=n) == f"画像 {n} 枚"


@pytest.mark.usefixtures("catalogue")
def test_order_formats_and_braces() -> None:
    i18n.set_language("ja")
    assert i18n.tr("{a} of {b}", a=1, b=2) == "2のうち1"
    assert i18n.tr("{x:.2f} × {{limit}}", x=1.005) == "1.00 × {limit}"
    assert i18n.tr("") == ""


@pytest.mark.usefixtures("catalogue")
def test_a_missing_translation_is_english() -> None:
    i18n.set_language("ja")
    assert i18n.tr("Never translated {x}", x=1) == "Never translated 1"


@pytest.mark.logs_errors
@pytest.mark.usefixtures("catalogue")
def test_a_sentence_that_does_not_fit_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    i18n.set_language("ja")
    assert i18n.tr("Broken {x}", x=1) == "Broken 1", "the translation lacks the value"
    assert i18n.tr("Nothing {there}") == "Nothing {there}"
    assert i18n.render(Message("{x:.2f}", {"x": "text"})) == "{x:.2f}"
    assert "cannot fill" in caplog.text


@pytest.mark.parametrize("content", [None, b"", b"not a catalogue", b"\xde\x12\x04\x95garbage"])
def test_a_damaged_catalogue_means_english(
    catalogue: Path, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    catalogue.unlink() if content is None else catalogue.write_bytes(content)
    i18n.set_language("ja")
    assert i18n.tr("Good") == "Good"
    assert "showing English" in caplog.text


def test_only_known_languages_are_taken() -> None:
    with pytest.raises(ValueError, match="not one of en, ja"):
        i18n.set_language("fr")
    assert i18n.language() == "en"
    assert i18n.LANGUAGES == ("en", "ja")
    assert i18n.LANGUAGE_NAMES["ja"] == "日本語"


def test_the_product_speaks_japanese() -> None:
    i18n.set_language("ja")
    assert i18n.tr("Language") == "言語"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is asked, not the environment")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ja:en"}, "ja"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.system_language() == expected


@pytest.mark.usefixtures("catalogue")
def test_a_context_tells_two_meanings_apart() -> None:
    assert i18n.tr_p("a lamp", "Light {n}", n=2) == "Light 2"
    i18n.set_language("ja")
    assert i18n.tr_p("a lamp", "Light {n}", n=2) == "照明 2"
    assert i18n.tr("Light {n}", n=2) == "明るい 2"
    assert i18n.tr_p("another", "Light {n}", n=2) == "Light 2", "shown in English, not wrongly"
