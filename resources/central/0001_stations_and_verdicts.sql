-- Deep RX Inspector, central database, step 1: stations, and every verdict they gave.
--
-- Run by "deeprx central init" (or by hand, as the owner of the database). PostgreSQL 15 or later.
-- Times are stored as UTC. Verdicts are numbered: 0 OK, 1 REVIEW, 2 NG, 3 ERROR; decisions:
-- 0 "is OK", 1 "is NG". Rows of verdicts, decisions and corrections are only ever added. A station is
-- part of every key of what it sends, so that none can take the place of another's rows.

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
  installation text NOT NULL,                -- a word that changes with every sign-in: a copy of
                                             -- the disk knows an old one only
  machine text NOT NULL DEFAULT '',          -- digest of what tells one PC from another
  program text NOT NULL DEFAULT '',          -- version of the program, as last seen
  first_seen timestamptz NOT NULL DEFAULT now(),
  last_seen timestamptz NOT NULL DEFAULT now(),
  clock_ahead_ms bigint NOT NULL DEFAULT 0,  -- the station's clock against this server's
  newest_row bigint NOT NULL DEFAULT 0,      -- the newest in the station's own file
  waiting bigint NOT NULL DEFAULT 0,         -- verdicts there that were not sent yet
  put_aside bigint NOT NULL DEFAULT 0,       -- rows this server refused
  reported timestamptz,                      -- when it last told the three numbers above
  retired timestamptz                        -- since when it sends no more, by an administrator
);

CREATE TABLE deeprx.products (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  profile_id text NOT NULL UNIQUE,           -- the same on all PCs
  name text NOT NULL
);

CREATE TABLE deeprx.contexts (               -- what is the same for thousands of verdicts
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest bytea NOT NULL,                     -- SHA-256 of everything below
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
  method text NOT NULL,
  UNIQUE (digest, station)
);

CREATE TABLE deeprx.verdicts (
  at timestamptz NOT NULL CHECK (at >= '1970-01-01Z' AND at < '9999-12-31Z'),  -- time of capture
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
  places text NOT NULL DEFAULT '',           -- JSON [[x, y, area, score], …]: centres and areas as
                                             -- shares of the picture, raw peaks; hottest first
  PRIMARY KEY (at, uid, station)
) PARTITION BY RANGE (at);

CREATE INDEX verdicts_product ON deeprx.verdicts (product, at DESC);
CREATE INDEX verdicts_station ON deeprx.verdicts (station, at DESC);
CREATE INDEX verdicts_bad ON deeprx.verdicts (verdict, at DESC) WHERE verdict > 0;
CREATE INDEX verdicts_serial ON deeprx.verdicts (lower(serial) text_pattern_ops, at DESC)
  WHERE serial <> '';

CREATE TABLE deeprx.decisions (              -- a log of what people decided about parts
  uid uuid NOT NULL,                         -- of the decision
  verdict_uid uuid NOT NULL,
  verdict_at timestamptz NOT NULL,
  station integer NOT NULL,
  row bigint NOT NULL,                       -- number in the station's own file
  decision smallint CHECK (decision IN (0, 1)),  -- NULL: an earlier one taken back
  who text NOT NULL,
  at timestamptz NOT NULL CHECK (at >= '1970-01-01Z' AND at < '9999-12-31Z'),
  note text NOT NULL,
  PRIMARY KEY (uid, station)
);
CREATE INDEX decisions_verdict ON deeprx.decisions (verdict_uid);

CREATE TABLE deeprx.decided (                -- the latest decision of each part, of its own station
  verdict_uid uuid NOT NULL,
  verdict_at timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,                  -- product and verdict of the part, so that decisions
  verdict smallint NOT NULL,                 -- are added up without looking for it
  row bigint NOT NULL,
  decision smallint CHECK (decision IN (0, 1)),
  who text NOT NULL,
  at timestamptz NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (verdict_uid, verdict_at, station)
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
  at timestamptz NOT NULL CHECK (at >= '1970-01-01Z' AND at < '9999-12-31Z'),
  state text NOT NULL DEFAULT 'pending',     -- pending, must-find, learnt, taken-back
  revision integer NOT NULL DEFAULT 0,       -- what learnt it, 0: nothing yet
  PRIMARY KEY (station, uid)
);
CREATE INDEX corrections_uid ON deeprx.corrections (uid);

