"""Markup cannot be broken by what stands in it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.results.page.markup import Html, join, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b> & 'x'") == "<p>&lt;b&gt; &amp; &#x27;x&#x27;</p>"
    assert tag("p", tag("b", "x"), None, "y") == "<p><b>x</b>y</p>"
    assert tag("p", [tag("b", "1"), None, tag("b", "2")]) == "<p><b>1</b><b>2</b></p>"
    assert join("a<", Html("<br>")) == "a&lt;<br>"


def test_attributes() -> None:
    assert tag("i", class_="a b", aria_label='"x"', title=None, x=1.50, y=2) == (
        '<i class="a b" aria-label="&quot;x&quot;" x="1.5" y="2"></i>'
    )
    assert tag("meta", name="viewport", content="x") == '<meta name="viewport" content="x">'
    assert tag("rect", width=0.0) == '<rect width="0"/>'


def test_an_element_without_content_refuses_some() -> None:
    with pytest.raises(TypeError, match="no content"):
        tag("img", "x")


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""
        self.title: str | None = None

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(name)
        self.title = dict(attributes).get("title")

    def handle_data(self, data: str) -> None:
        self.text += data


@given(text=st.text())
def test_any_text_comes_back_as_text(text: str) -> None:
    reader = Reader()
    reader.feed(tag("p", text, title=text))
    reader.close()
    assert reader.seen == ["p"]
    printable = "".join(c if _allowed(c) else "�" for c in text)
    # A browser reads every line end as one \n; the parser here leaves it as it is.
    assert reader.text == printable
    assert reader.title == printable


def _allowed(c: str) -> bool:
    code = ord(c)
    control = (code < 32 and c not in "\t\n\r") or 0x7F <= code <= 0x9F
    return not (control or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF))
