-- The words of a text in their order, each with all that it may stand as in a book: as it is, or as the languages
-- stem it. One that is nothing in one of the languages ("the", "der") is weak.
CREATE FUNCTION catalogue.words_of(folded_text text, languages text[])
RETURNS TABLE (word text, place smallint, is_weak boolean, variants tsquery)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH rules AS (
        SELECT DISTINCT catalogue.text_rules(language)::text AS name FROM unnest(languages) AS language
        UNION
        SELECT unnest(ARRAY['danish', 'dutch', 'english', 'finnish', 'french', 'german', 'hungarian', 'italian',
            'norwegian', 'portuguese', 'romanian', 'russian', 'spanish', 'swedish', 'turkish'])
        WHERE cardinality(languages) = 0
    ), form AS (
        SELECT plain.lexeme, plain.positions[1] AS place, ts_lexize(
            (CASE rules.name WHEN 'simple' THEN 'simple' ELSE rules.name || '_stem' END)::regdictionary,
            plain.lexeme) AS stems
        FROM unnest(to_tsvector('simple', folded_text)) AS plain, rules
    ), variant AS (
        SELECT lexeme, lexeme AS text FROM form UNION SELECT lexeme, stems[1] FROM form WHERE stems[1] <> ''
    )
    SELECT form.lexeme, min(form.place), bool_or(form.stems = '{}'), (
        SELECT string_agg('''' || replace(replace(variant.text, '\', '\\'), '''', '''''') || '''', ' | '
            ORDER BY variant.text)
        FROM variant WHERE variant.lexeme = form.lexeme)::tsquery
    FROM form GROUP BY form.lexeme ORDER BY min(form.place)
$$;

-- What a text asks for: all its words, though the weak need not be there unless there are no others.
CREATE FUNCTION catalogue.sought(folded_text text, languages text[]) RETURNS tsquery
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH word AS MATERIALIZED (SELECT * FROM catalogue.words_of(folded_text, languages))
    SELECT COALESCE(string_agg('(' || variants::text || ')', ' & ' ORDER BY place), '')::tsquery
    FROM word WHERE NOT is_weak OR (SELECT bool_and(is_weak) FROM word)
$$;

REVOKE ALL ON FUNCTION catalogue.words_of, catalogue.sought FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalogue.text_rules, catalogue.words_of, catalogue.sought
    TO earshelf_catalogue, earshelf_search;
