-- What a book shows of itself before it is bought: a cover in sizes, a sample of its own, prices that begin and end.

-- The same bytes are one asset, but what is sold never stands for what everybody may have.
ALTER TABLE catalogue.assets
    DROP CONSTRAINT assets_sha256_key,
    ADD CONSTRAINT assets_once UNIQUE (sha256, visibility);

-- A cover is named by its largest picture. One smaller than a size stands for that size as it is.
CREATE TABLE catalogue.cover_sizes (
    cover_id uuid NOT NULL REFERENCES catalogue.assets,
    pixels integer NOT NULL CHECK (pixels IN (160, 400, 800, 1600)),
    asset_id uuid NOT NULL REFERENCES catalogue.assets,
    width integer NOT NULL CHECK (width BETWEEN 1 AND pixels),
    height integer NOT NULL CHECK (height BETWEEN 1 AND pixels),
    PRIMARY KEY (cover_id, pixels)
);

ALTER TABLE catalogue.audiobooks
    -- The recording a sample was cut from, and where. An editor may have chosen it; else the shop did.
    ADD COLUMN sample_source_id uuid REFERENCES catalogue.assets,
    ADD COLUMN sample_start_ms bigint CHECK (sample_start_ms >= 0),
    ADD COLUMN sample_chosen_by uuid REFERENCES identity.users,
    ADD CONSTRAINT audiobooks_sample_told CHECK ((sample_asset_id IS NULL) = (sample_source_id IS NULL)
        AND (sample_asset_id IS NULL) = (sample_start_ms IS NULL)
        AND (sample_asset_id IS NOT NULL OR sample_chosen_by IS NULL)),
    -- Anybody may have a sample; nobody may have the whole by asking for one.
    ADD CONSTRAINT audiobooks_sample_apart CHECK (sample_asset_id <> sample_source_id);

-- Pictures are uploaded too, and become no edition.
ALTER TABLE production.uploads
    DROP CONSTRAINT uploads_declared_media_type_check,
    DROP CONSTRAINT uploads_check3,
    ADD CONSTRAINT uploads_kinds CHECK (declared_media_type LIKE 'audio/%'
        OR declared_media_type IN ('image/jpeg', 'image/png')),
    ADD CONSTRAINT uploads_recording_is_edition CHECK ((edition_id IS NOT NULL)
        = (state = 'ready' AND declared_media_type LIKE 'audio/%'));

-- A price holds from its day on; a sale lies over it for a time, and then it holds again.
ALTER TABLE sales.prices
    ADD COLUMN is_sale boolean NOT NULL DEFAULT false,
    -- From when on it would hold if no sale did: rows of one price share it.
    ADD COLUMN since timestamptz,
    ADD COLUMN set_at timestamptz NOT NULL DEFAULT now();
UPDATE sales.prices SET since = lower(valid), set_at = lower(valid);
ALTER TABLE sales.prices
    ALTER COLUMN since SET NOT NULL,
    ADD CONSTRAINT prices_since CHECK (since <= lower(valid)),
    ADD CONSTRAINT prices_sales_end CHECK (NOT is_sale OR (NOT upper_inf(valid) AND since = lower(valid)));
CREATE INDEX prices_of_book ON sales.prices (audiobook_id, lower(valid), id);

CREATE FUNCTION sales.date_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.since := COALESCE(NEW.since, lower(NEW.valid));
    RETURN NEW;
END $$;
CREATE TRIGGER dated BEFORE INSERT ON sales.prices FOR EACH ROW EXECUTE FUNCTION sales.date_price();

-- What a book has cost stays in the books: one that has begun is not unmade, only ended.
CREATE FUNCTION sales.keep_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF lower(OLD.valid) < now() AND (TG_OP = 'DELETE'
        OR (NEW.audiobook_id, NEW.currency, NEW.amount, lower(NEW.valid), NEW.is_sale, NEW.since)
            IS DISTINCT FROM (OLD.audiobook_id, OLD.currency, OLD.amount, lower(OLD.valid), OLD.is_sale, OLD.since)
        OR (NEW.valid <> OLD.valid AND (upper(OLD.valid) < now() OR upper(NEW.valid) < now()))) THEN
        RAISE EXCEPTION 'a price that has begun is only ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prices_kept';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON sales.prices FOR EACH ROW EXECUTE FUNCTION sales.keep_price();

-- Corrected chapters are a new edition of the same files: a summary of a chapter that is no more is not waited for.
INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('summary', 'writing', 'superseded');

-- A category moves with all that is below it, and then too nothing is deeper than eight.
CREATE OR REPLACE FUNCTION catalogue.keep_tree() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    above uuid := NEW.parent_id;
    depth integer;
BEGIN
    IF above IS NULL THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('catalogue.categories'));
    WITH RECURSIVE below AS (
        SELECT NEW.id AS id, 0 AS height
        UNION ALL
        SELECT category.id, height + 1 FROM catalogue.categories AS category JOIN below ON parent_id = below.id
        WHERE height < 9
    )
    SELECT max(height) INTO depth FROM below;
    WHILE above IS NOT NULL LOOP
        depth := depth + 1;
        IF above = NEW.id OR depth >= 8 THEN
            RAISE EXCEPTION 'a category below itself, or too deep'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'categories_are_a_tree';
        END IF;
        SELECT parent_id INTO above FROM catalogue.categories WHERE id = above;
    END LOOP;
    RETURN NEW;
END $$;

-- Lists are read in their order.
CREATE INDEX contributors_order ON catalogue.contributors (lower(sort_name), id);
CREATE INDEX series_order ON catalogue.series (lower(name), id);

REVOKE ALL ON FUNCTION sales.date_price, sales.keep_price FROM PUBLIC;

GRANT SELECT ON catalogue.cover_sizes TO earshelf_catalogue, earshelf_search, earshelf_library;
GRANT INSERT (isbn13), UPDATE (isbn13, current_edition_id) ON catalogue.audiobooks TO earshelf_catalogue;
GRANT INSERT (audiobook_id, number, duration_ms), UPDATE (sealed_at) ON catalogue.editions TO earshelf_catalogue;
GRANT SELECT, INSERT ON catalogue.tracks TO earshelf_catalogue;
GRANT INSERT ON catalogue.chapters TO earshelf_catalogue;
GRANT UPDATE (name, sort_name, distinction, biography, version) ON catalogue.contributors TO earshelf_catalogue;
GRANT UPDATE (edition_id) ON production.transcripts TO earshelf_catalogue;
GRANT SELECT (transcript_id, position, start_ms, chapter), UPDATE (chapter) ON production.transcript_segments
    TO earshelf_catalogue;
GRANT UPDATE (chapter, lease, leased_until) ON production.summaries TO earshelf_catalogue;
-- Who owns a book that is no longer sold still finds its page.
GRANT SELECT ON listening.library TO earshelf_catalogue;

GRANT SELECT, INSERT ON catalogue.cover_sizes TO earshelf_upload_complete;
GRANT UPDATE (cover_asset_id, sample_asset_id, sample_source_id, sample_start_ms, sample_chosen_by)
    ON catalogue.audiobooks TO earshelf_upload_complete;
GRANT INSERT ON plumbing.audit_log TO earshelf_upload_complete;
