"""Count the package: files, raw lines, lines of code (no blank ones, comments or docstrings)."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(text: str) -> int:
    """Return how many lines of a module hold code."""
    prose: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            prose |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - prose)


def main(folder: Path) -> None:
    """Print the three figures."""
    texts = [file.read_text(encoding="utf-8") for file in folder.rglob("*.py")]
    raw = sum(len(text.splitlines()) for text in texts)
    print(f"{len(texts)} files, {raw} raw lines, {sum(map(code_lines, texts))} lines of code")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "deeprx_gui"))
