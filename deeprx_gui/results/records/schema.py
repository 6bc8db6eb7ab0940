"""The tables of the store, and the steps that lead an older file to them.

Times are UTC microseconds, hours are UTC hours since 1970, verdicts are numbered as in ``VERDICTS``
and decisions as in ``DECISIONS``. Triggers keep the counters and refuse whatever would change the
past, also by another program. A change of the tables is a new number, an entry in ``MIGRATIONS``
and a frozen file of the old number in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

SCHEMA: Final = 1
APPLICATION: Final = 0x44525849
"""What the file says it belongs to ("DRXI"), as ``PRAGMA application_id``."""

HOUR: Final = 3_600_000_000
"""Microseconds."""
BINS: Final = 200
"""Score bins per 1.00 x limit. Both stand in the triggers below as well."""

_TABLES = """
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  profile_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE contexts (  -- what is the same for thousands of verdicts
  id INTEGER PRIMARY KEY,
  product INTEGER NOT NULL REFERENCES products(id),
  profile TEXT NOT NULL,
  revision INTEGER NOT NULL,
  review REAL NOT NULL,
  ng REAL NOT NULL,
  promise TEXT NOT NULL,  -- JSON: [[rank, normals] or null, the same for NG]
  runtime TEXT NOT NULL,
  source TEXT NOT NULL,
  UNIQUE (product, profile, revision, review, ng, promise, runtime, source)
) STRICT;

CREATE TABLE decisions (  -- a log: rows are only ever added
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  record INTEGER NOT NULL REFERENCES records(number),
  decision INTEGER CHECK (decision IN (0, 1)),  -- NULL: an earlier one taken back
  who TEXT NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;

CREATE TABLE records (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL CHECK (at >= 0),
  product INTEGER NOT NULL REFERENCES products(id),
  context INTEGER NOT NULL REFERENCES contexts(id),
  verdict INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 3),
  score REAL,
  times REAL,
  milliseconds REAL,
  latency REAL,
  serial TEXT NOT NULL COLLATE NOCASE,
  item TEXT NOT NULL,
  picture TEXT NOT NULL,
  error TEXT NOT NULL,  -- JSON, empty: none
  causes TEXT NOT NULL,  -- words with blanks between
  decided INTEGER REFERENCES decisions(id),  -- the latest
  decision INTEGER CHECK (decision IN (0, 1))  -- what it says
) STRICT;

CREATE TABLE hours (  -- counters: parts per hour, product and verdict, and where they lie
  hour INTEGER NOT NULL,
  product INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (hour, product, verdict)
) STRICT, WITHOUT ROWID;

CREATE TABLE ok_scores (  -- counters: OK parts per hour, product and bin of the x limit
  hour INTEGER NOT NULL,
  product INTEGER NOT NULL,
  bin INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  PRIMARY KEY (hour, product, bin)
) STRICT, WITHOUT ROWID;

CREATE TABLE pictures_gone (  -- named in a record, but thinned out or never written
  picture TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX records_at ON records(at);
CREATE INDEX records_verdict ON records(verdict);
CREATE INDEX records_product ON records(product, verdict);
CREATE INDEX records_serial ON records(serial) WHERE serial <> '';
CREATE UNIQUE INDEX records_item ON records(item) WHERE item <> '';
CREATE INDEX records_decision ON records(decision) WHERE decision IS NOT NULL;
CREATE INDEX decisions_record ON decisions(record);

CREATE TRIGGER records_count AFTER INSERT ON records BEGIN
  INSERT INTO hours VALUES
    (new.at / 3600000000, new.product, new.verdict, 1, new.number, new.number)
    ON CONFLICT DO UPDATE SET
      parts = parts + 1, first = min(first, new.number), last = max(last, new.number);
END;
CREATE TRIGGER records_count_ok AFTER INSERT ON records
  WHEN new.verdict = 0 AND new.times IS NOT NULL BEGIN
  INSERT INTO ok_scores VALUES
    (new.at / 3600000000, new.product, CAST(max(min(new.times, 2.0), 0.0) * 200 AS INTEGER), 1)
    ON CONFLICT DO UPDATE SET parts = parts + 1;
END;
CREATE TRIGGER decisions_latest AFTER INSERT ON decisions BEGIN
  UPDATE records SET decided = new.id, decision = new.decision WHERE number = new.record;
END;

CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN
  SELECT RAISE(ABORT, 'verdicts are never deleted');
END;
CREATE TRIGGER records_as_they_were BEFORE UPDATE OF number, uid, at, product, context, verdict,
  score, times, milliseconds, latency, serial, item, picture, error, causes ON records BEGIN
  SELECT RAISE(ABORT, 'verdicts are never changed');
END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions BEGIN
  SELECT RAISE(ABORT, 'decisions are never deleted');
END;
CREATE TRIGGER decisions_as_they_were BEFORE UPDATE ON decisions BEGIN
  SELECT RAISE(ABORT, 'decisions are never changed');
END;
"""

_VIEW = """
CREATE VIEW verdicts AS  -- for people who look with another tool
  SELECT r.number, datetime(r.at / 1000000, 'unixepoch') AS utc, p.profile_id, c.profile,
    c.revision, CASE r.verdict WHEN 0 THEN 'OK' WHEN 1 THEN 'REVIEW' WHEN 2 THEN 'NG'
    ELSE 'ERROR' END AS verdict, r.score, r.times, c.review, c.ng, r.serial, r.item, r.picture,
    CASE r.decision WHEN 0 THEN 'ok' WHEN 1 THEN 'ng' END AS decision, d.who AS decided_by, d.note,
    c.source, c.runtime, r.milliseconds, r.latency, r.causes, r.error, r.uid
  FROM records r JOIN contexts c ON c.id = r.context JOIN products p ON p.id = r.product
    LEFT JOIN decisions d ON d.id = r.decided;
"""

CREATE: Final = _TABLES + _VIEW

MIGRATIONS: Mapping[int, str] = {}
"""What turns a file of schema n into one of n + 1, as SQL."""

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "products": ("id", "profile_id"),
    "contexts": (
        "id", "product", "profile", "revision", "review", "ng", "promise", "runtime", "source",
    ),
    "decisions": ("id", "record", "decision", "who", "at", "note"),
    "records": (
        "number", "uid", "at", "product", "context", "verdict", "score", "times", "milliseconds",
        "latency", "serial", "item", "picture", "error", "causes", "decided", "decision",
    ),
    "hours": ("hour", "product", "verdict", "parts", "first", "last"),
    "ok_scores": ("hour", "product", "bin", "parts"),
    "pictures_gone": ("picture", "at"),
}  # fmt: skip
"""What a file of this schema must have; a file without it is not ours."""

TRIGGERS: Final = frozenset(
    {
        "records_count",
        "records_count_ok",
        "decisions_latest",
        "records_stay",
        "records_as_they_were",
        "decisions_stay",
        "decisions_as_they_were",
    }
)
"""All that may run by itself; a file with others is not ours."""