CREATE TABLE deeprx.pictures (               -- kept pictures, where a station sends them here
  at timestamptz NOT NULL,                   -- as of the verdict
  uid uuid NOT NULL,
  station integer NOT NULL,
  name text NOT NULL,
  data bytea NOT NULL CHECK (octet_length(data) <= 33554432),
  PRIMARY KEY (at, uid, station)
) PARTITION BY RANGE (at);
ALTER TABLE deeprx.pictures ALTER COLUMN data SET STORAGE EXTERNAL;  -- they are compressed already

-- Counters. Those of days (UTC) are the sums of those of hours, those of weeks (from 1970-01-01 on,
-- a Thursday) of days: years are added up from the longest that fit.
CREATE TABLE deeprx.hours (                  -- parts per hour, station, product, verdict
  hour timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  verdict smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (hour, station, product, verdict)
) WITH (fillfactor = 80);

CREATE TABLE deeprx.days (                   -- the same per day
  day timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  verdict smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (day, station, product, verdict)
) WITH (fillfactor = 80);

CREATE TABLE deeprx.ok_scores (              -- OK parts per hour and 1/200 of the limit
  hour timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  bin smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (hour, station, product, bin)
) WITH (fillfactor = 80);

CREATE TABLE deeprx.ok_score_days (          -- the same per day
  day timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  bin smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (day, station, product, bin)
) WITH (fillfactor = 80);

CREATE TABLE deeprx.ok_score_weeks (         -- the same per week
  week timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  bin smallint NOT NULL,
  parts bigint NOT NULL,
  PRIMARY KEY (week, station, product, bin)
) WITH (fillfactor = 80);

CREATE TABLE deeprx.dropped_months (         -- retention let them go: their rows never come back
  first timestamptz PRIMARY KEY,             -- the month's begin
  dropped timestamptz NOT NULL DEFAULT now()
);

-- Where a clock was set to a time that cannot be.
CREATE TABLE deeprx.verdicts_early PARTITION OF deeprx.verdicts
  FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00:00+00');
CREATE TABLE deeprx.verdicts_late PARTITION OF deeprx.verdicts
  FOR VALUES FROM ('2100-01-01 00:00:00+00') TO (MAXVALUE);
CREATE TABLE deeprx.pictures_early PARTITION OF deeprx.pictures
  FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00:00+00');
CREATE TABLE deeprx.pictures_late PARTITION OF deeprx.pictures
  FOR VALUES FROM ('2100-01-01 00:00:00+00') TO (MAXVALUE);

-- Counters follow what is inserted; they belong to the owner, so that no station can set them.
CREATE FUNCTION deeprx.count_verdicts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO hours AS h
    SELECT date_trunc('hour', at, 'UTC'), station, product, verdict, count(*)
    FROM added GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, station, product, verdict) DO UPDATE SET parts = h.parts + excluded.parts;
  INSERT INTO days AS d
    SELECT date_trunc('day', at, 'UTC'), station, product, verdict, count(*)
    FROM added GROUP BY 1, 2, 3, 4
    ON CONFLICT (day, station, product, verdict) DO UPDATE SET parts = d.parts + excluded.parts;
  INSERT INTO ok_scores AS o
    SELECT date_trunc('hour', at, 'UTC'), station, product,
           floor(least(greatest(times, 0), 2) * 200)::smallint, count(*)
    FROM added WHERE verdict = 0 AND times IS NOT NULL GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, station, product, bin) DO UPDATE SET parts = o.parts + excluded.parts;
  INSERT INTO ok_score_days AS o
    SELECT date_trunc('day', at, 'UTC'), station, product,
           floor(least(greatest(times, 0), 2) * 200)::smallint, count(*)
    FROM added WHERE verdict = 0 AND times IS NOT NULL GROUP BY 1, 2, 3, 4
    ON CONFLICT (day, station, product, bin) DO UPDATE SET parts = o.parts + excluded.parts;
  INSERT INTO ok_score_weeks AS o
    SELECT date_bin('7 days', at, '1970-01-01 00:00:00+00'), station, product,
           floor(least(greatest(times, 0), 2) * 200)::smallint, count(*)
    FROM added WHERE verdict = 0 AND times IS NOT NULL GROUP BY 1, 2, 3, 4
    ON CONFLICT (week, station, product, bin) DO UPDATE SET parts = o.parts + excluded.parts;
  RETURN NULL;
