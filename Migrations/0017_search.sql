-- What a text asks for: all its words, each as it stands or as the languages stem it. A word that is empty in one of
-- the languages ("the", "der") need not be there, unless there are no others.
CREATE FUNCTION catalogue.sought(folded_text text, languages text[]) RETURNS tsquery
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH rules AS (
        SELECT DISTINCT catalogue.text_rules(language)::text AS name FROM unnest(languages) AS language
        UNION
        SELECT unnest(ARRAY['danish', 'dutch', 'english', 'finnish', 'french', 'german', 'hungarian', 'italian',
            'norwegian', 'portuguese', 'romanian', 'russian', 'spanish', 'swedish', 'turkish'])
        WHERE cardinality(languages) = 0
    ), form AS (
        SELECT word.lexeme, ts_lexize(
            (CASE rules.name WHEN 'simple' THEN 'simple' ELSE rules.name || '_stem' END)::regdictionary,
            word.lexeme) AS stems
        FROM unnest(to_tsvector('simple', folded_text)) AS word, rules
    ), word AS (
        SELECT lexeme, bool_or(stems = '{}') AS is_empty,
            array_agg(DISTINCT stems[1]) FILTER (WHERE stems[1] IS NOT NULL AND stems[1] <> '') || lexeme AS variants
        FROM form GROUP BY lexeme
    )
    SELECT COALESCE(string_agg((
        SELECT '(' || string_agg(DISTINCT '''' || replace(replace(variant, '\', '\\'), '''', '''''') || '''', ' | ')
            || ')'
        FROM unnest(variants) AS variant), ' & ' ORDER BY lexeme), '')::tsquery
    FROM word WHERE NOT is_empty OR (SELECT bool_and(is_empty) FROM word)
$$;
REVOKE ALL ON FUNCTION catalogue.sought FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalogue.text_rules, catalogue.sought TO earshelf_catalogue, earshelf_search;
