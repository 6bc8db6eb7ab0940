"""Profile files that come in: new products are made, known ones are asked about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.incoming_profile import IncomingProfile
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.lineage import Relation
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.main_window import MainWindow
from deeprx_gui.ui.profiles.import_sheet import ComparedRevision, ImportQuestion, ImportSheet


class ImportController(QObject):
    """``listed``: a product is new or changed; ``running``: whether parts are inspected."""

    def __init__(
        self,
        job_service: JobService,
        window: MainWindow,
        running: Callable[[], bool],
        listed: Callable[[Profile], None],
    ) -> None:
        super().__init__(window)
        self._job_service, self._running, self._listed = job_service, running, listed
        self._store = job_service.services.store
        self.sheet = ImportSheet(window)
        self.sheet.answered.connect(self._answered)
        self._waiting: deque[tuple[IncomingProfile, Callable[[Profile], None]]] = deque()
        self._asked: tuple[IncomingProfile, Callable[[Profile], None]] | None = None

    @Slot(object)
    def take(self, files: Sequence[Path]) -> None:
        """Import files that were chosen or dropped; one that is refused does not stop others."""
        for file in files:
            look = partial(self._store.examine, file)
            self._job_service.ask(look, say("Opening…"), self._examined)

    def _examined(self, arrival: IncomingProfile) -> None:
        if arrival.known is None:
            self.make_new(arrival.file, self._made)
        else:
            self.ask(arrival, self._made)

    def ask(self, arrival: IncomingProfile, made: Callable[[Profile], None]) -> None:
        """Ask what a file of a known product becomes; ``made`` when it became another one."""
        known = arrival.known
        if known is not None and known.relation is Relation.SAME:
            self._job_service.tell(known.sentence, NoticeKind.INFO)
            return
        self._waiting.append((arrival, made))
        self._ask_next()

    def make_new(self, file: Path, made: Callable[[Profile], None]) -> None:
        """Import a file as a product of its own."""
        call = partial(self._store.import_file, file, who=self._job_service.settings.who)
        self._job_service.ask(call, say("Importing…"), made)

    def _ask_next(self) -> None:
        if self._asked is None and self._waiting:
            self._asked = self._waiting.popleft()
            self.sheet.ask(_question(self._asked[0]))

    @Slot(str)
    def _answered(self, answer: str) -> None:
        asked, self._asked = self._asked, None
        if asked is not None and answer == "revision":
            self._take_over(asked[0])
        elif asked is not None and answer == "new":
            self.make_new(asked[0].file, asked[1])
        self._ask_next()

    def _take_over(self, arrival: IncomingProfile) -> None:
        known, session = arrival.known, self._job_service.session
        if known is None:
            return
        is_open = session.profile is not None and session.profile.id == known.id

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
            self._job_service.tell(sentence)

        call = partial(
            self._store.import_revision,
            arrival.file,
            known.id,
            expected=known.revision,
            who=self._job_service.settings.who,
        )

        def run() -> None:
            self._job_service.ask(call, say("Importing…"), done)

        if is_open:
            self._job_service.guard(run)
        else:
            run()

    def _made(self, profile: Profile) -> None:
        self._listed(profile)
        self._job_service.tell(say("“{name}” was imported.", name=profile.name))


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
        else ComparedRevision(known.revision, origin.who, origin.when, known.normals),
        there=ComparedRevision(
            profile.revision, profile.origin.who, profile.origin.when, len(profile.normals)
        ),
        changes=tuple(change.text for change in known.changes),
        recommended=known.recommended,
    )
