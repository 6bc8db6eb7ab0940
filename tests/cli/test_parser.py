"""How words are read: what argparse does with them, the same in every Python."""

from __future__ import annotations

import argparse
import ast
from typing import Any

import pytest

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser, UsageError
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.message import say
from tests.cli.conftest import ROOT


def _common() -> Parser:
    parent = Parser(add_help=False)
    parent.add_argument("--where", metavar="DIR", help="a folder")
    return parent


def _fit() -> Parser:
    parser = Parser("fit", parents=[_common()])
    parser.add_argument("name", help="a name")
    parser.add_argument("images", nargs="+", help="pictures")
    parser.add_argument("--size", type=argument_types.whole(-9), metavar="256", help="pixels")
    parser.add_argument(
        "--set", action="append", default=[], type=argument_types.setting, help="a setting"
    )
    parser.add_argument("--csv", metavar="FILE", help="a table")
    parser.exclude_each_other(
        parser.add_argument("--json", action="store_true", help="one object"),
        parser.add_argument("--jsonl", action="store_true", help="many objects"),
    )
    return parser


READ: list[tuple[str, dict[str, Any]]] = [
    ("x a", {"name": "x", "images": ["a"], "json": False, "size": None, "set": []}),
    ("x a --json b --size 3 c", {"images": ["a", "b", "c"], "json": True, "size": 3}),
    ("--json x a", {"name": "x", "images": ["a"], "json": True}),
    ("x --size=3 a", {"size": 3}),
    ("x a --size 3 --size 4", {"size": 4}),
    ("x a --size -3", {"size": -3}),
    ("x a --set p=1 --set q=2.5", {"set": [("p", 1), ("q", 2.5)]}),
    ("x -3 -.5 - b", {"images": ["-3", "-.5", "-", "b"]}),
    ("x -- -a --json -- b", {"images": ["-a", "--json", "--", "b"], "json": False}),
    ("-- x -a", {"name": "x", "images": ["-a"]}),
    ("x a --csv=--json", {"csv": "--json", "json": False}),
    ("x a --csv=", {"csv": ""}),
    ("x a --csv -", {"csv": "-"}),
    ("x a --csv=b=c", {"csv": "b=c"}),
]


@pytest.mark.parametrize(("line", "expected"), READ, ids=[line for line, _ in READ])
def test_words_are_read(line: str, expected: dict[str, Any]) -> None:
    found = vars(_fit().parse_args(line.split()))
    assert {key: found[key] for key in expected} == expected
    assert set(found) == {"where", "name", "images", "size", "set", "csv", "json", "jsonl"}


def test_a_default_is_not_what_the_next_call_adds_to() -> None:
    parser = _fit()
    assert parser.parse_args(["x", "a", "--set", "p=1"]).set == [("p", 1)]
    assert parser.parse_args(["x", "a"]).set == []


def test_a_word_with_blanks_is_never_an_option() -> None:
    found = _fit().parse_args(["x", "-a b.png", "--csv", "- c"])
    assert (found.images, found.csv) == (["-a b.png"], "- c")


REFUSED = [
    ("x a --csv --json", "Write a value behind --csv"),
    ("x a --csv -x", "Write a value behind --csv"),
    ("x a --csv -- b", "Write a value behind --csv"),
    ("x a --csv", "as in “--csv FILE”: a table"),
    ("x a --json=1", "Write just --json"),
    ("x a --jsonl --json", "--json and --jsonl exclude each other"),
    ("x a --js", "Did you mean “--json”?"),
    ("x a --JSON", "Did you mean “--json”?"),
    ("x a -abc", "no option “-abc”"),
    ("x a -x --frob", "no option “--frob”"),
    ("x -h2 a", "no option “-h2”"),
    ("", "NAME is missing: a name"),
    ("x --json", "IMAGES is missing: pictures"),
]


@pytest.mark.parametrize(("line", "says"), REFUSED, ids=[line for line, _ in REFUSED])
def test_words_are_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        _fit().parse_args(line.split())
    assert says in str(refused.value.message)
    assert refused.value.usage == "Usage: fit NAME IMAGES... [options]"
    assert refused.value.command == "fit"


def test_options_stand_before_and_behind_a_command() -> None:
    parser = Parser("deeprx", parents=[_common()])
    verbs = parser.add_commands(
        "verb", {"list": Verb(say("list all"), Work.ANYBODYS, None)}, [_common()]
    )
    verbs["list"].add_argument("words", nargs="*", help="any words")
    for line in (
        "--where d list",
        "list --where d",
        "--where c list --where d",
        "-- list --where=d",
    ):
        assert vars(parser.parse_args(line.split())) == {"verb": "list", "where": "d", "words": []}
    assert vars(parser.parse_args(["list", "a", "b"])) == {
        "verb": "list",
        "where": None,
        "words": ["a", "b"],
    }
    with pytest.raises(UsageError, match="Say what to do") as refused:
        parser.parse_args(["--where", "list"])
    assert "list all" in refused.value.usage.lower()
    with pytest.raises(UsageError, match="Did you mean “list”"):
        parser.parse_args(["lst"])


@pytest.mark.parametrize("line", ["--help", "x --frob --help", "x a b --size 3 -h"])
def test_help_is_given_even_behind_an_unknown_option(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        _fit().parse_args(line.split())
    assert done.value.code == 0
    assert capsys.readouterr().out == _fit().format_help()


def test_nobody_reaches_into_argparse() -> None:
    """A Python update may change every name that begins with an underscore."""
    hidden = {
        name
        for owner in (argparse, argparse.ArgumentParser, argparse.Action, argparse.HelpFormatter)
        for name in dir(owner)
        if name.startswith("_") and not name.startswith("__")
    }
    reached = []
    for folder in ("deeprx_gui", "packaging", "benchmarks", "tests"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if "argparse" in text or "deeprx_gui.cli" in text:
                reached += [f"{file.relative_to(ROOT)}: {name}" for name in _hidden(text, hidden)]
    assert reached == []


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("parser._actions", {"_actions"}),
        ("argparse._HelpAction", {"_HelpAction"}),
        ("from argparse import _SubParsersAction", {"_SubParsersAction"}),
        ("class P(argparse.ArgumentParser):\n def _get_value(self): ...", {"_get_value"}),
        ("self._mine\nargparse.Namespace()", set()),
    ],
)
def test_reaching_into_argparse_is_found(code: str, reached: set[str]) -> None:
    names = {"_actions", "_HelpAction", "_SubParsersAction", "_get_value"}
    assert set(_hidden(code, names)) == reached


def _hidden(code: str, hidden: set[str]) -> list[str]:
    """Return the hidden names that are read, imported or overridden."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "argparse":
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ClassDef):
            found += [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
    return [name for name in found if name in hidden]
