-- Deep RX Inspector, central database, step 3: the library of products.
--
-- Engineers publish revisions of products, release them and say which station runs which; stations
-- read what is released and report what they run. Revisions, their bytes, their states and the
-- rollouts are only ever added, never changed.

CREATE TABLE deeprx.library_rules (          -- one row; only administrators change it
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  four_eyes boolean NOT NULL DEFAULT false   -- a second person has to release
);
INSERT INTO deeprx.library_rules DEFAULT VALUES;

CREATE TABLE deeprx.library_products (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lineage text NOT NULL UNIQUE CHECK (lineage ~ '^[0-9a-f]{32}$'),  -- the same on all PCs
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200)
);

CREATE TABLE deeprx.library_revisions (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product integer NOT NULL REFERENCES deeprx.library_products,
  revision integer NOT NULL,                 -- counted per product, by the server
  mark text NOT NULL CHECK (mark ~ '^[0-9a-f]{32}$'),  -- the saved state, wherever it is copied
  parent bigint REFERENCES deeprx.library_revisions,   -- what it was made from, if that is here
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  size bigint NOT NULL CHECK (size BETWEEN 1 AND 268435456),
  who text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  login name NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT now(),
  why text NOT NULL DEFAULT '' CHECK (length(why) <= 2000),
  UNIQUE (product, revision),
  UNIQUE (product, mark)
);

CREATE TABLE deeprx.library_pieces (         -- the bytes of the .deeprx files
  revision bigint NOT NULL REFERENCES deeprx.library_revisions,
  piece integer NOT NULL CHECK (piece >= 0),
  bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
  PRIMARY KEY (revision, piece)
);
ALTER TABLE deeprx.library_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE deeprx.library_states (         -- a log: a revision without a line is a draft
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision bigint NOT NULL REFERENCES deeprx.library_revisions,
  state text NOT NULL CHECK (state IN ('released', 'withdrawn')),
  who text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  login name NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT now(),
  why text NOT NULL DEFAULT '' CHECK (length(why) <= 2000),
  key text NOT NULL DEFAULT '' CHECK (key ~ '^([0-9a-f]{64})?$'),      -- Ed25519, public
  signature bytea NOT NULL DEFAULT '' CHECK (octet_length(signature) IN (0, 64)),
  UNIQUE (revision, state)
);

CREATE TABLE deeprx.library_rollouts (       -- a log: who is to run what, from when on
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product integer NOT NULL REFERENCES deeprx.library_products,
  revision bigint NOT NULL REFERENCES deeprx.library_revisions,
  station integer REFERENCES deeprx.stations,          -- this one only
  line text CHECK (length(line) BETWEEN 1 AND 255),    -- the stations of this line; neither: all
  starts timestamptz NOT NULL DEFAULT now(),
  back boolean NOT NULL DEFAULT false,                 -- a rollback
  who text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  login name NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT now(),
  why text NOT NULL DEFAULT '' CHECK (length(why) <= 2000),
  CHECK (station IS NULL OR line IS NULL)
);
CREATE INDEX library_rollouts_product ON deeprx.library_rollouts (product);

CREATE TABLE deeprx.station_runs (           -- what each station runs, as it last said
  station integer NOT NULL REFERENCES deeprx.stations ON DELETE CASCADE,
  product integer NOT NULL REFERENCES deeprx.library_products,
  revision bigint REFERENCES deeprx.library_revisions, -- NULL: none of the library's
  sha256 bytea,                              -- of the library's file that it took
  state text NOT NULL CHECK (state IN ('current', 'waiting', 'own', 'trouble', 'withdrawn')),
  trouble text NOT NULL DEFAULT '' CHECK (length(trouble) <= 4000),
  since timestamptz NOT NULL DEFAULT now(),  -- it runs this revision
  reported timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (station, product)
);

CREATE TABLE deeprx.limit_proposals (        -- limits that somebody moved at a station
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid uuid NOT NULL,                         -- made at the station: sent twice is one proposal
  station integer NOT NULL REFERENCES deeprx.stations,
  product integer NOT NULL REFERENCES deeprx.library_products,
  base text NOT NULL CHECK (base ~ '^[0-9a-f]{32}$'),  -- mark of the revision they were moved in
  review double precision NOT NULL CHECK (review > 0 AND review < 'Infinity'),
  ng double precision NOT NULL CHECK (ng < 'Infinity'),
  before_review double precision NOT NULL CHECK (before_review > 0 AND before_review < 'Infinity'),
  before_ng double precision NOT NULL CHECK (before_ng < 'Infinity'),
  parts integer NOT NULL DEFAULT 0 CHECK (parts >= 0),           -- looked at, the latest ones
  stopped_before integer NOT NULL DEFAULT 0 CHECK (stopped_before BETWEEN 0 AND parts),
  stopped_after integer NOT NULL DEFAULT 0 CHECK (stopped_after BETWEEN 0 AND parts),
  who text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  at timestamptz NOT NULL,
  why text NOT NULL DEFAULT '' CHECK (length(why) <= 2000),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected')),
  answered_by text NOT NULL DEFAULT '' CHECK (length(answered_by) <= 200),
  answered_login name,
  answered timestamptz,
  answer text NOT NULL DEFAULT '' CHECK (length(answer) <= 2000),
  made bigint REFERENCES deeprx.library_revisions,     -- the revision that was made of it
  CHECK (review <= ng AND before_review <= before_ng),
  UNIQUE (uid, station)
);

