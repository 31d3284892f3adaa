-- What all functions know of a service outside: how often in a row it failed, and until when it is left alone, because it
-- asked for that or because it is not there. A circuit breaker of one function's memory would be as many as there are
-- environments, and none of them would hear of the others.
CREATE TABLE plumbing.outside_services (
    name text PRIMARY KEY CHECK (name ~ '^[a-z]+$'),
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    -- It failed so often that nobody calls it but to see whether it is there again.
    is_open boolean NOT NULL DEFAULT false,
    rests_until timestamptz,
    reason text CHECK (reason IN ('throttled', 'unavailable')),
    last_failure text,
    CHECK ((rests_until IS NULL) = (reason IS NULL)),
    CHECK (NOT is_open OR rests_until IS NOT NULL)
);
INSERT INTO plumbing.outside_services (name) VALUES ('speech'), ('writing');

CREATE FUNCTION plumbing.watch_services() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.is_open THEN
        PERFORM plumbing.raise_alert('service-unavailable', NEW.name, jsonb_build_object('failure', NEW.last_failure), 'admin');
    ELSE
        PERFORM plumbing.resolve_alert('service-unavailable', NEW.name);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION plumbing.watch_services FROM PUBLIC;
CREATE TRIGGER watched AFTER UPDATE OF is_open ON plumbing.outside_services
    FOR EACH ROW WHEN (OLD.is_open IS DISTINCT FROM NEW.is_open) EXECUTE FUNCTION plumbing.watch_services();

GRANT SELECT, UPDATE (failures, is_open, rests_until, reason, last_failure) ON plumbing.outside_services
    TO earshelf_transcribe, earshelf_summarise;
