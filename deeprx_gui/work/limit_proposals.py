"""Limits moved at a station that follows the library: proposed there, not saved here."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.library import Following, LimitProposal
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.work.library_book import LibraryBook

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore

LAST: Final = 500
"""So many of the latest parts say what other limits would have changed."""


def follows(profile: Profile, following: Following, book: LibraryBook) -> bool:
    """Whether a product of this PC comes from the library, so that its limits are changed there.

    That is so once the station followed an instruction for it, reachable or not.
    """
    return following.on and bool(profile.lineage.id) and book.followed(profile.lineage.id) > 0


def propose(
    profile: Profile,
    limits: Limits,
    *,
    who: str,
    why: str,
    records: RecordStore | None,
    book: LibraryBook,
) -> LimitProposal:
    """Keep a proposal of other limits for ``profile``, which is in use; the next look sends it.

    ``records``: the remembered verdicts, which say what it would change. Raises StorageError.
    """
    parts, before, after = consequences(profile, limits, records)
    made = LimitProposal(
        uuid.uuid4().hex,
        profile.lineage.id,
        profile.name,
        profile.lineage.mark,
        float(limits.review),
        float(limits.ng),
        float(profile.limits.review),
        float(profile.limits.ng),
        who or "–",
        datetime.now(UTC),
        why,
        parts,
        before,
        after,
    )
    book.propose(made)
    return made


def consequences(
    profile: Profile, limits: Limits, records: RecordStore | None
) -> tuple[int, int, int]:
    """Return of how many of the latest parts it is known, and how many are stopped: now, then.

    Only verdicts whose scores are measured as the profile measures count; an ERROR does not.
    """
    if records is None:
        return 0, 0, 0
    page = records.page(RecordQuery(profile_id=profile.id), before=None, count=LAST)
    scores = [
        one.score
        for one in page
        if one.verdict is not Verdict.ERROR and one.limits.unit == profile.suggested.review
    ]
    stopped = [
        sum(judge(score, given) is not Verdict.OK for score in scores)
        for given in (profile.limits, limits)
    ]
    return len(scores), stopped[0], stopped[1]
