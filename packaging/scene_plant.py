"""A plant to photograph: a real PostgreSQL, a week of four stations, a library, people.

The verdicts are made up over real scores; everything else is done as the stations, the engineer and
the administrator do it: recorded, forwarded, published, released, taken over.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from cryptography.hazmat.primitives import serialization

from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.central import migrations, people
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, set_state
from deeprx_gui.domain.central import CentralPlace, PictureRule
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.library import LibraryRevision, RevisionState, Scope
from deeprx_gui.domain.marked_places import places_above, places_text
from deeprx_gui.domain.people import Person, Role
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.station import StationIdentity
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.people import secret_hash
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.station import load, save
from deeprx_gui.station_identity import identity
from deeprx_gui.work.forward import ForwardSetup
from deeprx_gui.work.library_book import LibraryBook
from deeprx_gui.work.limit_proposals import propose
from deeprx_gui.work.publish_revision import publish_from
from tests.central import plant, postgres_server
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.central.test_tls import Authority, TlsServer

DATABASE: Final = "deeprx"
ADMINISTRATOR: Final = "plant_admin"
DAYS, SHIFT, AN_HOUR = 7, (6, 20), 24
DRIFTS_FROM, USUAL, DRIFT = 3, 0.88, 1.08
"""OK parts score a little lower than those that were measured; the last station reads so much
higher since so many days."""
BAD_SHARE = 0.04
SECRETS: Final = {Role.OPERATOR: "2580", Role.ENGINEER: "258013", Role.ADMINISTRATOR: "258013"}


@dataclass(frozen=True)
class PlantWords:
    """What lines, stations and people are called, and the reasons that they write."""

    lines: tuple[str, str, str, str]
    stations: tuple[str, str, str, str]
    people: tuple[tuple[str, Role], ...]
    first: str
    second: str
    withdrawn: str
    third: str
    fourth: str
    proposal: str


WORDS: Final = {
    "ja": PlantWords(
        ("第1ライン", "第1ライン", "第2ライン", "第3ライン"),
        ("検査機1", "検査機2", "検査機3", "検査機4"),
        (
            ("佐藤", Role.ENGINEER), ("鈴木", Role.ADMINISTRATOR), ("田中", Role.OPERATOR),
            ("阿部", Role.OPERATOR), ("高橋", Role.OPERATOR), ("伊藤", Role.OPERATOR),
            ("Nguyen Van An", Role.OPERATOR), ("中村", Role.ENGINEER),
        ),
        "初回リリース", "過検出を減らすため", "細い割れを見逃した", "しきい値を見直した",
        "新ロットの画像で学習", "ロット変更で過検出が増えた",
    ),
    "en": PlantWords(
        ("Line 1", "Line 1", "Line 2", "Line 3"),
        ("Press 1", "Press 2", "Press 3", "Press 4"),
        (
            ("Sato", Role.ENGINEER), ("Suzuki", Role.ADMINISTRATOR), ("Tanaka", Role.OPERATOR),
            ("Abe", Role.OPERATOR), ("Takahashi", Role.OPERATOR), ("Ito", Role.OPERATOR),
            ("Nguyen Van An", Role.OPERATOR), ("Nakamura", Role.ENGINEER),
        ),
        "First release", "Fewer false calls", "Misses fine cracks", "Limits looked at again",
        "Learnt from the new lot", "More false calls since the new lot",
    ),
}  # fmt: skip


@dataclass
class Plant:
    """The running server, and how this PC comes in: as a station, an engineer and a reader.

    ``root`` holds a data folder for each station.
    """

    server: Server
    names: PlantWords
    root: Path
    place: CentralPlace
    password: str

    @property
    def here(self) -> Paths:
        """The data folder of this PC."""
        return self.paths_of(0)

    def paths_of(self, station: int) -> Paths:
        """Return the data folder of a station."""
        return Paths(self.root / f"station {station}")

    def login(self, name: str, *roles: str) -> tuple[CentralPlace, str]:
        """Make a login and return how it comes in."""
        password, of = postgres_server.a_password(), ", ".join(f"deeprx_{role}" for role in roles)
        with self.owner() as owner:
            owner.script(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {of}")
        return self.server.place_of(DATABASE, name), password

    def owner(self) -> CentralConnection:
        """Return a connection of the owner."""
        return CentralConnection(self.server.place_of(DATABASE), OWNER_PASSWORD)

    def a_week(self, profile: Profile, scored: Sequence[ScoredImage]) -> list[plant.Station]:
        """Let a week go by at all stations and send it; this PC has its own still to send.

        Returns the other stations, with the product on them.
        """
        others = []
        for number, (name, line) in enumerate(
            zip(self.names.stations, self.names.lines, strict=True)
        ):
            paths = self.paths_of(number)
            who = identity(paths.station_id_file, name)
            with closing(RecordStore(paths.results)) as store:
                _Week(profile, scored, who, number).fill(
                    store, self.names.people[2 + number][0], paths
                )
            if number:
                place, password = self.login(f"line_{number + 1}", "station")
                place = replace(place, line=line, pictures=PictureRule.BAD)
                _send(paths, place, password, who)
                plant.copy_of(self.here.data, paths.data)
                others.append(plant.Station(place, password, paths.data, who.id, name))
        station = load(self.here.station_file, sources=SOURCES, outputs=OUTPUTS)
        save(replace(station, name=self.names.stations[0]), self.here.station_file)
        return others

    def library(self, profile: Profile, stations: Sequence[plant.Station]) -> None:
        """Publish and release revisions; three stations follow, one proposes limits."""
        names = self.names
        place, password = self.login("engineer", "engineer")
        folder = plant.copy_of(self.here.data, self.root / "engineer")
        engineer = _Engineer(place, password, folder, names.people[0][0])
        first = engineer.publish_as(profile.id, names.first)
        engineer.put_out(first, names.first, Stage())
        _look(stations)
        second = engineer.publish_as(profile.id, names.second, 1.18)
        engineer.put_out(second, names.second, Stage())
        _look(stations)
        engineer.withdraw(second, names.withdrawn)
        third = engineer.publish_as(profile.id, names.third, 0.92)
        engineer.put_out(third, names.third, Stage(Scope(line=names.lines[0])), Stage(hours=24.0))
        _propose(stations[1], names)
        _look(stations)
        engineer.publish_as(profile.id, names.fourth, 0.97)

    def people(self) -> None:
        """Add everybody, and retire one."""
        with self.owner() as owner:
            known = self.names.people
            for name, role in sorted(known, key=lambda one: one[1] is not Role.ADMINISTRATOR):
                secret = secret_hash.hashed(SECRETS[role])
                people.add(owner, Person(0, name, role, secret), who=ADMINISTRATOR)
            people.retire(owner, self.names.people[-1][0], who=ADMINISTRATOR)


@contextmanager
def running(root: Path, language: str) -> Iterator[Plant]:
    """Yield a plant without rows; without PostgreSQL it cannot be. Raises RuntimeError."""
    with postgres_server.running() as server:
        authority = Authority.make("Plant CA")
        tls = TlsServer(server, authority, root / "plant-ca.pem")
        tls.file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        with (server.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("ssl = on\n")
        tls.show("localhost")
        with CentralConnection(server.place, OWNER_PASSWORD) as connection:
            connection.script(f"CREATE DATABASE {DATABASE}")
        with CentralConnection(server.place_of(DATABASE), OWNER_PASSWORD) as connection:
            migrations.migrate(connection, migrations.steps(resources_dir() / "central"))
        made = Plant(server, WORDS[language], root, server.place, "")
        place, made.password = made.login("line_1", "station", "engineer")
        made.place = replace(
            tls.place, user=place.user, database=DATABASE, line=made.names.lines[0],
            pictures=PictureRule.BAD,
        )  # fmt: skip
        yield made


class _Engineer(plant.Engineer):
    """An engineer with a reason for each revision."""

    def publish_as(self, key: str, why: str, moved: float = 1.0) -> LibraryRevision:
        """Publish what is in use, with the review limit moved by a factor."""
        store = plant.open_store(self.folder)
        profile = store.load(key)
        if moved != 1:
            limits = profile.limits.moved(review=profile.limits.review * moved)
            origin = replace(profile.origin, who=self.name, when=datetime.now(UTC), why=why)
            store.save(replace(profile, limits=limits, origin=origin))
        book = LibraryBook(Paths(self.folder).library)
        with closing(CentralConnection(self.place, self.password)) as connection:
            return publish_from(store, book, connection, key, None, who=self.name, why=why)

    def put_out(self, revision: LibraryRevision, why: str, *stages: Stage) -> None:
        """Release a revision to these."""
        self.do(
            lambda c: set_state(
                c, revision, RevisionState.RELEASED, who=self.name, why=why, stages=stages
            )
        )


class _Week:
    """A week of one station: scores as they were measured, a little different each day."""

    def __init__(
        self, profile: Profile, scored: Sequence[ScoredImage], who: StationIdentity, number: int
    ) -> None:
        self._profile, self._who, self._number = profile, who, number
        self._rng = np.random.default_rng(number)
        known = [s for s in scored if s.score is not None]
        self._picked = known[0]
        self._good = [s for s in known if judge(s.value, profile.limits) is Verdict.OK]
        self._bad = [s for s in known if judge(s.value, profile.limits) is not Verdict.OK]

    def fill(self, store: RecordStore, operator: str, paths: Paths) -> None:
        """Record every part, and decide about some of the NG."""
        now = datetime.now(UTC).astimezone()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        serial = 0
        for day in range(DAYS):
            begins = today - timedelta(days=DAYS - 1 - day)
            drifted = self._number == len(WORDS["en"].stations) - 1 and day >= DAYS - DRIFTS_FROM
            for second in np.arange(SHIFT[0] * 3600, SHIFT[1] * 3600, 3600 / AN_HOUR):
                when = begins + timedelta(seconds=float(second + self._rng.uniform(0, 60)))
                if when > now:
                    break
                serial += 1
                record = self._record(when, serial, DRIFT if drifted else 1.0, operator)
                store.add(self._with_picture(record, paths))
        query = RecordQuery(verdicts=frozenset({Verdict.NG}))
        for number, record in enumerate(store.page(query, count=14)):
            if number % 3:
                decision = Decision.OK if number % 4 == 1 else Decision.NG
                store.decide(record.number, decision, who=operator)

    def _record(self, when: datetime, serial: int, drift: float, operator: str) -> Record:
        profile = self._profile
        pool = self._bad if self._rng.random() < BAD_SHARE else self._good
        self._picked = picked = pool[int(self._rng.integers(len(pool)))]
        verdict = judge(picked.value, profile.limits)
        score = picked.value * USUAL * drift * float(self._rng.normal(1.0, 0.01))
        places = ""
        if verdict is Verdict.OK:
            score = min(score, profile.limits.review * 0.999)
        elif picked.score is not None:
            score = picked.value
            found = places_above(
                picked.score.map, profile.limits, picked.width, picked.height, profile
            )
            places = places_text(found)
        return Record(
            uid=uuid.uuid4().hex,
            when=when.astimezone(UTC),
            profile_id=profile.id,
            profile=profile.name,
            revision=profile.revision,
            verdict=verdict,
            score=score,
            limits=profile.limits,
            runtime="openvino-cpu",
            milliseconds=3.1,
            latency=14.0,
            source="camera:0",
            serial=f"{self._number + 1}-{serial:06d}",
            station=self._who.name,
            station_id=self._who.id,
            operator=operator,
            method=profile.method,
            places=places,
        )

    def _with_picture(self, record: Record, paths: Paths) -> Record:
        if record.verdict is Verdict.OK:
            return record
        name = f"pictures/{self._picked.path.name}"
        kept = paths.results / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            kept.write_bytes(self._picked.path.read_bytes())
        return replace(record, picture=name)


def _look(stations: Sequence[plant.Station]) -> None:
    for station in stations:
        station.look()


def _send(paths: Paths, place: CentralPlace, password: str, who: StationIdentity) -> None:
    setup = ForwardSetup(
        place, lambda: password, who, paths.data, paths.results, paths.profiles,
        migrations.steps(resources_dir() / "central"),
    )  # fmt: skip
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        while work.one_pass(session):
            pass
        work.report(session)
    work.keep_mark()


def _propose(station: plant.Station, names: PlantWords) -> None:
    profile = station.store.load(station.store.list()[0].id)
    limits = profile.limits.moved(review=profile.limits.review * 1.08)
    with closing(RecordStore(Paths(station.folder).results, read_only=True)) as records:
        propose(
            profile, limits, who=names.people[4][0], why=names.proposal,
            records=records, book=station.book,
        )  # fmt: skip
