"""What several stations cost and lose: nothing, while everything is killed now and then.

    python benchmarks/stations.py [--stations 10] [--rate 10] [--minutes 30] [--kill-every 20]

Starts a PostgreSQL in a scratch folder (fsync on) and so many station processes, each recording so
many parts a second into its own store. Every second station forwards itself, the others in a
process beside it. Those that do it themselves forward or do not in windows of ten seconds, in turn:
the two line latencies (from the moment a part is due to its verdict on the disk, with
``--judge-ms`` of computing in between) come from the same minutes. Now and then a station, a
forwarder, a connection or the server is killed. In the end everything that waits is sent, and every
recorded verdict must be in the centre once. Then a backlog of ``--backlog`` rows is sent, once as
fast as it goes and once with the pauses of a running line.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.history_million import fill, record  # noqa: E402
from deeprx_gui.central import admin, migrations  # noqa: E402
from deeprx_gui.central.connect import CentralConnection  # noqa: E402
from deeprx_gui.domain.central import CentralPlace, Tls  # noqa: E402
from deeprx_gui.domain.errors import CentralError  # noqa: E402
from deeprx_gui.domain.station import StationIdentity  # noqa: E402
from deeprx_gui.paths import Paths, resources_dir  # noqa: E402
from deeprx_gui.results.records.forward_rows import as_uuid  # noqa: E402
from deeprx_gui.results.records.store import RecordStore  # noqa: E402
from deeprx_gui.station_identity import identity  # noqa: E402
from deeprx_gui.work.forward import Forwarder, ForwardSetup, Pauses  # noqa: E402
from tests.central import postgres_server  # noqa: E402
from tests.central.postgres_server import OWNER_PASSWORD, Server  # noqa: E402

WINDOW = 10.0
SERVER_SETTINGS = """
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
"""
PAUSES = Pauses(0.5, 4.0, 4.0)


def setup_of(data: Path, place: CentralPlace, password: str) -> ForwardSetup:
    """Return who sends what from a data folder."""
    paths = Paths(data)
    who: StationIdentity = identity(paths.station_id_file, data.name)
    return ForwardSetup(
        place, lambda: password, who, data, paths.results, paths.profiles,
        migrations.steps(resources_dir() / "central"),
    )  # fmt: skip


# A station --------------------------------------------------------------------------------------


def run_station(args: argparse.Namespace) -> None:
    """Record parts until the file ``stop`` is there."""
    setup = setup_of(args.data, place_of(args), args.password)
    rng = np.random.default_rng()
    matrix = rng.random((160, 160))
    forwarder: Forwarder | None = None
    with (
        closing(RecordStore(setup.results)) as store,
        (args.data / "latencies.txt").open("a", encoding="utf-8") as told,
    ):
        number, due = store.newest(), time.perf_counter()
        begun = due
        while not (args.data / "stop").exists():
            number += 1
            due += 1 / args.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            end = time.perf_counter() + args.judge_ms / 1000
            while time.perf_counter() < end:
                matrix @ matrix
            made = replace(
                record(number, rng), uid=f"{time.time_ns():016x}{uuid.uuid4().hex[:16]}",
                when=datetime.now(UTC), station=setup.identity.name, station_id=setup.identity.id,
            )  # fmt: skip
            store.add(made)
            on = int((time.perf_counter() - begun) // WINDOW) % 2 == 1
            told.write(f"{int(on)} {(time.perf_counter() - due) * 1000:.3f}\n")
            if number % args.rate == 0:
                told.flush()
            due = max(due, time.perf_counter() - 1.0)  # a line that was stopped does not catch up
            if args.inside and on and forwarder is None:
                forwarder = Forwarder(setup, live=lambda: True, pauses=PAUSES)
                forwarder.start()
            elif forwarder is not None and not on:
                forwarder.stop(0)
                forwarder = None


def run_forwarder(args: argparse.Namespace) -> None:
    """Forward beside a station until the file ``stop`` is there."""
    setup = setup_of(args.data, place_of(args), args.password)
    forwarder = Forwarder(setup, live=lambda: True, pauses=PAUSES)
    forwarder.start()
    while not (args.data / "stop").exists():
        time.sleep(0.2)
    forwarder.stop()


def place_of(args: argparse.Namespace) -> CentralPlace:
    """Return where the server is."""
    return CentralPlace("127.0.0.1", args.user, "plant", args.port, Tls.OFF)


# The plant --------------------------------------------------------------------------------------


class Plant:
    """Stations, forwarders and the server, which are killed now and then."""

    def __init__(self, server: Server, args: argparse.Namespace, folder: Path) -> None:
        self.server, self.args, self.folder = server, args, folder
        self._dice = np.random.default_rng(14)
        self.passwords: dict[str, str] = {}
        self.running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self.kills = dict.fromkeys(("station", "forwarder", "connection", "server"), 0)
        with CentralConnection(server.place, OWNER_PASSWORD) as connection:
            connection.script("CREATE DATABASE plant")
        with self.owner() as connection:
            migrations.migrate(connection, migrations.steps(resources_dir() / "central"))
            for number in range(args.stations + 1):
                name = f"line_{number}"
                self.passwords[name] = admin.make_login(connection, name, "station")
        self.names = list(self.passwords)[: args.stations]

    @contextmanager
    def owner(self) -> Iterator[CentralConnection]:
        """Give a connection of the owner."""
        place = self.server.place_of("plant")
        with CentralConnection(place, OWNER_PASSWORD, timeout=120) as connection:
            yield connection

    def start(self, kind: str, name: str) -> None:
        """Start a station or a forwarder."""
        words = [
            sys.executable, __file__, "--as", kind, "--data", str(self.folder / name),
            "--user", name, "--password", self.passwords[name], "--port", str(self.server.port),
            "--rate", str(self.args.rate), "--judge-ms", str(self.args.judge_ms),
        ]  # fmt: skip
        if self.names.index(name) % 2 == 0:
            words.append("--inside")
        (self.folder / name).mkdir(exist_ok=True)
        self.running[(kind, name)] = subprocess.Popen(words)

    def run(self) -> None:
        """Let all of them work, and kill now and then."""
        for number, name in enumerate(self.names):
            self.start("station", name)
            if number % 2:
                self.start("forwarder", name)
        end = time.monotonic() + self.args.minutes * 60
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self._dice.exponential(self.args.kill_every)))
            if time.monotonic() < end:
                self.kill(str(self._dice.choice(list(self.kills))))
        for name in self.names:
            (self.folder / name / "stop").touch()
        for process in self.running.values():
            process.wait(60)

    def kill(self, kind: str) -> None:
        """Kill one of a kind and start it again."""
        self.kills[kind] += 1
        if kind == "server":
            self.server.stop("immediate")
            time.sleep(self._dice.uniform(0.5, 4.0))
            self.server.start()
        elif kind == "connection":
            with suppress(CentralError), self.owner() as connection:
                connection.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :name",
                    name=str(self._dice.choice(self.names)),
                )
        else:
            among = [key for key in self.running if key[0] == kind]
            key = among[int(self._dice.integers(len(among)))]
            self.running[key].send_signal(signal.SIGKILL)
            self.running[key].wait()
            time.sleep(0.5)
            self.start(*key)

    def setup(self, name: str) -> ForwardSetup:
        """Return who sends what for a station."""
        place = replace(self.server.place_of("plant", name), tls=Tls.OFF)
        return setup_of(self.folder / name, place, self.passwords[name])

    def send_the_rest(self, name: str) -> tuple[int, float]:
        """Send what waits; return rows and seconds."""
        setup = self.setup(name)
        work = setup.work()
        begun = time.perf_counter()
        with setup.session() as session:
            work.begin(session)
            work.look_at_file()
            waited = work.state.waiting
            while work.one_pass(session):
                pass
            work.report(session)
        work.keep_mark()
        return waited, time.perf_counter() - begun

    def compare(self) -> dict[str, int]:
        """Count what was recorded, what is in the centre, and what differs."""
        recorded: set[str] = set()
        for name in self.names:
            with (
                closing(RecordStore(Paths(self.folder / name).results, read_only=True)) as store,
                store.reading() as connection,
            ):
                recorded |= {
                    as_uuid(uid) for (uid,) in connection.execute("SELECT uid FROM records")
                }
        with self.owner() as connection:
            there = [
                str(row[0]).replace("-", "") for row in connection.run("SELECT uid FROM verdicts")
            ]
            counted = int(connection.run("SELECT coalesce(sum(parts), 0) FROM hours")[0][0])
        return {
            "recorded": len(recorded),
            "in_the_centre": len(there),
            "missing": len(recorded - set(there)),
            "unknown": len(set(there) - recorded),
            "twice": len(there) - len(set(there)),
            "counters": counted,
        }

    def latencies(self) -> dict[str, float]:
        """Return p50 and p99 without and with forwarding, of stations that forward themselves."""
        seen: tuple[list[float], list[float]] = ([], [])
        for name in self.names[::2]:
            for line in (self.folder / name / "latencies.txt").read_text("utf-8").splitlines():
                with suppress(ValueError):  # the last line of a killed one
                    on, value = line.split()
                    seen[int(on)].append(float(value))
        without, with_it = (np.array(each) for each in seen)
        p50, p99 = ([float(np.percentile(e, q)) for e in (without, with_it)] for q in (50, 99))
        return {
            "parts_without": len(without), "parts_with": len(with_it),
            "p50_without_ms": p50[0], "p50_with_ms": p50[1],
            "p99_without_ms": p99[0], "p99_with_ms": p99[1],
            "p99_ratio": p99[1] / p99[0],
        }  # fmt: skip

    def backlog(self, rows: int) -> dict[str, float]:
        """Send a backlog alone, then again beside a line; return rows per second and sizes."""
        name = list(self.passwords)[-1]
        data = self.folder / name
        data.mkdir(exist_ok=True)
        fill(Paths(data).results, rows)
        with self.owner() as connection:
            before = admin.sizes(connection)
        waited, seconds = self.send_the_rest(name)
        with self.owner() as connection:
            after = admin.sizes(connection)
            connection.run(
                "DELETE FROM verdicts WHERE station = (SELECT max(number) FROM stations)"
            )
        grown = after.verdict_bytes - before.verdict_bytes
        (Paths(data).results / "central-sent.json").unlink()
        live = Forwarder(self.setup(name), live=lambda: True)
        begun = time.perf_counter()
        live.start()
        while live.state.sent < rows and time.perf_counter() - begun < 600:
            time.sleep(0.05)
        beside = time.perf_counter() - begun
        live.stop()
        return {
            "rows": waited,
            "rows_per_second": waited / seconds,
            "rows_per_second_live": rows / beside,
            "bytes_per_million": grown / waited * 1e6,
        }


def main() -> None:
    """Read the words and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--stations", type=int, default=10)
    add("--rate", type=int, default=10)
    add("--minutes", type=float, default=30)
    add("--kill-every", type=float, default=20, help="seconds between two kills, on average")
    add("--judge-ms", type=float, default=5)
    add("--backlog", type=int, default=50_000)
    add("--json", action="store_true")
    add("--as", dest="kind", choices=("plant", "station", "forwarder"), default="plant")
    add("--data", type=Path)
    for word in ("--user", "--password"):
        add(word)
    add("--port", type=int)
    add("--inside", action="store_true")
    args = parser.parse_args()
    if args.kind != "plant":
        {"station": run_station, "forwarder": run_forwarder}[args.kind](args)
        return
    with (
        postgres_server.running(SERVER_SETTINGS) as server,
        tempfile.TemporaryDirectory(prefix="deeprx-plant-") as folder,
    ):
        plant = Plant(server, args, Path(folder))
        plant.run()
        rest = [plant.send_the_rest(name)[0] for name in plant.names]
        answer: dict[str, object] = {
            "stations": args.stations, "minutes": args.minutes, "kills": plant.kills,
            "sent_afterwards": sum(rest), **plant.compare(), **plant.latencies(),
            "backlog": plant.backlog(args.backlog),
        }  # fmt: skip
    print(json.dumps(answer, indent=None if args.json else 1))
    lost = [answer[key] for key in ("missing", "unknown", "twice")]
    sys.exit(1 if any(lost) or answer["counters"] != answer["recorded"] else 0)


if __name__ == "__main__":
    main()
