-- Books as files to keep: an M4B with chapters, and an EPUB in which the words are read along. What an editor allows of
-- a book is made when somebody asks for it, once for all who own it.

ALTER TABLE catalogue.audiobooks ADD COLUMN exports text[] NOT NULL DEFAULT '{}'
    CHECK (exports <@ ARRAY['epub', 'm4b'] AND cardinality(exports) <= 2);

-- Counts what changes in a text that is read: an EPUB of before is not the one of now.
ALTER TABLE production.transcripts ADD COLUMN text_version integer NOT NULL DEFAULT 1 CHECK (text_version >= 1);
GRANT UPDATE (text_version) ON production.transcripts TO earshelf_transcribe;

INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('export', '', 'wanted'),
    ('export', 'wanted', 'making'),
    ('export', 'wanted', 'superseded'),
    ('export', 'making', 'wanted'),
    ('export', 'making', 'ready'),
    ('export', 'making', 'failed'),
    ('export', 'making', 'superseded'),
    ('export', 'ready', 'superseded'),
    ('export', 'failed', 'wanted'),
    ('export', 'failed', 'superseded');

CREATE TABLE production.exports (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    format text NOT NULL CHECK (format IN ('epub', 'm4b')),
    state text NOT NULL DEFAULT 'wanted',
    bucket text NOT NULL,
    object_key text NOT NULL GENERATED ALWAYS AS ('e/' || id::text || '.' || format) STORED,
    -- The parts that are being sent, to be given up should their sender not come back.
    storage_upload_id text,
    -- What it is made of, as `production.export_content` tells; noted when the making begins.
    content bytea CHECK (octet_length(content) = 32),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease uuid,
    leased_until timestamptz,
    sent_at timestamptz,
    bytes bigint CHECK (bytes > 0),
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    superseded_at timestamptz,
    CHECK ((state = 'making') = (lease IS NOT NULL)),
    CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CHECK (state NOT IN ('making', 'ready') OR content IS NOT NULL),
    CHECK ((bytes IS NULL) = (ready_at IS NULL)),
    CHECK (state <> 'ready' OR ready_at IS NOT NULL),
    CHECK (state <> 'failed' OR failure IS NOT NULL),
    CHECK ((state = 'superseded') = (superseded_at IS NOT NULL))
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON production.exports
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('export');
CREATE TRIGGER watched AFTER UPDATE OF state ON production.exports
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION production.watch_failures('failed-export');
-- What is superseded may still be downloaded by whoever began to; of what is not there is one.
CREATE UNIQUE INDEX exports_one ON production.exports (audiobook_id, format) WHERE state <> 'superseded';
CREATE INDEX exports_open ON production.exports (created_at) WHERE state IN ('wanted', 'making');
CREATE INDEX exports_superseded ON production.exports (superseded_at) WHERE state = 'superseded';

-- All that an export says, and the number of the way it is made: whoever makes them otherwise counts it on.
CREATE FUNCTION production.export_content(book_id uuid, of_format text) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(jsonb_build_array(1, of_format, book.current_edition_id, book.cover_asset_id, book.title,
        book.subtitle, book.description, book.language,
        (SELECT jsonb_agg(jsonb_build_array(role, person.name) ORDER BY role, position)
        FROM catalogue.audiobook_contributors
            JOIN catalogue.contributors AS person ON person.id = contributor_id
        WHERE audiobook_id = book.id AND role IN ('author', 'narrator')),
        (SELECT jsonb_agg(jsonb_build_array(series.name, label, sort_key) ORDER BY series.name, series.id)
        FROM catalogue.series_entries JOIN catalogue.series ON series.id = series_id
        WHERE audiobook_id = book.id),
        CASE WHEN of_format = 'epub' THEN (
            SELECT jsonb_build_array(transcript.id, text_version) FROM production.transcripts AS transcript
            WHERE edition_id = book.current_edition_id AND transcript.state = 'ready') END)::text, 'UTF8'))
    FROM catalogue.audiobooks AS book WHERE book.id = book_id
$$;
REVOKE ALL ON FUNCTION production.export_content FROM PUBLIC;

SELECT plumbing.ensure_role('earshelf_exports');
SELECT plumbing.ensure_member('earshelf_exports', 'earshelf_caller');
GRANT SELECT ON catalogue.audiobooks, catalogue.editions, catalogue.tracks, catalogue.chapters, catalogue.assets,
    catalogue.cover_sizes, catalogue.audiobook_contributors, catalogue.contributors, catalogue.series,
    catalogue.series_entries, production.transcripts, listening.entitlements TO earshelf_exports;
GRANT SELECT (transcript_id, position, start_ms, end_ms, chapter, text) ON production.transcript_segments
    TO earshelf_exports;
GRANT EXECUTE ON FUNCTION production.export_content TO earshelf_exports;
GRANT SELECT, INSERT (audiobook_id, format, bucket), UPDATE (state, content, storage_upload_id, attempts, lease,
    leased_until, sent_at, bytes, failure, ready_at, superseded_at) ON production.exports TO earshelf_exports;
GRANT INSERT (entitlement_id, asset_id, action, ip, user_agent) ON listening.access_log TO earshelf_exports;

GRANT UPDATE (exports) ON catalogue.audiobooks TO earshelf_catalogue;
GRANT SELECT, UPDATE (state, lease, leased_until, superseded_at) ON production.exports TO earshelf_catalogue;
GRANT SELECT, UPDATE (sent_at), DELETE ON production.exports TO earshelf_relay;
