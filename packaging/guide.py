"""Build the user guide: ``python packaging/guide.py [--out DIR]``.

The chapters in ``docs/guide`` become one page per language that needs nothing but itself: style
and pictures are inside it. Beside it lie the page for IT and, for each page of the window, a page
``open-NAME.html`` that leads to its chapter (Windows drops what stands behind “#” when a program
opens a file). Built, not kept in the repository: it is made of files that are.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deeprx_gui import __version__  # noqa: E402
from guide_markdown import GuideError, Page, Reader  # noqa: E402

SOURCE = ROOT / "docs" / "guide"
TARGET = ROOT / "resources" / "guide"
CHAPTERS = (
    "install", "start", "first", "learn", "limits", "region", "detectors", "inspect", "outputs",
    "history", "profiles", "stations", "library", "people", "daily", "trouble", "keys", "words",
)  # fmt: skip
"""The chapters of the guide, in this order; each is a file in both languages."""

SECTIONS: Mapping[str, str] = {
    "profiles": "profiles",
    "teach": "learn",
    "check": "limits",
    "inspect": "inspect",
    "history": "history",
}
"""Which chapter each page of the window opens."""

WIDTH = 960
_COLOURS, _QUALITY = 128, 82


@dataclass(frozen=True)
class Words:
    """What stands around the chapters."""

    title: str
    contents: str
    it_title: str
    version: str


WORDS: Mapping[str, Words] = {
    "ja": Words("Deep RX Inspector 取扱説明書", "目次", "情報システム担当の方へ", "バージョン {}"),
    "en": Words("Deep RX Inspector user guide", "Contents", "For the IT department", "Version {}"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build both languages; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the user guide.")
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--check", action="store_true", help="read everything, write nothing")
    args = parser.parse_args(arguments)
    try:
        for language in WORDS:
            made = build(language)
            if args.check:
                continue
            folder = args.out / language
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in made.items():
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
            size = sum(len(text.encode()) for text in made.values())
            print(f"{folder}: {size / 1e6:.1f} MB")
    except GuideError as error:
        print(f"the guide cannot be built: {error}", file=sys.stderr)
        return 1
    return 0


def build(language: str) -> dict[str, str]:
    """Return file name -> HTML of one language. Raises GuideError."""
    pages = chapters(language)
    made = {"index.html": _document(language, pages, WORDS[language].title)}
    it_page = read(it_file(language), language)
    made["it.html"] = _document(language, [it_page], it_page.title)
    for name, chapter in SECTIONS.items():
        made[f"open-{name}.html"] = _doorway(language, chapter)
    return made


def chapters(language: str) -> list[Page]:
    """Read the chapters of a language. Raises GuideError."""
    folder = SOURCE / language
    strangers = {f.stem for f in folder.glob("*.md")} ^ set(CHAPTERS)
    if strangers:
        raise GuideError(f"{folder.name}: chapters missing or unknown: {sorted(strangers)}")
    return [read(folder / f"{name}.md", language) for name in CHAPTERS]


def it_file(language: str) -> Path:
    """Return the page for IT."""
    return SOURCE / f"it-{language}.md"


def read(file: Path, language: str) -> Page:
    """Read one file. Raises GuideError."""

    def link(target: str) -> str:
        if "#" in target or not target.endswith(".md"):
            raise GuideError(f"links lead to chapters, not to {target!r}")
        place = (file.parent / target).resolve()
        if place == it_file(language):
            return "it.html"
        if place.parent != SOURCE / language or place.stem not in CHAPTERS:
            raise GuideError(f"no such chapter: {target}")
        here = file.parent.name == language
        return f"#{place.stem}" if here else f"index.html#{place.stem}"

    return Reader(file, link, picture).read()


@cache
def picture(file: Path) -> str:
    """Return a picture, no wider than ``WIDTH``, as an address that holds it. Raises GuideError."""
    if not file.is_file():
        raise GuideError(f"no such picture: {file.name}")
    with Image.open(file) as opened:
        image = opened.convert("RGB")
    if image.width > WIDTH:
        height = round(image.height * WIDTH / image.width)
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    flat, photo = io.BytesIO(), io.BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(flat, "PNG", optimize=True)
    image.save(photo, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    kind, data = min(("png", flat.getvalue()), ("jpeg", photo.getvalue()), key=lambda k: len(k[1]))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _document(language: str, pages: Sequence[Page], title: str) -> str:
    words = WORDS[language]
    style = (Path(__file__).parent / "guide.css").read_text(encoding="utf-8")
    alone = len(pages) == 1
    entries = pages[0].sections if alone else [(page.file.stem, page.title) for page in pages]
    contents = "".join(f'<li><a href="#{a}">{html.escape(t)}</a></li>' for a, t in entries)
    other = ("index.html", words.title) if alone else ("it.html", words.it_title)
    heading = "" if alone else f"<h1>{html.escape(title)}</h1>"
    version = words.version.format(__version__)
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
{heading}
<p class="version">{html.escape(version)}</p>
</header>
<nav aria-label="{words.contents}">
<p class="program">{words.contents}</p>
<ol>{contents}</ol>
<p class="other"><a href="{other[0]}">{html.escape(other[1])}</a></p>
</nav>
<main>
{chr(10).join(page.html for page in pages)}
</main>
</body>
</html>
"""


def _doorway(language: str, chapter: str) -> str:
    address = f"index.html#{chapter}"
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={address}">
<title>{html.escape(WORDS[language].title)}</title>
</head>
<body><p><a href="{address}">{html.escape(WORDS[language].title)}</a></p></body>
</html>
"""


if __name__ == "__main__":
    sys.exit(main())
