"""A small plant: an engineer's PC, stations with data folders of their own, one library."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from deeprx_gui.central import signing
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, content, roll_out, set_state
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.library import (
    Following,
    FollowMode,
    LibraryRevision,
    RevisionState,
    signed_text,
)
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.station import StationIdentity
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.follow_library import Follower
from deeprx_gui.work.follow_report import FollowReport
from deeprx_gui.work.library_book import LibraryBook
from deeprx_gui.work.publish_revision import publish_from

T = TypeVar("T")
NAME = "Bracket"
AUTO = Following(FollowMode.AUTO)


def open_store(folder: Path) -> ProfileStore:
    """Return the products of a data folder."""
    return ProfileStore(Paths(folder).profiles)


@dataclass
class Station:
    """One PC of a line; ``hours``: its look is so many hours later than the server's clock."""

    place: CentralPlace
    password: str
    folder: Path
    id: str
    name: str
    following: Following = AUTO
    hours: float = 0.0
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.set(self.following)

    def set(self, following: Following) -> None:
        """Follow otherwise, as after a new start of the program."""
        self.follower = Follower(
            self.place,
            lambda: self.password,
            following,
            StationIdentity(self.id, self.name),
            self.store,
            self.book,
            lambda: EnginePool(BackboneLibrary(Paths(self.folder).backbones)),
            clock=lambda now: now + timedelta(hours=self.hours),
        )

    @property
    def store(self) -> ProfileStore:
        return open_store(self.folder)

    @property
    def book(self) -> LibraryBook:
        return LibraryBook(Paths(self.folder).library)

    def look(self, *, at_once: bool = False) -> FollowReport:
        """Look at the library once."""
        return drive(self.follower.look(at_once=at_once))

    def through(self, port: int) -> None:
        """Reach the server through another port."""
        self.place = replace(self.place, port=port)
        self.set(self.follower.following)

    def runs(self, name: str = NAME) -> Limits | None:
        """Return the limits in use, which tell the revisions of these tests apart."""
        known = self.store.find_id(name)
        return None if known is None else self.store.load(known).limits


@dataclass
class Engineer:
    """A person with a login who publishes and releases."""

    place: CentralPlace
    password: str
    folder: Path
    name: str = "Sato"

    def do(self, work: Callable[[CentralConnection], object]) -> object:
        """Do something with a connection of this person."""
        with closing(CentralConnection(self.place, self.password)) as connection:
            return work(connection)

    def known(self) -> list[LibraryRevision]:
        """Return all revisions, oldest first."""
        with closing(CentralConnection(self.place, self.password)) as connection:
            return list(content(connection).revisions)

    def publish(self, review: float | None = None) -> LibraryRevision:
        """Publish what is in use here, with other limits where ``review`` (× suggested) says so."""
        store = open_store(self.folder)
        key = store.find_id(NAME)
        assert key is not None
        if review is not None:
            save_limits(store, store.load(key), review)
        with closing(CentralConnection(self.place, self.password)) as connection:
            return publish_from(
                store, LibraryBook(Paths(self.folder).library), connection, key, None,
                who=self.name, why="better",
            )  # fmt: skip

    def release(
        self, revision: LibraryRevision, *stages: Stage, key: signing.PrivateKey | None = None
    ) -> LibraryRevision:
        """Release and roll out, to all where no stage is given."""
        signature, public = b"", ""
        if key is not None:
            text = signed_text(revision.lineage, revision.mark, revision.sha256)
            signature, public = signing.sign(key, text), signing.public_text(key)
        self.do(
            lambda c: set_state(
                c, revision, RevisionState.RELEASED, who=self.name, why="good",
                key=public, signature=signature, stages=stages or (Stage(),),
            )
        )  # fmt: skip
        return self.fresh(revision)

    def withdraw(self, revision: LibraryRevision, why: str = "misses scratches") -> None:
        """Withdraw a revision."""
        self.do(lambda c: set_state(c, revision, RevisionState.WITHDRAWN, who=self.name, why=why))

    def roll_out(self, revision: LibraryRevision, *stages: Stage, back: bool = False) -> None:
        """Roll out a released revision."""
        self.do(lambda c: roll_out(c, revision, stages, who=self.name, why="agreed", back=back))

    def fresh(self, revision: LibraryRevision) -> LibraryRevision:
        """Return a revision as the library knows it now."""
        return next(one for one in self.known() if one.row == revision.row)


def save_limits(store: ProfileStore, profile: Profile, review: float) -> Profile:
    """Save a profile with other limits, as multiples of the suggested one."""
    raw = review * profile.suggested.review
    limits = Limits(raw, 1.5 * raw)
    origin = dataclasses.replace(profile.origin, when=datetime.now(UTC))
    return store.save(replace(profile, limits=limits, origin=origin))


def drive(job: Generator[Progress, None, T]) -> T:
    """Run a job to its end and return what it returns."""
    while True:
        try:
            next(job)
        except StopIteration as stop:
            value: T = stop.value
            return value


def copy_of(learnt: Path, folder: Path) -> Path:
    """Return a data folder with the product in it."""
    shutil.copytree(learnt / "profiles", Paths(folder).profiles)
    return folder
