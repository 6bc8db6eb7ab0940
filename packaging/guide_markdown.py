"""The dozen Markdown constructs the user guide is written in, and nothing else.

A library would bring hundreds of rules nobody checks; here everything that is not understood is an
error with its line, so that a broken link or picture stops the build instead of reaching a reader.
What is understood also reads well where Markdown is shown as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_HEADING = re.compile(r"^(#{1,3}) (.+)$")
_FIGURE = re.compile(r"^!\[([^\]]+)\]\(([^)\s]+)\)$")
_BULLET = re.compile(r"^- (.+)$")
_NUMBER = re.compile(r"^\d+\. (.+)$")
_RULE = re.compile(r"^\|( ?:?-+:? ?\|)+$")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\[(?P<text>[^\]]+)\]\((?P<link>[^)\s]+)\)"
    r"|<kbd>(?P<key>[^<]+)</kbd>"
)
_BLOCK = re.compile(r"^(#|!\[|- |\d+\. |\||>|```)")
_ODD = re.compile(r"^([ \t]|<(?!kbd>))")
_JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


class GuideError(Exception):
    """A page cannot be built; the text says which file and line, and why."""


@dataclass
class Page:
    """One Markdown file as HTML, with what it mentions."""

    file: Path
    title: str = ""
    html: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)


Link = Callable[[str], str]
Picture = Callable[[Path], str]


class Reader:
    """Turns one file into a ``Page``.

    ``link`` gives the address of a link's target, ``picture`` that of a picture; both raise
    GuideError for what is not there.
    """

    def __init__(self, file: Path, link: Link, picture: Picture) -> None:
        self._file = file
        self._link, self._picture = link, picture
        self._page = Page(file)
        self._lines = file.read_text(encoding="utf-8").splitlines()
        self._at = 0

    def read(self) -> Page:
        """Return the page. Raises GuideError."""
        try:
            self._page.html = "\n".join(self._blocks())
            if not self._page.title:
                raise GuideError("a page begins with “# Title”")
        except GuideError as error:
            raise GuideError(f"{self._file.name}:{self._at}: {error}") from None
        return self._page

    def _blocks(self) -> Iterator[str]:
        while self._at < len(self._lines):
            line = self._next()
            if line.strip():
                yield self._block(line)

    def _block(self, line: str) -> str:
        if heading := _HEADING.match(line):
            return self._heading(len(heading[1]), heading[2])
        if figure := _FIGURE.match(line):
            return self._figure(figure[1], figure[2])
        if line.startswith("```"):
            return self._code()
        if line.startswith("|"):
            return self._table(line)
        if line.startswith("> "):
            return f'<div class="note"><p>{self._inline(self._more(line[2:], "> "))}</p></div>'
        for tag, mark in (("ul", _BULLET), ("ol", _NUMBER)):
            if mark.match(line):
                return self._list(tag, mark, line)
        if _BLOCK.match(line) or _ODD.match(line):
            raise GuideError(f"not understood: {line!r}")
        return f"<p>{self._inline(self._more(line))}</p>"

    def _next(self) -> str:
        self._at += 1
        return self._lines[self._at - 1]

    def _peek(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""

    def _more(self, text: str, prefix: str = "") -> str:
        """Join the lines that belong to a paragraph."""
        while self._peek().strip() and (
            self._peek().startswith(prefix) if prefix else not _BLOCK.match(self._peek())
        ):
            text = joined(text, self._next().removeprefix(prefix))
        return text

    def _heading(self, level: int, text: str) -> str:
        stem = self._file.stem
        if level == 1:
            if self._page.title:
                raise GuideError("a page has one title")
            self._page.title = text
            return f'<h2 id="{stem}">{self._inline(text)}</h2>'
        if level == 2:
            anchor = f"{stem}-{len(self._page.sections) + 1}"
            self._page.sections.append((anchor, text))
            return f'<h3 id="{anchor}">{self._inline(text)}</h3>'
        return f"<h4>{self._inline(text)}</h4>"

    def _figure(self, words: str, target: str) -> str:
        file = (self._file.parent / target).resolve()
        self._page.pictures.append(file)
        text = html.escape(words)
        source = self._picture(file)
        return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'

    def _code(self) -> str:
        lines: list[str] = []
        while self._at < len(self._lines):
            line = self._next()
            if line == "```":
                return f"<pre><code>{html.escape(chr(10).join(lines))}</code></pre>"
            lines.append(line)
        raise GuideError("a block of code is not closed")

    def _table(self, first: str) -> str:
        head = _cells(first)
        if not _RULE.match(self._next() if self._peek() else ""):
            raise GuideError("a table needs its line of dashes")
        rows = []
        while self._peek().startswith("|"):
            cells = _cells(self._next())
            if len(cells) != len(head):
                raise GuideError(f"{len(cells)} cells under {len(head)} titles")
            rows.append("".join(f"<td>{self._inline(c)}</td>" for c in cells))
        titles = "".join(f"<th>{self._inline(c)}</th>" for c in head)
        body = "".join(f"<tr>{row}</tr>\n" for row in rows)
        return f"<table><thead><tr>{titles}</tr></thead><tbody>\n{body}</tbody></table>"

    def _list(self, tag: str, mark: re.Pattern[str], line: str) -> str:
        items = []
        while found := mark.match(line):
            text = found[1]
            while self._peek().startswith("  ") and self._peek().strip():
                text = joined(text, self._next().strip())
            items.append(f"<li>{self._inline(text)}</li>")
            if not mark.match(self._peek()):
                break
            line = self._next()
        if self._peek().strip() and not _BLOCK.match(self._peek()):
            raise GuideError("continue an item with two spaces, or leave an empty line")
        return f"<{tag}>{''.join(items)}</{tag}>"

    def _inline(self, text: str) -> str:
        made, at = [], 0
        for found in _INLINE.finditer(text):
            made.append(self._plain(text[at : found.start()]))
            made.append(self._marked(found))
            at = found.end()
        made.append(self._plain(text[at:]))
        return "".join(made)

    def _plain(self, text: str) -> str:
        if "`" in text or "**" in text or "](" in text or re.search(r"</?[a-z]", text):
            raise GuideError(f"not understood: {text!r}")
        return html.escape(text, quote=False)

    def _marked(self, found: re.Match[str]) -> str:
        if code := found["code"]:
            return f"<code>{html.escape(code)}</code>"
        if bold := found["bold"]:
            return f"<b>{self._inline(bold)}</b>"
        if key := found["key"]:
            self._page.keys.append(key)
            return f"<kbd>{html.escape(key)}</kbd>"
        self._page.links.append(found["link"])
        address = html.escape(self._link(found["link"]))
        return f'<a href="{address}">{self._inline(found["text"])}</a>'


def joined(first: str, second: str) -> str:
    """Join two lines of a paragraph; Japanese has no space between them."""
    both_japanese = _JAPANESE.match(first[-1:]) and _JAPANESE.match(second[:1])
    together = both_japanese or first.endswith(("。", "、", "」", "）"))
    return first + ("" if together else " ") + second


def _cells(line: str) -> Sequence[str]:
    if not line.rstrip().endswith("|"):
        raise GuideError("a row of a table ends with “|”")
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]
