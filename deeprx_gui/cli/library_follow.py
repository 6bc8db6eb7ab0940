"""``deeprx library follow`` and ``key``: how this PC follows the library, and whom it trusts."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace

from deeprx_gui import library_settings
from deeprx_gui.cli import argument_types
from deeprx_gui.cli import library_output as answers
from deeprx_gui.cli.central_place import connected
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.gate_command import check_overrule
from deeprx_gui.cli.library_access import (
    book_of,
    follower_of,
    passphrase,
    place_of,
    private_key,
)
from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.library import FollowMode, TrustedKey
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.library_book import Agreement

_YES_NO: Mapping[str, bool] = {"on": True, "off": False}
_FOLLOW = (*(mode.value for mode in FollowMode), "now", "stay", "take")
_KEY = ("show", "new", "trust", "distrust")


def add_follow(parser: Parser) -> None:
    """Declare the arguments of ``follow``."""
    add = parser.add_argument
    add(
        "action",
        nargs="?",
        choices=_FOLLOW,
        help=tr(
            "auto: what is released comes by itself; ask: after a confirmation here; off; now: look"
            " once; stay: look until Ctrl-C; take: agree to what waits"
        ),
    )
    add("name", nargs="?", default="", help=tr("with take: name of the product"))
    add(
        "--every",
        type=argument_types.number(library_settings.SHORTEST, library_settings.LONGEST, "30"),
        metavar="S",
        help=tr("seconds between two looks"),
    )
    add(
        "--signed",
        choices=tuple(_YES_NO),
        help=tr("on: only what a trusted key released is run"),
    )
    add(
        "--overrule",
        default="",
        metavar="REASON",
        help=tr("with take: put the revision in use though it is refused; the reason is logged"),
    )


def add_key(parser: Parser) -> None:
    """Declare the arguments of ``key``."""
    add = parser.add_argument
    add("action", nargs="?", choices=_KEY, default="show", help=tr("show if left out"))
    add("name", nargs="?", default="", help=tr("whose key it is"))
    add("key", nargs="?", default="", help=tr("the public key, 64 hexadecimal digits"))
    add(
        "--file",
        type=argument_types.path,
        metavar="FILE",
        help=tr("keep the key in this file, locked by a passphrase, not in the credential store"),
    )


def follow(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Say or change how this PC follows; look at the library."""
    file = context.paths.library_file
    before = library_settings.load(file)
    following = before
    if args.action in {mode.value for mode in FollowMode}:
        following = replace(following, mode=FollowMode(args.action))
    if args.every is not None:
        following = replace(following, every=args.every)
    if args.signed is not None:
        following = replace(following, signed=_YES_NO[args.signed])
    if following != before:
        library_settings.save(following, file)
    check_overrule(args.overrule)
    if args.action not in {"now", "stay", "take"}:
        return answers.follows(following)
    follower = follower_of(context, following)
    if args.action == "take":
        _agree(args, context)
        return answers.looked(drive(follower.look(at_once=True)))
    report = drive(follower.look(at_once=True))
    while args.action == "stay":
        for sentence in report.news:
            print_note(render(sentence))
        time.sleep(following.every)
        report = drive(follower.look())
    return answers.looked(report)


def _agree(args: argparse.Namespace, context: Context) -> None:
    """Note that a person here agrees to what waits."""
    from deeprx_gui.central.library import content
    from deeprx_gui.central.library_stations import station
    from deeprx_gui.work.publish_revision import find_revision

    follower = follower_of(context, library_settings.load(context.paths.library_file))
    with connected(place_of(context)) as connection:
        known = content(connection)
        product = find_revision(known, args.name).product
        me = follower.identity
        targets = known.targets(product, station(connection, me.id, me.name, follower.place.line))
    if not targets:
        raise RequestError(
            say("Nothing of “{name}” was released for this station.", name=args.name)
        )
    revision = targets[0].revision
    book_of(context).agree(
        revision.lineage,
        Agreement(revision.sha256, context.settings.who or "–", args.overrule.strip()),
    )


def change_keys(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Make or show the key of this account; trust keys of others."""
    file = context.paths.library_file
    following = library_settings.load(file)
    if args.action in {"trust", "distrust"}:
        if not args.name:
            raise RequestError(say("Write whose key it is: a name."))
        others = tuple(one for one in following.trusted if one.name != args.name)
        if args.action == "trust":
            library_settings.check_key(args.key.lower())
            others = (*others, TrustedKey(args.name, args.key.lower()))
        following = replace(following, trusted=others)
        library_settings.save(following, file)
        return answers.follows(following)
    from deeprx_gui.central import signing

    place = None if args.file is None else absolute(args.file)
    if args.action == "new":
        key = signing.new_key()
        if place is not None:
            signing.write(key, place, passphrase(again=True))
        elif signing.recall() is not None:
            raise RequestError(
                say("The credential store of this PC has a key already; it is not replaced.")
            )
        else:
            signing.remember(key)
    else:
        found = private_key(place)
        if found is None:
            raise RequestError(
                say("This account has no key yet. Make one with “deeprx library key new”.")
            )
        key = found
    text = signing.public_text(key)
    return CommandOutput(
        {"key": text},
        lambda: print_line(tr("Public key, for “deeprx library key trust”: {key}", key=text)),
    )
