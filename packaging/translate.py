"""Build and check the translations.

    python packaging/translate.py             compile resources/i18n/ja/*.po into ja.mo
    python packaging/translate.py --check     the gate: exit 1 and say what is wrong
    python packaging/translate.py --missing   print the missing sentences as PO entries, per module

Sentences are the literals in ``say``, ``say_n``, ``say_p``, ``tr``, ``tr_n`` and ``tr_p``; each
part of the program keeps its translations in its own fragment. ``say_p`` and ``tr_p`` begin with
the ``msgctxt`` that tells two meanings of the same English apart.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from translation_catalogue import LANGUAGE_FOLDERS, Catalogue, compile_catalogue, read_catalogue
from translation_rules import check_entries
from translation_source import Sentence, collect

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line on a checkout; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build and check the translations.")
    verbs = parser.add_mutually_exclusive_group()
    verbs.add_argument("--check", action="store_true", help="fail when anything is wrong")
    verbs.add_argument("--missing", action="store_true", help="print what is not translated yet")
    options = parser.parse_args(arguments)
    if options.check:
        return _report(problems(root))
    if options.missing:
        sys.stdout.write(missing(root))
        return 0
    return _build(root)


def _report(found: list[str]) -> int:
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(f"translations: {len(found)} problem(s)", file=sys.stderr)
    return 1 if found else 0


def _build(root: Path) -> int:
    found = []
    for code in LANGUAGE_FOLDERS:
        catalogue = read_catalogue(_folder(root, code))
        target = _folder(root, code).with_suffix(".mo")
        target.write_bytes(compile_catalogue(catalogue))
        print(f"{target.relative_to(root).as_posix()}: {len(catalogue.entries)} sentences")
        found += catalogue.problems
    return _report(found)


def _folder(root: Path, code: str) -> Path:
    return root / "resources" / "i18n" / code


def problems(root: Path) -> list[str]:
    """Return everything that is wrong with the sentences and translations of a checkout."""
    source = collect(root / "deeprx_gui")
    found = list(source.problems)
    for code in LANGUAGE_FOLDERS:
        catalogue = read_catalogue(_folder(root, code))
        found += catalogue.problems
        found += check_entries(source.sentences, catalogue)
        found += _check_compiled(catalogue, _folder(root, code).with_suffix(".mo"))
    return found


def _check_compiled(catalogue: Catalogue, file: Path) -> list[str]:
    if not file.is_file():
        return [f"{file.name}: missing; run: python packaging/translate.py"]
    if file.read_bytes() != compile_catalogue(catalogue):
        return [f"{file.name}: older than its fragments; run: python packaging/translate.py"]
    return []


def missing(root: Path) -> str:
    """Return PO entries for every sentence some language lacks, grouped by module."""
    source = collect(root / "deeprx_gui")
    known = [read_catalogue(_folder(root, code)).entries.keys() for code in LANGUAGE_FOLDERS]
    groups: dict[str, list[Sentence]] = {}
    for sentence in source.sentences.values():
        if not all(sentence.key in entries for entries in known):
            groups.setdefault(sentence.places[0].module, []).append(sentence)
    blocks = [
        f"# ---- {module} ({len(sentences)})\n\n"
        + "\n".join(s.as_stub() for s in sorted(sentences, key=lambda s: s.places[0].line))
        for module, sentences in sorted(groups.items())
    ]
    return "\n".join(blocks)


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # a Windows console may not know “ and …
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
