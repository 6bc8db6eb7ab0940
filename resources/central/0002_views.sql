-- Deep RX Inspector, central database, step 2: what History asks, and views for other programs.
--
-- The views are read-only and meant for Excel, Power BI, Grafana and the like; docs/central-views.md
-- describes each column. Their names and columns stay; new columns are added at the end.

-- Few parts are not OK: indexes of those alone are small and answer most of what is asked.
CREATE INDEX verdicts_product_bad ON deeprx.verdicts (product, verdict, at DESC) WHERE verdict > 0;
CREATE INDEX verdicts_station_bad ON deeprx.verdicts (station, verdict, at DESC) WHERE verdict > 0;
CREATE INDEX verdicts_worst ON deeprx.verdicts (times DESC, at DESC, uid DESC, station DESC)
  WHERE verdict = 2 AND times IS NOT NULL;

CREATE FUNCTION deeprx.verdict_word(verdict smallint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (ARRAY['OK', 'REVIEW', 'NG', 'ERROR'])[verdict + 1]
$$;

CREATE FUNCTION deeprx.decision_word(decision smallint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (ARRAY['OK', 'NG'])[decision + 1]
$$;

-- Places of a verdict as JSON; what is written otherwise (by a foreign program) counts as none.
CREATE FUNCTION deeprx.places_json(places text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN places ~ ('^\[\[' || n || '(, ' || n || '){3}\](, \[' || n || '(, ' || n || '){3}\])*\]$')
              THEN places::jsonb ELSE '[]'::jsonb END
  FROM (SELECT '-?(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,17})?(?:e-?[0-9]{1,2})?') AS number(n)
$$;

-- Counters: NG parts per hour and field of the picture, ten by ten, in which they were hottest.
CREATE TABLE deeprx.ng_fields (
  hour timestamptz NOT NULL,
  station integer NOT NULL,
  product integer NOT NULL,
  across smallint NOT NULL,                  -- 0..9 from the left
  down smallint NOT NULL,                    -- 0..9 from the top
  parts bigint NOT NULL,
  worst real,                                -- the highest of their scores, as multiple of the limit
  PRIMARY KEY (hour, station, product, across, down)
) WITH (fillfactor = 80);

CREATE FUNCTION deeprx.count_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = deeprx, pg_temp AS $$
BEGIN
  INSERT INTO ng_fields AS f
    SELECT date_trunc('hour', at, 'UTC'), station, product,
           floor(least(greatest((hottest ->> 0)::double precision, 0), 0.99) * 10)::smallint,
           floor(least(greatest((hottest ->> 1)::double precision, 0), 0.99) * 10)::smallint,
           count(*), max(times)
    FROM (SELECT a.*, places_json(a.places) -> 0 AS hottest FROM added a
          WHERE a.verdict = 2 AND a.places <> '') p
    WHERE hottest IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (hour, station, product, across, down)
      DO UPDATE SET parts = f.parts + excluded.parts, worst = greatest(f.worst, excluded.worst);
  RETURN NULL;
END $$;
CREATE TRIGGER verdicts_places AFTER INSERT ON deeprx.verdicts
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION deeprx.count_places();

-- Stations: who they are, and when they were last heard of.
CREATE VIEW deeprx.station_list WITH (security_invoker = true) AS
  SELECT name AS station, line, id AS station_id, program, first_seen, last_seen, clock_ahead_ms
  FROM deeprx.stations;

-- Yield: parts by verdict, per hour, line, station and product.
CREATE VIEW deeprx.yield_by_hour WITH (security_invoker = true) AS
  SELECT h.hour, s.line, s.name AS station, p.name AS product,
         coalesce(sum(h.parts) FILTER (WHERE h.verdict = 0), 0)::bigint AS ok,
         coalesce(sum(h.parts) FILTER (WHERE h.verdict = 1), 0)::bigint AS review,
         coalesce(sum(h.parts) FILTER (WHERE h.verdict = 2), 0)::bigint AS ng,
         coalesce(sum(h.parts) FILTER (WHERE h.verdict = 3), 0)::bigint AS error,
         sum(h.parts)::bigint AS parts,
         (sum(h.parts) FILTER (WHERE h.verdict = 0)
           / nullif(sum(h.parts) FILTER (WHERE h.verdict < 3), 0))::double precision AS yield
  FROM deeprx.hours h
  JOIN deeprx.stations s ON s.number = h.station
  JOIN deeprx.products p ON p.number = h.product
  GROUP BY h.hour, s.number, s.line, s.name, p.number, p.name;

-- Parts that people decided about, one row each.
CREATE VIEW deeprx.decided_parts WITH (security_invoker = true) AS
  SELECT v.at, s.line, s.name AS station, p.name AS product, v.serial,
         deeprx.verdict_word(v.verdict) AS verdict, deeprx.decision_word(d.decision) AS decision,
         v.times, d.who AS decided_by, d.at AS decided_at, d.note,
         (v.verdict IN (1, 2) AND d.decision = 0) AS false_call,
         (v.verdict = 0 AND d.decision = 1) AS missed, v.uid
  FROM deeprx.decided d
  JOIN deeprx.verdicts v ON v.at = d.verdict_at AND v.uid = d.verdict_uid AND v.station = d.station
  JOIN deeprx.stations s ON s.number = v.station
  JOIN deeprx.products p ON p.number = v.product
  WHERE d.decision IS NOT NULL;

-- False calls: parts that were REVIEW or NG and that a person decided are OK.
CREATE VIEW deeprx.false_calls_by_hour WITH (security_invoker = true) AS
  SELECT date_trunc('hour', d.verdict_at, 'UTC') AS hour, s.line, s.name AS station,
         p.name AS product,
         count(*) FILTER (WHERE d.verdict IN (1, 2)) AS stopped_and_decided,
         count(*) FILTER (WHERE d.verdict IN (1, 2) AND d.decision = 0) AS false_calls,
         count(*) FILTER (WHERE d.verdict = 0 AND d.decision = 1) AS misses
  FROM deeprx.decided d
  JOIN deeprx.stations s ON s.number = d.station
  JOIN deeprx.products p ON p.number = d.product
  WHERE d.decision IS NOT NULL
  GROUP BY 1, s.number, s.line, s.name, p.number, p.name;

-- Places: where NG parts were above the limit. The first of a part is its hottest.
CREATE VIEW deeprx.ng_places WITH (security_invoker = true) AS
  SELECT v.at, s.line, s.name AS station, p.name AS product, v.serial, v.times,
         place.rank::integer AS rank,
         (place.value ->> 0)::double precision AS across,
         (place.value ->> 1)::double precision AS down,
         (place.value ->> 2)::double precision AS area, v.uid
  FROM deeprx.verdicts v
  CROSS JOIN LATERAL jsonb_array_elements(deeprx.places_json(v.places))
    WITH ORDINALITY AS place(value, rank)
  JOIN deeprx.stations s ON s.number = v.station
  JOIN deeprx.products p ON p.number = v.product
  WHERE v.verdict = 2 AND v.places <> '';

-- Top NG places: the picture in ten by ten fields, how many NG parts were hottest in each.
CREATE VIEW deeprx.top_ng_places WITH (security_invoker = true) AS
  SELECT f.hour, s.line, s.name AS station, p.name AS product, f.across::integer AS field_across,
         f.down::integer AS field_down, f.parts AS ng_parts, f.worst AS worst_times
  FROM deeprx.ng_fields f
  JOIN deeprx.stations s ON s.number = f.station
  JOIN deeprx.products p ON p.number = f.product;

-- Drift: the median score of OK parts, per hour, line, station and product, to within 0.005.
CREATE VIEW deeprx.drift_by_hour WITH (security_invoker = true) AS
  SELECT b.hour, s.line, s.name AS station, p.name AS product, b.median, b.ok_parts
  FROM (
    SELECT hour, station, product, max(total)::bigint AS ok_parts,
           min((bin + (total / 2.0 - before) / parts) / 200)
             FILTER (WHERE before < total / 2.0 AND before + parts >= total / 2.0)
             ::double precision AS median
    FROM (
      SELECT hour, station, product, bin, parts,
             sum(parts) OVER w - parts AS before,
             sum(parts) OVER (PARTITION BY hour, station, product) AS total
      FROM deeprx.ok_scores
      WINDOW w AS (PARTITION BY hour, station, product ORDER BY bin)
    ) c
    GROUP BY hour, station, product
  ) b
  JOIN deeprx.stations s ON s.number = b.station
  JOIN deeprx.products p ON p.number = b.product;

-- Every verdict, in words.
CREATE VIEW deeprx.verdict_list WITH (security_invoker = true) AS
  SELECT v.at, s.line, s.name AS station, p.name AS product, c.revision,
         deeprx.verdict_word(v.verdict) AS verdict, v.times, v.serial,
         deeprx.decision_word(d.decision) AS decision, d.who AS decided_by, d.note, c.operator,
         v.latency AS latency_ms, v.uid
  FROM deeprx.verdicts v
  JOIN deeprx.stations s ON s.number = v.station
  JOIN deeprx.products p ON p.number = v.product
  JOIN deeprx.contexts c ON c.number = v.context
  LEFT JOIN deeprx.decided d ON d.verdict_uid = v.uid AND d.verdict_at = v.at
    AND d.station = v.station AND d.decision IS NOT NULL;

REVOKE EXECUTE ON FUNCTION deeprx.verdict_word(smallint), deeprx.decision_word(smallint),
  deeprx.places_json(text), deeprx.count_places() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deeprx.verdict_word(smallint), deeprx.decision_word(smallint),
  deeprx.places_json(text) TO deeprx_reader;
GRANT SELECT ON deeprx.ng_fields, deeprx.station_list, deeprx.yield_by_hour, deeprx.decided_parts,
  deeprx.false_calls_by_hour, deeprx.ng_places, deeprx.top_ng_places, deeprx.drift_by_hour,
  deeprx.verdict_list TO deeprx_reader;
