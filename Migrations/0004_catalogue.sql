-- A file that was stored and checked. It never changes, and the same bytes are one asset.
CREATE TABLE catalogue.assets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL CHECK (bytes > 0),
    media_type text NOT NULL CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
    codec text,
    bits_per_second integer CHECK (bits_per_second > 0),
    sample_rate integer CHECK (sample_rate > 0),
    duration_ms bigint CHECK (duration_ms > 0),
    bucket text NOT NULL,
    object_key text NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('private', 'public')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (bucket, object_key),
    CHECK ((media_type LIKE 'audio/%') = (duration_ms IS NOT NULL)),
    CHECK ((duration_ms IS NULL) = (codec IS NULL))
);
CREATE TRIGGER append_only BEFORE UPDATE ON catalogue.assets
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();

CREATE TABLE catalogue.audiobooks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
    subtitle text CHECK (length(subtitle) BETWEEN 1 AND 300),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    isbn13 text UNIQUE CHECK (isbn13 ~ '^97[89][0-9]{10}$'),
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'published', 'unlisted', 'archived')),
    current_edition_id uuid,
    cover_asset_id uuid REFERENCES catalogue.assets,
    sample_asset_id uuid REFERENCES catalogue.assets,
    published_at timestamptz,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_by uuid NOT NULL REFERENCES identity.users,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- A draft may be put away without ever having been on sale.
    CHECK (state NOT IN ('published', 'unlisted')
        OR (current_edition_id IS NOT NULL AND published_at IS NOT NULL))
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON catalogue.audiobooks
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('audiobook');
CREATE INDEX audiobooks_newest ON catalogue.audiobooks (published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX audiobooks_title ON catalogue.audiobooks (lower(title), id) WHERE state = 'published';
CREATE INDEX audiobooks_words ON catalogue.audiobooks USING gin (lower(title) gin_trgm_ops);

-- People are rows and their order is told: never a text with commas.
CREATE TABLE catalogue.contributors (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    sort_name text NOT NULL CHECK (length(sort_name) BETWEEN 1 AND 201),
    -- Tells two people of one name apart.
    distinction text NOT NULL DEFAULT '',
    UNIQUE (name, distinction)
);
CREATE INDEX contributors_words ON catalogue.contributors USING gin (lower(name) gin_trgm_ops);

CREATE TABLE catalogue.audiobook_contributors (
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('author', 'narrator', 'translator', 'editor', 'publisher')),
    position smallint NOT NULL CHECK (position >= 1),
    contributor_id uuid NOT NULL REFERENCES catalogue.contributors,
    PRIMARY KEY (audiobook_id, role, position),
    UNIQUE (audiobook_id, role, contributor_id)
);
CREATE INDEX audiobook_contributors_person ON catalogue.audiobook_contributors (contributor_id);

-- What a buyer listens to: sealed when it is whole, and then replaced and never edited.
CREATE TABLE catalogue.editions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    number integer NOT NULL CHECK (number >= 1),
    duration_ms bigint NOT NULL CHECK (duration_ms > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    sealed_at timestamptz,
    UNIQUE (audiobook_id, number),
    UNIQUE (audiobook_id, id)
);
-- A book's edition is one of its own.
ALTER TABLE catalogue.audiobooks ADD CONSTRAINT audiobooks_own_edition
    FOREIGN KEY (id, current_edition_id) REFERENCES catalogue.editions (audiobook_id, id);

CREATE TABLE catalogue.tracks (
    edition_id uuid NOT NULL REFERENCES catalogue.editions ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 1),
    asset_id uuid NOT NULL REFERENCES catalogue.assets,
    start_ms bigint NOT NULL CHECK (start_ms >= 0),
    duration_ms bigint NOT NULL CHECK (duration_ms > 0),
    PRIMARY KEY (edition_id, position),
    EXCLUDE USING gist (edition_id WITH =, int8range(start_ms, start_ms + duration_ms) WITH &&)
);
CREATE INDEX tracks_asset ON catalogue.tracks (asset_id);

CREATE TABLE catalogue.chapters (
    edition_id uuid NOT NULL REFERENCES catalogue.editions ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 1),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    depth smallint NOT NULL DEFAULT 0 CHECK (depth BETWEEN 0 AND 5),
    start_ms bigint NOT NULL CHECK (start_ms >= 0),
    end_ms bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('embedded', 'per_file', 'manual', 'asr')),
    PRIMARY KEY (edition_id, position),
    CONSTRAINT chapters_can_be_hit CHECK (end_ms - start_ms >= 100),
    EXCLUDE USING gist (edition_id WITH =, int8range(start_ms, end_ms) WITH &&)
);
