-- What is known of somebody: what their identity provider says, and what they chose themselves.
ALTER TABLE identity.users
    ADD COLUMN display_name text CHECK (length(display_name) BETWEEN 1 AND 100),
    -- By the provider's clock. Of two things it says the newer holds, whichever comes last.
    ADD COLUMN email_told_at timestamptz,
    ADD COLUMN name_told_at timestamptz,
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN roles_version integer NOT NULL DEFAULT 1 CHECK (roles_version > 0),
    -- The provider says that they are gone, and something of theirs is not settled yet.
    ADD COLUMN leaving_since timestamptz,
    ADD COLUMN erased_by text CHECK (erased_by IN ('person', 'provider')),
    ADD CONSTRAINT users_erased_by CHECK ((erased_at IS NULL) = (erased_by IS NULL)),
    ADD CONSTRAINT users_forgotten CHECK (erased_at IS NULL OR (display_name IS NULL AND leaving_since IS NULL));
CREATE INDEX users_newest ON identity.users (created_at DESC, id DESC) WHERE erased_at IS NULL;
CREATE INDEX users_words ON identity.users USING gin (
    lower(COALESCE(display_name, '') || ' ' || COALESCE(name, '') || ' ' || COALESCE(email, '')) gin_trgm_ops)
    WHERE erased_at IS NULL;
CREATE INDEX users_leaving ON identity.users (leaving_since) WHERE leaving_since IS NOT NULL;
CREATE INDEX user_roles_holders ON identity.user_roles (role, user_id);