END $$;
CREATE TRIGGER verdicts_count AFTER INSERT ON deeprx.verdicts
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.count_verdicts();

-- The latest decision of a part is the one with the highest number in its station's file: that
-- PC's clock may have been set back meanwhile. What another station says about a part does not count.
CREATE FUNCTION deeprx.keep_latest_decision(uids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = deeprx, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  INSERT INTO decided AS d
    SELECT DISTINCT ON (s.verdict_uid, s.verdict_at, s.station) s.verdict_uid, s.verdict_at,
           s.station, v.product, v.verdict, s.row, s.decision, s.who, s.at, s.note
    FROM decisions s
    JOIN verdicts v ON v.at = s.verdict_at AND v.uid = s.verdict_uid AND v.station = s.station
    WHERE s.verdict_uid = ANY (uids)
    ORDER BY s.verdict_uid, s.verdict_at, s.station, s.row DESC, s.at DESC
    ON CONFLICT (verdict_uid, verdict_at, station) DO UPDATE SET
      row = excluded.row, decision = excluded.decision, who = excluded.who, at = excluded.at,
      note = excluded.note
    WHERE (d.row, d.at) IS DISTINCT FROM (excluded.row, excluded.at)
$$;

CREATE FUNCTION deeprx.decisions_came() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  PERFORM keep_latest_decision(ARRAY(SELECT DISTINCT verdict_uid FROM added));
  RETURN NULL;
END $$;
CREATE TRIGGER decisions_latest AFTER INSERT ON deeprx.decisions
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.decisions_came();

-- A decision may come before its verdict: the verdict was refused at first, or waits its turn.
CREATE FUNCTION deeprx.verdicts_came() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = deeprx, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  said uuid[] := ARRAY(SELECT a.uid FROM added a JOIN decisions s ON s.verdict_uid = a.uid);
BEGIN
  IF cardinality(said) > 0 THEN
    PERFORM keep_latest_decision(said);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER verdicts_decided AFTER INSERT ON deeprx.verdicts
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.verdicts_came();

-- A month is a partition; it is made when the first verdict of the month comes. It is attached
-- once it is complete, so that nobody who reads or writes meanwhile waits.
CREATE FUNCTION deeprx.make_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = deeprx, pg_temp SET lock_timeout = '3s' SET timezone = 'UTC' AS $$
DECLARE
  begin_of timestamptz := date_trunc('month', moment, 'UTC');
  month text := to_char(begin_of AT TIME ZONE 'UTC', 'YYYY_MM');
  parent text;
BEGIN
  IF moment < '2020-01-01 00:00:00+00' OR moment >= '2100-01-01 00:00:00+00'
     OR to_regclass('deeprx.verdicts_' || month) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(1146247257);
  IF to_regclass('deeprx.verdicts_' || month) IS NOT NULL THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM dropped_months WHERE first = begin_of) THEN
    RETURN;
  END IF;
  FOREACH parent IN ARRAY ARRAY['pictures', 'verdicts']
  LOOP
    EXECUTE format(
      'CREATE TABLE deeprx.%I (LIKE deeprx.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
      ' INCLUDING STORAGE)',
      parent || '_' || month, parent
    );
    EXECUTE format(
      'ALTER TABLE deeprx.%I ATTACH PARTITION deeprx.%I FOR VALUES FROM (%L) TO (%L)',
      parent, parent || '_' || month, begin_of, begin_of + interval '1 month'
    );
  END LOOP;
END $$;

CREATE FUNCTION deeprx.own_stations() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT coalesce(array_agg(number), '{}') FROM stations
  WHERE login = session_user AND retired IS NULL
