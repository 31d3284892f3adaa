-- Files that are sent in parts, and books of many files.

-- A part's digest is declared before it is sent: one column holds them all, and its length says that they are as many
-- as the parts. The table that was meant for parts was never written.
DROP TABLE production.upload_parts;

ALTER TABLE production.uploads
    -- The SHA-256 of each part, one after the other. `declared_sha256` is then the SHA-256 of these, by which the
    -- storage knows the whole (S3: a composite checksum).
    ADD COLUMN part_sha256s bytea,
    -- It becomes a file of the recording, together with others, and no edition of itself.
    ADD COLUMN is_track boolean NOT NULL DEFAULT false,
    -- What a track says of itself, for the edition it becomes a part of.
    ADD COLUMN found jsonb,
    -- When what came to nothing had left nothing in the storage either.
    ADD COLUMN cleared_at timestamptz,
    DROP CONSTRAINT uploads_check7,
    DROP CONSTRAINT uploads_recording_is_edition,
    ADD CONSTRAINT uploads_parts_declared CHECK ((part_bytes IS NULL) = (part_sha256s IS NULL)),
    ADD CONSTRAINT uploads_parts_tile
        CHECK (octet_length(part_sha256s) = 32 * ((declared_bytes + part_bytes - 1) / part_bytes)),
    -- It is declared in parts before the storage gives its name for them.
    ADD CONSTRAINT uploads_named_in_parts CHECK (storage_upload_id IS NULL OR part_bytes IS NOT NULL),
    ADD CONSTRAINT uploads_begun_in_parts CHECK (state <> 'created' OR storage_upload_id IS NULL),
    ADD CONSTRAINT uploads_sound_alone
        CHECK (declared_media_type LIKE 'audio/%' OR (part_bytes IS NULL AND NOT is_track)),
    ADD CONSTRAINT uploads_recording_is_edition CHECK ((edition_id IS NOT NULL)
        = (state = 'ready' AND declared_media_type LIKE 'audio/%' AND NOT is_track)),
    ADD CONSTRAINT uploads_track_is_found CHECK ((found IS NOT NULL) = (state = 'ready' AND is_track)),
    ADD CONSTRAINT uploads_cleared CHECK (cleared_at IS NULL OR state IN ('rejected', 'aborted', 'expired'));
CREATE INDEX uploads_to_clear ON production.uploads (ended_at)
    WHERE state IN ('rejected', 'aborted', 'expired') AND cleared_at IS NULL;

-- Without it `sha256` is that of the bytes; with it, that of the SHA-256s of parts of so many bytes, the last of what is
-- left.
ALTER TABLE catalogue.assets
    ADD COLUMN part_bytes bigint CHECK (part_bytes BETWEEN 5242880 AND 5368709120);

GRANT INSERT (part_sha256s, is_track) ON production.uploads TO earshelf_presign;
GRANT UPDATE (found) ON production.uploads TO earshelf_upload_complete;
GRANT UPDATE (cleared_at) ON production.uploads TO earshelf_relay;
