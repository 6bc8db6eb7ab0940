"""The tables of the store, and the steps that lead an older file to them.

Columns of verdicts come from ``domain/verdict_fields.py``; what stands here is what holds them
together. Times are UTC microseconds, hours are UTC hours since 1970, verdicts are numbered as in
``VERDICTS`` and decisions as in ``DECISIONS``. Triggers keep the counters and refuse whatever would
change the past, also by another program. A field that is added raises the number by itself, and its
step with it: a column is added, which no row is rewritten for. A frozen file of the old number
belongs into the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deeprx_gui.domain.verdict_fields import Kept, Kind, VerdictField, newest_schema, stored

SCHEMA: Final = newest_schema()
APPLICATION: Final = 0x44525849
"""What the file says it belongs to ("DRXI"), as ``PRAGMA application_id``."""

_TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "TEXT NOT NULL",
    Kind.WHOLE: "INTEGER NOT NULL",
    Kind.NUMBER: "REAL",
    Kind.MOMENT: "INTEGER NOT NULL",
    Kind.VERDICT: "INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 3)",
    Kind.CAUSES: "TEXT NOT NULL",  # words with blanks between
    Kind.MESSAGE: "TEXT NOT NULL",  # JSON, empty: none
    Kind.PROMISES: "TEXT NOT NULL",  # JSON: [[rank, normals] or null, the same for NG]
}
_MORE: Final[Mapping[str, str]] = {
    "uid": "UNIQUE",
    "when": "CHECK (at >= 0)",
    "serial": "COLLATE NOCASE",
}
"""What a column must fulfil besides."""
_EMPTY: Final[Mapping[str, str]] = {"TEXT": "''", "INTEGER": "0", "REAL": "0"}
"""What older rows hold in a column that was added."""


def column(field: VerdictField) -> str:
    """Return the definition of a field's column."""
    kind = _TYPES[field.kind]
    if field.kind is Kind.NUMBER and field.kept is Kept.CONTEXT:
        kind += " NOT NULL"  # nulls are never the same to an index
    if field.since > 1 and "NOT NULL" in kind:
        kind += f" DEFAULT {_EMPTY[kind.split()[0]]}"
    return " ".join(filter(None, (field.stored_as, kind, _MORE.get(field.name, ""))))


def names(*tables: Kept, schema: int | None = None) -> list[str]:
    """Return the columns that fields have in tables."""
    return [field.stored_as for field in stored(*tables, schema=schema)]


def _tables(schema: int) -> str:
    part, context = (
        "".join(f",\n  {column(field)}" for field in stored(table, schema=schema))
        for table in (Kept.PART, Kept.CONTEXT)
    )
    return f"""
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  profile_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE contexts (  -- what is the same for thousands of verdicts
  id INTEGER PRIMARY KEY,
  product INTEGER NOT NULL REFERENCES products(id){context}
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
  product INTEGER NOT NULL REFERENCES products(id),
  context INTEGER NOT NULL REFERENCES contexts(id),
  decided INTEGER REFERENCES decisions(id),  -- the latest, and what it says:
  decision INTEGER CHECK (decision IN (0, 1)){part}
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
"""


_GOES: Final = """
DROP VIEW IF EXISTS verdicts;
DROP INDEX IF EXISTS contexts_same;
DROP TRIGGER IF EXISTS records_as_they_were;
"""
"""What names every column, and is made anew when one is added."""


def _around(schema: int) -> str:
    """Return what names every column: the index that finds a context again, a trigger, the view."""
    same = ", ".join(["product", *names(Kept.CONTEXT, schema=schema)])
    written = ", ".join(["number", "product", "context", *names(Kept.PART, schema=schema)])
    return f"""
CREATE UNIQUE INDEX contexts_same ON contexts({same});
CREATE TRIGGER records_as_they_were BEFORE UPDATE OF {written} ON records BEGIN
  SELECT RAISE(ABORT, 'verdicts are never changed');
END;
{_view(schema)}"""


