"""What a run on Check ends with: the worst NG in sight, a foreign set, a step forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_profile, made_scored

Fill = Callable[..., None]


def test_the_worst_ng_is_selected_unless_a_person_chose(page: CheckPage, fill: Fill) -> None:
    fill(*(made_scored(v, f"{v}.png") for v in (8.0, 13.0, 15.0, 12.5)))
    table = page.body.table
    assert table.current() == 0
    page.show_run(0)
    assert table.current() == 2
    fill(made_scored(9.0, "x.png"), made_scored(12.8, "y.png"))
    page.show_run(4)
    assert table.current() == 5, "the worst of the new run"
    table.go_to(1)
    page.show_run(0)
    assert table.current() == 1, "a person looks at this one"


def test_without_an_ng_the_first_stays(page: CheckPage, fill: Fill) -> None:
    fill(made_scored(8.0, "a.png"), made_scored(11.0, "b.png"), made_scored(None, "c.png"))
    page.show_run(0)
    assert page.body.table.current() == 0


def test_a_set_in_which_everything_is_ng_asks(page: CheckPage, fill: Fill) -> None:
    fill(*(made_scored(20.0 + n, f"{n}.png") for n in range(4)))
    page.show_run(0)
    assert "All 4 pictures are NG. Is it another product" in page.banner.text.text()


def test_a_revision_is_compared_with_the_one_before_on_the_same_pictures(
    page: CheckPage, session: Session, results: ResultsModel, fill: Fill
) -> None:
    def pictures(*values: float) -> None:
        labels = (Label.BAD, Label.BAD, Label.BAD, Label.GOOD, Label.GOOD)
        shown = zip(values, labels, strict=True)
        fill(*(made_scored(v, f"{n}.png", la) for n, (v, la) in enumerate(shown)))

    pictures(9.0, 9.5, 14.0, 8.0, 13.0)
    page.show_run(0)
    assert page.banner.isHidden(), "nothing to compare with"
    assert results.step_forward is None
    session.open_profile(replace(made_profile(limits=Limits(10.0, 12.0)), revision=4))
    pictures(9.0, 13.0, 14.0, 8.0, 8.0)
    page.show_run(0)
    assert page.banner.text.text() == (
        "r0003 → r0004 on the same pictures: 2 → 1 missed of 3 bad parts, 1 → 0 false calls of 2 "
        "good parts."
    )
    session.close_profile()
    assert results.step_forward is None
