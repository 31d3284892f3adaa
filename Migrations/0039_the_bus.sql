-- From the outbox to the bus, and what consumers have counted.

ALTER TABLE plumbing.outbox
    -- A publisher that took an event has until then to tell it; one that fails leaves it to the next. It is longer
    -- each time, so that what cannot be told holds up nothing else.
    ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- The bus will never take it, and why.
    ADD COLUMN parked_at timestamptz,
    ADD COLUMN note text,
    ADD CONSTRAINT outbox_ends_once CHECK (published_at IS NULL OR parked_at IS NULL),
    ADD CONSTRAINT outbox_parked_for_a_reason CHECK ((parked_at IS NULL) = (note IS NULL));

-- Few at any time.
CREATE INDEX outbox_waiting ON plumbing.outbox (id) WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_parked ON plumbing.outbox (id) WHERE parked_at IS NOT NULL;
DROP INDEX plumbing.outbox_unpublished;
CREATE INDEX outbox_published ON plumbing.outbox (published_at) WHERE published_at IS NOT NULL;

-- Whoever finished a text before there was a bus has asked for its summary too.
UPDATE plumbing.outbox SET published_at = now() WHERE topic = 'TranscriptionCompleted' AND published_at IS NULL;

CREATE FUNCTION plumbing.watch_outbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.parked_at IS NOT NULL THEN
        PERFORM plumbing.raise_alert('unpublished-event', NEW.id::text,
            jsonb_build_object('topic', NEW.topic, 'key', NEW.key, 'note', NEW.note), 'admin');
    ELSE
        PERFORM plumbing.resolve_alert('unpublished-event', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER UPDATE OF parked_at ON plumbing.outbox
    FOR EACH ROW WHEN ((OLD.parked_at IS NULL) <> (NEW.parked_at IS NULL))
    EXECUTE FUNCTION plumbing.watch_outbox();

-- The bus may tell an event twice, and so may a publisher: whoever acts on it writes it here in the same transaction,
-- and the second time finds it.
CREATE TABLE plumbing.consumed (
    consumer text NOT NULL CHECK (consumer ~ '^[a-z]+(-[a-z]+)*$'),
    event_id bigint NOT NULL,
    consumed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX consumed_oldest ON plumbing.consumed (consumed_at);

-- A profile has a version, so whoever changes it tells of it: the person, a sign-in, or the identity provider.
CREATE FUNCTION identity.tell_of_profile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
    VALUES ('UserProfileUpdated', NEW.id::text, 'UserProfileUpdated:' || NEW.id || '/' || NEW.version,
        jsonb_build_object('userId', NEW.id))
    ON CONFLICT (dedupe_key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER told AFTER UPDATE OF version ON identity.users
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION identity.tell_of_profile();

REVOKE ALL ON FUNCTION plumbing.watch_outbox, identity.tell_of_profile FROM PUBLIC;
REVOKE INSERT (topic, key, dedupe_key, payload), SELECT (dedupe_key) ON plumbing.outbox FROM earshelf_users;

-- Those who publish: the relay, and the functions of production, right after their commit.
GRANT SELECT, UPDATE (published_at, next_try_at, attempts, parked_at, note) ON plumbing.outbox
    TO earshelf_relay, earshelf_upload_complete, earshelf_transcribe, earshelf_summarise;
GRANT DELETE ON plumbing.outbox TO earshelf_relay;
GRANT SELECT (consumer, event_id), INSERT (consumer, event_id) ON plumbing.consumed TO earshelf_summarise;
GRANT SELECT, DELETE ON plumbing.consumed TO earshelf_relay;
-- A text asks for its summary by the bus now.
REVOKE INSERT (transcript_id, chapter) ON production.summaries FROM earshelf_transcribe;
-- The back office sees how far each event came, and lets one that was put aside be told again.
GRANT SELECT, UPDATE (next_try_at, attempts, parked_at, note) ON plumbing.outbox TO earshelf_admin;
