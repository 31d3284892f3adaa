-- An edition is sealed only when its tracks and its chapters each cover every millisecond once. Overlaps are
-- excluded already, so it is enough that they begin at nothing and that their lengths make up the whole.
CREATE FUNCTION catalogue.seal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.sealed_at IS NOT NULL THEN
        RAISE EXCEPTION 'edition % is sealed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_sealed';
    END IF;
    IF NEW.sealed_at IS NULL THEN RETURN NEW; END IF;
    PERFORM 1 FROM catalogue.tracks WHERE edition_id = NEW.id
        HAVING sum(duration_ms) = NEW.duration_ms AND min(start_ms) = 0
            AND max(start_ms + duration_ms) = NEW.duration_ms;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the tracks of edition % are not the whole of it', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_tracks_whole';
    END IF;
    PERFORM 1 FROM catalogue.chapters WHERE edition_id = NEW.id
        HAVING sum(end_ms - start_ms) = NEW.duration_ms AND min(start_ms) = 0
            AND max(end_ms) = NEW.duration_ms;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the chapters of edition % are not the whole of it', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_chapters_whole';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE UPDATE ON catalogue.editions FOR EACH ROW EXECUTE FUNCTION catalogue.seal();

CREATE FUNCTION catalogue.keep_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM catalogue.editions
        WHERE id IN (NEW.edition_id, OLD.edition_id) AND sealed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the edition is sealed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_sealed';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER keep_sealed BEFORE INSERT OR UPDATE OR DELETE ON catalogue.tracks
    FOR EACH ROW EXECUTE FUNCTION catalogue.keep_sealed();

CREATE FUNCTION catalogue.only_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.current_edition_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM catalogue.editions WHERE id = NEW.current_edition_id AND sealed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'edition % is not sealed', NEW.current_edition_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_not_sealed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_sealed BEFORE INSERT OR UPDATE OF current_edition_id ON catalogue.audiobooks
    FOR EACH ROW EXECUTE FUNCTION catalogue.only_sealed();
