"""The gate's last word: no revision passes a must-find set unjudged, whoever puts it in use."""

from __future__ import annotations

from collections.abc import Mapping

from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.codec import RevisionHead, hashes_of
from deeprx_gui.profiles.correction_store import read_book
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.untrusted_input import STATISTICS


class GateError(ProfileError):
    """A revision was not put in use; ``report``: why, ``None`` when nobody judged it."""

    def __init__(self, message: Message, report: GateReport | None = None) -> None:
        super().__init__(message)
        self.report = report


def gate_note(
    folder: ProfileFolder,
    judged: GateReport | None,
    profile: Profile | None = None,
    parts: Mapping[str, bytes] | None = None,
    *,
    onto_current: bool = False,
) -> dict[str, object]:
    """Return what the log keeps of the gate for a revision that becomes the current one.

    ``profile`` and its ``parts``: a revision that is saved now; with what the current one has
    learnt and the same limits it judges no part otherwise. Where the product has a must-find set,
    or somebody judged, the revision must have been judged against the current one, and have passed
    or been let pass by an engineer. With ``onto_current`` one that nobody judged must have been
    made of the current one. Raises GateError else. Callers hold the writer lock.
    """
    if judged is None:
        guarded = bool(read_book(folder).must_find)
        now = _usable(folder)
        if now is None:
            return {}  # nothing usable is current: the revision is the repair
        if onto_current and profile is not None and profile.revision != now.profile.revision:
            raise GateError(
                say(
                    "“{name}” was changed meanwhile: {revision} is in use now. Nothing was saved. "
                    "Open it again and repeat the change.",
                    name=folder.name(),
                    revision=label(now.profile.revision),
                )
            )
        if not guarded or _judges_alike(now, profile, parts):
            return {}
        if profile is not None:
            raise GateError(
                say(
                    "“{name}” has a must-find set, and this revision was not judged on it. Nothing "
                    "was saved. Do it again: it is judged then.",
                    name=folder.name(),
                )
            )
        raise GateError(
            say(
                "“{name}” has a must-find set, and this revision was not judged on it. Go to it on "
                "the page Profiles or with “deeprx profiles rollback”: it is judged there.",
                name=folder.name(),
            )
        )
    if judged.before != folder.pointer():
        raise GateError(
            say(
                "“{name}” was changed while the revision was judged: {revision} is no longer in "
                "use. Do it again.",
                name=folder.name(),
                revision=label(judged.before),
            )
        )
    if not judged.passed:
        raise refused(judged)
    return judged.for_log()


def overrule_in(note: Mapping[str, object]) -> str:
    """Return why an engineer let a revision pass, from what ``gate_note`` gave; else nothing."""
    gate = note.get("gate")
    return str(gate.get("overruled", "")) if isinstance(gate, Mapping) else ""


def refused(report: GateReport) -> GateError:
    """The error for a revision that the gate is against: all reasons, and the way out."""
    reasons = in_one(one.text for one in report.refusals)
    assert reasons is not None
    return GateError(
        say(
            "The revision is not put in use; what was in use still is. {reasons} An engineer may "
            "overrule this with a reason.",
            reasons=reasons,
        ),
        report,
    )


def _usable(folder: ProfileFolder) -> RevisionHead | None:
    """Return the revision in use, ``None`` where it is damaged or nothing is."""
    try:
        return folder.card(folder.current())
    except DeepRxError:
        return None


def _judges_alike(
    now: RevisionHead, profile: Profile | None, parts: Mapping[str, bytes] | None
) -> bool:
    """Say whether a revision with these parts says of every picture what the one in use says."""
    if profile is None or parts is None:
        return False
    old, new = now.profile.limits, profile.limits
    same = (old.review, old.ng) == (new.review, new.ng)
    return same and now.hashes.get(STATISTICS) == hashes_of(parts).get(STATISTICS)
