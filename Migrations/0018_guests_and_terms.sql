-- Carts of people who have not signed in, and the terms an order is placed on.

-- A book of the cart may be for somebody else: who, from whom, with which words, on which day.
ALTER TABLE sales.cart_items
    ADD COLUMN gift jsonb,
    ADD CONSTRAINT cart_items_gift CHECK (jsonb_typeof(gift) = 'object' AND gift ? 'recipientEmail');
CREATE INDEX carts_of_guests ON sales.carts (changed_at) WHERE guest_token_hash IS NOT NULL AND state = 'active';

-- Tax is within the prices, as consumers are told them in Europe, or it comes on top.
ALTER TABLE sales.orders
    ADD COLUMN tax_country text CHECK (tax_country ~ '^[A-Z]{2}$'),
    ADD COLUMN tax_basis_points integer CHECK (tax_basis_points BETWEEN 0 AND 10000),
    ADD COLUMN tax_is_included boolean,
    ADD COLUMN included_tax sales.minor_units NOT NULL DEFAULT 0 CHECK (included_tax >= 0),
    ADD CONSTRAINT orders_tax_told CHECK (
        (tax_country IS NULL) = (tax_basis_points IS NULL) AND (tax_country IS NULL) = (tax_is_included IS NULL)),
    ADD CONSTRAINT orders_tax_once CHECK (
        CASE WHEN tax_is_included THEN tax = 0 WHEN NOT tax_is_included THEN included_tax = 0
            ELSE tax = 0 AND included_tax = 0 END),
    ADD CONSTRAINT orders_tax_within CHECK (included_tax <= total);
ALTER TABLE sales.order_lines
    ADD COLUMN included_tax sales.minor_units NOT NULL DEFAULT 0 CHECK (included_tax >= 0),
    ADD CONSTRAINT order_lines_tax_within CHECK (included_tax <= total);

CREATE OR REPLACE FUNCTION sales.enforce_order_sums() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ordered uuid;
BEGIN
    IF TG_TABLE_NAME = 'orders' THEN ordered := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN ordered := OLD.order_id;
    ELSE ordered := NEW.order_id;
    END IF;
    PERFORM 1
    FROM sales.orders o JOIN sales.order_lines l ON l.order_id = o.id
    WHERE o.id = ordered
    GROUP BY o.id
    HAVING sum(l.list_price) = o.subtotal AND sum(l.discount) = o.discount AND sum(l.tax) = o.tax
        AND sum(l.included_tax) = o.included_tax;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'order % is not the sum of its lines', ordered
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER sums ON sales.orders;
CREATE CONSTRAINT TRIGGER sums AFTER INSERT OR UPDATE OF subtotal, discount, tax, included_tax, total ON sales.orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales.enforce_order_sums();

-- Every key under which an order was asked for, and not only the first: whoever asks for a cart that is
-- ordered already is answered the order that waits, and finds it again under their own key.
CREATE TABLE sales.order_keys (
    user_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    order_id uuid NOT NULL,
    CONSTRAINT order_keys_one_order PRIMARY KEY (user_id, key),
    FOREIGN KEY (order_id, user_id) REFERENCES sales.orders (id, user_id)
);
CREATE INDEX order_keys_order ON sales.order_keys (order_id);
INSERT INTO sales.order_keys (user_id, key, request_hash, order_id)
SELECT user_id, idempotency_key, request_hash, id FROM sales.orders;

GRANT SELECT, INSERT ON sales.order_keys TO earshelf_checkout, earshelf_orders;
GRANT INSERT (tax_country, tax_basis_points, tax_is_included, included_tax) ON sales.orders TO earshelf_checkout;
GRANT INSERT (guest_token_hash), UPDATE (state, merged_into) ON sales.carts TO earshelf_cart;
GRANT UPDATE (gift) ON sales.cart_items TO earshelf_cart;
GRANT SELECT, UPDATE (state, changed_at) ON sales.carts TO earshelf_relay;
GRANT SELECT, DELETE ON sales.cart_items TO earshelf_relay;