$$;

-- Which of its verdicts are here: a station asks before it lets go of its own copy. What stands
-- under another station is none of them. What retention let go was here, and never comes back.
CREATE FUNCTION deeprx.arrived(moments timestamptz[], uids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = deeprx, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT v.uid FROM unnest(moments, uids) AS asked(at, uid)
  JOIN verdicts v ON v.at = asked.at AND v.uid = asked.uid
  WHERE v.station = ANY ((SELECT own_stations())::integer[])
  UNION ALL
  SELECT asked.uid FROM unnest(moments, uids) AS asked(at, uid)
  JOIN dropped_months m ON m.first = date_trunc('month', asked.at, 'UTC')
$$;

-- The copy of a disk has verdicts that another station recorded. Those belong to that station, and
-- are not counted once more as the copy's. How each stands:
--   own    here, under the station that asks: it sent it as nobody else had it
--   there  here under another station, or let go by retention
--   free   not here, and the station that recorded it has sent everything up to that number of its
--          file, has no such number, is retired or was never connected: whoever asks may send it
--   waits  that station may still send it itself
-- What it said before the one that asks was first connected may be of the time before the copy.
CREATE FUNCTION deeprx.standing(
  recorded_at text, asking integer, moments timestamptz[], uids uuid[], numbers bigint[]
) RETURNS TABLE (uid uuid, standing text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = deeprx, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  WITH other AS (
    SELECT s.retired IS NOT NULL AS over, s.newest_row AS newest, s.newest_row - s.waiting AS sent,
           coalesce(s.reported > me.first_seen, false) AS since
    FROM stations s CROSS JOIN stations me WHERE s.id = recorded_at AND me.number = asking
  )
  SELECT a.uid, CASE
    WHEN EXISTS (SELECT 1 FROM verdicts v
                 WHERE v.at = a.at AND v.uid = a.uid AND v.station = asking) THEN 'own'
    WHEN EXISTS (SELECT 1 FROM verdicts v WHERE v.at = a.at AND v.uid = a.uid)
      OR EXISTS (SELECT 1 FROM dropped_months m
                 WHERE m.first = date_trunc('month', a.at, 'UTC')) THEN 'there'
    WHEN EXISTS (SELECT 1 FROM other
                 WHERE NOT over AND a.number > sent AND NOT (since AND a.number > newest)) THEN 'waits'
    ELSE 'free' END
  FROM unnest(moments, uids, numbers) AS a(at, uid, number)
  WHERE asking = ANY (own_stations())
$$;

-- Which decisions stand here under another station: a copy has those of the original, too.
CREATE FUNCTION deeprx.decisions_elsewhere(asking integer, uids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT d.uid FROM decisions d
  WHERE d.uid = ANY (uids) AND d.station <> asking AND asking = ANY (own_stations())
$$;

-- Retention: what would go, and letting it go. Whole months only, and the counters stay.
CREATE FUNCTION deeprx.months_before(until timestamptz)
RETURNS TABLE (month text, verdicts bigint, pictures bigint, bytes bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp SET timezone = 'UTC' AS $$
DECLARE part text;
BEGIN
  FOR part IN
    SELECT substr(c.relname, 10) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'deeprx.verdicts'::regclass AND c.relname ~ '^verdicts_\d{4}_\d{2}$'
    ORDER BY 1
  LOOP
    CONTINUE WHEN to_timestamp(part, 'YYYY_MM') + interval '1 month' > until;
    month := replace(part, '_', '-');
    EXECUTE format('SELECT count(*) FROM deeprx.%I', 'verdicts_' || part) INTO verdicts;
    EXECUTE format('SELECT count(*) FROM deeprx.%I', 'pictures_' || part) INTO pictures;
    bytes := pg_total_relation_size(format('deeprx.%I', 'verdicts_' || part)::regclass)
      + pg_total_relation_size(format('deeprx.%I', 'pictures_' || part)::regclass);
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION deeprx.drop_month(gone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = deeprx, pg_temp SET lock_timeout = '10s' SET timezone = 'UTC' AS $$
DECLARE
  part text := replace(gone, '-', '_');
  begin_of timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(1146247257);  -- make_month waits, and sees what was dropped
  IF part !~ '^\d{4}_\d{2}$' OR to_regclass('deeprx.verdicts_' || part) IS NULL THEN
    RAISE EXCEPTION 'there is no month %', gone;
  END IF;
  begin_of := to_timestamp(part, 'YYYY_MM');
  INSERT INTO dropped_months (first) VALUES (begin_of) ON CONFLICT DO NOTHING;
  EXECUTE format('DROP TABLE deeprx.%I, deeprx.%I', 'verdicts_' || part, 'pictures_' || part);
  DELETE FROM decisions
    WHERE verdict_at >= begin_of AND verdict_at < begin_of + interval '1 month';
  DELETE FROM decided
    WHERE verdict_at >= begin_of AND verdict_at < begin_of + interval '1 month';
END $$;

-- A station writes only rows of its own, and reads nothing but what it needs for that.
ALTER TABLE deeprx.stations ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.contexts ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.verdicts ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.corrections ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.pictures ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION deeprx.is_own(station_number integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM stations
                 WHERE number = station_number AND login = session_user AND retired IS NULL)
$$;

CREATE POLICY own ON deeprx.stations TO deeprx_station
  USING (login = session_user) WITH CHECK (login = session_user);
CREATE POLICY own ON deeprx.contexts TO deeprx_station
  USING (station = ANY ((SELECT deeprx.own_stations())::integer[]))
  WITH CHECK (station = ANY ((SELECT deeprx.own_stations())::integer[]));
CREATE POLICY own ON deeprx.verdicts TO deeprx_station
  USING (station = ANY ((SELECT deeprx.own_stations())::integer[]))
  WITH CHECK (station = ANY ((SELECT deeprx.own_stations())::integer[]));
CREATE POLICY own ON deeprx.decisions TO deeprx_station
  USING (station = ANY ((SELECT deeprx.own_stations())::integer[]))
  WITH CHECK (station = ANY ((SELECT deeprx.own_stations())::integer[]));
CREATE POLICY own ON deeprx.corrections TO deeprx_station
  USING (station = ANY ((SELECT deeprx.own_stations())::integer[]))
  WITH CHECK (station = ANY ((SELECT deeprx.own_stations())::integer[]));
CREATE POLICY own ON deeprx.pictures TO deeprx_station
  USING (station = ANY ((SELECT deeprx.own_stations())::integer[]))
  WITH CHECK (station = ANY ((SELECT deeprx.own_stations())::integer[]));
CREATE POLICY readers ON deeprx.stations FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.contexts FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.verdicts FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.decisions FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.corrections FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.pictures FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY admins ON deeprx.stations TO deeprx_admin USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON deeprx.stations, deeprx.contexts, deeprx.verdicts, deeprx.decisions,
  deeprx.corrections, deeprx.pictures TO deeprx_station;
GRANT UPDATE (name, line, installation, machine, program, last_seen, clock_ahead_ms, newest_row,
  waiting, put_aside, reported) ON deeprx.stations TO deeprx_station;
GRANT UPDATE (state, revision) ON deeprx.corrections TO deeprx_station;
GRANT SELECT, INSERT ON deeprx.products TO deeprx_station;
GRANT SELECT ON deeprx.dropped_months TO deeprx_station;
GRANT UPDATE (name) ON deeprx.products TO deeprx_station;
GRANT SELECT ON ALL TABLES IN SCHEMA deeprx TO deeprx_reader;
GRANT UPDATE, DELETE ON deeprx.stations TO deeprx_admin;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA deeprx FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deeprx.make_month(timestamptz), deeprx.own_stations(),
  deeprx.is_own(integer), deeprx.arrived(timestamptz[], uuid[]),
  deeprx.standing(text, integer, timestamptz[], uuid[], bigint[]),
  deeprx.decisions_elsewhere(integer, uuid[]) TO deeprx_station, deeprx_reader;
GRANT EXECUTE ON FUNCTION deeprx.months_before(timestamptz), deeprx.drop_month(text)
  TO deeprx_admin;
