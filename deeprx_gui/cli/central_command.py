"""``deeprx central``: what several stations share."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping

from deeprx_gui.cli.context import Context
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.message import say

VERBS: Mapping[str, Verb[str]] = {
    "people": Verb(
        say("who may sign in at the stations, and as what"),
        Work.ANYBODYS,
        "deeprx_gui.cli.central_people_command",
    ),
    "audit": Verb(
        say("who did what at which station"),
        Work.ANYBODYS,
        "deeprx_gui.cli.central_audit_command",
    ),
}


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs; each has a module of its own."""
    verbs = parser.add_commands("verb", VERBS, [common])
    for name, verb in VERBS.items():
        importlib.import_module(verb.run).add(verbs[name], common)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    code: int = importlib.import_module(VERBS[args.verb].run).run(args, context)
    return code
