-- Beside the records an index of what is said may be kept elsewhere. Here stands what it is to have of each text, and what it
-- has. A text is looked for there only while both are the same: the records alone say what is found.
CREATE TABLE production.indexed_texts (
    -- No reference: of a text that is gone here something may still be there.
    transcript_id uuid PRIMARY KEY,
    -- Counted on with every change of what would be found.
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    indexed_revision integer NOT NULL DEFAULT 0 CHECK (indexed_revision BETWEEN 0 AND revision),
    lease uuid,
    -- Whoever has taken it has so long; one who fails leaves it to the next, each time for longer.
    next_try_at timestamptz NOT NULL DEFAULT '-infinity',
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0)
);
CREATE INDEX indexed_texts_due ON production.indexed_texts (next_try_at, transcript_id)
    WHERE indexed_revision < revision;

-- From the moment a text is read for the first time, whatever becomes of it.
CREATE FUNCTION production.note_ready_text() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO production.indexed_texts AS known (transcript_id) VALUES (NEW.id)
    ON CONFLICT (transcript_id) DO UPDATE SET revision = known.revision + 1;
    RETURN NULL;
END $$;
CREATE FUNCTION production.note_text_that_went() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE production.indexed_texts SET revision = revision + 1 WHERE transcript_id = OLD.id;
    RETURN NULL;
END $$;
-- The words of the text: one that is still being put together is not known here yet.
CREATE FUNCTION production.note_changed_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT transcript_id FROM said);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT DISTINCT transcript_id FROM former);
    ELSE
        changed := ARRAY(SELECT DISTINCT said.transcript_id FROM said JOIN former USING (transcript_id, position)
            WHERE said.text <> former.text OR said.following <> former.following);
    END IF;
    UPDATE production.indexed_texts SET revision = revision + 1 WHERE transcript_id = ANY (changed);
    RETURN NULL;
END $$;
-- What books are sorted by, and which of their texts is read.
CREATE FUNCTION production.note_changed_book() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE production.indexed_texts SET revision = revision + 1 WHERE transcript_id IN (
        SELECT transcript.id FROM production.transcripts AS transcript
            JOIN catalogue.editions AS edition ON edition.id = transcript.edition_id
        WHERE edition.audiobook_id = NEW.id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION production.note_ready_text, production.note_text_that_went, production.note_changed_words,
    production.note_changed_book FROM PUBLIC;

CREATE TRIGGER ready AFTER INSERT OR UPDATE OF state, language ON production.transcripts
    FOR EACH ROW WHEN (NEW.state = 'ready') EXECUTE FUNCTION production.note_ready_text();
CREATE TRIGGER gone AFTER UPDATE OF state ON production.transcripts
    FOR EACH ROW WHEN (OLD.state = 'ready' AND NEW.state <> 'ready')
    EXECUTE FUNCTION production.note_text_that_went();
CREATE TRIGGER deleted AFTER DELETE ON production.transcripts
    FOR EACH ROW EXECUTE FUNCTION production.note_text_that_went();
CREATE TRIGGER noted AFTER INSERT ON production.transcript_segments REFERENCING NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION production.note_changed_words();
CREATE TRIGGER noted_change AFTER UPDATE ON production.transcript_segments
    REFERENCING OLD TABLE AS former NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION production.note_changed_words();
CREATE TRIGGER noted_end AFTER DELETE ON production.transcript_segments REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION production.note_changed_words();
CREATE TRIGGER noted AFTER UPDATE OF title, current_edition_id ON catalogue.audiobooks
    FOR EACH ROW WHEN (OLD.title <> NEW.title OR OLD.current_edition_id IS DISTINCT FROM NEW.current_edition_id)
    EXECUTE FUNCTION production.note_changed_book();

INSERT INTO production.indexed_texts (transcript_id) SELECT id FROM production.transcripts WHERE state = 'ready';

INSERT INTO plumbing.outside_services (name) VALUES ('index');

SELECT plumbing.ensure_role('earshelf_index_passages');
SELECT plumbing.ensure_member('earshelf_index_passages', 'earshelf_any');
GRANT SELECT, DELETE, UPDATE (indexed_revision, lease, next_try_at, attempts) ON production.indexed_texts
    TO earshelf_index_passages;
GRANT SELECT ON production.transcripts, production.transcript_segments, catalogue.audiobooks TO earshelf_index_passages;
GRANT SELECT ON production.indexed_texts TO earshelf_library, earshelf_search;
GRANT SELECT, UPDATE (failures, is_open, rests_until, reason, last_failure) ON plumbing.outside_services
    TO earshelf_library, earshelf_search, earshelf_index_passages;