CREATE TABLE identity.preferences (
    user_id uuid PRIMARY KEY REFERENCES identity.users ON DELETE CASCADE,
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    theme text NOT NULL CHECK (theme IN ('system', 'light', 'dark')),
    speed numeric(3, 2) NOT NULL CHECK (speed BETWEEN 0.5 AND 3.5 AND speed % 0.05 = 0),
    skip_back_seconds smallint NOT NULL CHECK (skip_back_seconds BETWEEN 5 AND 120),
    skip_forward_seconds smallint NOT NULL CHECK (skip_forward_seconds BETWEEN 5 AND 120),
    wants_news boolean NOT NULL,
    -- Consent is to be shown: since when it is so.
    news_decided_at timestamptz NOT NULL,
    currency sales.currency_code REFERENCES sales.currencies,
    country text CHECK (country ~ '^[A-Z]{2}$'),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Accounts whose person was forgotten, by their digest alone. Whoever signs in by one again is somebody new, and only
-- if they sign in after that; an account that the provider deleted is never anybody again.
CREATE TABLE identity.erased_accounts (
    account bytea PRIMARY KEY CHECK (octet_length(account) = 32),
    erased_at timestamptz NOT NULL,
    is_final boolean NOT NULL DEFAULT false,
    -- The session that asked for it.
    session bytea CHECK (octet_length(session) = 32)
);

CREATE FUNCTION identity.digest_of(issuer text, subject text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(issuer || E'\n' || subject, 'UTF8'))
$$;

-- Whatever is told of one account is told one after the other: that it is gone, and that it is there.
CREATE FUNCTION identity.lock_account(account bytea) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_xact_lock(('x' || encode(substr(account, 1, 8), 'hex'))::bit(64)::bigint)
$$;

-- Writes down what is said of an account, field by field. Nothing said of a field leaves it; said by the provider
-- (`by_provider`), nothing means that there is none.
CREATE FUNCTION identity.note_account(
    told_issuer text, told_subject text, told_email text, told_verified boolean, told_name text,
    told_at timestamptz, by_provider boolean
) RETURNS TABLE (person uuid, is_news boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known identity.users;
    takes_email boolean;
    takes_name boolean;
BEGIN
    INSERT INTO identity.users (issuer, subject) VALUES (told_issuer, told_subject)
    ON CONFLICT (issuer, subject) DO NOTHING;
    SELECT * INTO known FROM identity.users
    WHERE issuer = told_issuer AND subject = told_subject FOR UPDATE;
    takes_email := (by_provider OR told_email IS NOT NULL) AND (known.email_told_at IS NULL
        OR told_at > known.email_told_at OR (by_provider AND told_at = known.email_told_at));
    takes_name := (by_provider OR told_name IS NOT NULL) AND (known.name_told_at IS NULL
        OR told_at > known.name_told_at OR (by_provider AND told_at = known.name_told_at));
    UPDATE identity.users SET
        email = CASE WHEN takes_email THEN told_email ELSE email END,
        email_verified = CASE WHEN takes_email THEN told_email IS NOT NULL AND told_verified ELSE email_verified END,
        email_told_at = CASE WHEN takes_email THEN told_at ELSE email_told_at END,
        name = CASE WHEN takes_name THEN told_name ELSE name END,
        name_told_at = CASE WHEN takes_name THEN told_at ELSE name_told_at END,
        version = version + ((takes_email AND (told_email, told_email IS NOT NULL AND told_verified)
                IS DISTINCT FROM (known.email, known.email_verified))
            OR (takes_name AND told_name IS DISTINCT FROM known.name))::integer
    WHERE id = known.id AND (takes_email OR takes_name);
    RETURN QUERY SELECT known.id, takes_email OR takes_name;
END $$;

-- Who a verified token speaks for: known from the first visit on. Nobody, if the account was given up and the sign-in
-- is from before that. With the rights of its owner, for no function writes people by hand.
CREATE FUNCTION identity.meet(
    told_issuer text, told_subject text, told_email text, told_verified boolean, told_name text,
    told_at timestamptz, signed_in_at timestamptz, session text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told_account bytea := identity.digest_of(told_issuer, told_subject);
    met uuid;
BEGIN
    PERFORM identity.lock_account(told_account);
    SELECT id INTO met FROM identity.users WHERE issuer = told_issuer AND subject = told_subject;
    IF met IS NULL AND EXISTS (
        SELECT 1 FROM identity.erased_accounts AS erased
        WHERE erased.account = told_account
            AND (is_final OR signed_in_at IS NULL OR signed_in_at <= erased_at
                OR erased.session = identity.digest_of(told_issuer, meet.session))
    ) THEN
        RETURN NULL;
    END IF;
    SELECT person INTO met FROM identity.note_account(
        told_issuer, told_subject, told_email, told_verified, told_name, told_at, false);
    RETURN met;
END $$;

-- What the provider's webhook says of an account; whether it was news. What is said of an account that was given up
-- makes nobody of it.
CREATE FUNCTION identity.told_of(
    told_issuer text, told_subject text, told_email text, told_verified boolean, told_name text, told_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told_account bytea := identity.digest_of(told_issuer, told_subject);
    news boolean;
BEGIN
    PERFORM identity.lock_account(told_account);
    IF NOT EXISTS (SELECT 1 FROM identity.users WHERE issuer = told_issuer AND subject = told_subject)
        AND EXISTS (SELECT 1 FROM identity.erased_accounts AS erased WHERE erased.account = told_account)
    THEN
        RETURN false;
    END IF;
    SELECT is_news INTO news FROM identity.note_account(
        told_issuer, told_subject, told_email, told_verified, told_name, told_at, true);
    RETURN news;
END $$;

-- Sets all roles of somebody. The shop always has an admin, and nobody takes that role from themselves: two who take
-- it from each other come one after the other, and the second is no admin any more.
CREATE FUNCTION identity.set_roles(
    admin uuid, person uuid, wanted text[], expected integer, asked_by_request text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known identity.users;
    held text[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.user_roles'));
    IF NOT EXISTS (SELECT 1 FROM identity.user_roles WHERE user_id = admin AND role = 'admin') THEN
        RETURN 'forbidden';
    END IF;
    SELECT * INTO known FROM identity.users WHERE id = person FOR UPDATE;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    IF known.roles_version <> expected THEN RETURN 'stale'; END IF;
    IF known.erased_at IS NOT NULL OR known.leaving_since IS NOT NULL THEN RETURN 'erased'; END IF;
    SELECT COALESCE(array_agg(role ORDER BY role), '{}') INTO held
    FROM identity.user_roles WHERE user_id = person;
    SELECT COALESCE(array_agg(DISTINCT role ORDER BY role), '{}') INTO wanted FROM unnest(wanted) AS role;
    IF held = wanted THEN RETURN 'set'; END IF;
    IF person = admin AND NOT 'admin' = ANY (wanted) THEN RETURN 'own-role'; END IF;
    DELETE FROM identity.user_roles WHERE user_id = person AND role <> ALL (wanted);
    INSERT INTO identity.user_roles (user_id, role, granted_by)
    SELECT person, role, admin FROM unnest(wanted) AS role WHERE role <> ALL (held);
    UPDATE identity.users SET roles_version = roles_version + 1 WHERE id = person;
    INSERT INTO plumbing.audit_log (actor, action, subject, before, after, request_id)
    VALUES (admin, 'user.roles_set', 'user/' || person, jsonb_build_object('roles', held),
        jsonb_build_object('roles', wanted), asked_by_request);
    RETURN 'set';
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA identity FROM PUBLIC;
REVOKE INSERT (issuer, subject, email, email_verified, name), UPDATE (email, email_verified, name)
    ON identity.users FROM earshelf_caller;
GRANT EXECUTE ON FUNCTION identity.meet TO earshelf_caller;

GRANT UPDATE (display_name, version) ON identity.users TO earshelf_users;
GRANT SELECT, INSERT, UPDATE ON identity.preferences TO earshelf_users;
GRANT EXECUTE ON FUNCTION identity.set_roles TO earshelf_users;
GRANT EXECUTE ON FUNCTION identity.told_of TO earshelf_users, earshelf_relay;
GRANT EXECUTE ON FUNCTION plumbing.event_key TO earshelf_users;
GRANT SELECT, INSERT (provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw),
    UPDATE (state, attempts, next_try_at, note, processed_at)
    ON plumbing.webhook_events TO earshelf_users;
GRANT INSERT (topic, key, dedupe_key, payload), SELECT (dedupe_key) ON plumbing.outbox TO earshelf_users;
