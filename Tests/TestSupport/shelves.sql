-- Fills a shop with :count books as they might be. Words, people and categories are as frequent as Zipf's law has
-- them, and each time the same.
-- Chance that is the same each time: the number of a thing and what is asked of it decide.
CREATE FUNCTION pg_temp.chance(thing bigint, asked integer) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(thing, asked) & 4503599627370495) / 4503599627370496.0
$$;
-- From 1 to `many`; the first is asked for most, as in Zipf's law.
CREATE FUNCTION pg_temp.zipf(thing bigint, asked integer, many integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT least(many, floor(power(many + 1, pg_temp.chance(thing, asked)))::integer)
$$;
CREATE TEMP TABLE word AS
SELECT number::integer, COALESCE(
    (ARRAY['the', 'of', 'and', 'a', 'in', 'night', 'house', 'sea', 'love', 'girl', 'last', 'secret', 'king', 'time',
        'shadow', 'war', 'river', 'garden', 'winter', 'murder', 'island', 'letters', 'city', 'daughter', 'road',
        'silence', 'stars', 'mountain', 'stranger', 'memory', 'bones', 'promise', 'summer', 'history', 'journey',
        'light', 'wolves', 'paper', 'ghosts', 'lighthouse'])[number],
    (SELECT string_agg((ARRAY['ba', 'ber', 'cal', 'co', 'dar', 'den', 'el', 'fa', 'fin', 'gra', 'hol', 'in', 'ka',
        'lan', 'lor', 'ma', 'mer', 'na', 'nor', 'o', 'pel', 'ra', 'ri', 'sa', 'sten', 'ta', 'tor', 'u', 'va', 'ven',
        'wa', 'wil', 'ya', 'zen'])[1 + floor(34 * pg_temp.chance(number, syllable))], '')
    FROM generate_series(1, 2 + (number % 3)::integer) AS syllable)) AS text
FROM generate_series(1, 20000) AS number;
CREATE UNIQUE INDEX ON word (number);
ANALYZE word;
CREATE FUNCTION pg_temp.words(thing bigint, asked integer, many integer) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT string_agg((SELECT text FROM word WHERE number = pg_temp.zipf(thing, asked + place, 20000)), ' ')
    FROM generate_series(1, many) AS place
$$;
CREATE TEMP TABLE sentence AS
SELECT number, initcap(pg_temp.words(number, 900, 12)) || '.' AS text FROM generate_series(1, 5000) AS number;
CREATE UNIQUE INDEX ON sentence (number);
ANALYZE sentence;

INSERT INTO identity.users (id, issuer, subject)
VALUES ('00000000-0000-4000-8000-000000000000', 'https://id.test', 'the one who fills the shelves');

INSERT INTO catalogue.contributors (id, slug, name, sort_name)
SELECT md5('person' || number)::uuid, 'person-' || number, first || ' ' || last, last || ', ' || first
FROM (
    SELECT person AS number, initcap(pg_temp.words(person, 100, 1)) || ' ' || chr(65 + person % 26) || '.' AS first,
        initcap(word.text) || chr(97 + person / 26 % 26) || chr(97 + person / 676 % 26) || chr(97 + person / 17576) AS last
    FROM generate_series(1, greatest(20, :count * 2 / 5)) AS person
        JOIN word ON word.number = 41 + floor(19900 * pg_temp.chance(person, 1))
) AS people;
INSERT INTO catalogue.series (id, slug, name)
SELECT md5('series' || number)::uuid, 'series-' || number, 'The ' || initcap(pg_temp.words(number, 200, 2)) || ' Books'
FROM generate_series(1, greatest(5, :count / 12)) AS number;
-- Twelve, each with eight below, and four below every other of those.
INSERT INTO catalogue.categories (id, slug, name, parent_id, position)
SELECT md5('category' || path)::uuid, 'category-' || path, initcap(pg_temp.words(number, 300, 2)),
    CASE WHEN path LIKE '%-%' THEN md5('category' || regexp_replace(path, '-[0-9]+$', ''))::uuid END, number
FROM (
    SELECT row_number() OVER (ORDER BY depth, path) AS number, path FROM (
        SELECT 1 AS depth, a::text AS path FROM generate_series(1, 12) AS a
        UNION ALL SELECT 2, a || '-' || b FROM generate_series(1, 12) AS a, generate_series(1, 8) AS b
        UNION ALL SELECT 3, a || '-' || b || '-' || c
            FROM generate_series(1, 12) AS a, generate_series(1, 8, 2) AS b, generate_series(1, 4) AS c
    ) AS every
) AS numbered ORDER BY number;

INSERT INTO catalogue.audiobooks (id, slug, title, subtitle, description, language, created_by)
SELECT md5('book' || book)::uuid, 'book-' || book,
    initcap(pg_temp.words(book, 400, 1 + pg_temp.zipf(book, 2, 5))),
    CASE WHEN pg_temp.chance(book, 3) < 0.4 THEN initcap(pg_temp.words(book, 500, 4)) END,
    (SELECT string_agg((SELECT text FROM sentence
            WHERE sentence.number = 1 + floor(5000 * pg_temp.chance(book, 1000 + place))::integer), ' ')
        FROM generate_series(1, 4 + floor(6 * pg_temp.chance(book, 4))::integer) AS place),
    (ARRAY['en', 'de', 'en-GB', 'fr', 'es', 'it', 'nl', 'sv', 'pl', 'pt', 'da', 'ja'])[pg_temp.zipf(book, 5, 12)],
    '00000000-0000-4000-8000-000000000000'
FROM generate_series(1, :count) AS book;
INSERT INTO catalogue.editions (id, audiobook_id, number, duration_ms, sealed_at)
SELECT md5('edition' || number)::uuid, md5('book' || number)::uuid, 1,
    1800000 + floor(power(pg_temp.chance(number, 6), 2) * 100000000)::bigint, now()
FROM generate_series(1, :count) AS number;
INSERT INTO catalogue.audiobook_contributors (audiobook_id, role, position, contributor_id)
SELECT md5('book' || number)::uuid, role, position, md5('person' ||
    CASE WHEN role = 'author' THEN pg_temp.zipf(number, 600 + position, :count / 4)
        ELSE greatest(20, :count * 2 / 5) + 1 - pg_temp.zipf(number, 700 + position, :count / 8) END)::uuid
FROM generate_series(1, :count) AS number, unnest(ARRAY['author', 'narrator']) AS role, generate_series(1, 2) AS position
WHERE position = 1 OR pg_temp.chance(number, CASE role WHEN 'author' THEN 8 ELSE 9 END) < 0.15
ON CONFLICT DO NOTHING;
INSERT INTO catalogue.series_entries (series_id, audiobook_id, label, sort_key)
SELECT md5('series' || pg_temp.zipf(number, 10, greatest(5, :count / 12)))::uuid, md5('book' || number)::uuid,
    number % 12 + 1, number % 12 + 1
FROM generate_series(1, :count) AS number WHERE pg_temp.chance(number, 11) < 0.3;
INSERT INTO catalogue.audiobook_categories (audiobook_id, category_id)
SELECT DISTINCT md5('book' || number)::uuid, md5('category' || path)::uuid
FROM generate_series(1, :count) AS number, generate_series(1, 3) AS place, LATERAL (
    SELECT pg_temp.zipf(number, 800 + place, 12) AS a, pg_temp.zipf(number, 810 + place, 8) AS b,
        1 + floor(4 * pg_temp.chance(number, 820 + place)) AS c) AS pick, LATERAL (
    SELECT concat_ws('-', a, b, CASE WHEN b % 2 = 1 AND pg_temp.chance(number, 830 + place) < 0.6 THEN c END) AS path
    ) AS picked
WHERE place = 1 OR pg_temp.chance(number, 840 + place) < 0.3;
-- In euros all, in dollars most; every tenth was dearer until a month ago, and every twentieth is cheaper in a month.
INSERT INTO sales.prices (audiobook_id, currency, amount, valid)
SELECT md5('book' || number)::uuid, currency, amount - CASE period WHEN 0 THEN -300 WHEN 2 THEN 100 ELSE 0 END,
    CASE period WHEN 0 THEN tstzrange(now() - interval '1 year', now() - interval '1 month')
        WHEN 1 THEN tstzrange(now() - interval '1 month',
            CASE WHEN number % 20 = 0 THEN now() + interval '1 month' END)
        ELSE tstzrange(now() + interval '1 month', NULL) END
FROM generate_series(1, :count) AS number, unnest(ARRAY['EUR', 'USD']) AS currency, generate_series(0, 2) AS period,
    LATERAL (SELECT 299 + 100 * floor(30 * power(pg_temp.chance(number, 12), 1.5))::bigint AS amount) AS price
WHERE (currency = 'EUR' OR pg_temp.chance(number, 13) < 0.7)
    AND (period = 1 OR period = 0 AND number % 10 = 0 OR period = 2 AND number % 20 = 0);
-- Many at once are indexed after, not one by one.
CREATE TEMP TABLE put_aside AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam AND amname = 'gin'
WHERE indrelid IN ('catalogue.listings'::regclass, 'catalogue.search_documents'::regclass);
DO $$ DECLARE index record; BEGIN
    FOR index IN SELECT * FROM put_aside LOOP EXECUTE 'DROP INDEX ' || index.name; END LOOP;
END $$;
-- One in fifty is not on sale.
UPDATE catalogue.audiobooks AS book
SET state = 'published', current_edition_id = edition.id,
    published_at = now() - floor(1500 * pg_temp.chance(hashtext(slug), 14)) * interval '1 day' - interval '1 hour'
FROM catalogue.editions AS edition WHERE edition.audiobook_id = book.id AND hashtext(slug) % 50 <> 0;

DO $$ DECLARE index record; BEGIN
    FOR index IN SELECT * FROM put_aside LOOP EXECUTE index.definition; END LOOP;
END $$;
