-- Deep RX Inspector, central database, step 4: people with roles, and the audit trail.
--
-- A PIN or password is kept as scrypt$N$r$p$salt$hash (base64) and cannot be read back. People are
-- retired, never deleted, so that a name in the audit trail stays one person for ever. Rows of the
-- audit trail are only ever added; whoever has to delete old ones (law, retention) does it as the
-- owner of the database, after ALTER TABLE deeprx.audit DISABLE TRIGGER audit_stays.

CREATE TABLE deeprx.people (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (
    char_length(name) BETWEEN 1 AND 60 AND name = btrim(name) AND name !~ '[[:cntrl:]]'
  ),
  name_key text NOT NULL UNIQUE,             -- the same for "SATO", "sato" and full-width letters
  role text NOT NULL CHECK (role IN ('operator', 'engineer', 'administrator')),
  secret text NOT NULL CHECK (
    secret ~ '^scrypt\$[0-9]{1,7}\$[0-9]{1,2}\$[0-9]{1,2}\$[A-Za-z0-9+/=]{24,88}\$[A-Za-z0-9+/=]{88}$'
  ),
  added timestamptz NOT NULL DEFAULT now(),
  changed timestamptz NOT NULL DEFAULT now(),
  retired timestamptz                        -- NULL: may sign in
);

CREATE TABLE deeprx.people_rules (           -- one row
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  offline_days real NOT NULL DEFAULT 14 CHECK (offline_days BETWEEN 0.01 AND 366),
  idle_minutes integer NOT NULL DEFAULT 15 CHECK (idle_minutes BETWEEN 1 AND 1440)
);
INSERT INTO deeprx.people_rules DEFAULT VALUES;

CREATE TABLE deeprx.audit (
  uid uuid NOT NULL,                         -- the same in the station's own file
  station integer REFERENCES deeprx.stations,  -- NULL: done in the centre
  at timestamptz NOT NULL CHECK (at >= '1970-01-01Z' AND at < '9999-12-31Z'),  -- its own clock
  received timestamptz NOT NULL DEFAULT now(),
  who text NOT NULL CHECK (char_length(who) <= 200),
  role text NOT NULL CHECK (char_length(role) <= 20),
  what text NOT NULL CHECK (char_length(what) BETWEEN 1 AND 60),
  product text NOT NULL DEFAULT '' CHECK (char_length(product) <= 200),
  revision integer,
  more text NOT NULL DEFAULT '' CHECK (char_length(more) <= 4000),  -- JSON
  login name NOT NULL DEFAULT session_user,  -- who was logged in at this server
  UNIQUE NULLS NOT DISTINCT (uid, station)
);
CREATE INDEX audit_at ON deeprx.audit (at DESC);
CREATE INDEX audit_who ON deeprx.audit (who, at DESC);
CREATE INDEX audit_station ON deeprx.audit (station, at DESC);

-- Nobody deletes people or changes what was written down.
CREATE FUNCTION deeprx.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are kept as they are', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER people_stay BEFORE DELETE ON deeprx.people
  FOR EACH ROW EXECUTE FUNCTION deeprx.refuse_change();
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON deeprx.audit
  FOR EACH ROW EXECUTE FUNCTION deeprx.refuse_change();

-- A change of a person or a rule is written down by the server itself. The program says in
-- deeprx.who which person did it; the login is the server's own word.
CREATE FUNCTION deeprx.note_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
DECLARE
  event text;
  details jsonb := '{}';
BEGIN
  IF TG_TABLE_NAME = 'people_rules' THEN
    event := 'people rules changed';
    details := jsonb_build_object('offline_days', NEW.offline_days, 'idle_minutes', NEW.idle_minutes);
  ELSIF TG_OP = 'INSERT' THEN
    event := 'person added';
    details := jsonb_build_object('person', NEW.name, 'role', NEW.role);
  ELSE
    IF OLD.retired IS NOT NULL OR NEW.name <> OLD.name OR NEW.name_key <> OLD.name_key THEN
      RAISE EXCEPTION 'a name stays, and who is retired stays so' USING ERRCODE = '42501';
    END IF;
    NEW.changed := now();
    event := CASE
      WHEN NEW.retired IS NOT NULL THEN 'person retired'
      WHEN NEW.role <> OLD.role THEN 'role changed'
      ELSE 'secret changed'
    END;
    details := jsonb_build_object('person', NEW.name, 'role', NEW.role);
  END IF;
  INSERT INTO audit (uid, at, who, role, what, more) VALUES (
    gen_random_uuid(), now(),
    left(coalesce(nullif(current_setting('deeprx.who', true), ''), session_user::text), 200),
    'administrator', event, details::text
  );
  RETURN NEW;
