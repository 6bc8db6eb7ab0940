"""Entries of the audit trail wait in a file until the centre has them, and none is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deeprx_gui.domain.audit import AuditEntry, AuditEvent
from deeprx_gui.people import audit_queue
from deeprx_gui.people.audit_queue import AuditQueue


@pytest.fixture
def queue(tmp_path: Path) -> AuditQueue:
    return AuditQueue(tmp_path / "data", wanted=True)


def entry(who: str = "Sato", **more: str) -> AuditEntry:
    return AuditEntry(AuditEvent.DECIDED, who, "operator", "Bracket", 3, more)


def test_what_waits_comes_back_as_it_was_until_it_was_sent(queue: AuditQueue) -> None:
    first, second = entry(decision="ok"), entry("田中")
    queue.note(first)
    batch = queue.waiting()
    queue.note(second)
    assert [e.uid for e in batch.entries] == [first.uid]
    queue.mark_sent(batch)
    (left,) = queue.waiting().entries
    assert (left.who, left.product, left.revision, left.uid) == ("田中", "Bracket", 3, second.uid)
    assert batch.entries[0].more == {"decision": "ok"}
    assert batch.entries[0].at == first.at


def test_nothing_is_written_where_there_is_no_centre(tmp_path: Path) -> None:
    AuditQueue(tmp_path / "data", wanted=False).note(entry())
    assert not (tmp_path / "data").exists()


def test_a_torn_line_and_nonsense_spoil_only_themselves(queue: AuditQueue, tmp_path: Path) -> None:
    queue.note(entry())
    file = tmp_path / "data" / "audit.jsonl"
    with file.open("ab") as stream:
        stream.write(b'not json\n{"uid": 3}\n[]\n{"what": "torn')
    assert len(queue.waiting().entries) == 1
    queue.mark_sent(queue.waiting())
    assert queue.waiting().entries == ()
    queue.note(entry("Abe"))
    assert [e.who for e in queue.waiting().entries] == ["Abe"]


def test_hostile_texts_are_made_harmless_and_short(queue: AuditQueue) -> None:
    queue.note(entry("a\x00\x1b\udc80" + "x" * 9000, note="y" * 90_000, **{"k" * 300: "\x00"}))
    (kept,) = queue.waiting().entries
    assert len(kept.who) <= 200
    assert "\x00" not in kept.who
    assert sum(map(len, kept.more.values())) <= 1000
    kept.who.encode()


def test_the_file_begins_anew_once_everything_was_sent(
    queue: AuditQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_queue, "CUT_BYTES", 1000)
    for number in range(9):
        queue.note(entry(str(number)))
    queue.mark_sent(queue.waiting())
    assert not (tmp_path / "data" / "audit.jsonl").exists()
    queue.note(entry("new"))
    assert [e.who for e in queue.waiting().entries] == ["new"]


def test_a_queue_that_grew_too_large_is_put_aside_and_says_so(
    queue: AuditQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_queue, "MOST_BYTES", 1500)
    for number in range(12):
        queue.note(entry(str(number)))
    kept = [*tmp_path.glob("data/audit-full-*.jsonl"), tmp_path / "data" / "audit.jsonl"]
    lines = b"".join(file.read_bytes() for file in kept).splitlines()
    assert len(kept) > 1
    assert len(lines) == 12 + len(kept) - 1, "none was lost"
    told = queue.waiting().entries[0]
    assert told.what == AuditEvent.PUT_ASIDE
    assert told.more["file"].startswith("audit-full-")


def test_a_clock_that_stands_still_keeps_the_order(queue: AuditQueue) -> None:
    still = datetime(2026, 12, 1, 6, 0, 0, 123456, tzinfo=UTC)
    for number in range(5):
        queue.note(AuditEntry(AuditEvent.DECIDED, f"p{number}", at=still))
    earlier = still - timedelta(hours=1)  # somebody set the clock
    queue.note(AuditEntry(AuditEvent.DECIDED, "set back", at=earlier))
    *rapid, last = queue.waiting().entries
    times = [entry.at for entry in rapid]
    assert times[0] == still
    assert times == sorted(set(times))
    assert times[-1] - still < timedelta(milliseconds=1)
    assert last.at == earlier, "what the clock says is not made better"
