-- Deep RX Inspector, central database, step 1: stations, and every verdict they gave.
--
-- Run by "deeprx central init" (or by hand, as the owner of the database). PostgreSQL 15 or later.
-- Times are stored as UTC. Verdicts are numbered: 0 OK, 1 REVIEW, 2 NG, 3 ERROR; decisions:
-- 0 "is OK", 1 "is NG". Rows of verdicts, decisions and corrections are only ever added.

-- Who may do what. Every login of a person or station is made a member of one of these.
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['deeprx_station', 'deeprx_reader', 'deeprx_engineer', 'deeprx_admin']
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- another database of this server made it already
    END;
  END LOOP;
END $$;

GRANT deeprx_reader TO deeprx_engineer;
GRANT deeprx_engineer TO deeprx_admin;
GRANT USAGE ON SCHEMA deeprx TO deeprx_station, deeprx_reader;
GRANT SELECT ON deeprx.steps TO deeprx_station, deeprx_reader;

CREATE TABLE deeprx.stations (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{32}$'),
  name text NOT NULL,
  line text NOT NULL DEFAULT '',
  login name NOT NULL DEFAULT session_user,  -- the only one that may write for this station
  installation text NOT NULL,                -- two PCs with one id (a cloned disk) differ here
  program text NOT NULL DEFAULT '',          -- version of the program, as last seen
  first_seen timestamptz NOT NULL DEFAULT now(),
  last_seen timestamptz NOT NULL DEFAULT now(),
  clock_ahead_ms bigint NOT NULL DEFAULT 0   -- the station's clock against this server's
);

CREATE TABLE deeprx.products (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  profile_id text NOT NULL UNIQUE,           -- the same on all PCs
  name text NOT NULL
);

CREATE TABLE deeprx.contexts (               -- what is the same for thousands of verdicts
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest bytea NOT NULL UNIQUE,              -- SHA-256 of everything below
  station integer NOT NULL REFERENCES deeprx.stations,
  product integer NOT NULL REFERENCES deeprx.products,
  profile text NOT NULL,
  revision integer NOT NULL,
  review double precision NOT NULL,
  ng double precision NOT NULL,
  promise text NOT NULL,
  runtime text NOT NULL,
  source text NOT NULL,
  station_name text NOT NULL,
  operator text NOT NULL,
  method text NOT NULL
);

CREATE TABLE deeprx.verdicts (
  at timestamptz NOT NULL,                   -- time of capture
  uid uuid NOT NULL,                         -- unique for ever; the same in the station's own file
  station integer NOT NULL,
  product integer NOT NULL,
  context bigint NOT NULL,
  row bigint NOT NULL,                       -- number in the station's own file
  verdict smallint NOT NULL CHECK (verdict BETWEEN 0 AND 3),
  score double precision,                    -- raw; NULL for an ERROR
  times real,                                -- as multiple of the suggested limit
  milliseconds real,
  latency real,
  serial text NOT NULL DEFAULT '',
  item text NOT NULL DEFAULT '',
  picture text NOT NULL DEFAULT '',
  causes text NOT NULL DEFAULT '',
  error text NOT NULL DEFAULT '',            -- JSON of the sentence, so that it can be translated
  places text NOT NULL DEFAULT '',           -- JSON: where on the part, shares of width and height
  PRIMARY KEY (at, uid)
) PARTITION BY RANGE (at);

CREATE INDEX verdicts_product ON deeprx.verdicts (product, at DESC);
CREATE INDEX verdicts_station ON deeprx.verdicts (station, at DESC);
CREATE INDEX verdicts_bad ON deeprx.verdicts (verdict, at DESC) WHERE verdict > 0;
CREATE INDEX verdicts_serial ON deeprx.verdicts (lower(serial) text_pattern_ops, at DESC)
  WHERE serial <> '';

CREATE TABLE deeprx.decisions (              -- a log of what people decided about parts
  uid uuid PRIMARY KEY,                      -- of the decision
  verdict_uid uuid NOT NULL,
  verdict_at timestamptz NOT NULL,
  station integer NOT NULL,
  row bigint NOT NULL,                       -- number in the station's own file
  decision smallint CHECK (decision IN (0, 1)),  -- NULL: an earlier one taken back
  who text NOT NULL,
  at timestamptz NOT NULL,
  note text NOT NULL
);
CREATE INDEX decisions_verdict ON deeprx.decisions (verdict_uid);

CREATE TABLE deeprx.decided (                -- the latest decision of each part
  verdict_uid uuid PRIMARY KEY,
  verdict_at timestamptz NOT NULL,
  station integer NOT NULL,
  decision smallint CHECK (decision IN (0, 1)),
  who text NOT NULL,
  at timestamptz NOT NULL,
  note text NOT NULL
);
CREATE INDEX decided_at ON deeprx.decided (decision, verdict_at DESC) WHERE decision IS NOT NULL;

