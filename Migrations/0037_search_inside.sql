-- Search inside: every phrase of every text is a row that is found by its words, in whichever books one owns.
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- The rules of a language as PostgreSQL has them, but that no word is left out: "to be or not to be" is a passage like
-- any other, and a phrase is the words that stand in it.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['danish', 'dutch', 'english', 'finnish', 'french', 'german', 'hungarian', 'italian',
        'norwegian', 'portuguese', 'romanian', 'russian', 'spanish', 'swedish', 'turkish']
    LOOP
        EXECUTE format('CREATE TEXT SEARCH DICTIONARY production.%I (TEMPLATE = pg_catalog.snowball, Language = %L)',
            name, name);
        EXECUTE format('CREATE TEXT SEARCH CONFIGURATION production.%I (COPY = pg_catalog.%I)', name, name);
        EXECUTE format('ALTER TEXT SEARCH CONFIGURATION production.%I ALTER MAPPING REPLACE pg_catalog.%I WITH production.%I',
            name, name || '_stem', name);
    END LOOP;
END $$;

-- Those of a language by its tag; the words of others are taken as they stand. This and the next become part of the
-- statement that calls them, for which they may set nothing: so all in them is named in full. Ten thousand phrases
-- take a second and not six.
CREATE FUNCTION production.text_rules(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE pg_catalog.split_part(language, '-', 1)
        WHEN 'da' THEN 'production.danish'::pg_catalog.regconfig
        WHEN 'de' THEN 'production.german'::pg_catalog.regconfig
        WHEN 'en' THEN 'production.english'::pg_catalog.regconfig
        WHEN 'es' THEN 'production.spanish'::pg_catalog.regconfig
        WHEN 'fi' THEN 'production.finnish'::pg_catalog.regconfig
        WHEN 'fr' THEN 'production.french'::pg_catalog.regconfig
        WHEN 'hu' THEN 'production.hungarian'::pg_catalog.regconfig
        WHEN 'it' THEN 'production.italian'::pg_catalog.regconfig
        WHEN 'nb' THEN 'production.norwegian'::pg_catalog.regconfig
        WHEN 'nl' THEN 'production.dutch'::pg_catalog.regconfig
        WHEN 'no' THEN 'production.norwegian'::pg_catalog.regconfig
        WHEN 'pt' THEN 'production.portuguese'::pg_catalog.regconfig
        WHEN 'ro' THEN 'production.romanian'::pg_catalog.regconfig
        WHEN 'ru' THEN 'production.russian'::pg_catalog.regconfig
        WHEN 'sv' THEN 'production.swedish'::pg_catalog.regconfig
        WHEN 'tr' THEN 'production.turkish'::pg_catalog.regconfig
        ELSE 'pg_catalog.simple'::pg_catalog.regconfig END
$$;

-- The words of a phrase (D), and those that follow it (C), so that what runs over its end is found in it.
CREATE FUNCTION production.passage_vector(language text, words text, following text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.to_tsvector(production.text_rules(language), catalogue.folded(words))
        OPERATOR(pg_catalog.||) pg_catalog.setweight(
            pg_catalog.to_tsvector(production.text_rules(language), catalogue.folded(following)), 'C')
$$;
REVOKE ALL ON FUNCTION production.text_rules, production.passage_vector FROM PUBLIC;
GRANT EXECUTE ON FUNCTION production.text_rules, production.passage_vector TO earshelf_any;

-- A search is of one text, or of those of one library: the texts are dealt out by their ids, and each index begins
-- with them. It knows which rows of a text hold a word, however many other texts do.
ALTER TABLE production.transcript_segments RENAME TO heard_before;
CREATE TABLE production.transcript_segments (
    transcript_id uuid NOT NULL REFERENCES production.transcripts ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 1),
    start_ms bigint NOT NULL CHECK (start_ms >= 0),
    end_ms bigint NOT NULL CHECK (end_ms >= start_ms),
    chapter integer NOT NULL CHECK (chapter >= 1),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 8000),
    words jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(words) = 'array'),
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    heard_text text CHECK (length(heard_text) BETWEEN 1 AND 8000),
    heard_words jsonb CHECK (jsonb_typeof(heard_words) = 'array'),
    language text NOT NULL,
    -- The first words of what comes behind it.
    following text NOT NULL DEFAULT '',
    vector tsvector NOT NULL GENERATED ALWAYS AS (production.passage_vector(language, text, following)) STORED,
    CONSTRAINT corrected_of_something CHECK (
        (version = 1) = (heard_text IS NULL) AND (heard_text IS NULL) = (heard_words IS NULL))
) PARTITION BY HASH (transcript_id);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE production.transcript_segments_%s PARTITION OF production.transcript_segments
            FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END $$;

-- A release that does not say so yet, while this one takes its place, writes in the language of the text.
CREATE FUNCTION production.say_language() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT language INTO NEW.language FROM production.transcripts WHERE id = NEW.transcript_id;
    RETURN NEW;
END $$;
CREATE TRIGGER spoken BEFORE INSERT ON production.transcript_segments
    FOR EACH ROW WHEN (NEW.language IS NULL) EXECUTE FUNCTION production.say_language();

