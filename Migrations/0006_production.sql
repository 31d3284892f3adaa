-- Permission and intent to send one file; the key is the server's and holds nothing of the file's name.
CREATE TABLE production.uploads (
    id uuid PRIMARY KEY,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    created_by uuid NOT NULL REFERENCES identity.users,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 16 AND 255),
    state text NOT NULL DEFAULT 'created',
    file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
    declared_media_type text NOT NULL CHECK (declared_media_type LIKE 'audio/%'),
    -- Storage takes objects of 5 TiB at most.
    declared_bytes bigint NOT NULL CHECK (declared_bytes BETWEEN 1 AND 5497558138880),
    declared_sha256 bytea NOT NULL CHECK (octet_length(declared_sha256) = 32),
    bucket text NOT NULL,
    object_key text NOT NULL,
    storage_upload_id text,
    part_bytes bigint CHECK (part_bytes BETWEEN 5242880 AND 5368709120),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    asset_id uuid REFERENCES catalogue.assets,
    edition_id uuid,
    rejection text CHECK (rejection ~ '^[a-z]+(-[a-z]+)*$'),
    UNIQUE (bucket, object_key),
    UNIQUE (created_by, idempotency_key),
    FOREIGN KEY (audiobook_id, edition_id) REFERENCES catalogue.editions (audiobook_id, id),
    CHECK (object_key = 'u/' || id || '/original'),
    CHECK (expires_at > created_at),
    CHECK ((state = 'ready') = (asset_id IS NOT NULL)),
    CHECK ((state = 'ready') = (edition_id IS NOT NULL)),
    CHECK ((state = 'rejected') = (rejection IS NOT NULL)),
    CHECK ((state IN ('ready', 'rejected', 'aborted', 'expired')) = (ended_at IS NOT NULL)),
    -- One PUT carries 5 GiB; what is larger goes in at most 10,000 parts.
    CHECK (state NOT IN ('uploading', 'completing') OR storage_upload_id IS NOT NULL),
    CHECK ((storage_upload_id IS NULL) = (part_bytes IS NULL)),
    CHECK (part_bytes IS NOT NULL OR declared_bytes <= 5368709120),
    CHECK (part_bytes IS NULL OR declared_bytes <= part_bytes * 10000)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON production.uploads
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('upload');
CREATE INDEX uploads_open ON production.uploads (expires_at)
    WHERE state IN ('created', 'uploading', 'completing', 'verifying');
CREATE INDEX uploads_audiobook ON production.uploads (audiobook_id, created_at);

CREATE TABLE production.upload_parts (
    upload_id uuid NOT NULL REFERENCES production.uploads ON DELETE CASCADE,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 10000),
    bytes bigint NOT NULL CHECK (bytes BETWEEN 1 AND 5368709120),
    entity_tag text NOT NULL CHECK (entity_tag <> ''),
    PRIMARY KEY (upload_id, number)
);

CREATE TABLE production.transcripts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id uuid NOT NULL REFERENCES catalogue.editions,
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    state text NOT NULL DEFAULT 'planned',
    failure text,
    quality_flags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    -- Touched with every chunk, so that two who finish at once meet here.
    progressed_at timestamptz,
    ready_at timestamptz,
    CHECK ((state = 'failed') = (failure IS NOT NULL)),
    CHECK ((state IN ('ready', 'superseded')) = (ready_at IS NOT NULL))
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON production.transcripts
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('transcript');
CREATE UNIQUE INDEX transcripts_one_live ON production.transcripts (edition_id)
    WHERE state IN ('planned', 'running', 'assembling', 'needs_review', 'failed');
CREATE UNIQUE INDEX transcripts_one_ready ON production.transcripts (edition_id) WHERE state = 'ready';
CREATE INDEX transcripts_planned ON production.transcripts (created_at) WHERE state = 'planned';

CREATE TABLE production.transcript_chunks (
    transcript_id uuid NOT NULL REFERENCES production.transcripts ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 1),
    track_position integer NOT NULL CHECK (track_position >= 1),
    start_ms bigint NOT NULL CHECK (start_ms >= 0),
    end_ms bigint NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease uuid,
    leased_until timestamptz,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    model text,
    result jsonb,
    failure text,
    PRIMARY KEY (transcript_id, number),
    CHECK (end_ms > start_ms),
    CONSTRAINT chunks_ten_minutes CHECK (end_ms - start_ms <= 600000),
    CHECK ((state = 'done') = (result IS NOT NULL)),
    CHECK ((result IS NULL) = (model IS NULL)),
    CHECK ((state = 'running') = (lease IS NOT NULL)),
    CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CHECK (state <> 'failed' OR failure IS NOT NULL),
    EXCLUDE USING gist (transcript_id WITH =, int8range(start_ms, end_ms) WITH &&)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON production.transcript_chunks
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('chunk');
CREATE INDEX transcript_chunks_open ON production.transcript_chunks (transcript_id, number)
    WHERE state IN ('pending', 'running');

-- One row a phrase: a whole book does not fit a tsvector.
CREATE TABLE production.transcript_segments (
    transcript_id uuid NOT NULL REFERENCES production.transcripts ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 1),
    start_ms bigint NOT NULL CHECK (start_ms >= 0),
    end_ms bigint NOT NULL CHECK (end_ms >= start_ms),
    chapter integer NOT NULL CHECK (chapter >= 1),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 8000),
    words jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(words) = 'array'),
    vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED,
    PRIMARY KEY (transcript_id, position)
);
CREATE INDEX transcript_segments_vector ON production.transcript_segments USING gin (vector);
CREATE INDEX transcript_segments_time ON production.transcript_segments (transcript_id, start_ms);

-- Chapter 0 is the whole book. Nobody sees a text that no person approved.
CREATE TABLE production.summaries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    transcript_id uuid NOT NULL REFERENCES production.transcripts,
    chapter integer NOT NULL DEFAULT 0 CHECK (chapter >= 0),
    state text NOT NULL DEFAULT 'wanted',
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease uuid,
    leased_until timestamptz,
    sent_at timestamptz,
    text text CHECK (length(text) BETWEEN 1 AND 20000),
    model text,
    prompt_version text,
    failure text,
    approved_by uuid REFERENCES identity.users,
    approved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'writing') = (lease IS NOT NULL)),
    CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CHECK (state NOT IN ('draft', 'approved', 'rejected') OR text IS NOT NULL),
    CHECK ((text IS NULL) = (model IS NULL) AND (text IS NULL) = (prompt_version IS NULL)),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (state <> 'approved' OR approved_by IS NOT NULL),
    CHECK (approved_by IS NULL OR state IN ('approved', 'superseded')),
    CHECK (state <> 'failed' OR failure IS NOT NULL)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON production.summaries
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('summary');
CREATE UNIQUE INDEX summaries_one_open ON production.summaries (transcript_id, chapter)
    WHERE state IN ('wanted', 'writing', 'draft');
CREATE UNIQUE INDEX summaries_one_approved ON production.summaries (transcript_id, chapter)
    WHERE state = 'approved';
CREATE INDEX summaries_waiting ON production.summaries (created_at) WHERE state IN ('wanted', 'writing');
