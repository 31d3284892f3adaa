-- What one customer owns: the first :owned books, each with a recording in one file and ten chapters.
SET session_replication_role = replica;
INSERT INTO catalogue.assets (id, sha256, bytes, media_type, codec, duration_ms, bucket, object_key, visibility)
SELECT md5('asset' || n)::uuid, sha256(n::text::bytea), 1000000 + n, 'audio/mp4', 'aac', duration_ms, 'earshelf-media',
    'u/' || md5('asset' || n)::uuid || '/original', 'private'
FROM generate_series(1, :owned) AS n JOIN catalogue.editions ON editions.id = md5('edition' || n)::uuid
ON CONFLICT DO NOTHING;
INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
SELECT editions.id, 1, md5('asset' || n)::uuid, 0, duration_ms
FROM generate_series(1, :owned) AS n JOIN catalogue.editions ON editions.id = md5('edition' || n)::uuid
ON CONFLICT DO NOTHING;
INSERT INTO catalogue.chapters (edition_id, position, title, start_ms, end_ms, source)
SELECT editions.id, place, 'Chapter ' || place, duration_ms * (place - 1) / 10, duration_ms * place / 10, 'manual'
FROM generate_series(1, :owned) AS n JOIN catalogue.editions ON editions.id = md5('edition' || n)::uuid,
    generate_series(1, 10) AS place
ON CONFLICT DO NOTHING;
SET session_replication_role = DEFAULT;
INSERT INTO listening.entitlements (user_id, audiobook_id, source, granted_by, granted_at)
SELECT users.id, md5('book' || n)::uuid, 'grant', users.id, date_trunc('second', now()) - n * interval '1 minute'
FROM generate_series(1, :owned) AS n, identity.users
WHERE subject = :'subject' AND NOT EXISTS (
    SELECT FROM listening.entitlements WHERE user_id = users.id AND audiobook_id = md5('book' || n)::uuid);
VACUUM ANALYZE;