END $$;
CREATE TRIGGER people_note BEFORE INSERT OR UPDATE ON deeprx.people
  FOR EACH ROW EXECUTE FUNCTION deeprx.note_people();
CREATE TRIGGER people_rules_note BEFORE UPDATE ON deeprx.people_rules
  FOR EACH ROW EXECUTE FUNCTION deeprx.note_people();

-- What people decide about parts and say about pictures comes with the verdicts; it is written down
-- here too, because it must outlive them. Once: what another station has said of the same at the same
-- time came along in a copy of its disk, or in a product's file.
CREATE FUNCTION deeprx.note_decisions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO audit (uid, station, at, who, role, what, more)
    SELECT uid, station, at, left(who, 200), '', 'decided', left(jsonb_build_object(
        'decision', CASE decision WHEN 0 THEN 'OK' WHEN 1 THEN 'NG' ELSE 'taken back' END,
        'verdict', verdict_uid, 'note', left(note, 1000))::text, 4000)
    FROM added
    WHERE NOT EXISTS (SELECT 1 FROM decisions AS d
                      WHERE d.uid = added.uid AND d.station <> added.station)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER decisions_audit AFTER INSERT ON deeprx.decisions
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.note_decisions();

CREATE FUNCTION deeprx.note_corrections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO audit (uid, station, at, who, role, what, product, more)
    SELECT md5(a.station || ' ' || a.uid)::uuid, a.station, a.at, left(a.who, 200), '', 'corrected',
      left(p.name, 200),
      left(jsonb_build_object('kind', left(a.kind, 200), 'name', left(a.name, 500))::text, 4000)
    FROM added AS a JOIN products AS p ON p.number = a.product
    WHERE NOT EXISTS (SELECT 1 FROM corrections AS c WHERE c.uid = a.uid AND c.at = a.at
                      AND c.who = a.who AND c.station <> a.station)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER corrections_audit AFTER INSERT ON deeprx.corrections
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.note_corrections();

-- A station reads people, to let them sign in, and adds to the audit trail for itself only. Readers
-- see who there is, without what was made of their PIN.
ALTER TABLE deeprx.audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON deeprx.audit FOR INSERT TO deeprx_station
  WITH CHECK (station IS NOT NULL AND deeprx.is_own(station) AND login = session_user);
CREATE POLICY readers ON deeprx.audit FOR SELECT TO deeprx_reader USING (true);
ALTER TABLE deeprx.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY stations ON deeprx.people FOR SELECT TO deeprx_station
  USING (NOT (SELECT deeprx.login_retired()));  -- a retired PC hears no hash any more
CREATE POLICY readers ON deeprx.people FOR SELECT TO deeprx_reader USING (true);
CREATE POLICY admins ON deeprx.people TO deeprx_admin USING (true) WITH CHECK (true);

GRANT SELECT ON deeprx.people, deeprx.people_rules TO deeprx_station, deeprx_admin;
GRANT SELECT (number, name, role, added, changed, retired) ON deeprx.people TO deeprx_reader;
GRANT SELECT ON deeprx.people_rules, deeprx.audit TO deeprx_reader;
GRANT INSERT (name, name_key, role, secret), UPDATE (role, secret, retired) ON deeprx.people
  TO deeprx_admin;
GRANT UPDATE (offline_days, idle_minutes) ON deeprx.people_rules TO deeprx_admin;
GRANT INSERT (uid, station, at, who, role, what, product, revision, more) ON deeprx.audit
  TO deeprx_station;
REVOKE EXECUTE ON FUNCTION deeprx.refuse_change(), deeprx.note_people(), deeprx.note_decisions(),
  deeprx.note_corrections() FROM PUBLIC;
