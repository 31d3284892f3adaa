-- Codes are ISO 4217's, exponents are Stripe's (docs.stripe.com/currencies).
CREATE DOMAIN sales.currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN sales.minor_units AS bigint CHECK (VALUE BETWEEN -9000000000000 AND 9000000000000);

CREATE TABLE sales.currencies (
    code sales.currency_code PRIMARY KEY,
    exponent smallint NOT NULL CHECK (exponent IN (0, 2, 3)),
    -- What an amount must be divisible by: whole kronur and shillings in hundredths, dinars without their
    -- third decimal.
    multiple smallint NOT NULL CHECK (multiple IN (1, 10, 100)),
    minimum_charge sales.minor_units NOT NULL CHECK (minimum_charge >= 1)
);
INSERT INTO sales.currencies (code, exponent, multiple, minimum_charge) VALUES
    ('AED', 2, 1, 200), ('AUD', 2, 1, 50), ('BGN', 2, 1, 100), ('BHD', 3, 10, 10), ('BIF', 0, 1, 1),
    ('BRL', 2, 1, 50), ('CAD', 2, 1, 50), ('CHF', 2, 1, 50), ('CLP', 0, 1, 1), ('CZK', 2, 1, 1500),
    ('DJF', 0, 1, 1), ('DKK', 2, 1, 250), ('EUR', 2, 1, 50), ('GBP', 2, 1, 30), ('GNF', 0, 1, 1),
    ('HKD', 2, 1, 400), ('HUF', 2, 1, 17500), ('INR', 2, 1, 50), ('ISK', 2, 100, 100), ('JOD', 3, 10, 10),
    ('JPY', 0, 1, 50), ('KMF', 0, 1, 1), ('KRW', 0, 1, 1), ('KWD', 3, 10, 10), ('MGA', 0, 1, 1),
    ('MXN', 2, 1, 1000), ('MYR', 2, 1, 200), ('NOK', 2, 1, 300), ('NZD', 2, 1, 50), ('OMR', 3, 10, 10),
    ('PLN', 2, 1, 200), ('PYG', 0, 1, 1), ('RON', 2, 1, 200), ('RWF', 0, 1, 1), ('SEK', 2, 1, 300),
    ('SGD', 2, 1, 50), ('THB', 2, 1, 1000), ('TND', 3, 10, 10), ('UGX', 2, 100, 100), ('USD', 2, 1, 50),
    ('VND', 0, 1, 1), ('VUV', 0, 1, 1), ('XAF', 0, 1, 1), ('XOF', 0, 1, 1), ('XPF', 0, 1, 1);

-- At any moment a book has one price in a currency, or none.
CREATE TABLE sales.prices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    currency sales.currency_code NOT NULL REFERENCES sales.currencies,
    amount sales.minor_units NOT NULL CHECK (amount >= 0),
    valid tstzrange NOT NULL,
    set_by uuid REFERENCES identity.users,
    CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND lower_inc(valid) AND NOT upper_inc(valid)),
    CONSTRAINT prices_one_at_a_time
        EXCLUDE USING gist (audiobook_id WITH =, currency WITH =, valid WITH &&)
);

CREATE FUNCTION sales.enforce_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM sales.currencies
    WHERE code = NEW.currency AND NEW.amount % multiple = 0
        AND (NEW.amount = 0 OR NEW.amount >= minimum_charge);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no amount that % can be charged in', NEW.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prices_chargeable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chargeable BEFORE INSERT OR UPDATE OF amount, currency ON sales.prices
    FOR EACH ROW EXECUTE FUNCTION sales.enforce_price();

-- One owner, known or not; no quantities, for nobody owns a book twice.
CREATE TABLE sales.carts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid REFERENCES identity.users,
    guest_token_hash bytea CHECK (octet_length(guest_token_hash) = 32),
    currency sales.currency_code NOT NULL REFERENCES sales.currencies,
    state text NOT NULL DEFAULT 'active',
    merged_into uuid REFERENCES sales.carts,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    -- Touched when an order is placed, so that two who place one at once meet here.
    ordered_at timestamptz,
    CONSTRAINT carts_one_owner CHECK ((user_id IS NULL) <> (guest_token_hash IS NULL)),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CHECK (merged_into <> id),
    UNIQUE (id, user_id)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.carts
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('cart');
CREATE UNIQUE INDEX carts_one_active_per_user ON sales.carts (user_id) WHERE state = 'active';
CREATE UNIQUE INDEX carts_one_active_per_guest ON sales.carts (guest_token_hash) WHERE state = 'active';

CREATE TABLE sales.cart_items (
    cart_id uuid NOT NULL REFERENCES sales.carts ON DELETE CASCADE,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    seen_price sales.minor_units NOT NULL CHECK (seen_price >= 0),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cart_id, audiobook_id)
);
