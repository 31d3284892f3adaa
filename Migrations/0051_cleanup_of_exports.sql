-- Books as files to keep are judged like all that is stored: those that are offered must be there, those that were
-- replaced wait for the relay, and what nobody knows of goes.
CREATE OR REPLACE VIEW production.known_objects AS
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
    FROM catalogue.assets WHERE removed_at IS NULL
UNION ALL
    SELECT bucket, object_key, '', CASE WHEN state = 'superseded' THEN 'superseded-export' ELSE 'export' END,
        state = 'ready', coalesce(ready_at, created_at)
    FROM production.exports
UNION ALL
    SELECT bucket, object_key, storage_upload_id, 'export', false, created_at
    FROM production.exports WHERE storage_upload_id IS NOT NULL;
CREATE INDEX exports_stored ON production.exports (bucket, object_key COLLATE "C");

CREATE OR REPLACE FUNCTION production.is_own_name(object_key text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT object_key ~ '^u/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/original$'
        OR object_key ~ '^c/[0-9a-f]{64}\.jpg$'
        OR object_key ~ '^s/[0-9a-f]{64}\.mp3$'
        OR object_key ~ '^e/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(epub|m4b)$'
$$;

-- A draft may have been made into files before its editors thought better of it.
ALTER TABLE production.exports DROP CONSTRAINT exports_audiobook_id_fkey,
    ADD CONSTRAINT exports_audiobook_id_fkey FOREIGN KEY (audiobook_id) REFERENCES catalogue.audiobooks ON DELETE CASCADE;
