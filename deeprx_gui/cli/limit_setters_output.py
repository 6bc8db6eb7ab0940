"""Who sets the limit, as JSON and for reading."""

from __future__ import annotations

from deeprx_gui.cli.output import print_line, print_table
from deeprx_gui.domain.limit_setters import limit_question, record_of
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent
from deeprx_gui.i18n import tr


def as_json(profile: Profile) -> dict[str, object]:
    """Return the images that set the suggested NG limit, and those left out because of it."""
    question = limit_question(profile)
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
    }


def show(profile: Profile) -> None:
    """Print the same as a table, where any image sets the limit alone."""
    question = limit_question(profile)
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
