-- One schema for each concern, one way for each state machine, and what must not be lost on the way.
-- Two rules run through all that follows: what we ask for is constrained, what has happened elsewhere can
-- always be written down; and money is a bigint of minor units that never leaves its currency.
CREATE SCHEMA identity;
CREATE SCHEMA catalogue;
CREATE SCHEMA production;
CREATE SCHEMA sales;
CREATE SCHEMA listening;
CREATE SCHEMA plumbing;

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Rows of a machine are the only steps it takes. The empty state is where it begins.
CREATE TABLE plumbing.legal_transition (
    machine text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL CHECK (to_state <> ''),
    PRIMARY KEY (machine, from_state, to_state)
);

CREATE FUNCTION plumbing.enforce_transition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
BEGIN
    IF NEW.state IS DISTINCT FROM before AND NOT EXISTS (
        SELECT 1 FROM plumbing.legal_transition
        WHERE machine = TG_ARGV[0] AND from_state = before AND to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'illegal transition of %: % to %', TG_ARGV[0], before, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'legal_transition';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION plumbing.forbid_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;

CREATE TABLE plumbing.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL CHECK (topic ~ '^[A-Z][A-Za-z]+$'),
    key text NOT NULL,
    dedupe_key text NOT NULL UNIQUE,
    payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON plumbing.outbox (id) WHERE published_at IS NULL;

-- The raw bytes stay: what was signed is what is kept, and a parked event can be told again.
CREATE TABLE plumbing.webhook_events (
    provider text NOT NULL CHECK (provider IN ('stripe', 'identity')),
    event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 255),
    type text NOT NULL,
    api_version text,
    livemode boolean NOT NULL,
    object_id text,
    provider_created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    raw bytea NOT NULL CHECK (octet_length(raw) BETWEEN 1 AND 1048576),
    state text NOT NULL DEFAULT 'received',
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_try_at timestamptz NOT NULL DEFAULT now(),
    note text,
    processed_at timestamptz,
    PRIMARY KEY (provider, event_id),
    CHECK ((state IN ('processed', 'ignored')) = (processed_at IS NOT NULL)),
    CHECK (state <> 'parked' OR note IS NOT NULL)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON plumbing.webhook_events
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('webhook_event');
CREATE INDEX webhook_events_waiting ON plumbing.webhook_events (next_try_at) WHERE state = 'received';
CREATE INDEX webhook_events_parked ON plumbing.webhook_events (received_at) WHERE state = 'parked';

-- Absent, then locked, then answered; locked and run out is taken over.
CREATE TABLE plumbing.idempotency_keys (
    principal text NOT NULL CHECK (principal <> ''),
    key text NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    locked_until timestamptz,
    status smallint CHECK (status BETWEEN 200 AND 499),
    response bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key),
    CHECK ((status IS NULL) = (response IS NULL)),
    CHECK ((locked_until IS NULL) = (status IS NOT NULL))
);
CREATE INDEX idempotency_keys_age ON plumbing.idempotency_keys (created_at);

-- Schedules may overlap: whoever holds the lease runs.
CREATE TABLE plumbing.leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    held_until timestamptz NOT NULL
);

CREATE TABLE plumbing.audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor uuid,
    action text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text
);
CREATE INDEX audit_log_subject ON plumbing.audit_log (subject, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON plumbing.audit_log
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON plumbing.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION plumbing.forbid_change();
