-- What may go from the storage, and what is known of what was looked at. A file is judged by one view, and leaves in two
-- steps: that it goes is written down first, and when it is gone that is written as well. In between, and a while after,
-- nothing may come under its name.

-- Of a file that is not stored any more, what it was stays: evidence and history speak of it. The same bytes sent again
-- are the same asset, under the name they came by.
ALTER TABLE catalogue.assets
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN removed_because text CHECK (removed_because IN ('superseded-edition', 'erased-draft')),
    ADD CONSTRAINT assets_removed_for_a_reason CHECK ((removed_at IS NULL) = (removed_because IS NULL));
DROP TRIGGER append_only ON catalogue.assets;
CREATE TRIGGER append_only BEFORE UPDATE OF id, sha256, part_bytes, bytes, media_type, codec, bits_per_second, sample_rate,
    duration_ms, visibility, created_at ON catalogue.assets FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();

-- Storages list names by their bytes.
CREATE INDEX assets_stored ON catalogue.assets (bucket, object_key COLLATE "C") WHERE removed_at IS NULL;
DROP INDEX catalogue.assets_weight;
CREATE INDEX assets_weight ON catalogue.assets (visibility, media_type, bytes) WHERE removed_at IS NULL;
CREATE INDEX audiobooks_cover ON catalogue.audiobooks (cover_asset_id);
CREATE INDEX audiobooks_sample ON catalogue.audiobooks (sample_asset_id);
CREATE INDEX cover_sizes_asset ON catalogue.cover_sizes (asset_id);
CREATE INDEX uploads_asset ON production.uploads (asset_id) WHERE asset_id IS NOT NULL;

-- Editions of which nothing is left but what listeners' places, evidence and money speak of.
CREATE TABLE production.cleared_editions (
    edition_id uuid PRIMARY KEY REFERENCES catalogue.editions ON DELETE CASCADE,
    cleared_at timestamptz NOT NULL DEFAULT now()
);

-- What a stored file is for.
CREATE FUNCTION production.use_of(asset uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM catalogue.tracks AS track
                JOIN catalogue.editions AS edition ON edition.id = track.edition_id
                JOIN catalogue.audiobooks AS book
                    ON book.id = edition.audiobook_id AND book.current_edition_id = edition.id
            WHERE track.asset_id = asset) THEN 'current-edition'
        WHEN EXISTS (SELECT FROM catalogue.tracks WHERE asset_id = asset) THEN 'superseded-edition'
        WHEN EXISTS (SELECT FROM catalogue.audiobooks WHERE cover_asset_id = asset)
            OR EXISTS (SELECT FROM catalogue.cover_sizes AS size
                    JOIN catalogue.audiobooks AS book ON book.cover_asset_id = size.cover_id
                WHERE size.asset_id = asset) THEN 'cover'
        WHEN EXISTS (SELECT FROM catalogue.audiobooks WHERE sample_asset_id = asset) THEN 'sample'
        WHEN EXISTS (SELECT FROM production.uploads WHERE asset_id = asset AND is_track) THEN 'waiting-track'
        -- A picture of which a cover was made, a former cover or sample: nobody wrote down since when it is none.
        ELSE 'unused' END
$$;

-- Who may need what is stored: whatever is not in here is in nobody's way once it is old enough. Whoever stores something
-- of a new kind adds a line, and the form of its name below. `storage_upload_id` is empty but of parts not joined yet;
-- `is_stored` says that the object must be there, and since when.
CREATE VIEW production.known_objects AS
    SELECT bucket, object_key, '' AS storage_upload_id,
        CASE WHEN ended_at IS NULL THEN 'open-upload' ELSE 'ended-upload' END AS reason, false AS is_stored,
        created_at AS since
    FROM production.uploads WHERE state <> 'ready' AND cleared_at IS NULL
UNION ALL
    SELECT bucket, object_key, storage_upload_id, CASE WHEN ended_at IS NULL THEN 'open-upload' ELSE 'ended-upload' END,
        false, created_at
    FROM production.uploads WHERE state <> 'ready' AND cleared_at IS NULL AND storage_upload_id IS NOT NULL
UNION ALL
    SELECT bucket, object_key, '', production.use_of(id), true, created_at
    FROM catalogue.assets WHERE removed_at IS NULL;