-- Of a language, every word that was ever said in it, for guessing what a mistyped one was meant to be. One that no
-- text has any more does no harm: a guess counts only if it finds something.
CREATE TABLE production.spoken_words (
    language text NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (language, word)
);
CREATE FUNCTION production.learn_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO production.spoken_words (language, word)
    SELECT DISTINCT split_part(said.language, '-', 1), word.lexeme
    FROM said, unnest(to_tsvector('simple', catalogue.folded(said.text))) AS word
    WHERE length(word.lexeme) BETWEEN 3 AND 40 AND word.lexeme !~ '[0-9]'
    -- In one order, so that no two wait for each other.
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION production.learn_corrected_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO production.spoken_words (language, word)
    SELECT DISTINCT split_part(said.language, '-', 1), word.lexeme
    FROM said JOIN former USING (transcript_id, position),
        unnest(to_tsvector('simple', catalogue.folded(said.text))) AS word
    WHERE said.text <> former.text AND length(word.lexeme) BETWEEN 3 AND 40 AND word.lexeme !~ '[0-9]'
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION production.say_language, production.learn_words, production.learn_corrected_words FROM PUBLIC;
CREATE TRIGGER learnt AFTER INSERT ON production.transcript_segments REFERENCING NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION production.learn_words();
CREATE TRIGGER learnt_again AFTER UPDATE ON production.transcript_segments
    REFERENCING OLD TABLE AS former NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION production.learn_corrected_words();

-- The first seven words behind a phrase, for its own last word and these are eight, which is as much of a phrase as
-- the index is asked for.
CREATE FUNCTION production.following(transcript uuid, place integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(array_to_string((regexp_split_to_array(string_agg(next.text, ' ' ORDER BY next.position), '\s+'))[1:7],
        ' '), '')
    FROM production.transcript_segments AS next
    WHERE next.transcript_id = transcript AND next.position BETWEEN place + 1 AND place + 7
$$;
REVOKE ALL ON FUNCTION production.following FROM PUBLIC;
GRANT EXECUTE ON FUNCTION production.following TO earshelf_transcribe;

INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text, words, version,
    heard_text, heard_words, language, following)
SELECT transcript_id, position, start_ms, end_ms, chapter, text, words, version, heard_text, heard_words, language,
    COALESCE(array_to_string((regexp_split_to_array(concat_ws(' ', lead(text, 1) OVER book, lead(text, 2) OVER book,
        lead(text, 3) OVER book, lead(text, 4) OVER book, lead(text, 5) OVER book, lead(text, 6) OVER book,
        lead(text, 7) OVER book), '\s+'))[1:7], ' '), '')
FROM production.heard_before JOIN production.transcripts AS transcript ON transcript.id = transcript_id
WINDOW book AS (PARTITION BY transcript_id ORDER BY position);
DROP TABLE production.heard_before;

-- Once the rows are there: an index that is built is smaller than one that grew.
ALTER TABLE production.transcript_segments ADD PRIMARY KEY (transcript_id, position);
CREATE INDEX transcript_segments_time ON production.transcript_segments (transcript_id, start_ms);
CREATE INDEX transcript_segments_vector ON production.transcript_segments USING gin (transcript_id, vector)
    WITH (fastupdate = off);
CREATE INDEX spoken_words_alike ON production.spoken_words USING gin (language, word gin_trgm_ops);

-- What is looked for, in a language: each part in its place, as one of its alternatives; of the parts one begins in
-- the phrase itself and not in what follows, for there it is found as well. A part is a word or a phrase.
CREATE FUNCTION production.passage_query(spoken text, places integer[], alternatives text[]) RETURNS tsquery
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    WITH alternative AS (
        SELECT place, phraseto_tsquery(production.text_rules(spoken), catalogue.folded(words))::text AS query
        FROM unnest(places, alternatives) AS asked (place, words)
    ), part AS (
        SELECT place, string_agg('(' || query || ')', ' | ') AS anywhere,
            string_agg('(' || regexp_replace(query, '^(''(?:[^'']|'''')*'')', '\1:D') || ')', ' | ') AS here
        FROM alternative WHERE query <> '' GROUP BY place
    )
    SELECT CASE count(*) WHEN 0 THEN '' WHEN 1 THEN min(here)
        ELSE string_agg('(' || anywhere || ')', ' & ') || ' & (' || string_agg(here, ' | ') || ')' END::tsquery
    FROM part
$$;

-- Whether all that begins in a phrase goes on as it was asked for: of more words than eight the index knows the first.
CREATE FUNCTION production.goes_on(transcript uuid, place integer, spoken text, phrases text[]) RETURNS boolean
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT bool_and(said.vector @@ phraseto_tsquery(production.text_rules(spoken), catalogue.folded(phrase)))
    FROM unnest(phrases) AS phrase, (
        SELECT to_tsvector(production.text_rules(spoken),
            catalogue.folded(string_agg(next.text, ' ' ORDER BY next.position))) AS vector
        FROM production.transcript_segments AS next
        WHERE next.transcript_id = transcript AND next.position BETWEEN place AND place + 60
    ) AS said
$$;

-- What each of some words stands as in the index.
CREATE FUNCTION production.lexemes(language text, words text[]) RETURNS TABLE (place bigint, lexemes text[])
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT place, tsvector_to_array(to_tsvector(production.text_rules(language), catalogue.folded(word)))
    FROM unnest(words) WITH ORDINALITY AS said (word, place)
$$;
REVOKE ALL ON FUNCTION production.passage_query, production.goes_on, production.lexemes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION production.passage_query, production.goes_on, production.lexemes
    TO earshelf_library, earshelf_search;

GRANT SELECT, INSERT, DELETE, UPDATE (text, words, version, heard_text, heard_words, following)
    ON production.transcript_segments TO earshelf_transcribe;
GRANT SELECT ON production.transcript_segments TO earshelf_summarise, earshelf_library, earshelf_search;
GRANT SELECT (transcript_id, position, start_ms, chapter), UPDATE (chapter) ON production.transcript_segments
    TO earshelf_catalogue;
GRANT SELECT ON listening.library, catalogue.audiobooks, catalogue.chapters, production.transcripts TO earshelf_search;
GRANT SELECT ON production.spoken_words TO earshelf_library, earshelf_search;
GRANT SELECT ON listening.entitlements TO earshelf_search;
