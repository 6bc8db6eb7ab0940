"""``deeprx doctor``: which pictures of a training set should not be learnt from."""

from __future__ import annotations

import argparse
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.fit_command import part_rule_of
from deeprx_gui.cli.left_out import exit_after, left_out_as_json, tell_left_out
from deeprx_gui.cli.options import add_json_option, add_part_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.doctor import (
    FALSE_ACCUSATION,
    REASON_WORDS,
    Diagnosis,
    Finding,
    NamedPicture,
    how_sure,
    named_words,
    verdict_on_set,
)
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.left_out import LeftOut, count_left_out
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import PartRule
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.collect_normals import collect_normals
from deeprx_gui.work.doctor import diagnose, doctor_settings


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "images",
        nargs="*",
        type=argument_types.path,
        help=tr("pictures of good parts, or folders of them"),
    )
    parser.add_argument(
        "--profile",
        metavar="PRODUCT",
        help=tr("look with its scores and answers too; at its pictures unless others are named"),
    )
    add_part_option(parser)
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Look, say; 1 where pictures should be looked at, 2 where something could not be opened."""
    profile = None
    if args.profile is not None:
        profile = context.store.load(context.find(args.profile))
    images, left_out = _images(args.images, profile)
    rule = args.part_from or (PartRule() if profile is None else part_rule_of(profile))
    diagnosis = drive(
        diagnose(
            images,
            doctor_settings(rule, profile),
            engines=context.engines(args.runtime),
            scratch=context.paths.scratch,
            profile=profile,
        )
    )
    if args.json:
        print_json(_as_json(diagnosis, left_out))
    else:
        _show(diagnosis)
    return exit_after(left_out, 1 if diagnosis.accused else 0)


def _images(
    given: list[Path], profile: Profile | None
) -> tuple[tuple[Path, ...], tuple[LeftOut, ...]]:
    """Return the pictures to look at, copies among them, and what was left out."""
    if given:
        taken = drive(collect_normals([absolute(path) for path in given], ()))
        tell_left_out(taken.left_out)
        copies = (copy for copy, _original in taken.copies)
        return tuple(sorted((*taken.new, *copies))), taken.left_out
    if profile is None:
        raise RequestError(say("Name pictures or folders of good parts, or a product: --profile."))
    return tuple(Path(normal.source) for normal in profile.normals), ()


def _show(diagnosis: Diagnosis) -> None:
    print_line(render(verdict_on_set(diagnosis)))
    for remark in diagnosis.remarks:
        print_line(render(remark))
    for group in diagnosis.groups:
        print_line(tr("The same part: {names}", names=", ".join(path.name for path in group)))
    if not diagnosis.named:
        return
    print_line()
    header = (tr("Picture"), tr("Why"), tr("How sure"), tr("Alike"))
    print_table(header, [_row(each) for each in diagnosis.named])


def _row(named: NamedPicture) -> tuple[str, str, str, str]:
    return (
        named.path.name,
        ", ".join(render(REASON_WORDS[each.reason]) for each in named.findings),
        render(named_words(named)),
        str(named.alike) if named.alike else "–",
    )


def _as_json(diagnosis: Diagnosis, left_out: tuple[LeftOut, ...]) -> dict[str, object]:
    return {
        "pictures": len(diagnosis.pictures),
        "parts": diagnosis.parts.count,
        "accused": len(diagnosis.accused),
        "false_accusation_rate": FALSE_ACCUSATION,
        "named": [
            {
                "path": str(each.path),
                "accused": each.accused,
                "accepted": each.accepted,
                "alike": each.alike,
                "findings": [_finding_as_json(finding) for finding in each.findings],
            }
            for each in diagnosis.named
        ],
        "same_part": [[str(path) for path in group] for group in diagnosis.groups],
        "remarks": [render(remark) for remark in diagnosis.remarks],
        "left_out": left_out_as_json(count_left_out(left_out)),
    }


def _finding_as_json(finding: Finding) -> dict[str, object]:
    return {
        "reason": finding.reason.value,
        "text": render(finding.words),
        "sureness": finding.sureness.value,
        "chance": finding.chance,
        "how_sure": render(how_sure(finding)),
        "box": finding.box,
    }