-- Whether the shop itself would name an object so. Another's is left alone.
CREATE FUNCTION production.is_own_name(object_key text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT object_key ~ '^u/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/original$'
        OR object_key ~ '^c/[0-9a-f]{64}\.jpg$'
        OR object_key ~ '^s/[0-9a-f]{64}\.mp3$'
$$;

-- One round through the storage, in turns: it goes on behind what it looked at last.
CREATE TABLE production.cleanups (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- It only tells what it would do.
    is_dry_run boolean NOT NULL,
    stage text NOT NULL,
    after_key text,
    after_upload text,
    began_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    editions integer NOT NULL DEFAULT 0 CHECK (editions >= 0),
    transcripts integer NOT NULL DEFAULT 0 CHECK (transcripts >= 0)
);
CREATE UNIQUE INDEX cleanups_one ON production.cleanups ((true)) WHERE ended_at IS NULL;

CREATE TABLE production.cleanup_totals (
    cleanup_id bigint NOT NULL REFERENCES production.cleanups ON DELETE CASCADE,
    verdict text NOT NULL,
    reason text NOT NULL CHECK (reason ~ '^[a-z]+(-[a-z]+)*$'),
    objects bigint NOT NULL CHECK (objects >= 0),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (cleanup_id, verdict, reason)
);

-- The last word on what is not simply in use: a line of a page that was looked at, or what was there and is gone.
CREATE TABLE production.cleanup_objects (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    bucket text NOT NULL,
    object_key text COLLATE "C" NOT NULL,
    -- Of parts that were never joined.
    storage_upload_id text NOT NULL DEFAULT '',
    cleanup_id bigint REFERENCES production.cleanups,
    verdict text NOT NULL CHECK (verdict IN ('kept', 'missing', 'removable', 'leaving', 'removed')),
    reason text NOT NULL CHECK (reason ~ '^[a-z]+(-[a-z]+)*$'),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    modified_at timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    failure text,
    PRIMARY KEY (bucket, object_key, storage_upload_id)
);
CREATE INDEX cleanup_objects_listed ON production.cleanup_objects (object_key, id);
CREATE INDEX cleanup_objects_by_verdict ON production.cleanup_objects (verdict, object_key, id);
CREATE INDEX cleanup_objects_leaving ON production.cleanup_objects (attempts, object_key) WHERE verdict = 'leaving';

-- What is owed and not there is a matter for a person.
CREATE FUNCTION production.watch_storage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.verdict = 'missing' THEN
        PERFORM plumbing.raise_alert('missing-object', NEW.object_key, jsonb_build_object('use', NEW.reason), 'admin');
    ELSIF TG_OP <> 'INSERT' AND OLD.verdict = 'missing' THEN
        PERFORM plumbing.resolve_alert('missing-object', OLD.object_key);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER INSERT OR UPDATE OF verdict OR DELETE ON production.cleanup_objects
    FOR EACH ROW EXECUTE FUNCTION production.watch_storage();

-- Covers and samples are named by their bytes, so a name may come again while what was under it leaves. Whoever stored it
-- a moment ago may have stored it too early: they are refused, and store it again. Whichever of the two comes second
-- waits at the row of the first.
CREATE FUNCTION catalogue.keep_object() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO production.cleanup_objects AS known (bucket, object_key, verdict, reason, bytes)
    VALUES (NEW.bucket, NEW.object_key, 'kept', 'coming', NEW.bytes)
    ON CONFLICT (bucket, object_key, storage_upload_id) DO UPDATE SET verdict = 'kept', reason = 'coming'
    -- No function lives longer than fifteen minutes.
    WHERE known.verdict NOT IN ('leaving', 'removed')
        OR (known.verdict = 'removed' AND known.at < clock_timestamp() - interval '15 minutes');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'what was stored under this name is on its way out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'object_leaves';
    END IF;
    DELETE FROM production.cleanup_objects
    WHERE bucket = NEW.bucket AND object_key = NEW.object_key AND verdict = 'kept' AND reason = 'coming';

    -- One that is about to be removed is waited for.
    PERFORM 1 FROM catalogue.assets WHERE sha256 = NEW.sha256 AND visibility = NEW.visibility FOR UPDATE;
    UPDATE catalogue.assets
    SET removed_at = NULL, removed_because = NULL, bucket = NEW.bucket, object_key = NEW.object_key
    WHERE sha256 = NEW.sha256 AND visibility = NEW.visibility AND removed_at IS NOT NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE INSERT ON catalogue.assets FOR EACH ROW EXECUTE FUNCTION catalogue.keep_object();

-- No recording is made of what is not stored any more.
CREATE FUNCTION catalogue.only_stored() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM catalogue.assets WHERE id = NEW.asset_id AND removed_at IS NULL FOR SHARE;
    IF NOT FOUND AND EXISTS (SELECT FROM catalogue.assets WHERE id = NEW.asset_id) THEN
        RAISE EXCEPTION 'asset % is not stored any more', NEW.asset_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'track_is_stored';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_stored BEFORE INSERT ON catalogue.tracks FOR EACH ROW EXECUTE FUNCTION catalogue.only_stored();

-- What is gone weighs nothing.
CREATE OR REPLACE FUNCTION catalogue.weigh_recordings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO catalogue.recording_weights AS known (audiobook_id, objects, bytes)
    VALUES (NEW.audiobook_id, 0, 0)
    ON CONFLICT (audiobook_id) DO UPDATE SET bytes = known.bytes;
    UPDATE catalogue.recording_weights AS known SET (objects, bytes) = (
        SELECT count(*), COALESCE(sum(a.bytes), 0) FROM catalogue.assets AS a WHERE a.removed_at IS NULL AND a.id IN (
            SELECT t.asset_id FROM catalogue.tracks AS t JOIN catalogue.editions AS e ON e.id = t.edition_id
            WHERE e.audiobook_id = NEW.audiobook_id AND e.sealed_at IS NOT NULL))
    WHERE known.audiobook_id = NEW.audiobook_id;
    RETURN NULL;
END $$;

-- Takes the words from a transcript. What it cost, and who approved what when, stays.
CREATE FUNCTION production.forget_words(transcript uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM production.transcript_segments WHERE transcript_id = transcript;
    UPDATE production.transcript_chunks SET result = '{"model": "", "segments": []}'
    WHERE transcript_id = transcript AND result IS NOT NULL;
    UPDATE production.summaries
    SET state = CASE WHEN state = 'failed' THEN state ELSE 'superseded' END, lease = NULL, leased_until = NULL,
        text = NULL, model = NULL, prompt_version = NULL
    WHERE transcript_id = transcript;
    UPDATE production.transcripts SET state = CASE state WHEN 'ready' THEN 'superseded' ELSE 'cancelled' END, failure = NULL
    WHERE id = transcript AND state IN ('ready', 'failed', 'needs_review');
END $$;
INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('transcript', 'needs_review', 'cancelled'),
    ('summary', 'rejected', 'superseded');

-- A price that has begun is only ended, but of what was never on sale.
CREATE OR REPLACE FUNCTION sales.keep_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('earshelf.erased_draft', true) = OLD.audiobook_id::text
        AND EXISTS (SELECT FROM catalogue.audiobooks WHERE id = OLD.audiobook_id AND published_at IS NULL) THEN
        RETURN OLD;
    END IF;
    IF lower(OLD.valid) < now() AND (TG_OP = 'DELETE'
        OR (NEW.audiobook_id, NEW.currency, NEW.amount, lower(NEW.valid), NEW.is_sale, NEW.since)
            IS DISTINCT FROM (OLD.audiobook_id, OLD.currency, OLD.amount, lower(OLD.valid), OLD.is_sale, OLD.since)
        OR (NEW.valid <> OLD.valid AND (upper(OLD.valid) < now() OR upper(NEW.valid) < now()))) THEN
        RAISE EXCEPTION 'a price that has begun is only ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prices_kept';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

-- Takes a book away with all that was made of it, if it was never on sale and is nobody's; answers whether it was. The
-- row of the book is locked by whoever asks. What is stored goes with the next rounds, for nobody knows it any more.
CREATE FUNCTION catalogue.erase_draft(book uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    files uuid[];
    works text[];
BEGIN
    PERFORM 1 FROM catalogue.audiobooks WHERE id = book AND published_at IS NULL FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM sales.order_lines WHERE audiobook_id = book)
        OR EXISTS (SELECT FROM listening.entitlements WHERE audiobook_id = book)
        OR EXISTS (SELECT FROM sales.cart_items WHERE audiobook_id = book) THEN
        RETURN false;
    END IF;
    SELECT array_agg(DISTINCT asset) INTO files FROM (
        SELECT track.asset_id FROM catalogue.tracks AS track
            JOIN catalogue.editions AS edition ON edition.id = track.edition_id WHERE edition.audiobook_id = book
        UNION SELECT asset_id FROM production.uploads WHERE audiobook_id = book
        UNION SELECT unnest(ARRAY[cover_asset_id, sample_asset_id]) FROM catalogue.audiobooks WHERE id = book
        UNION SELECT size.asset_id FROM catalogue.cover_sizes AS size
            JOIN catalogue.audiobooks AS cover ON cover.cover_asset_id = size.cover_id WHERE cover.id = book
    ) AS used (asset) WHERE asset IS NOT NULL;
    -- In one order, so that no two wait for each other.
    PERFORM 1 FROM catalogue.assets WHERE id = ANY (files) ORDER BY id FOR UPDATE;

    SELECT array_agg(id::text) INTO works FROM (
        SELECT transcript.id FROM production.transcripts AS transcript
            JOIN catalogue.editions AS edition ON edition.id = edition_id WHERE audiobook_id = book
        UNION ALL SELECT summary.id FROM production.summaries AS summary
            JOIN production.transcripts AS transcript ON transcript.id = transcript_id
            JOIN catalogue.editions AS edition ON edition.id = edition_id WHERE audiobook_id = book) AS work (id);
    UPDATE plumbing.alerts SET resolved_at = now() WHERE subject = ANY (works) AND resolved_at IS NULL;

    DELETE FROM production.summaries WHERE transcript_id IN (SELECT transcript.id FROM production.transcripts AS transcript
        JOIN catalogue.editions AS edition ON edition.id = edition_id WHERE audiobook_id = book);
    DELETE FROM production.transcripts WHERE edition_id IN (SELECT id FROM catalogue.editions WHERE audiobook_id = book);
    DELETE FROM production.uploads WHERE audiobook_id = book;
    PERFORM set_config('earshelf.erased_draft', book::text, true);
    DELETE FROM sales.prices WHERE audiobook_id = book;
    UPDATE catalogue.audiobooks SET current_edition_id = NULL WHERE id = book;
    DELETE FROM catalogue.editions WHERE audiobook_id = book;
    DELETE FROM catalogue.audiobooks WHERE id = book;

    UPDATE catalogue.assets SET removed_at = now(), removed_because = 'erased-draft'
    WHERE id = ANY (files) AND removed_at IS NULL AND production.use_of(id) = 'unused'
        AND NOT EXISTS (SELECT FROM production.uploads WHERE asset_id = assets.id);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION production.use_of, production.is_own_name, production.watch_storage, catalogue.keep_object,
    catalogue.only_stored, production.forget_words, catalogue.erase_draft FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalogue.erase_draft TO earshelf_catalogue;

SELECT plumbing.ensure_role('earshelf_cleanup');
SELECT plumbing.ensure_member('earshelf_cleanup', 'earshelf_any');
GRANT SELECT ON production.known_objects, catalogue.assets, catalogue.editions, catalogue.tracks, catalogue.cover_sizes,
    production.cleared_editions TO earshelf_cleanup;
GRANT SELECT (id, current_edition_id, cover_asset_id, sample_asset_id) ON catalogue.audiobooks TO earshelf_cleanup;
GRANT SELECT (bucket, object_key, state, asset_id, is_track) ON production.uploads TO earshelf_cleanup;
GRANT SELECT (id, edition_id, state) ON production.transcripts TO earshelf_cleanup;
GRANT EXECUTE ON FUNCTION production.use_of, production.is_own_name, production.forget_words TO earshelf_cleanup;
GRANT UPDATE (removed_at, removed_because) ON catalogue.assets TO earshelf_cleanup;
GRANT SELECT, UPDATE (objects, bytes) ON catalogue.recording_weights TO earshelf_cleanup;
GRANT INSERT (edition_id) ON production.cleared_editions TO earshelf_cleanup;
GRANT SELECT, INSERT (is_dry_run, stage), UPDATE (stage, after_key, after_upload, ended_at, editions, transcripts)
    ON production.cleanups TO earshelf_cleanup;
GRANT SELECT, INSERT, UPDATE (objects, bytes) ON production.cleanup_totals TO earshelf_cleanup;
GRANT SELECT, INSERT, DELETE, UPDATE (cleanup_id, verdict, reason, bytes, modified_at, at, attempts, failure)
    ON production.cleanup_objects TO earshelf_cleanup;
GRANT SELECT ON production.cleanups, production.cleanup_totals, production.cleanup_objects TO earshelf_admin;
