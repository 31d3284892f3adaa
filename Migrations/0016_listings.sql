-- What the catalogue is listed, filtered and searched by. Both tables hold nothing of their own: they are made of
-- the books, people, series, categories and prices, by triggers, in the transaction that changed those. Only what is
-- published stands in them, so that no list can show anything else.
CREATE EXTENSION IF NOT EXISTS unaccent;

-- Small numbers for what is counted by the ten thousand.
ALTER TABLE catalogue.contributors ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY UNIQUE;
ALTER TABLE catalogue.series ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY UNIQUE;
ALTER TABLE catalogue.categories ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY UNIQUE;
-- Whoever makes a book's lines anew writes here first: two who do so at once meet, and the later sees the earlier's
-- work or begins again.
ALTER TABLE catalogue.audiobooks ADD COLUMN listed_revision bigint NOT NULL DEFAULT 0;

-- "Æneïd" is looked for as "aeneid". unaccent() is only stable because its rules may be changed; ours are Debian's.
CREATE FUNCTION catalogue.folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT btrim(regexp_replace(regexp_replace(
        lower(public.unaccent('public.unaccent'::regdictionary, normalize(words, NFKC))),
        '[\u0300-\u036f]', '', 'g'), '\s+', ' ', 'g'))
$$;

ALTER TABLE catalogue.contributors
    ADD COLUMN folded text COLLATE "C" GENERATED ALWAYS AS (catalogue.folded(name)) STORED;
ALTER TABLE catalogue.series
    ADD COLUMN folded text COLLATE "C" GENERATED ALWAYS AS (catalogue.folded(name)) STORED;
CREATE INDEX contributors_beginning ON catalogue.contributors (folded, id);
CREATE INDEX contributors_alike ON catalogue.contributors USING gin (folded gin_trgm_ops);
CREATE INDEX series_beginning ON catalogue.series (folded, id);
CREATE INDEX series_alike ON catalogue.series USING gin (folded gin_trgm_ops);

