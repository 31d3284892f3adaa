-- Where a customer is in a book: one row, whatever the number of devices. Its version orders what they tell;
-- their clocks do not.
CREATE TABLE listening.positions (
    user_id uuid NOT NULL REFERENCES identity.users,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    -- The edition in whose time the place is told. Another one takes it over as it is, or at its end.
    edition_id uuid NOT NULL,
    position_ms bigint NOT NULL DEFAULT 0 CHECK (position_ms >= 0),
    -- Nothing was told yet while it is 0.
    version bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    -- The last version that the listener chose. What a device tells without knowing of it counts for nothing.
    chosen_version bigint NOT NULL DEFAULT 0 CHECK (chosen_version BETWEEN 0 AND version),
    move text CHECK (move IN ('sync', 'seek', 'restart', 'undo')),
    device_id text CHECK (length(device_id) BETWEEN 1 AND 100),
    device_name text CHECK (length(device_name) BETWEEN 1 AND 100),
    moved_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (user_id, audiobook_id),
    FOREIGN KEY (audiobook_id, edition_id) REFERENCES catalogue.editions (audiobook_id, id),
    CHECK ((version = 0) = (move IS NULL)),
    CHECK ((version = 0) = (device_id IS NULL)),
    CHECK ((version = 0) = (moved_at IS NULL)),
    CHECK (version > 0 OR position_ms = 0)
);
CREATE INDEX positions_recent ON listening.positions (user_id, moved_at DESC, audiobook_id);

-- No place is lost: every move, and where it came from. What one device tells while it plays is one line,
-- which grows.
CREATE TABLE listening.position_history (
    user_id uuid NOT NULL,
    audiobook_id uuid NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    edition_id uuid NOT NULL,
    move text NOT NULL CHECK (move IN ('sync', 'seek', 'restart', 'undo')),
    from_ms bigint NOT NULL CHECK (from_ms >= 0),
    to_ms bigint NOT NULL CHECK (to_ms >= 0),
    device_id text NOT NULL CHECK (length(device_id) BETWEEN 1 AND 100),
    device_name text CHECK (length(device_name) BETWEEN 1 AND 100),
    began_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    -- By which version it was taken back.
    undone_by bigint CHECK (undone_by > version),
    PRIMARY KEY (user_id, audiobook_id, version),
    FOREIGN KEY (user_id, audiobook_id) REFERENCES listening.positions ON DELETE CASCADE,
    FOREIGN KEY (audiobook_id, edition_id) REFERENCES catalogue.editions (audiobook_id, id),
    CHECK (at >= began_at),
    -- A report of a device never moves a listener back.
    CONSTRAINT syncs_go_forward CHECK (move <> 'sync' OR to_ms >= from_ms),
    CHECK (move <> 'restart' OR to_ms = 0),
    CHECK (move <> 'undo' OR undone_by IS NULL)
);

-- A book is finished once for each time its end was reached.
CREATE TABLE listening.finishes (
    user_id uuid NOT NULL REFERENCES identity.users,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    version bigint NOT NULL CHECK (version >= 1),
    at timestamptz NOT NULL,
    PRIMARY KEY (user_id, audiobook_id, version)
);
CREATE INDEX finishes_when ON listening.finishes (user_id, at DESC);

CREATE TABLE listening.preferences (
    user_id uuid NOT NULL REFERENCES identity.users,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    speed numeric(3, 2) NOT NULL DEFAULT 1 CHECK (speed BETWEEN 0.5 AND 3.5),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, audiobook_id)
);

-- Named by the device that made it, so that it may be offline then; one customer's names are nothing to
-- another's. What was deleted leaves its name, or a device that was offline would bring it back.
CREATE TABLE listening.bookmarks (
    user_id uuid NOT NULL REFERENCES identity.users,
    id uuid NOT NULL,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    edition_id uuid NOT NULL,
    position_ms bigint NOT NULL CHECK (position_ms >= 0),
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (audiobook_id, edition_id) REFERENCES catalogue.editions (audiobook_id, id),
    CHECK (deleted_at IS NULL OR note = '')
);
CREATE INDEX bookmarks_in_order ON listening.bookmarks (user_id, audiobook_id, position_ms, id)
    WHERE deleted_at IS NULL;

-- How much playing a device can have to tell of: it grows with the time that passes, and what was told is
-- taken from it. Nobody hears more than time allows.
CREATE TABLE listening.devices (
    user_id uuid NOT NULL REFERENCES identity.users,
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 100),
    name text CHECK (length(name) BETWEEN 1 AND 100),
    told_at timestamptz NOT NULL,
    allowance_ms bigint NOT NULL CHECK (allowance_ms >= 0),
    PRIMARY KEY (user_id, id)
);

CREATE FUNCTION listening.milliseconds(spans int8multirange) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(sum(upper(span) - lower(span)), 0)::bigint FROM unnest(spans) AS span
$$;

-- What was heard of a book on a day, as stretches of the book. A stretch that is told twice, by a device that
-- tries again or by another one, is there once.
CREATE TABLE listening.heard (
    user_id uuid NOT NULL REFERENCES identity.users,
    day date NOT NULL,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    spans int8multirange NOT NULL CHECK (NOT isempty(spans) AND lower(spans) >= 0 AND NOT upper_inf(spans)),
    milliseconds bigint NOT NULL GENERATED ALWAYS AS (listening.milliseconds(spans)) STORED,
    PRIMARY KEY (user_id, day, audiobook_id)
);

-- Evidence is kept for as long as a dispute may need it, and no longer: Visa's longest limit is 540 days.
CREATE FUNCTION listening.keep_evidence() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.at < now() - interval '540 days' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'evidence of the last 540 days is kept'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;
DROP TRIGGER append_only ON listening.access_log;
CREATE TRIGGER append_only BEFORE UPDATE ON listening.access_log
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();
CREATE TRIGGER kept BEFORE DELETE ON listening.access_log
    FOR EACH ROW EXECUTE FUNCTION listening.keep_evidence();
CREATE INDEX access_log_age ON listening.access_log (at);

REVOKE ALL ON FUNCTION listening.milliseconds, listening.keep_evidence FROM PUBLIC;
GRANT EXECUTE ON FUNCTION listening.milliseconds TO earshelf_library;
GRANT SELECT,
    INSERT (user_id, audiobook_id, edition_id),
    UPDATE (edition_id, position_ms, version, chosen_version, move, device_id, device_name, moved_at, finished_at)
    ON listening.positions TO earshelf_library;
GRANT SELECT, INSERT, DELETE, UPDATE (version, edition_id, to_ms, device_name, at, undone_by)
    ON listening.position_history TO earshelf_library;
GRANT SELECT, INSERT, DELETE ON listening.finishes TO earshelf_library;
GRANT SELECT, INSERT, UPDATE (speed, changed_at) ON listening.preferences TO earshelf_library;
GRANT SELECT, INSERT (user_id, id, audiobook_id, edition_id, position_ms, note),
    UPDATE (edition_id, position_ms, note, version, changed_at, deleted_at)
    ON listening.bookmarks TO earshelf_library;
GRANT SELECT, INSERT, UPDATE (name, told_at, allowance_ms) ON listening.devices TO earshelf_library;
GRANT SELECT, INSERT (user_id, day, audiobook_id, spans), UPDATE (spans) ON listening.heard TO earshelf_library;
GRANT SELECT (id, at), DELETE ON listening.access_log TO earshelf_relay;
