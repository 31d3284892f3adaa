-- What those who run the shop look at, by the rows that answer them; and what they may change.

-- The log is read newest first, by who, by what was done, and by what it was done to. Its ids grow with time.
CREATE INDEX audit_log_actor ON plumbing.audit_log (actor, id);
CREATE INDEX audit_log_action ON plumbing.audit_log (action, id);
CREATE INDEX audit_log_time ON plumbing.audit_log (at, id);

-- An event is named by two texts; a page of a list ends at one name.
CREATE FUNCTION plumbing.event_key(provider text, event_id text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(provider || '/' || event_id)::uuid
$$;
CREATE INDEX webhook_events_newest
    ON plumbing.webhook_events (received_at DESC, (plumbing.event_key(provider, event_id)) DESC);
CREATE INDEX webhook_events_by_state
    ON plumbing.webhook_events (state, received_at DESC, (plumbing.event_key(provider, event_id)) DESC);

-- Support looks for orders by number, which is unique, and by whom they are of; finance by when.
CREATE INDEX users_email ON identity.users (lower(email)) WHERE email IS NOT NULL;
CREATE INDEX orders_newest ON sales.orders (created_at DESC, id DESC);
CREATE INDEX orders_newest_by_state ON sales.orders (state, created_at DESC, id DESC);
DROP INDEX sales.orders_of_user;
CREATE INDEX orders_of_user ON sales.orders (user_id, created_at DESC, id DESC);
CREATE INDEX orders_confirmed ON sales.orders (currency, confirmed_at) WHERE state = 'confirmed';
CREATE INDEX ledger_time ON sales.ledger (currency, occurred_at);

CREATE INDEX transcripts_newest ON production.transcripts (created_at DESC, id DESC);
CREATE INDEX summaries_newest ON production.summaries (created_at DESC, id DESC);
CREATE INDEX uploads_newest ON production.uploads (created_at DESC, id DESC);

-- What a person must look at, each matter once. What was acknowledged and happens again is raised again; what is
-- over by itself is resolved, and what nobody did anything about stays.
CREATE TABLE plumbing.alerts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind ~ '^[a-z]+(-[a-z]+)*$'),
    subject text NOT NULL CHECK (subject <> ''),
    -- Whose matter it is. Admins see them all.
    audience text NOT NULL DEFAULT 'finance' CHECK (audience IN ('admin', 'editor', 'support', 'finance')),
    detail jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid REFERENCES identity.users,
    CONSTRAINT alerts_once UNIQUE (kind, subject),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
CREATE INDEX alerts_newest ON plumbing.alerts (created_at DESC, id DESC);
CREATE INDEX alerts_open ON plumbing.alerts (created_at DESC, id DESC)
    WHERE acknowledged_at IS NULL AND resolved_at IS NULL;

