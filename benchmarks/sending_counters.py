"""What the counters of days and weeks cost when verdicts are sent.

    python benchmarks/sending_counters.py [--rows 50000] [--rounds 4]

Starts a PostgreSQL in a scratch folder (fsync on) and sends the same rows again and again, each
time as another station: with all counters, and with those of hours alone (days and weeks are taken
out of the trigger), in turn and in changing order. Prints rows per second of each round and the
medians; with ``--live`` with the pauses of a running line.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.history_million import fill  # noqa: E402
from benchmarks.stations import SERVER_SETTINGS, setup_of  # noqa: E402
from deeprx_gui.central import admin, migrations  # noqa: E402
from deeprx_gui.central.connect import CentralConnection  # noqa: E402
from deeprx_gui.domain.central import CentralPlace  # noqa: E402
from deeprx_gui.paths import Paths, resources_dir  # noqa: E402
from deeprx_gui.work.forward import Forwarder  # noqa: E402
from tests.central import postgres_server  # noqa: E402
from tests.central.postgres_server import OWNER_PASSWORD  # noqa: E402

LONGER = ("days", "ok_score_days", "ok_score_weeks")
"""Counters that are sums of those of hours."""
TRIGGER = "SELECT pg_get_functiondef('deeprx.count_verdicts()'::regprocedure)"


def hours_alone(definition: str) -> str:
    """Return the trigger's function without the counters of days and weeks."""
    for table in LONGER:
        definition, found = re.subn(rf"INSERT INTO {table} AS [^;]*;", "", definition)
        if found != 1:
            raise SystemExit(f"the trigger does not count {table} once: {found}")
    return definition


def send(data: Path, place: CentralPlace, password: str, rows: int, *, live: bool) -> float:
    """Send all of a data folder; return rows per second."""
    setup = setup_of(data, place, password)
    begun = time.perf_counter()
    if live:
        forwarder = Forwarder(setup, live=lambda: True)
        forwarder.start()
        while forwarder.state.sent < rows:
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
        forwarder.stop()
        return rows / seconds
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        while work.one_pass(session):
            pass
    return rows / (time.perf_counter() - begun)


def main() -> None:
    """Read the words and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--live", action="store_true")
    args = parser.parse_args()
    with (
        postgres_server.running(SERVER_SETTINGS) as server,
        tempfile.TemporaryDirectory(prefix="deeprx-counters-") as scratch,
    ):
        folder = Path(scratch)
        fill(Paths(folder / "filled").results, args.rows)
        with CentralConnection(server.place, OWNER_PASSWORD) as connection:
            connection.script("CREATE DATABASE plant")
        owner = CentralConnection(server.place_of("plant"), OWNER_PASSWORD, timeout=120)
        migrations.migrate(owner, migrations.steps(resources_dir() / "central"))
        password = admin.make_login(owner, "line", "station")
        whole = str(owner.run(TRIGGER)[0][0])
        triggers = {"all": whole, "hours alone": hours_alone(whole)}
        rates: dict[str, list[float]] = {kind: [] for kind in triggers}
        for number in range(args.rounds + 1):  # the first one warms up
            kinds = list(triggers)
            for kind in kinds if number % 2 else kinds[::-1]:
                data = folder / f"{number} {kind}"
                shutil.copytree(folder / "filled", data)
                owner.script(triggers[kind])
                place = server.place_of("plant", "line")
                rate = send(data, place, password, args.rows, live=args.live)
                if number:
                    rates[kind].append(rate)
                shutil.rmtree(data)
        counted = owner.run("SELECT sum(parts) FROM hours")[0][0]
        owner.close()
    medians = {kind: statistics.median(found) for kind, found in rates.items()}
    print(json.dumps({
        "rows": args.rows, "rounds": args.rounds, "live": args.live, "rows_per_second": rates,
        "median": medians, "all_to_hours_alone": medians["all"] / medians["hours alone"],
    }, indent=1))  # fmt: skip
    sys.exit(0 if counted == 2 * (args.rounds + 1) * args.rows else 1)


if __name__ == "__main__":
    main()