-- Who and when are the server's word, whatever a program says.
CREATE FUNCTION deeprx.library_stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = deeprx, pg_temp AS $$
BEGIN
  NEW.login := session_user;
  NEW.at := now();
  RETURN NEW;
END $$;

CREATE FUNCTION deeprx.library_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  PERFORM 1 FROM library_products WHERE number = NEW.product FOR UPDATE;
  SELECT coalesce(max(revision), 0) + 1 INTO NEW.revision
    FROM library_revisions WHERE product = NEW.product;
  IF NEW.parent IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM library_revisions WHERE number = NEW.parent AND product = NEW.product
  ) THEN
    RAISE EXCEPTION 'the parent is of another product' USING ERRCODE = 'DX001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_stamp BEFORE INSERT ON deeprx.library_revisions
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_stamp();
CREATE TRIGGER b_number BEFORE INSERT ON deeprx.library_revisions
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_number();

-- No half file: at the end of the transaction the bytes must be there, whole, with their hash.
CREATE FUNCTION deeprx.library_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
DECLARE found bytea;
BEGIN
  SELECT string_agg(bytes, ''::bytea ORDER BY piece) INTO found
    FROM library_pieces WHERE revision = NEW.number;
  IF found IS NULL OR octet_length(found) <> NEW.size OR sha256(found) <> NEW.sha256 THEN
    RAISE EXCEPTION 'the file is not whole' USING ERRCODE = 'DX002';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON deeprx.library_revisions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deeprx.library_whole();

-- Pieces belong to the transaction that publishes; nothing is added to a file afterwards.
CREATE FUNCTION deeprx.library_piece() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM library_revisions WHERE number = NEW.revision AND at = now()
      AND login = session_user
  ) THEN
    RAISE EXCEPTION 'the revision is closed' USING ERRCODE = 'DX003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closed BEFORE INSERT ON deeprx.library_pieces
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_piece();

-- draft → released → withdrawn, or draft → withdrawn; four eyes where the rules ask for them.
CREATE FUNCTION deeprx.library_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
DECLARE published library_revisions;
BEGIN
  SELECT * INTO published FROM library_revisions WHERE number = NEW.revision FOR UPDATE;
  IF EXISTS (SELECT 1 FROM library_states WHERE revision = NEW.revision AND state = 'withdrawn')
     OR EXISTS (
       SELECT 1 FROM library_states WHERE revision = NEW.revision AND state = NEW.state
     ) THEN
    RAISE EXCEPTION 'it is so already, or withdrawn' USING ERRCODE = 'DX004';
  END IF;
  IF NEW.state = 'released' AND (SELECT four_eyes FROM library_rules) AND (
    published.login = session_user OR lower(btrim(published.who)) = lower(btrim(NEW.who))
  ) THEN
    RAISE EXCEPTION 'a second person has to release' USING ERRCODE = 'DX005';
  END IF;
  IF NEW.state = 'withdrawn' AND btrim(NEW.why) = '' THEN
    RAISE EXCEPTION 'withdrawing needs a reason' USING ERRCODE = 'DX006';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_stamp BEFORE INSERT ON deeprx.library_states
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_stamp();
CREATE TRIGGER b_step BEFORE INSERT ON deeprx.library_states
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_step();

