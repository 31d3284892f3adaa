-- A role for each function, with what it needs and no more. Roles belong to the whole cluster and not to this
-- database, so another may be making the same ones at this moment.
CREATE FUNCTION pg_temp.ensure_role(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..20 LOOP
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
            -- The login takes the role on for each transaction.
            IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            END IF;
            RETURN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            -- "tuple concurrently updated": the other was quicker.
            WHEN internal_error THEN NULL;
        END;
    END LOOP;
    RAISE EXCEPTION 'role % cannot be made', name;
END $$;

CREATE FUNCTION pg_temp.ensure_member(member text, of_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..20 LOOP
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_auth_members
                WHERE roleid = of_role::regrole AND pg_auth_members.member = ensure_member.member::regrole
            ) THEN
                EXECUTE format('GRANT %I TO %I', of_role, member);
            END IF;
            RETURN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN internal_error THEN NULL;
        END;
    END LOOP;
    RAISE EXCEPTION 'role % cannot be made a member of %', member, of_role;
END $$;

-- Two roles nobody takes on: what every function needs, and what needs every function that knows its caller.
SELECT pg_temp.ensure_role(name) FROM unnest(ARRAY['earshelf_any', 'earshelf_caller', 'earshelf_presign',
    'earshelf_upload_complete', 'earshelf_transcribe', 'earshelf_summarise', 'earshelf_catalogue',
    'earshelf_cart', 'earshelf_checkout', 'earshelf_stripe_webhook', 'earshelf_library', 'earshelf_relay'
]) AS name;
SELECT pg_temp.ensure_member(name, 'earshelf_caller') FROM unnest(ARRAY['earshelf_presign',
    'earshelf_upload_complete', 'earshelf_transcribe', 'earshelf_summarise', 'earshelf_catalogue',
    'earshelf_cart', 'earshelf_checkout', 'earshelf_library']) AS name;
SELECT pg_temp.ensure_member(name, 'earshelf_any')
FROM unnest(ARRAY['earshelf_caller', 'earshelf_stripe_webhook', 'earshelf_relay']) AS name;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA catalogue, sales, plumbing FROM PUBLIC;

GRANT USAGE ON SCHEMA identity, catalogue, production, sales, listening, plumbing TO earshelf_any;
GRANT SELECT ON plumbing.legal_transition, sales.currencies TO earshelf_any;

GRANT SELECT ON identity.users, identity.user_roles, identity.signing_keys, identity.signing_key_refreshes
    TO earshelf_caller;
GRANT INSERT (issuer, subject, email, email_verified, name), UPDATE (email, email_verified, name)
    ON identity.users TO earshelf_caller;
GRANT INSERT (issuer, wished_at), UPDATE (wished_at) ON identity.signing_key_refreshes TO earshelf_caller;
GRANT SELECT, INSERT, UPDATE (locked_until, status, response, request_hash, created_at)
    ON plumbing.idempotency_keys TO earshelf_caller;

-- To tell a fact once, its name must be looked up; what was told is not read.
GRANT INSERT (topic, key, dedupe_key, payload), SELECT (dedupe_key) ON plumbing.outbox
    TO earshelf_upload_complete, earshelf_transcribe, earshelf_summarise, earshelf_catalogue;

GRANT SELECT ON catalogue.audiobooks TO earshelf_presign;
GRANT SELECT, INSERT (id, audiobook_id, created_by, idempotency_key, file_name, declared_media_type,
        declared_bytes, declared_sha256, bucket, object_key, storage_upload_id, part_bytes, expires_at),
    UPDATE (state, ended_at, storage_upload_id, part_bytes) ON production.uploads TO earshelf_presign;
GRANT SELECT, INSERT, UPDATE, DELETE ON production.upload_parts TO earshelf_presign;

GRANT SELECT, UPDATE (state, ended_at, asset_id, edition_id, rejection) ON production.uploads
    TO earshelf_upload_complete;
GRANT SELECT ON production.upload_parts TO earshelf_upload_complete;
GRANT SELECT, INSERT ON catalogue.assets, catalogue.tracks, catalogue.chapters TO earshelf_upload_complete;
GRANT SELECT, INSERT, UPDATE (sealed_at) ON catalogue.editions TO earshelf_upload_complete;
GRANT SELECT, UPDATE (current_edition_id, version, updated_at) ON catalogue.audiobooks
    TO earshelf_upload_complete;
GRANT SELECT, INSERT (edition_id, language), UPDATE (state, failure) ON production.transcripts
    TO earshelf_upload_complete;

GRANT SELECT ON catalogue.audiobooks, catalogue.editions, catalogue.tracks, catalogue.chapters,
    catalogue.assets TO earshelf_transcribe;
GRANT SELECT, INSERT (edition_id, language), UPDATE (state, failure, quality_flags, sent_at, progressed_at,
    ready_at) ON production.transcripts TO earshelf_transcribe;
GRANT SELECT, INSERT, UPDATE ON production.transcript_chunks TO earshelf_transcribe;
GRANT SELECT, INSERT, DELETE ON production.transcript_segments TO earshelf_transcribe;
GRANT SELECT, INSERT (transcript_id, chapter), UPDATE (state, sent_at) ON production.summaries
    TO earshelf_transcribe;

GRANT SELECT ON catalogue.audiobooks, catalogue.editions, catalogue.chapters, production.transcripts,
    production.transcript_segments, production.summaries TO earshelf_summarise;
GRANT SELECT (transcript_id, state) ON production.transcript_chunks TO earshelf_summarise, earshelf_catalogue;
GRANT INSERT (transcript_id, chapter), UPDATE (state, attempts, lease, leased_until, sent_at, text, model,
    prompt_version, failure, approved_by, approved_at) ON production.summaries TO earshelf_summarise;
GRANT INSERT ON plumbing.audit_log TO earshelf_summarise;

GRANT SELECT ON catalogue.editions, catalogue.chapters, catalogue.assets, sales.prices,
    production.transcripts, production.summaries TO earshelf_catalogue;
GRANT SELECT, INSERT (id, slug, title, subtitle, description, language, created_by),
    UPDATE (title, subtitle, description, language, state, published_at, version, updated_at)
    ON catalogue.audiobooks TO earshelf_catalogue;
GRANT SELECT, INSERT, UPDATE (sort_name) ON catalogue.contributors TO earshelf_catalogue;
GRANT SELECT, INSERT, DELETE ON catalogue.audiobook_contributors TO earshelf_catalogue;
GRANT INSERT, UPDATE (valid), DELETE ON sales.prices TO earshelf_catalogue;
GRANT UPDATE (state, approved_by, approved_at) ON production.summaries TO earshelf_catalogue;
GRANT INSERT ON plumbing.audit_log TO earshelf_catalogue;

GRANT SELECT ON catalogue.audiobooks, sales.prices, listening.entitlements, listening.library
    TO earshelf_cart, earshelf_checkout;
GRANT SELECT, INSERT (user_id, currency), UPDATE (version, changed_at, currency) ON sales.carts
    TO earshelf_cart;
GRANT SELECT, INSERT, UPDATE (seen_price), DELETE ON sales.cart_items TO earshelf_cart;

GRANT SELECT, UPDATE (ordered_at) ON sales.carts TO earshelf_checkout;
GRANT SELECT ON sales.cart_items, sales.order_payment_status TO earshelf_checkout;
GRANT SELECT, INSERT (id, user_id, cart_id, idempotency_key, request_hash, currency, subtotal, discount, tax,
        total, withdrawal_waiver_at, withdrawal_waiver_text_version),
    UPDATE (state, closed_at) ON sales.orders TO earshelf_checkout;
GRANT SELECT, INSERT ON sales.order_lines TO earshelf_checkout;
GRANT SELECT, INSERT (id, order_id, number, currency, kind, amount, expires_at),
    UPDATE (state, session_id, session_url, failure_code) ON sales.payment_attempts TO earshelf_checkout;
GRANT EXECUTE ON FUNCTION sales.record_payment TO earshelf_checkout, earshelf_stripe_webhook, earshelf_relay;

GRANT SELECT, INSERT (provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw),
    UPDATE (state, attempts, next_try_at, note, processed_at)
    ON plumbing.webhook_events TO earshelf_stripe_webhook;
GRANT SELECT ON sales.order_lines, sales.order_payment_status TO earshelf_stripe_webhook;
GRANT SELECT, UPDATE (state, closed_at) ON sales.orders TO earshelf_stripe_webhook;
GRANT SELECT, UPDATE (state, session_id, session_url, failure_code) ON sales.payment_attempts
    TO earshelf_stripe_webhook;

GRANT SELECT ON listening.entitlements, listening.library, catalogue.audiobooks, catalogue.contributors,
    catalogue.audiobook_contributors, catalogue.editions, catalogue.tracks, catalogue.chapters,
    catalogue.assets, production.transcripts, production.transcript_segments, production.summaries
    TO earshelf_library;
GRANT INSERT (entitlement_id, asset_id, action, ip, user_agent) ON listening.access_log TO earshelf_library;

GRANT SELECT, INSERT, UPDATE, DELETE ON identity.signing_keys TO earshelf_relay;
GRANT SELECT, INSERT, UPDATE ON identity.signing_key_refreshes, plumbing.leases TO earshelf_relay;
GRANT SELECT, UPDATE (published_at) ON plumbing.outbox TO earshelf_relay;
GRANT SELECT, UPDATE (state, attempts, next_try_at, note, processed_at) ON plumbing.webhook_events
    TO earshelf_relay;
GRANT SELECT, DELETE ON plumbing.idempotency_keys TO earshelf_relay;
GRANT SELECT, UPDATE (state, ended_at) ON production.uploads TO earshelf_relay;
GRANT SELECT ON production.upload_parts, catalogue.assets, catalogue.editions, catalogue.audiobooks
    TO earshelf_relay;
GRANT SELECT, UPDATE (sent_at) ON production.transcripts TO earshelf_relay;
GRANT SELECT, UPDATE (sent_at) ON production.transcript_chunks, production.summaries TO earshelf_relay;
GRANT SELECT ON sales.order_lines, sales.order_payment_status TO earshelf_relay;
GRANT SELECT, UPDATE (state, closed_at) ON sales.orders TO earshelf_relay;
GRANT SELECT, UPDATE (state, session_id, session_url, failure_code) ON sales.payment_attempts
    TO earshelf_relay;
