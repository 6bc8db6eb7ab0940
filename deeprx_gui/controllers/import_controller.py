"""Profile files that come in: new products are made, known ones are asked about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.page_parts import PartsContext
from deeprx_gui.domain.errors import with_remarks
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.must_find import MustFindJoined
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.incoming_profile import IncomingProfile
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.lineage import Relation
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.profiles.import_sheet import ComparedRevision, ImportQuestion, ImportSheet
from deeprx_gui.work.predict import judging_mb


@dataclass(frozen=True)
class _QueuedFile:
    """A file that waits for its turn; ``made`` is called when it became another product."""

    file: Path
    made: Callable[[Profile], None]


class ImportController(QObject):
    """Takes files in one after the other: each is looked at when the one before is settled.

    ``listed``: a product is new or changed.
    """

    def __init__(self, shared: PartsContext, listed: Callable[[Profile], None]) -> None:
        super().__init__(shared.window)
        self._shared, self._listed = shared, listed
        self._job_service, self._running = shared.job_service, shared.running
        self._store = shared.job_service.services.store
        self.sheet = ImportSheet(shared.window)
        self.sheet.answered.connect(self._answered)
        self._queue: deque[_QueuedFile] = deque()
        self._current: _QueuedFile | None = None
        self._asked: IncomingProfile | None = None

    @Slot(object)
    def import_files(
        self, files: Sequence[Path], made: Callable[[Profile], None] | None = None
    ) -> None:
        """Import files that were chosen or dropped; one that is refused does not stop others.

        What becomes of a file of a known product is asked; ``made`` gets what became a new one.
        """
        self._queue.extend(_QueuedFile(file, made or self._made) for file in files)
        self._begin_next()

    def _begin_next(self) -> None:
        if self._current is not None or not self._queue:
            return
        self._current = self._queue.popleft()
        look = partial(self._store.examine, self._current.file)
        self._job_service.ask(look, say("Opening…"), self._examined, self._settled)

    def _settled(self) -> None:
        self._current = None
        self._begin_next()

    def _examined(self, arrival: IncomingProfile) -> None:
        if arrival.known is None:
            self._make_new()
        elif arrival.known.relation is Relation.SAME:
            self._join(arrival, arrival.known.sentence)
        else:
            self._asked = arrival
            self.sheet.ask(_question(arrival))

    def _join(self, arrival: IncomingProfile, sentence: Message) -> None:
        """Take in the must-find pictures of a file whose revision is in use already."""
        known = arrival.known
        if known is None:
            return

        def done(joined: MustFindJoined) -> None:
            told = in_one((sentence, *joined.remarks))
            self._job_service.tell(told or sentence, NoticeKind.INFO)
            self._settled()

        call = partial(self._store.join_must_find, known.id, arrival.must_find)
        self._job_service.ask(call, say("Importing…"), done, self._settled)

    @Slot(str)
    def _answered(self, answer: str) -> None:
        asked, self._asked = self._asked, None
        if asked is not None and answer == "revision":
            self._take_over(asked)
        elif asked is not None and answer == "new":
            self._make_new()
        else:
            self._settled()

    def _make_new(self) -> None:
        current = self._current
        if current is None:
            return

        def done(profile: Profile) -> None:
            current.made(profile)
            self._settled()

        call = partial(self._store.import_file, current.file, who=self._job_service.settings.who)
        self._job_service.ask(call, say("Importing…"), done, self._settled)

    def _take_over(self, arrival: IncomingProfile) -> None:
        known, session = arrival.known, self._job_service.session
        if known is None:
            return
        is_open = session.profile is not None and session.profile.id == known.id
        joined: list[MustFindJoined] = []

        def remarks() -> tuple[Message, ...]:
            return tuple(remark for one in joined for remark in one.remarks)

        def done(profile: Profile) -> None:
            goes_on = is_open and self._running()
            if is_open and not goes_on:
                session.open_profile(profile)
            self._listed(profile)
            values = {"name": profile.name, "revision": label(profile.revision)}
            sentence = say("“{name}” uses {revision} from now on.", **values)
            if goes_on:
                sentence = say(
                    "“{name}” uses {revision} from the next inspection on. The one that runs goes"
                    " on as before: stop it and open the product again.",
                    **values,
                )
            self._job_service.tell(in_one((sentence, *remarks())) or sentence)
            self._settled()

        def take(judged: GateReport | None) -> None:
            call = partial(
                self._import_revision,
                arrival.file,
                known.id,
                expected=known.revision,
                who=self._job_service.settings.who,
                judged=judged,
                remarks=remarks(),
            )
            self._job_service.ask(call, say("Importing…"), done, self._settled)

        def arriving() -> Profile:
            joined.append(self._store.join_must_find(known.id, arrival.must_find))
            return replace(arrival.profile, revision=0)

        def run() -> None:
            self._shared.gate.judge(known.id, arriving, take, self._settled, remarks)

        if is_open:
            self._job_service.guard(run, self._settled)
        else:
            run()

    def _import_revision(
        self,
        file: Path,
        key: str,
        *,
        expected: int,
        who: str,
        judged: GateReport | None,
        remarks: Sequence[Message],
    ) -> Profile:
        """Take in a revision, in a lane; where that fails, ``remarks`` are said all the same."""
        with with_remarks(remarks):
            return self._store.import_revision(file, key, expected=expected, who=who, judged=judged)

    def _made(self, profile: Profile) -> None:
        self._listed(profile)
        self._job_service.tell(imported_words(profile))


def imported_words(profile: Profile) -> Message:
    """Return the sentence about a product that was taken in, with the memory it will need."""
    needed = judging_mb(profile)
    if needed is None:
        return say("“{name}” was imported.", name=profile.name)
    return say(
        "“{name}” was imported. Judging with it takes up to {mb} MB of memory.",
        name=profile.name,
        mb=f"{needed:,.0f}",
    )


def _question(arrival: IncomingProfile) -> ImportQuestion:
    known, profile = arrival.known, arrival.profile
    if known is None:
        raise ValueError("a new product needs no question")
    origin = known.origin
    return ImportQuestion(
        file=arrival.file.name,
        name=known.name,
        sentence=known.sentence,
        here=None
        if origin is None
        else ComparedRevision(
            known.revision, origin.who, origin.when, known.normals, known.must_find
        ),
        there=ComparedRevision(
            profile.revision,
            profile.origin.who,
            profile.origin.when,
            len(profile.normals),
            len(arrival.must_find),
        ),
        changes=tuple(change.text for change in known.changes),
        recommended=known.recommended,
    )
