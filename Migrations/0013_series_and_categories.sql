-- Where a book stands among others. Contributors and series have names in addresses too.
ALTER TABLE catalogue.contributors
    ADD COLUMN slug text,
    ADD COLUMN biography text NOT NULL DEFAULT '' CHECK (length(biography) <= 5000),
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);

CREATE FUNCTION catalogue.slug_of(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT COALESCE(NULLIF(trim(BOTH '-' FROM left(
        regexp_replace(
        -- Accents fall away: what NFKD makes a mark of its own.
        regexp_replace(lower(normalize(words, NFKD)), '[\u0300-\u036f]', '', 'g'),
        '[^a-z0-9]+', '-', 'g'), 80)), ''), 'unnamed')
$$;

-- The first of a name has the plain one in addresses, the next are numbered.
CREATE FUNCTION catalogue.name_in_addresses() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    base text;
    taken boolean;
BEGIN
    IF NEW.slug IS NOT NULL THEN RETURN NEW; END IF;
    base := catalogue.slug_of(NEW.name);
    PERFORM pg_advisory_xact_lock(hashtext(TG_TABLE_NAME || '/' || base));
    FOR number IN 1..100000 LOOP
        NEW.slug := base || CASE WHEN number = 1 THEN '' ELSE '-' || number END;
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I WHERE slug = $1)', TG_TABLE_SCHEMA, TG_TABLE_NAME)
            INTO taken USING NEW.slug;
        EXIT WHEN NOT taken;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER named BEFORE INSERT OR UPDATE OF name ON catalogue.contributors
    FOR EACH ROW EXECUTE FUNCTION catalogue.name_in_addresses();
UPDATE catalogue.contributors SET name = name;
ALTER TABLE catalogue.contributors
    ALTER COLUMN slug SET NOT NULL,
    ADD CONSTRAINT contributors_slug UNIQUE (slug),
    ADD CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100);

CREATE TABLE catalogue.series (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 5000),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0)
);
CREATE TRIGGER named BEFORE INSERT ON catalogue.series
    FOR EACH ROW EXECUTE FUNCTION catalogue.name_in_addresses();
CREATE INDEX series_words ON catalogue.series USING gin (lower(name) gin_trgm_ops);

-- "2.5" stands between 2 and 3: what is shown and what is sorted by are two things.
CREATE TABLE catalogue.series_entries (
    series_id uuid NOT NULL REFERENCES catalogue.series,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    label text CHECK (length(label) BETWEEN 1 AND 30),
    sort_key numeric(8, 3) NOT NULL,
    PRIMARY KEY (series_id, audiobook_id)
);
CREATE INDEX series_entries_order ON catalogue.series_entries (series_id, sort_key, audiobook_id);
CREATE INDEX series_entries_book ON catalogue.series_entries (audiobook_id);

CREATE TABLE catalogue.categories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    parent_id uuid REFERENCES catalogue.categories,
    position integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK (parent_id <> id)
);
CREATE INDEX categories_children ON catalogue.categories (parent_id, position, id);

-- A tree stays one: nothing is put below itself, and nothing deeper than eight.
CREATE FUNCTION catalogue.keep_tree() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    above uuid := NEW.parent_id;
    depth integer := 0;
BEGIN
    IF above IS NULL THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('catalogue.categories'));
    WHILE above IS NOT NULL LOOP
        depth := depth + 1;
        IF above = NEW.id OR depth > 8 THEN
            RAISE EXCEPTION 'a category below itself, or too deep'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'categories_are_a_tree';
        END IF;
        SELECT parent_id INTO above FROM catalogue.categories WHERE id = above;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER tree BEFORE INSERT OR UPDATE OF parent_id ON catalogue.categories
    FOR EACH ROW EXECUTE FUNCTION catalogue.keep_tree();

CREATE TABLE catalogue.audiobook_categories (
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    category_id uuid NOT NULL REFERENCES catalogue.categories,
    PRIMARY KEY (audiobook_id, category_id)
);
CREATE INDEX audiobook_categories_books ON catalogue.audiobook_categories (category_id, audiobook_id);

REVOKE ALL ON FUNCTION catalogue.slug_of, catalogue.name_in_addresses, catalogue.keep_tree FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalogue.slug_of TO earshelf_catalogue;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalogue.series, catalogue.series_entries, catalogue.categories,
    catalogue.audiobook_categories TO earshelf_catalogue;
GRANT SELECT ON catalogue.series, catalogue.series_entries, catalogue.categories, catalogue.audiobook_categories,
    catalogue.contributors, catalogue.audiobook_contributors, catalogue.audiobooks, catalogue.editions,
    sales.prices TO earshelf_search;
