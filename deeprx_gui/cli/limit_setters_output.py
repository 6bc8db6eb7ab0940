"""Who sets the limit, as JSON and for reading."""

from __future__ import annotations

from dataclasses import asdict

from deeprx_gui.cli.output import print_line, print_table
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import (
    bad_known,
    limit_question,
    one_step_more,
    record_of,
)
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent
from deeprx_gui.i18n import render, tr


def as_json(profile: Profile) -> dict[str, object]:
    """Return the images that set the suggested NG limit, and those left out because of it."""
    bad = bad_known(profile, ())
    question = limit_question(profile, bad)
    step = one_step_more(profile, bad)
    return {
        "limit_setters": [
            {
                "path": setter.source,
                "held_out": setter.without.score,
                "limit_without": setter.without.limit,
                "relative": setter.without.relative,
                "promised_without": setter.without.promise.rate,
                "limit_kind": setter.without.promise.kind.value,
                "suspect": setter.suspect,
                "kept": setter.kept,
            }
            for setter in (() if question is None else question.setters)
        ],
        "left_out": list(record_of(profile).left_out),
        "step": None if step is None else asdict(step),
    }


def show(profile: Profile) -> None:
    """Print what one step more finds, and the same as a table where any image sets the limit."""
    bad = bad_known(profile, ())
    step, question = one_step_more(profile, bad), limit_question(profile, bad)
    if step is not None:
        print_line()
        print_line(render(step_words(step)))
    if question is None or not question.setters:
        return
    print_line()
    print_line(tr("What sets the limit?"))
    header = (tr("Normal image"), tr("Held-out score"), tr("NG limit without it"))
    rows = [
        (
            setter.source,
            f"{setter.without.score:.4g}",
            f"{setter.without.limit:.4g}",
            f"{percent(setter.without.promise.rate)} %",
            tr("confirmed as good") if setter.kept else "–",
        )
        for setter in question.setters
    ]
    print_table((*header, tr("Promised without it"), tr("Answer")), rows)