CREATE FUNCTION deeprx.library_state(wanted bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT coalesce(
    (SELECT state FROM library_states WHERE revision = wanted ORDER BY number DESC LIMIT 1), 'draft'
  )
$$;

-- Only what is released is rolled out, and not into the past.
CREATE FUNCTION deeprx.library_rollout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  NEW.starts := greatest(coalesce(NEW.starts, now()), now());
  IF NOT EXISTS (
    SELECT 1 FROM library_revisions WHERE number = NEW.revision AND product = NEW.product
  ) THEN
    RAISE EXCEPTION 'the revision is of another product' USING ERRCODE = 'DX001';
  END IF;
  IF library_state(NEW.revision) <> 'released' THEN
    RAISE EXCEPTION 'the revision is not released' USING ERRCODE = 'DX007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_stamp BEFORE INSERT ON deeprx.library_rollouts
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_stamp();
CREATE TRIGGER b_rollout BEFORE INSERT ON deeprx.library_rollouts
  FOR EACH ROW EXECUTE FUNCTION deeprx.library_rollout();

-- A proposal is answered once.
CREATE FUNCTION deeprx.proposal_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  IF OLD.state <> 'open' OR NEW.state = 'open' THEN
    RAISE EXCEPTION 'the proposal is answered already' USING ERRCODE = 'DX008';
  END IF;
  IF NEW.state = 'rejected' AND btrim(NEW.answer) = '' THEN
    RAISE EXCEPTION 'rejecting needs a reason' USING ERRCODE = 'DX006';
  END IF;
  NEW.answered_login := session_user;
  NEW.answered := now();
  RETURN NEW;
END $$;
CREATE TRIGGER answer BEFORE UPDATE ON deeprx.limit_proposals
  FOR EACH ROW EXECUTE FUNCTION deeprx.proposal_answer();

-- Rights. A station sees what was ever released, and the bytes of what is released now.
ALTER TABLE deeprx.library_revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.library_pieces ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.station_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE deeprx.limit_proposals ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION deeprx.was_released(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM library_states WHERE revision = wanted AND state = 'released')
$$;

-- A login all of whose stations are retired reads no more, and enters no station under another id.
-- A login without any station yet is a new PC's.
CREATE FUNCTION deeprx.login_retired() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
  SELECT cardinality(own_stations()) = 0
    AND EXISTS (SELECT 1 FROM stations WHERE login = session_user)
$$;
CREATE FUNCTION deeprx.refuse_retired() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM stations WHERE login = NEW.login AND retired IS NOT NULL)
     AND NOT EXISTS (
       SELECT 1 FROM stations
       WHERE login = NEW.login AND retired IS NULL AND number <> NEW.number
     ) THEN
    RAISE EXCEPTION 'the stations of % are retired', NEW.login USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER not_retired AFTER INSERT ON deeprx.stations
  FOR EACH ROW EXECUTE FUNCTION deeprx.refuse_retired();

CREATE POLICY released ON deeprx.library_revisions FOR SELECT TO deeprx_station
  USING (deeprx.was_released(number) AND NOT (SELECT deeprx.login_retired()));
CREATE POLICY released ON deeprx.library_pieces FOR SELECT TO deeprx_station
  USING (deeprx.library_state(revision) = 'released' AND NOT (SELECT deeprx.login_retired()));
CREATE POLICY own ON deeprx.station_runs TO deeprx_station
  USING (deeprx.is_own(station)) WITH CHECK (deeprx.is_own(station));
CREATE POLICY own ON deeprx.limit_proposals FOR SELECT TO deeprx_station
  USING (deeprx.is_own(station));
CREATE POLICY own_new ON deeprx.limit_proposals FOR INSERT TO deeprx_station
  WITH CHECK (deeprx.is_own(station) AND state = 'open' AND made IS NULL);
CREATE POLICY readers ON deeprx.library_revisions FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.station_runs FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY readers ON deeprx.limit_proposals FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY engineers ON deeprx.library_revisions FOR INSERT TO deeprx_engineer
  WITH CHECK (true);
CREATE POLICY engineers ON deeprx.library_pieces TO deeprx_engineer USING (true) WITH CHECK (true);
CREATE POLICY engineers ON deeprx.limit_proposals FOR UPDATE TO deeprx_engineer
  USING (true) WITH CHECK (true);

GRANT SELECT ON deeprx.library_rules, deeprx.library_products, deeprx.library_revisions,
  deeprx.library_states, deeprx.library_rollouts, deeprx.station_runs, deeprx.limit_proposals
  TO deeprx_station, deeprx_reader;
GRANT SELECT ON deeprx.library_pieces TO deeprx_station, deeprx_engineer;
GRANT INSERT ON deeprx.station_runs, deeprx.limit_proposals TO deeprx_station;
GRANT UPDATE (revision, sha256, state, trouble, since, reported) ON deeprx.station_runs
  TO deeprx_station;
GRANT INSERT ON deeprx.library_products, deeprx.library_revisions, deeprx.library_pieces,
  deeprx.library_states, deeprx.library_rollouts TO deeprx_engineer;
GRANT UPDATE (name) ON deeprx.library_products TO deeprx_engineer;
GRANT UPDATE (state, answered_by, answer, made) ON deeprx.limit_proposals TO deeprx_engineer;
GRANT UPDATE (four_eyes) ON deeprx.library_rules TO deeprx_admin;
REVOKE EXECUTE ON FUNCTION deeprx.library_stamp(), deeprx.library_number(),
  deeprx.library_whole(), deeprx.library_piece(), deeprx.library_step(),
  deeprx.library_rollout(), deeprx.proposal_answer(), deeprx.library_state(bigint),
  deeprx.was_released(bigint), deeprx.login_retired(), deeprx.refuse_retired() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deeprx.library_state(bigint), deeprx.was_released(bigint),
  deeprx.login_retired() TO deeprx_station, deeprx_reader;
