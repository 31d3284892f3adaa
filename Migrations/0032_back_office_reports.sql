-- What the back office adds up: sales by time, work by what is left of it, alerts with the open ones first, and what
-- the shop stores. Each is read along an index, however large the shop has grown.

-- A currency is asked for with all others, so time comes first.
CREATE INDEX orders_confirmed_time ON sales.orders (confirmed_at) WHERE state = 'confirmed';
CREATE INDEX ledger_occurred ON sales.ledger (occurred_at);
DROP INDEX sales.orders_confirmed, sales.ledger_time;

-- What is not done is little beside all that was.
CREATE INDEX transcripts_unfinished ON production.transcripts (created_at DESC, id DESC)
    WHERE state IN ('planned', 'running', 'assembling', 'needs_review', 'failed');
CREATE INDEX summaries_unfinished ON production.summaries (created_at DESC, id DESC)
    WHERE state IN ('wanted', 'writing', 'draft', 'failed');

CREATE INDEX alerts_open_first ON plumbing.alerts
    ((acknowledged_at IS NULL AND resolved_at IS NULL) DESC, created_at DESC, id DESC);

-- Totals are read off this alone: what a file is, is told by who may have it and of which kind it is.
CREATE INDEX assets_weight ON catalogue.assets (visibility, media_type, bytes);
-- Books that were recorded again, which few are.
CREATE INDEX editions_second ON catalogue.editions (audiobook_id) WHERE number = 2;

-- What the recordings of a book weigh, in all of its editions, each file once.
CREATE TABLE catalogue.recording_weights (
    audiobook_id uuid PRIMARY KEY REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    objects integer NOT NULL CHECK (objects >= 0),
    bytes bigint NOT NULL CHECK (bytes >= 0)
);
CREATE INDEX recording_weights_largest ON catalogue.recording_weights (bytes DESC, audiobook_id DESC);

INSERT INTO catalogue.recording_weights (audiobook_id, objects, bytes)
SELECT audiobook_id, count(*), sum(bytes)
FROM (SELECT DISTINCT e.audiobook_id, a.id, a.bytes
    FROM catalogue.editions AS e JOIN catalogue.tracks AS t ON t.edition_id = e.id
        JOIN catalogue.assets AS a ON a.id = t.asset_id
    WHERE e.sealed_at IS NOT NULL) AS files
GROUP BY audiobook_id;

-- The tracks of an edition are final when it is sealed. The row is locked before they are counted, so that of two
-- editions sealed at once the second counts the first.
CREATE FUNCTION catalogue.weigh_recordings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO catalogue.recording_weights AS known (audiobook_id, objects, bytes)
    VALUES (NEW.audiobook_id, 0, 0)
    ON CONFLICT (audiobook_id) DO UPDATE SET bytes = known.bytes;
    UPDATE catalogue.recording_weights AS known SET (objects, bytes) = (
        SELECT count(*), COALESCE(sum(a.bytes), 0) FROM catalogue.assets AS a WHERE a.id IN (
            SELECT t.asset_id FROM catalogue.tracks AS t JOIN catalogue.editions AS e ON e.id = t.edition_id
            WHERE e.audiobook_id = NEW.audiobook_id AND e.sealed_at IS NOT NULL))
    WHERE known.audiobook_id = NEW.audiobook_id;
    RETURN NULL;
END $$;
CREATE TRIGGER weighed AFTER UPDATE OF sealed_at ON catalogue.editions
    FOR EACH ROW WHEN (NEW.sealed_at IS NOT NULL) EXECUTE FUNCTION catalogue.weigh_recordings();

REVOKE ALL ON FUNCTION catalogue.weigh_recordings FROM PUBLIC;
GRANT SELECT ON catalogue.recording_weights TO earshelf_admin;
-- Whom an order is of; not by which account they sign in.
GRANT SELECT (id, email, name) ON identity.users TO earshelf_admin;