-- By which rules the words of a language are stemmed; others are taken as they stand.
CREATE FUNCTION catalogue.text_rules(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE split_part(language, '-', 1)
        WHEN 'da' THEN 'pg_catalog.danish'::regconfig WHEN 'de' THEN 'pg_catalog.german'::regconfig
        WHEN 'en' THEN 'pg_catalog.english'::regconfig WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
        WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig WHEN 'fr' THEN 'pg_catalog.french'::regconfig
        WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig WHEN 'it' THEN 'pg_catalog.italian'::regconfig
        WHEN 'nb' THEN 'pg_catalog.norwegian'::regconfig WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig
        WHEN 'no' THEN 'pg_catalog.norwegian'::regconfig WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig
        WHEN 'ro' THEN 'pg_catalog.romanian'::regconfig WHEN 'ru' THEN 'pg_catalog.russian'::regconfig
        WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig WHEN 'tr' THEN 'pg_catalog.turkish'::regconfig
        ELSE 'pg_catalog.simple'::regconfig END
$$;

-- One line of the catalogue: a book at a price, in one currency, for as long as the price holds.
CREATE TABLE catalogue.listings (
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    currency sales.currency_code NOT NULL,
    amount bigint NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    title text COLLATE "C" NOT NULL,
    duration_ms bigint NOT NULL,
    language text NOT NULL,
    authors integer[] NOT NULL,
    narrators integer[] NOT NULL,
    series integer[] NOT NULL,
    -- Those the book is put into, and all above them.
    categories integer[] NOT NULL,
    PRIMARY KEY (audiobook_id, currency, valid_from)
);
CREATE INDEX listings_newest ON catalogue.listings (currency, published_at, audiobook_id);
CREATE INDEX listings_title ON catalogue.listings (currency, title, audiobook_id);
CREATE INDEX listings_price ON catalogue.listings (currency, amount, audiobook_id);
CREATE INDEX listings_duration ON catalogue.listings (currency, duration_ms, audiobook_id);
CREATE INDEX listings_begin ON catalogue.listings (currency, valid_from);
CREATE INDEX listings_end ON catalogue.listings (currency, valid_until);
CREATE INDEX listings_language ON catalogue.listings (currency, split_part(language, '-', 1), published_at);
CREATE INDEX listings_belonging ON catalogue.listings USING gin (authors, narrators, series, categories)
    WITH (fastupdate = off);
-- All that is counted, so that counting does not read the rest.
CREATE INDEX listings_counted ON catalogue.listings (currency)
    INCLUDE (amount, valid_from, valid_until, duration_ms, language, authors, narrators, categories, series,
        audiobook_id);

-- The words of a book, folded. `names` are those of its title (A), subtitle (B), people and series (C); `words` are
-- these and its description's (D).
CREATE TABLE catalogue.search_documents (
    audiobook_id uuid PRIMARY KEY REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    title text COLLATE "C" NOT NULL,
    names tsvector NOT NULL,
    words tsvector NOT NULL
);
-- The words are looked for in the index: their rows are kept apart, so that the others lie close.
ALTER TABLE catalogue.search_documents ALTER COLUMN words SET STORAGE EXTERNAL, SET (toast_tuple_target = 128);
CREATE INDEX search_documents_names ON catalogue.search_documents USING gin (names) WITH (fastupdate = off);
CREATE INDEX search_documents_beginning ON catalogue.search_documents (title, audiobook_id);
CREATE INDEX search_documents_alike ON catalogue.search_documents USING gin (title gin_trgm_ops);
CREATE INDEX search_documents_words ON catalogue.search_documents USING gin (words) WITH (fastupdate = off);

-- Every word that ever stood in a name, for guessing what a mistyped one was meant to be. One that no book has any
-- more does no harm: a guess counts only if it finds something.
CREATE TABLE catalogue.search_words (word text COLLATE "C" PRIMARY KEY);
CREATE INDEX search_words_alike ON catalogue.search_words USING gin (word gin_trgm_ops);

-- Which transactions changed what is listed or counted: what somebody remembers is told from what is so by whether
-- they saw all of these. Nobody remembers for a day.
CREATE TABLE catalogue.listing_changes (
    xid xid8 PRIMARY KEY DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX listing_changes_age ON catalogue.listing_changes (at);

CREATE FUNCTION catalogue.note_listing_change() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO catalogue.listing_changes DEFAULT VALUES ON CONFLICT DO NOTHING;
    -- Seldom, for who reads this table in a serializable transaction meets all who write it.
    IF random() < 0.01 THEN
        DELETE FROM catalogue.listing_changes WHERE at < now() - interval '1 day';
    END IF;
END $$;

CREATE FUNCTION catalogue.list_anew(books uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM catalogue.note_listing_change();
    UPDATE catalogue.audiobooks SET listed_revision = listed_revision + 1
    WHERE id IN (SELECT id FROM catalogue.audiobooks WHERE id = ANY (books) ORDER BY id FOR NO KEY UPDATE);

    DELETE FROM catalogue.listings WHERE audiobook_id = ANY (books);
    INSERT INTO catalogue.listings (audiobook_id, currency, amount, valid_from, valid_until, published_at, title,
        duration_ms, language, authors, narrators, series, categories)
    SELECT book.id, price.currency, price.amount, lower(price.valid), COALESCE(upper(price.valid), 'infinity'),
        book.published_at, catalogue.folded(book.title), edition.duration_ms, book.language,
        ARRAY(SELECT person.number FROM catalogue.audiobook_contributors AS credit
            JOIN catalogue.contributors AS person ON person.id = credit.contributor_id
            WHERE credit.audiobook_id = book.id AND credit.role = 'author' ORDER BY person.number),
        ARRAY(SELECT person.number FROM catalogue.audiobook_contributors AS credit
            JOIN catalogue.contributors AS person ON person.id = credit.contributor_id
            WHERE credit.audiobook_id = book.id AND credit.role = 'narrator' ORDER BY person.number),
        ARRAY(SELECT series.number FROM catalogue.series_entries AS entry
            JOIN catalogue.series ON series.id = entry.series_id
            WHERE entry.audiobook_id = book.id ORDER BY series.number),
        ARRAY(WITH RECURSIVE above AS (
                SELECT category.number, category.parent_id FROM catalogue.audiobook_categories AS placed
                    JOIN catalogue.categories AS category ON category.id = placed.category_id
                WHERE placed.audiobook_id = book.id
                UNION
                SELECT category.number, category.parent_id FROM above
                    JOIN catalogue.categories AS category ON category.id = above.parent_id)
            SELECT number FROM above ORDER BY number)
    FROM catalogue.audiobooks AS book
        JOIN catalogue.editions AS edition ON edition.id = book.current_edition_id
        JOIN sales.prices AS price ON price.audiobook_id = book.id
    WHERE book.id = ANY (books) AND book.state = 'published'
        AND (upper_inf(price.valid) OR upper(price.valid) > now());

    DELETE FROM catalogue.search_documents WHERE audiobook_id = ANY (books);
    WITH said AS MATERIALIZED (
        SELECT book.id, catalogue.folded(book.title) AS title,
            COALESCE(catalogue.folded(book.subtitle), '') AS subtitle,
            catalogue.folded(book.description) AS description, catalogue.text_rules(book.language) AS rules,
            concat_ws(' ',
                (SELECT string_agg(DISTINCT person.folded, ' ') FROM catalogue.audiobook_contributors AS credit
                    JOIN catalogue.contributors AS person ON person.id = credit.contributor_id
                    WHERE credit.audiobook_id = book.id),
                (SELECT string_agg(series.folded, ' ') FROM catalogue.series_entries AS entry
                    JOIN catalogue.series ON series.id = entry.series_id
                    WHERE entry.audiobook_id = book.id)) AS others
        FROM catalogue.audiobooks AS book
        WHERE book.id = ANY (books) AND book.state = 'published'
    ), document AS MATERIALIZED (
        SELECT id, title, description, rules,
            setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', subtitle), 'B')
                || setweight(to_tsvector('simple', others), 'C') AS plain,
            setweight(to_tsvector(rules, title), 'A') || setweight(to_tsvector(rules, subtitle), 'B') AS stemmed
        FROM said
    ), written AS (
        INSERT INTO catalogue.search_documents (audiobook_id, title, names, words)
        SELECT id, title, plain || stemmed, plain || stemmed || setweight(to_tsvector(rules, description), 'D')
        FROM document
    )
    INSERT INTO catalogue.search_words (word)
    SELECT DISTINCT word.lexeme FROM document, unnest(document.plain) AS word
    WHERE length(word.lexeme) BETWEEN 3 AND 40 AND word.lexeme !~ '[0-9]'
    ORDER BY word.lexeme
    ON CONFLICT DO NOTHING;
END $$;

-- One trigger function for each table that lines are made of; each finds the books and has them listed anew.
CREATE FUNCTION catalogue.list_changed_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM catalogue.list_anew(array_agg(book.id))
    FROM changed AS book JOIN former ON former.id = book.id
    WHERE (book.title, book.subtitle, book.description, book.language, book.state, book.published_at,
            book.current_edition_id)
        IS DISTINCT FROM (former.title, former.subtitle, former.description, former.language, former.state,
            former.published_at, former.current_edition_id)
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER listed AFTER UPDATE ON catalogue.audiobooks
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_changed_books();

-- For the tables whose rows name a book.
CREATE FUNCTION catalogue.list_books_of_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    books uuid[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        books := ARRAY(SELECT audiobook_id FROM former UNION SELECT audiobook_id FROM changed);
    ELSE
        books := ARRAY(SELECT DISTINCT audiobook_id FROM changed);
    END IF;
    IF cardinality(books) > 0 THEN PERFORM catalogue.list_anew(books); END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    source text;
BEGIN
    FOREACH source IN ARRAY ARRAY['catalogue.audiobook_contributors', 'catalogue.series_entries',
        'catalogue.audiobook_categories', 'sales.prices']
    LOOP
        EXECUTE format('CREATE TRIGGER listed_added AFTER INSERT ON %s REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_rows()', source);
        EXECUTE format('CREATE TRIGGER listed_changed AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS former NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_rows()', source);
        EXECUTE format('CREATE TRIGGER listed_removed AFTER DELETE ON %s REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_rows()', source);
    END LOOP;
END $$;

CREATE FUNCTION catalogue.list_books_of_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM catalogue.note_listing_change();
    PERFORM catalogue.list_anew(array_agg(DISTINCT credit.audiobook_id))
    FROM changed JOIN former ON former.id = changed.id AND former.name <> changed.name
        JOIN catalogue.audiobook_contributors AS credit ON credit.contributor_id = changed.id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER listed AFTER UPDATE ON catalogue.contributors
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_people();

CREATE FUNCTION catalogue.list_books_of_series() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM catalogue.list_anew(array_agg(DISTINCT entry.audiobook_id))
    FROM changed JOIN former ON former.id = changed.id AND former.name <> changed.name
        JOIN catalogue.series_entries AS entry ON entry.series_id = changed.id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER listed AFTER UPDATE ON catalogue.series
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_series();

-- A category that moves takes along all below it.
CREATE FUNCTION catalogue.list_books_of_categories() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM catalogue.note_listing_change();
    PERFORM catalogue.list_anew(array_agg(DISTINCT placed.audiobook_id))
    FROM (
        WITH RECURSIVE below AS (
            SELECT changed.id FROM changed
                JOIN former ON former.id = changed.id AND former.parent_id IS DISTINCT FROM changed.parent_id
            UNION
            SELECT category.id FROM below JOIN catalogue.categories AS category ON category.parent_id = below.id)
        SELECT id FROM below
    ) AS moved JOIN catalogue.audiobook_categories AS placed ON placed.category_id = moved.id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER listed AFTER UPDATE ON catalogue.categories
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue.list_books_of_categories();

SELECT catalogue.list_anew(array_agg(id)) FROM catalogue.audiobooks WHERE state = 'published' HAVING count(*) > 0;

REVOKE ALL ON FUNCTION catalogue.list_anew, catalogue.note_listing_change, catalogue.list_changed_books,
    catalogue.list_books_of_rows, catalogue.list_books_of_people, catalogue.list_books_of_series,
    catalogue.list_books_of_categories, catalogue.folded, catalogue.text_rules FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalogue.folded TO earshelf_any;
GRANT SELECT ON catalogue.listings, catalogue.search_documents, catalogue.search_words, catalogue.listing_changes
    TO earshelf_catalogue, earshelf_search;