_TRIGGERS: Final = """
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
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions BEGIN
  SELECT RAISE(ABORT, 'decisions are never deleted');
END;
CREATE TRIGGER decisions_as_they_were BEFORE UPDATE ON decisions BEGIN
  SELECT RAISE(ABORT, 'decisions are never changed');
END;
"""

_SHORT: Final[Mapping[Kept, str]] = {
    Kept.PART: "r",
    Kept.CONTEXT: "c",
    Kept.PRODUCT: "p",
    Kept.DECISION: "d",
}
TABLES: Final = tuple(_SHORT)
"""Every table that holds fields."""
JOINED: Final = (
    "FROM records r JOIN contexts c ON c.id = r.context JOIN products p ON p.id = r.product"
    " LEFT JOIN decisions d ON d.id = r.decided"
)
"""Everything about a verdict; ``place`` names a field's column in it."""


def place(field: VerdictField) -> str:
    """Return a field's column within ``JOINED``."""
    return f"{_SHORT[field.kept]}.{field.stored_as}"


_READABLE: Final[Mapping[Kind, str]] = {
    Kind.MOMENT: "datetime({0} / 1000000, 'unixepoch')",
    Kind.VERDICT: (
        "CASE {0} WHEN 0 THEN 'OK' WHEN 1 THEN 'REVIEW' WHEN 2 THEN 'NG' ELSE 'ERROR' END"
    ),
    Kind.DECISION: "CASE {0} WHEN 0 THEN 'ok' WHEN 1 THEN 'ng' END",
}
_SEEN_AS: Final[Mapping[str, str]] = {"when": "utc"}


def _view(schema: int) -> str:
    """Return the view for people who look with another tool."""
    seen = ["r.number"]
    for field in stored(*TABLES, schema=schema):
        if field.kind is not Kind.PROMISES:
            value = _READABLE.get(field.kind, "{0}").format(place(field))
            seen.append(f"{value} AS {_SEEN_AS.get(field.name, field.name.rpartition('.')[2])}")
    return f"CREATE VIEW verdicts AS SELECT {', '.join(seen)} {JOINED};\n"


def create(schema: int) -> str:
    """Return what makes the tables of a schema number (2 and later)."""
    return _tables(schema) + _TRIGGERS + _around(schema)


CREATE: Final = create(SCHEMA)

_FREE_CONTEXTS: Final = """
CREATE TABLE contexts_free (
  id INTEGER PRIMARY KEY,
  product INTEGER NOT NULL REFERENCES products(id),
  {columns}
) STRICT;
INSERT INTO contexts_free (id, product, {names}) SELECT id, product, {names} FROM contexts;
DROP TABLE contexts;
ALTER TABLE contexts_free RENAME TO contexts;
"""
"""The tables of schema 1 had a UNIQUE that no column can be added to. A few rows are copied."""


def step(number: int) -> str:
    """Return the SQL that turns a file of schema ``number`` into one of the next.

    Columns are only added, which SQLite does without touching a row: a million verdicts take as
    long as ten. It runs as one transaction: a kill leaves the old file, and the next start begins
    anew.
    """
    before = [f for f in stored(Kept.CONTEXT) if f.since <= number]
    added = [f for f in stored(Kept.PART, Kept.CONTEXT) if f.since == number + 1]
    table = {Kept.PART: "records", Kept.CONTEXT: "contexts"}
    free = _FREE_CONTEXTS.format(
        columns=",\n  ".join(map(column, before)),
        names=", ".join(field.stored_as for field in before),
    )
    more = [f"ALTER TABLE {table[field.kept]} ADD COLUMN {column(field)};" for field in added]
    return "\n".join([_GOES, free if number == 1 else "", *more, _around(number + 1)])


MIGRATIONS: Final[Mapping[int, str]] = {number: step(number) for number in range(1, SCHEMA)}
"""What turns a file of schema n into one of n + 1, as SQL; foreign keys are off meanwhile."""

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "products": ("id", "profile_id"),
    "contexts": ("id", "product", *names(Kept.CONTEXT)),
    "decisions": ("id", "record", "decision", "who", "at", "note"),
    "records": ("number", "product", "context", "decided", "decision", *names(Kept.PART)),
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