CREATE TABLE deeprx.corrections (            -- "was OK" and "missed", said at a station
  uid text NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  verdict_uid uuid,
  who text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (station, uid)
);

CREATE TABLE deeprx.hours (                  -- counters: parts per hour, station, product, verdict
  hour timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  verdict smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (hour, station, product, verdict)
);

CREATE TABLE deeprx.ok_scores (              -- counters: OK parts per hour and 1/200 of the limit
  hour timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  bin smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (hour, station, product, bin)
);

-- Counters follow what is inserted; they belong to the owner, so that no station can set them.
CREATE FUNCTION deeprx.count_verdicts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO hours AS h
    SELECT date_trunc('hour', at, 'UTC'), station, product, verdict, count(*)
    FROM added GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, station, product, verdict) DO UPDATE SET parts = h.parts + excluded.parts;
  INSERT INTO ok_scores AS o
    SELECT date_trunc('hour', at, 'UTC'), station, product,
           floor(least(greatest(times, 0), 2) * 200)::smallint, count(*)
    FROM added WHERE verdict = 0 AND times IS NOT NULL GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, station, product, bin) DO UPDATE SET parts = o.parts + excluded.parts;
  RETURN NULL;
END $$;
CREATE TRIGGER verdicts_count AFTER INSERT ON deeprx.verdicts
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.count_verdicts();

CREATE FUNCTION deeprx.keep_latest_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO decided AS d
    SELECT DISTINCT ON (verdict_uid) verdict_uid, verdict_at, station, decision, who, at, note
    FROM added ORDER BY verdict_uid, at DESC, row DESC
    ON CONFLICT (verdict_uid) DO UPDATE SET
      decision = excluded.decision, who = excluded.who, at = excluded.at, note = excluded.note
    WHERE excluded.at >= d.at;
  RETURN NULL;
END $$;
CREATE TRIGGER decisions_latest AFTER INSERT ON deeprx.decisions
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.keep_latest_decision();

-- A month is a partition; it is made when the first verdict of the month comes.
CREATE FUNCTION deeprx.make_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
DECLARE
  first timestamptz := date_trunc('month', moment, 'UTC');
  part text := 'verdicts_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  IF to_regclass('deeprx.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(1146247257);
  IF to_regclass('deeprx.' || part) IS NULL THEN
    EXECUTE format(
      'CREATE TABLE deeprx.%I PARTITION OF deeprx.verdicts FOR VALUES FROM (%L) TO (%L)',
      part, first, first + interval '1 month'
    );
  END IF;
END $$;

-- A station writes only rows of its own, and reads nothing but what it needs for that.
ALTER TABLE deeprx.stations ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.contexts ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.verdicts ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.corrections ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION deeprx.is_own(station_number integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM stations WHERE number = station_number AND login = session_user)
$$;

CREATE POLICY own ON deeprx.stations TO deeprx_station
  USING (login = session_user) WITH CHECK (login = session_user);
CREATE POLICY own ON deeprx.contexts TO deeprx_station
  USING (deeprx.is_own(station)) WITH CHECK (deeprx.is_own(station));
CREATE POLICY own ON deeprx.verdicts TO deeprx_station
  USING (deeprx.is_own(station)) WITH CHECK (deeprx.is_own(station));
CREATE POLICY own ON deeprx.decisions TO deeprx_station
  USING (deeprx.is_own(station)) WITH CHECK (deeprx.is_own(station));
CREATE POLICY own ON deeprx.corrections TO deeprx_station
  USING (deeprx.is_own(station)) WITH CHECK (deeprx.is_own(station));
CREATE POLICY readers ON deeprx.stations FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.contexts FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.verdicts FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.decisions FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.corrections FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY admins ON deeprx.stations TO deeprx_admin USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON deeprx.stations, deeprx.contexts, deeprx.verdicts, deeprx.decisions,
  deeprx.corrections TO deeprx_station;
GRANT UPDATE (name, line, program, last_seen, clock_ahead_ms) ON deeprx.stations TO deeprx_station;
GRANT SELECT, INSERT ON deeprx.products TO deeprx_station;
GRANT UPDATE (name) ON deeprx.products TO deeprx_station;
GRANT SELECT ON ALL TABLES IN SCHEMA deeprx TO deeprx_reader;
GRANT UPDATE, DELETE ON deeprx.stations TO deeprx_admin;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA deeprx FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deeprx.make_month(timestamptz), deeprx.is_own(integer)
  TO deeprx_station, deeprx_reader;
