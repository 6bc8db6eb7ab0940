"""Find every sentence for people in the source, and every one that cannot be found at run time."""

from __future__ import annotations

import ast
import string
from dataclasses import dataclass, field
from pathlib import Path

MAKERS = {"say": 1, "tr": 1, "say_n": 2, "tr_n": 2, "say_p": 2, "tr_p": 2}
"""The functions that make a sentence, and how many literals each takes."""
_WITH_CONTEXT = frozenset({"say_p", "tr_p"})
"""Those whose first literal says which meaning is meant."""
_HOMES = ("deeprx_gui/domain/message.py", "deeprx_gui/i18n/__init__.py")


@dataclass(frozen=True)
class Place:
    """A line of the source."""

    module: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


@dataclass
class Sentence:
    """An English sentence, its plural if it counts, and where it is used."""

    text: str
    plural: str | None
    places: list[Place] = field(default_factory=list)
    context: str = ""

    @property
    def key(self) -> str:
        """What its translation is found by."""
        return key_of(self.context, self.text)

    def as_stub(self) -> str:
        """Return the entry to fill in, as it stands in a PO file."""
        lines = [f"#: {self.places[0]}"]
        lines += [f"msgctxt {quote(self.context)}"] if self.context else []
        lines.append(f"msgid {quote(self.text)}")
        if self.plural is None:
            lines.append('msgstr ""')
        else:
            lines += [f"msgid_plural {quote(self.plural)}", 'msgstr[0] ""']
        return "\n".join(lines) + "\n"


@dataclass
class Source:
    """All sentences by ``Sentence.key``, and what is wrong with the calls that make them."""

    sentences: dict[str, Sentence] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def key_of(context: str, text: str) -> str:
    """Return what a sentence is found by, written as gettext writes it."""
    return f"{context}\x04{text}" if context else text


def quote(text: str) -> str:
    """Return a string as a PO file writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def placeholders(template: str) -> frozenset[str]:
    """Return the names in braces; raises ValueError when the braces do not match."""
    names = set()
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None:
            names.add(name.split(".")[0].split("[")[0])
            names |= placeholders(spec or "")
    return frozenset(names)


def collect(package: Path) -> Source:
    """Read every module of a package folder."""
    found = Source()
    for file in sorted(package.rglob("*.py")):
        module = file.relative_to(package.parent).as_posix()
        if module in _HOMES:
            continue
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        except SyntaxError as error:
            found.problems.append(f"{module}:{error.lineno}: cannot be parsed: {error.msg}")
            continue
        _Reader(module, found).read(tree)
    return found


class _Reader:
    def __init__(self, module: str, found: Source) -> None:
        self._module = module
        self._found = found

    def read(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                self._check_import(node)
            elif isinstance(node, ast.Call):
                self._read_call(node)

    def _problem(self, node: ast.stmt | ast.expr, text: str) -> None:
        self._found.problems.append(f"{self._module}:{node.lineno}: {text}")

    def _check_import(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name in MAKERS and alias.asname not in {None, alias.name}:
                self._problem(node, f"import {alias.name} under its own name")

    def _read_call(self, call: ast.Call) -> None:
        name = _called(call)
        if name == "Message" and call.args and _is_literal_text(call.args[0]):
            self._problem(call, "make sentences with say(...), not with Message(...)")
        elif name == "tr" and isinstance(call.func, ast.Attribute):
            # QObject.tr looks in Qt's own catalogues and finds nothing.
            self._problem(call, "use tr from deeprx_gui.i18n, not a method called tr")
        elif name in MAKERS:
            self._read_sentence(call, name)

    def _read_sentence(self, call: ast.Call, name: str) -> None:
        literals = [
            argument.value
            for argument in call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if not len(call.args) == len(literals) == MAKERS[name]:
            count = "one string literal" if MAKERS[name] == 1 else "two string literals"
            self._problem(call, f"{name}(...) takes {count}, and names for the values")
        elif any(not text or text != text.strip() for text in literals):
            self._problem(call, f"{name}(...): no empty sentence, no blanks around it")
        elif any(" …" in text for text in literals):
            self._problem(call, f"{name}(...): no blank before …")
        elif name in _WITH_CONTEXT:
            self._check_values(call, literals[1:])
            self._add(call, literals[1], None, literals[0])
        else:
            self._check_values(call, literals)
            self._add(call, literals[0], literals[1] if len(literals) > 1 else None)

    def _check_values(self, call: ast.Call, literals: list[str]) -> None:
        given = {keyword.arg for keyword in call.keywords}
        try:
            wanted = [placeholders(text) for text in literals]
        except ValueError as error:
            self._problem(call, f"{quote(literals[0])}: {error}")
            return
        if None in given:  # **values: known at run time only
            return
        if absent := sorted(frozenset[str]().union(*wanted) - given):
            self._problem(call, f"{quote(literals[0])}: no value for {', '.join(absent)}")
        if surplus := given - frozenset[str]().union(*wanted) - {"n"}:
            names = ", ".join(sorted(filter(None, surplus)))
            self._problem(call, f"{quote(literals[0])}: has no place for {names}")

    def _add(self, call: ast.Call, text: str, plural: str | None, context: str = "") -> None:
        new = Sentence(text, plural, context=context)
        known = self._found.sentences.setdefault(new.key, new)
        known.places.append(Place(self._module, call.lineno))
        if known.plural != plural:
            self._problem(call, f"{quote(text)}: another plural than at {known.places[0]}")


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _is_literal_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