CREATE FUNCTION plumbing.raise_alert(its_kind text, about text, told jsonb, whose text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO plumbing.alerts AS known (kind, subject, detail, audience)
    VALUES (its_kind, about, jsonb_strip_nulls(told), whose)
    ON CONFLICT ON CONSTRAINT alerts_once DO UPDATE
    SET detail = EXCLUDED.detail, created_at = now(), resolved_at = NULL, acknowledged_at = NULL,
        acknowledged_by = NULL
    WHERE known.resolved_at IS NOT NULL OR known.acknowledged_at IS NOT NULL;
END $$;

CREATE FUNCTION plumbing.resolve_alert(its_kind text, about text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE plumbing.alerts SET resolved_at = now()
    WHERE kind = its_kind AND subject = about AND resolved_at IS NULL
$$;

CREATE FUNCTION plumbing.watch_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state = 'parked' THEN
        PERFORM plumbing.raise_alert('parked-event', NEW.provider || '/' || NEW.event_id,
            jsonb_build_object('type', NEW.type, 'note', NEW.note, 'object', NEW.object_id), 'finance');
    ELSIF OLD.state = 'parked' THEN
        PERFORM plumbing.resolve_alert('parked-event', NEW.provider || '/' || NEW.event_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER UPDATE OF state ON plumbing.webhook_events
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION plumbing.watch_events();

-- Of a transcript or a summary: the kind is the trigger's argument.
CREATE FUNCTION production.watch_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state = 'failed' THEN
        PERFORM plumbing.raise_alert(TG_ARGV[0], NEW.id::text, jsonb_build_object('failure', NEW.failure),
            'editor');
    ELSIF OLD.state = 'failed' THEN
        PERFORM plumbing.resolve_alert(TG_ARGV[0], NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER UPDATE OF state ON production.transcripts
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION production.watch_failures('failed-transcription');
CREATE TRIGGER watched AFTER UPDATE OF state ON production.summaries
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION production.watch_failures('failed-summary');

-- Work that nobody finishes and nobody gives up: its message went to the dead letters, or whoever took it dies of
-- it each time. Nothing happens when that is so, which is why somebody has to come and look.
CREATE VIEW production.stuck_work AS
SELECT 'stuck-transcription' AS kind, id, COALESCE(progressed_at, created_at) AS since
FROM production.transcripts WHERE state IN ('planned', 'running', 'assembling')
    AND COALESCE(progressed_at, created_at) < now() - interval '1 hour'
UNION ALL
SELECT 'stuck-summary', id, created_at
FROM production.summaries WHERE state IN ('wanted', 'writing') AND created_at < now() - interval '1 hour';

CREATE FUNCTION plumbing.watch_work() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stuck integer;
BEGIN
    UPDATE plumbing.alerts SET resolved_at = now()
    WHERE kind IN ('stuck-transcription', 'stuck-summary') AND resolved_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM production.stuck_work AS work
            WHERE work.kind = alerts.kind AND work.id::text = alerts.subject);
    -- What was acknowledged and is still stuck is known.
    INSERT INTO plumbing.alerts AS known (kind, subject, audience, detail)
    SELECT kind, id::text, 'editor', jsonb_build_object('since', since) FROM production.stuck_work
    ON CONFLICT ON CONSTRAINT alerts_once DO UPDATE
    SET created_at = now(), resolved_at = NULL, acknowledged_at = NULL, acknowledged_by = NULL,
        detail = EXCLUDED.detail
    WHERE known.resolved_at IS NOT NULL;
    GET DIAGNOSTICS stuck = ROW_COUNT;
    RETURN stuck;
END $$;

REVOKE ALL ON FUNCTION plumbing.event_key, plumbing.raise_alert, plumbing.resolve_alert,
    plumbing.watch_events, production.watch_failures, plumbing.watch_work FROM PUBLIC;
GRANT EXECUTE ON FUNCTION plumbing.watch_work TO earshelf_relay;
GRANT SELECT, UPDATE (acknowledged_at, acknowledged_by) ON plumbing.alerts TO earshelf_admin;
GRANT SELECT ON production.stuck_work TO earshelf_admin;
GRANT EXECUTE ON FUNCTION plumbing.event_key TO earshelf_admin;

GRANT SELECT, INSERT ON plumbing.audit_log TO earshelf_admin;
-- Not what an event says, which is about people.
GRANT SELECT (provider, event_id, type, api_version, livemode, object_id, provider_created_at, received_at,
        state, attempts, next_try_at, note, processed_at),
    UPDATE (state, next_try_at) ON plumbing.webhook_events TO earshelf_admin;
GRANT SELECT ON sales.orders, sales.order_lines, sales.payment_attempts, sales.ledger,
    sales.order_payment_status, catalogue.audiobooks, catalogue.editions, catalogue.tracks, catalogue.assets,
    production.transcripts, production.summaries, production.uploads TO earshelf_admin;
GRANT SELECT (transcript_id, number, state, attempts, sent_at, created_at, leased_until, failure)
    ON production.transcript_chunks TO earshelf_admin;
