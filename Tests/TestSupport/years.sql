-- Two years of sales in a shop whose shelves are filled, and the work and the alerts that came of it. The rules of
-- the tables hold; what each row would set off does not happen.
SET LOCAL session_replication_role = replica;
INSERT INTO identity.users (id, issuer, subject, email)
SELECT md5('buyer' || n)::uuid, 'https://id.test', 'buyer-' || n, 'Buyer' || n || '@id.test'
FROM generate_series(1, 2000) AS n;
INSERT INTO sales.orders (id, number, user_id, idempotency_key, request_hash, currency, state, subtotal, total,
    created_at, confirmed_at, closed_at)
SELECT md5('order' || n)::uuid, CASE WHEN n % 20 > 1 THEN n END, md5('buyer' || n % 2000 + 1)::uuid,
    'key-of-an-order-' || n, sha256('x'), CASE WHEN n % 3 = 0 THEN 'USD' ELSE 'EUR' END,
    CASE n % 20 WHEN 0 THEN 'expired' WHEN 1 THEN 'cancelled' ELSE 'confirmed' END, 1499, 1499,
    at, CASE WHEN n % 20 > 1 THEN at END, CASE WHEN n % 20 < 2 THEN at END
FROM generate_series(1, 8000) AS n, LATERAL (SELECT '2026-06-01'::timestamptz - n * interval '2 hours' AS at) AS t;
INSERT INTO sales.order_lines (order_id, line_number, currency, audiobook_id, title, list_price, total)
SELECT md5('order' || n)::uuid, 1, CASE WHEN n % 3 = 0 THEN 'USD' ELSE 'EUR' END, md5('book' || n % 900 + 1)::uuid,
    'A book', 1499, 1499
FROM generate_series(1, 8000) AS n;
INSERT INTO sales.payment_attempts (id, order_id, number, currency, kind, state, amount, amount_received,
    disposition, expires_at)
SELECT md5('attempt' || n)::uuid, md5('order' || n)::uuid, 1, CASE WHEN n % 3 = 0 THEN 'USD' ELSE 'EUR' END,
    'checkout_session', 'succeeded', 1499, 1499, 'applied', now()
FROM generate_series(1, 8000) AS n WHERE n % 20 > 1;
INSERT INTO sales.ledger (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
SELECT md5('order' || n)::uuid, md5('attempt' || n)::uuid, CASE WHEN n % 3 = 0 THEN 'USD' ELSE 'EUR' END, 'charge',
    1499, 'pi_' || n, 'evt', '2026-06-01'::timestamptz - n * interval '2 hours'
FROM generate_series(1, 8000) AS n WHERE n % 20 > 1;
INSERT INTO sales.order_history (order_id, position, state, function)
SELECT id, 1, 'pending', 'checkout' FROM sales.orders;
INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, reason, provider_refund_id, state)
SELECT order_id, attempt_id, currency, 500, 'external', 're_' || id, 'succeeded' FROM sales.ledger WHERE id % 10 = 0;
INSERT INTO sales.disputes (provider_dispute_id, order_id, attempt_id, currency, amount, state, provider_status,
    reason, charge_refundable, told_at)
SELECT 'du_' || id, order_id, attempt_id, currency, 500, 'won', 'won', 'fraudulent', false, now()
FROM sales.ledger WHERE id % 20 = 0;
INSERT INTO catalogue.assets (id, sha256, bytes, media_type, codec, duration_ms, bucket, object_key, visibility)
SELECT md5('asset' || n)::uuid, sha256(n::text::bytea), n, CASE WHEN n % 3 = 0 THEN 'image/jpeg' ELSE 'audio/mp4' END,
    CASE WHEN n % 3 > 0 THEN 'aac' END, CASE WHEN n % 3 > 0 THEN 1000 END, 'media', 'o/' || n,
    CASE WHEN n % 3 = 1 THEN 'private' ELSE 'public' END
FROM generate_series(1, 9000) AS n;
INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
SELECT md5('edition' || n)::uuid, 1, md5('asset' || n * 3 - 2)::uuid, 0, 1000 FROM generate_series(1, 3000) AS n;
INSERT INTO catalogue.editions (audiobook_id, number, duration_ms, sealed_at)
SELECT md5('book' || n * 50)::uuid, 2, 1000, now() FROM generate_series(1, 100) AS n;
INSERT INTO catalogue.recording_weights (audiobook_id, objects, bytes)
SELECT md5('book' || n)::uuid, 1, n FROM generate_series(1, 3000) AS n;
INSERT INTO production.transcripts (id, edition_id, language, state, failure, created_at, ready_at)
SELECT md5('transcript' || n)::uuid, md5('edition' || n)::uuid, 'en',
    CASE n % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'running' WHEN 2 THEN 'planned' ELSE 'ready' END,
    CASE WHEN n % 100 = 0 THEN 'speech-refused' END, now() - n * interval '1 hour',
    CASE WHEN n % 100 > 2 THEN now() END
FROM generate_series(1, 3000) AS n;
INSERT INTO production.transcript_chunks (transcript_id, number, track_position, start_ms, end_ms, state, attempts,
    result, model)
SELECT md5('transcript' || n)::uuid, piece, 1, piece * 1000, piece * 1000 + 1000, 'done', 1, '{}', 'm'
FROM generate_series(1, 3000) AS n, generate_series(1, 2) AS piece;
INSERT INTO production.summaries (transcript_id, chapter, state, text, model, prompt_version, created_at, failure)
SELECT md5('transcript' || n)::uuid, 0, CASE WHEN n % 100 = 5 THEN 'failed' WHEN n % 50 = 3 THEN 'draft'
    ELSE 'rejected' END, 'A text.', 'm', '1', now() - n * interval '1 hour',
    CASE WHEN n % 100 = 5 THEN 'speech-refused' END
FROM generate_series(1, 3000) AS n;
INSERT INTO production.uploads (id, audiobook_id, created_by, idempotency_key, state, file_name,
    declared_media_type, declared_bytes, declared_sha256, bucket, object_key, expires_at, ended_at)
SELECT id, md5('book' || n)::uuid, '00000000-0000-4000-8000-000000000000', 'key-of-an-upload-' || n,
    CASE WHEN n % 100 = 0 THEN 'created' ELSE 'expired' END, 'b', 'audio/mp4', 1, sha256('x'), 'media',
    'u/' || id || '/original', now() + interval '1 hour', CASE WHEN n % 100 > 0 THEN now() END
FROM generate_series(1, 3000) AS n, LATERAL (SELECT md5('upload' || n)::uuid AS id) AS named;
INSERT INTO plumbing.alerts (kind, subject, audience, created_at, resolved_at)
SELECT 'parked-event', n::text, CASE WHEN n % 2 = 0 THEN 'editor' ELSE 'finance' END,
    now() - n * interval '1 minute', CASE WHEN n % 50 > 0 THEN now() END
FROM generate_series(1, 3000) AS n;
