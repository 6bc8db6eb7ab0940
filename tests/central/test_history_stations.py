"""The History page over all stations: switch, filter, and what it does without the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import central_settings
from deeprx_gui.central import password
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.controllers import history_queries
from deeprx_gui.controllers.plant_controller import PlantController
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.encode import encode_png
from deeprx_gui.state.history_filter import Period
from deeprx_gui.ui.history.body import AWAY, TABLE
from deeprx_gui.ui.kit.theme import Theme
from tests.central.filled import add_station, fill
from tests.central.postgres_server import OWNER_PASSWORD, free_port
from tests.results.records.conftest import record
from tests.ui.conftest import look  # noqa: F401 - a fixture
from tests.ui.history_shop import LEFT, Shop

IDS = {"A": "a" * 32, "B": "b" * 32}
LINES = {IDS["A"]: "Line 1", IDS["B"]: "Line 3"}


def part(n: int, station: str, verdict: Verdict = Verdict.OK, **more: object) -> Record:
    """One of the parts of the last minutes; B's follow A's."""
    return record(
        n,
        verdict,
        uid=UUID(int=n * 1000 + ord(station)).hex,
        when=datetime.now(UTC) - timedelta(seconds=200 - n),
        serial=f"{station}-{n:03d}",
        station=f"Press {station}",
        station_id=IDS[station],
        **more,
    )


class CentralShop(Shop):
    """A History page on a PC with a central database; ``settle`` waits for the far lanes too."""

    def _calm(self) -> bool:
        others = self.job_service._others.values()
        return super()._calm() and not any(lane.busy for lane in others)

    def choose_all(self) -> None:
        """Tap “All stations”."""
        QTest.mouseClick(self.page.body.source.all, LEFT)
        self.settle()

    def close(self) -> None:
        """End the connections, too."""
        super().close()
        self.controller.sources.shared.close()


@pytest.fixture
def shop(
    qtbot: QtBot,
    look: Theme,  # noqa: F811 - the fixture
    data_dir: Path,
    owner: CentralConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CentralShop]:
    """Two stations with 40 parts each; this PC judged three of its own that were not sent yet."""
    fill(
        owner,
        [
            part(n, station, Verdict.NG if n % 10 == 0 else Verdict.OK)
            for station in "AB"
            for n in range(40)
        ],
        LINES,
    )
    monkeypatch.setenv(password.VARIABLE, OWNER_PASSWORD)
    made = CentralShop(qtbot, data_dir)
    central_settings.save(owner.place, made.paths.central_file)
    made.fill(3)
    made.page.body.filter_bar.period.show_period(Period.ALL)
    yield made
    made.close()


def test_without_a_central_place_nothing_of_it_shows(shop: CentralShop) -> None:
    central_settings.save(None, shop.paths.central_file)
    page = shop.open()
    assert not page.body.source.isVisible()
    assert not page.body.elsewhere.isVisible()
    assert page.body.decisions.isVisible()


def test_all_stations_are_one_tap_away_and_so_is_this_pc(shop: CentralShop) -> None:
    page = shop.open()
    assert page.body.source.isVisible()
    assert shop.history.rowCount() == 3
    shop.choose_all()
    assert shop.history.rowCount() == 80
    assert shop.serials(2) == ["B-039", "A-039"]
    assert page.body.trend.summary is not None
    assert page.body.trend.summary.counts.total == 80
    assert page.body.elsewhere.isVisible()
    assert not page.body.decisions.isVisible()
    QTest.mouseClick(page.body.source.here, LEFT)
    shop.settle()
    assert shop.history.rowCount() == 3
    assert page.body.decisions.isVisible()
    assert page.body.decisions.writable


def test_a_line_has_its_stations(shop: CentralShop) -> None:
    bar = shop.open().body.filter_bar
    assert not bar.line.isVisible()
    shop.choose_all()
    assert [bar.line.itemText(i) for i in range(bar.line.count())] == [
        "All lines", "Line 1", "Line 3",
    ]  # fmt: skip
    bar.line.setCurrentIndex(2)
    bar.line.activated.emit(2)
    shop.settle()
    assert shop.history.rowCount() == 40
    assert [bar.station.itemText(i) for i in range(bar.station.count())] == [
        "All stations", "Press B",
    ]  # fmt: skip
    QTest.mouseClick(bar.chips[Verdict.NG], LEFT)
    shop.settle()
    assert shop.serials() == ["B-030", "B-020", "B-010", "B-000"]


def test_parts_that_arrive_meanwhile_come_on_top(
    shop: CentralShop, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.controllers.history_controller._FAR_EVERY", 1)
    shop.open()
    shop.choose_all()
    fill(owner, [part(50, "A")], LINES)
    shop.controller.look_for_news()
    shop.settle()
    assert shop.serials(2) == ["A-050", "B-039"]
    assert shop.history.rowCount() == 81


def test_nothing_can_be_decided_from_afar(shop: CentralShop) -> None:
    page = shop.open()
    shop.choose_all()
    page.body.decisions.chosen.emit(None)
    assert not shop.decisions.undo_stack.count()
    assert "station" in page.body.elsewhere.text()


def test_without_the_server_the_page_says_so_and_this_pc_is_one_tap_away(
    shop: CentralShop, owner: CentralConnection
) -> None:
    page = shop.open()
    gone = owner.place.__class__(
        owner.place.host, owner.place.user, owner.place.database, free_port(), owner.place.tls
    )
    central_settings.save(gone, shop.paths.central_file)
    shop.choose_all()
    assert page.body.left.currentIndex() == AWAY
    assert shop.history.rowCount() == 0
    assert "cannot be reached" in page.body.away.what.text()
    assert not page.body.banner.isVisible()
    QTest.mouseClick(page.body.away.button, LEFT)
    shop.settle()
    assert page.body.left.currentIndex() == TABLE
    assert shop.history.rowCount() == 3


def test_pictures_of_other_stations_show_where_they_came_along(
    shop: CentralShop, owner: CentralConnection
) -> None:
    with_picture = part(60, "B", Verdict.NG, picture="pictures/2026-11-29/60.png")
    without = part(61, "B", Verdict.NG, picture="pictures/2026-11-29/61.png")
    fill(owner, [with_picture, without], LINES)
    data = encode_png(np.full((48, 64, 3), 90, np.uint8))
    owner.run(
        "INSERT INTO pictures VALUES (:at, :uid, :station, '60.png', :data)",
        at=with_picture.when, uid=UUID(with_picture.uid), data=data,
        station=add_station(owner, IDS["B"], "Press B", ""),
    )  # fmt: skip
    page = shop.open()
    shop.choose_all()
    page.body.table.selectRow(0)
    shop.settle()
    assert "Press B" in page.body.panel.sentence.text()
    page.body.table.selectRow(1)
    shop.settle()
    assert page.body.panel._frame is not None
    assert page.body.panel._frame.width == 64


def test_a_picture_in_the_share_is_found_and_none_outside_it(
    shop: CentralShop, owner: CentralConnection, tmp_path: Path
) -> None:
    number = add_station(owner, IDS["B"], "Press B", "")
    share = tmp_path / "share"
    file = share / f"station-{number}" / "2026-11-29" / "60.png"
    file.parent.mkdir(parents=True)
    for each in (file, share / "secret.png"):
        each.write_bytes(encode_png(np.full((48, 64, 3), 90, np.uint8)))
    centre = shop.controller.sources.shared
    place = centre.place
    assert place is not None
    central_settings.save(
        type(place)(**(vars(place) | {"picture_folder": str(share)})), shop.paths.central_file
    )
    fill(
        owner,
        [
            part(60, "B", Verdict.NG, picture="pictures/2026-11-29/60.png"),
            part(61, "B", Verdict.NG, picture="pictures/../../secret.png"),
        ],
        LINES,
    )
    page = shop.open()
    shop.choose_all()
    page.body.table.selectRow(1)
    shop.settle()
    assert page.body.panel._frame is not None
    page.body.table.selectRow(0)
    shop.settle()
    assert page.body.panel._frame is None


def test_what_is_exported_is_what_is_listed(shop: CentralShop, tmp_path: Path) -> None:
    shop.open()
    shop.choose_all()
    shop.controller.write_table(tmp_path / "all.csv")
    shop.controller.write_report(tmp_path / "all.html")
    shop.qtbot.waitUntil(lambda: not shop.job_service.folders.busy)
    lines = (tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 81
    assert "Press A" in lines[1]
    assert "B-030" in (tmp_path / "all.html").read_text(encoding="utf-8")


def test_leaving_the_page_stops_what_the_server_searches(
    shop: CentralShop, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shop.open()
    shop.choose_all()

    def slow(store, query, stop):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        yield Progress(0, 0, history_queries.READING)
        opened = store()
        with history_queries.read_unless(opened, stop):
            return opened.ask("SELECT pg_sleep(:s)", {"s": 60})

    monkeypatch.setattr(history_queries, "summarise", slow)
    page.overview_requested.emit(page.query)
    active = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    )
    shop.qtbot.waitUntil(lambda: owner.run(active)[0][0] == 1, timeout=60_000)
    page.hide()
    shop.qtbot.waitUntil(lambda: owner.run(active)[0][0] == 0, timeout=60_000)


def test_stations_are_compared_in_a_sheet_and_handed_on(shop: CentralShop, tmp_path: Path) -> None:
    controller = PlantController(shop.job_service, shop.controller.sources, shop.page)
    page = shop.open()
    shop.choose_all()
    QTest.mouseClick(page.body.source.side_by_side, LEFT)
    shop.settle()
    sheet = controller.sheet
    assert sheet is not None
    items = [sheet.table.item(row, 2) for row in range(sheet.table.rowCount())]
    stations = [item.text() for item in items if item is not None]
    assert stations == ["Press A", "Press B"]
    assert "No station reads" in sheet.differences.text()
    controller.write_page(tmp_path / "stations.html")
    controller.write_table(tmp_path / "stations.xlsx")
    shop.settle()
    assert "Press B" in (tmp_path / "stations.html").read_text(encoding="utf-8")
    assert (tmp_path / "stations.xlsx").is_file()
    sheet.close_sheet()
    page.body.filter_bar.period.show_period(Period.YESTERDAY)
    page.list_again()
    controller.open()
    shop.settle()
    assert "No part" in sheet.trouble.text()
    sheet.close_sheet()
