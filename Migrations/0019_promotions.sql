-- Codes that make an order cheaper. How often one was used is a number beside a CHECK, so that the last use
-- cannot be taken twice, and not the length of a list that two may count at once.
INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('promotion_use', '', 'reserved'),
    ('promotion_use', 'reserved', 'used'),
    ('promotion_use', 'reserved', 'released'),
    -- A payment came for an order that had been given up: the use counts again, or, where meanwhile none is
    -- left, it is one too many. What was paid is not refused for that.
    ('promotion_use', 'released', 'used'),
    ('promotion_use', 'released', 'uncounted');

CREATE TABLE sales.promotions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- Folded to capitals: nobody has to remember how it was printed.
    code text NOT NULL CONSTRAINT promotions_one_per_code UNIQUE
        CHECK (code ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$' AND length(code) BETWEEN 3 AND 40),
    kind text NOT NULL CHECK (kind IN ('percent', 'amount')),
    percent smallint CHECK (percent BETWEEN 1 AND 100),
    -- Without one, as often as there are customers.
    max_uses integer CHECK (max_uses >= 1),
    uses integer NOT NULL DEFAULT 0 CHECK (uses >= 0),
    valid tstzrange NOT NULL,
    ended_at timestamptz,
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    created_by uuid REFERENCES identity.users,
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    UNIQUE (id, kind),
    CHECK ((kind = 'percent') = (percent IS NOT NULL)),
    CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND lower_inc(valid) AND NOT upper_inc(valid)),
    CONSTRAINT promotions_within_uses CHECK (uses BETWEEN 0 AND max_uses)
);
CREATE INDEX promotions_newest ON sales.promotions (created_at DESC, id DESC);

-- What it takes off, and from which sum on, in each currency. A promotion that names currencies is good in
-- no other; one by percent that names none is good in all.
CREATE TABLE sales.promotion_currencies (
    promotion_id uuid NOT NULL,
    kind text NOT NULL,
    currency sales.currency_code NOT NULL REFERENCES sales.currencies,
    amount sales.minor_units CHECK (amount > 0),
    minimum sales.minor_units NOT NULL DEFAULT 0 CHECK (minimum >= 0),
    PRIMARY KEY (promotion_id, currency),
    FOREIGN KEY (promotion_id, kind) REFERENCES sales.promotions (id, kind) ON DELETE CASCADE,
    CHECK ((kind = 'amount') = (amount IS NOT NULL))
);

-- What it is for. Naming neither books nor categories, it is for all; a category stands for those below it too.
CREATE TABLE sales.promotion_books (
    promotion_id uuid NOT NULL REFERENCES sales.promotions ON DELETE CASCADE,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks ON DELETE CASCADE,
    PRIMARY KEY (promotion_id, audiobook_id)
);
CREATE TABLE sales.promotion_categories (
    promotion_id uuid NOT NULL REFERENCES sales.promotions ON DELETE CASCADE,
    category_id uuid NOT NULL REFERENCES catalogue.categories ON DELETE CASCADE,
    PRIMARY KEY (promotion_id, category_id)
);

ALTER TABLE sales.carts ADD COLUMN promotion_id uuid REFERENCES sales.promotions;
ALTER TABLE sales.orders
    ADD COLUMN promotion_id uuid REFERENCES sales.promotions,
    ADD CONSTRAINT orders_discount_by_promotion CHECK (discount = 0 OR promotion_id IS NOT NULL);

CREATE TABLE sales.promotion_uses (
    order_id uuid PRIMARY KEY,
    promotion_id uuid NOT NULL REFERENCES sales.promotions,
    user_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'reserved',
    FOREIGN KEY (order_id, user_id) REFERENCES sales.orders (id, user_id)
);
CREATE UNIQUE INDEX promotion_uses_one_per_customer ON sales.promotion_uses (promotion_id, user_id)
    WHERE state IN ('reserved', 'used');
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.promotion_uses
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('promotion_use');

CREATE FUNCTION sales.count_promotion_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    change integer := (NEW.state IN ('reserved', 'used'))::integer
        - CASE WHEN TG_OP = 'UPDATE' THEN (OLD.state IN ('reserved', 'used'))::integer ELSE 0 END;
BEGIN
    IF change <> 0 THEN
        UPDATE sales.promotions SET uses = uses + change WHERE id = NEW.promotion_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT OR UPDATE OF state ON sales.promotion_uses
    FOR EACH ROW EXECUTE FUNCTION sales.count_promotion_use();

