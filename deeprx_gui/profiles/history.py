"""The history of one profile and the check of all its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile_card import Difference, HistoryEntry
from deeprx_gui.profiles.codec import RevisionHead
from deeprx_gui.profiles.difference import differences
from deeprx_gui.profiles.folder import POINTER, ProfileFolder
from deeprx_gui.profiles.journal import LogEntry


@dataclass(frozen=True)
class RevisionFinding:
    """What :func:`verify` found about one revision (``None``: about the pointer or the log).

    ``remark``: what an interrupted save left; nothing is wrong with it.
    """

    revision: int | None
    problem: Message | None
    sha256: str = ""
    remark: Message | None = None

    @property
    def sound(self) -> bool:
        return self.problem is None


def read_history(folder: ProfileFolder) -> tuple[HistoryEntry, ...]:
    """Everything that happened, newest first; quick: files are glanced at, not checked whole.

    Revisions that the log does not know (it was lost, or the program was killed in between) are
    listed too, from their files.
    """
    try:
        current = folder.current()
    except DeepRxError:
        current = 0  # the card says so; the history is what one needs now
    heads = _Heads(folder)
    entries = folder.log().entries
    found = [
        HistoryEntry(
            revision=entry.revision,
            when=entry.when,
            who=entry.who,
            what=entry.title(),
            why=entry.why,
            changes=heads.changes(entry.before, entry.revision),
            problem=heads.problem(entry.revision),
        )
        for entry in entries
    ]
    logged = {entry.revision for entry in entries}
    for revision in folder.revisions():
        if revision not in logged and (head := heads.get(revision)):
            origin = head.profile.origin
            what = say("saved (not in the log)")
            found.append(HistoryEntry(revision, origin.when, origin.who, what, origin.why))
    found.sort(key=lambda entry: entry.when)
    return tuple(reversed(_with_current(found, current)))


def verify(folder: ProfileFolder) -> tuple[RevisionFinding, ...]:
    """Read every revision to the last byte; compare with what the log says was saved.

    One finding per revision, oldest first, then those about pointer and log, if anything is wrong.
    """
    log = folder.log()
    expected = {entry.revision: entry for entry in log.entries if entry.sha256}
    numbers = sorted({*folder.revisions(), *expected})
    findings = [_finding(folder, revision, expected.get(revision)) for revision in numbers]
    if folder.pointer() is None and numbers == [1] and not (folder.path / POINTER).exists():
        remark = say(
            "The program was stopped just before it noted which revision is the current one. It is"
            " the only one; the next save notes it."
        )
        findings.append(RevisionFinding(None, None, remark=remark))
    elif folder.pointer() is None:
        findings.append(
            RevisionFinding(
                None,
                say(
                    "The note of which revision is the current one is missing or damaged. Roll"
                    " back to the revision you want; that writes it anew."
                ),
            )
        )
    if log.torn and log.unreadable == 1:
        remark = say(
            "The program was stopped while it wrote the last line of the log. The next change notes"
            " that; nothing is lost."
        )
        findings.append(RevisionFinding(None, None, remark=remark))
    elif log.unreadable:
        findings.append(
            RevisionFinding(
                None,
                say_n(
                    "{n} line of the log cannot be read. The profile works all the same.",
                    "{n} lines of the log cannot be read. The profile works all the same.",
                    n=log.unreadable,
                ),
            )
        )
    return tuple(findings)


def _finding(folder: ProfileFolder, revision: int, logged: LogEntry | None) -> RevisionFinding:
    try:
        folder.load(revision)
        seal = folder.card(revision).seal
    except DeepRxError as error:
        return RevisionFinding(revision, error.message)
    if logged is not None and seal != logged.sha256:
        return RevisionFinding(
            revision,
            say("The file is sound, but it is not the one that the log says was saved here."),
            seal,
        )
    return RevisionFinding(revision, None, seal)


def _with_current(entries: Sequence[HistoryEntry], current: int) -> list[HistoryEntry]:
    """Mark the last entry of the current revision."""
    marked = list(entries)
    for place in range(len(marked) - 1, -1, -1):
        entry = marked[place]
        if entry.revision == current:
            marked[place] = replace(entry, is_current=True)
            break
    return marked


class _Heads:
    """Each head once per history, and the problem of those that cannot be read."""

    def __init__(self, folder: ProfileFolder) -> None:
        self._folder = folder
        self._heads: dict[int, RevisionHead | Message] = {}

    def get(self, revision: int) -> RevisionHead | None:
        found = self._find(revision)
        return found if isinstance(found, RevisionHead) else None

    def problem(self, revision: int) -> Message | None:
        found = self._find(revision)
        return found if isinstance(found, Message) else None

    def changes(self, before: int | None, after: int) -> tuple[Difference, ...]:
        if before is None or before == after:
            return ()
        old, new = self.get(before), self.get(after)
        return differences(old, new) if old and new else ()

    def _find(self, revision: int) -> RevisionHead | Message:
        if revision not in self._heads:
            try:
                self._heads[revision] = self._folder.head(revision)
            except DeepRxError as error:
                self._heads[revision] = error.message
        return self._heads[revision]