-- A use goes with its order, whoever moves that: taken when it is placed, given back when nobody pays, final
-- when somebody does.
CREATE FUNCTION sales.keep_promotion_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO sales.promotion_uses (order_id, promotion_id, user_id)
        VALUES (NEW.id, NEW.promotion_id, NEW.user_id);
    ELSIF NEW.state IN ('cancelled', 'expired') THEN
        UPDATE sales.promotion_uses SET state = 'released' WHERE order_id = NEW.id AND state = 'reserved';
    ELSIF NEW.state = 'confirmed' THEN
        UPDATE sales.promotion_uses SET state = 'used' WHERE order_id = NEW.id AND state = 'reserved';
        BEGIN
            UPDATE sales.promotion_uses SET state = 'used' WHERE order_id = NEW.id AND state = 'released';
        EXCEPTION WHEN check_violation OR unique_violation THEN
            UPDATE sales.promotion_uses SET state = 'uncounted' WHERE order_id = NEW.id AND state = 'released';
        END;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER promotion_taken AFTER INSERT ON sales.orders
    FOR EACH ROW WHEN (NEW.promotion_id IS NOT NULL) EXECUTE FUNCTION sales.keep_promotion_use();
CREATE TRIGGER promotion_kept AFTER UPDATE OF state ON sales.orders
    FOR EACH ROW WHEN (NEW.promotion_id IS NOT NULL) EXECUTE FUNCTION sales.keep_promotion_use();

-- Whether a code helps now: whoever asks, and for which cart. A use that an order of this very cart holds
-- while it waits to be paid is the asker's own, and does not stand in their way. Of others' uses it tells no
-- more than that none is left.
CREATE FUNCTION sales.promotion_standing(asked uuid, customer uuid, cart uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH own AS (
        SELECT bought.state = 'pending' AND bought.cart_id = cart AS is_held
        FROM sales.promotion_uses used JOIN sales.orders bought ON bought.id = used.order_id
        WHERE used.promotion_id = asked AND used.user_id = customer AND used.state IN ('reserved', 'used')
    )
    SELECT CASE
        WHEN ended_at <= now() OR upper(valid) <= now() THEN 'ended'
        WHEN lower(valid) > now() THEN 'not-yet'
        WHEN EXISTS (SELECT 1 FROM own WHERE NOT is_held) THEN 'used-before'
        WHEN uses >= max_uses AND NOT EXISTS (SELECT 1 FROM own) THEN 'used-up'
        ELSE 'good'
    END
    FROM sales.promotions WHERE id = asked
$$;

-- Which books of a cart a promotion is for.
CREATE FUNCTION sales.promoted_books(asked uuid, cart uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE wanted AS (
        SELECT category_id AS id FROM sales.promotion_categories WHERE promotion_id = asked
        UNION
        SELECT below.id FROM catalogue.categories below JOIN wanted ON below.parent_id = wanted.id
    )
    SELECT audiobook_id FROM sales.cart_items item
    WHERE item.cart_id = cart AND (
        EXISTS (SELECT 1 FROM sales.promotion_books named
            WHERE named.promotion_id = asked AND named.audiobook_id = item.audiobook_id)
        OR EXISTS (SELECT 1 FROM catalogue.audiobook_categories shelf JOIN wanted ON wanted.id = shelf.category_id
            WHERE shelf.audiobook_id = item.audiobook_id)
        OR NOT EXISTS (SELECT 1 FROM sales.promotion_books WHERE promotion_id = asked)
            AND NOT EXISTS (SELECT 1 FROM sales.promotion_categories WHERE promotion_id = asked))
$$;

REVOKE ALL ON FUNCTION sales.count_promotion_use, sales.keep_promotion_use, sales.promotion_standing,
    sales.promoted_books FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sales.promotion_standing, sales.promoted_books
    TO earshelf_cart, earshelf_checkout, earshelf_orders;
GRANT SELECT ON sales.promotions, sales.promotion_currencies TO earshelf_cart, earshelf_checkout, earshelf_orders;
GRANT UPDATE (promotion_id) ON sales.carts TO earshelf_cart;
GRANT INSERT (promotion_id) ON sales.orders TO earshelf_checkout;
GRANT SELECT, INSERT (id, code, kind, percent, max_uses, valid, note, created_by),
    UPDATE (max_uses, valid, ended_at, note, version) ON sales.promotions TO earshelf_admin;
GRANT SELECT, INSERT ON sales.promotion_currencies, sales.promotion_books, sales.promotion_categories
    TO earshelf_admin;
GRANT SELECT ON catalogue.audiobooks, catalogue.categories TO earshelf_admin;
