-- The one row from which confirmed orders are numbered. A sequence would leave gaps.
CREATE TABLE sales.order_numbers (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    last bigint NOT NULL CHECK (last >= 0)
);
INSERT INTO sales.order_numbers (last) VALUES (0);

CREATE TABLE sales.orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint UNIQUE CHECK (number >= 1),
    user_id uuid NOT NULL REFERENCES identity.users,
    cart_id uuid,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 16 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    currency sales.currency_code NOT NULL REFERENCES sales.currencies,
    state text NOT NULL DEFAULT 'pending',
    subtotal sales.minor_units NOT NULL CHECK (subtotal >= 0),
    discount sales.minor_units NOT NULL DEFAULT 0 CHECK (discount >= 0),
    tax sales.minor_units NOT NULL DEFAULT 0 CHECK (tax >= 0),
    total sales.minor_units NOT NULL CHECK (total >= 0),
    -- Consent to lose the right of withdrawal (Directive 2011/83/EU, Art. 16 (m)).
    withdrawal_waiver_at timestamptz,
    withdrawal_waiver_text_version text,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    closed_at timestamptz,
    UNIQUE (id, currency),
    UNIQUE (id, user_id),
    CONSTRAINT orders_one_per_key UNIQUE (user_id, idempotency_key),
    -- Nobody orders out of another's cart.
    FOREIGN KEY (cart_id, user_id) REFERENCES sales.carts (id, user_id),
    CHECK (total = subtotal - discount + tax),
    CHECK (discount <= subtotal),
    CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL)),
    CHECK ((state = 'confirmed') = (number IS NOT NULL)),
    CHECK (state NOT IN ('cancelled', 'expired') OR closed_at IS NOT NULL),
    CHECK (state <> 'pending' OR closed_at IS NULL),
    CHECK ((withdrawal_waiver_at IS NULL) = (withdrawal_waiver_text_version IS NULL))
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.orders
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('order');
CREATE UNIQUE INDEX orders_one_pending_per_cart ON sales.orders (cart_id) WHERE state = 'pending';
CREATE INDEX orders_of_user ON sales.orders (user_id, created_at DESC, id);
CREATE INDEX orders_pending ON sales.orders (created_at) WHERE state = 'pending';

CREATE TABLE sales.order_lines (
    order_id uuid NOT NULL,
    line_number smallint NOT NULL CHECK (line_number >= 1),
    currency sales.currency_code NOT NULL,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    title text NOT NULL CHECK (title <> ''),
    list_price sales.minor_units NOT NULL CHECK (list_price >= 0),
    discount sales.minor_units NOT NULL DEFAULT 0,
    tax sales.minor_units NOT NULL DEFAULT 0 CHECK (tax >= 0),
    total sales.minor_units NOT NULL,
    is_gift boolean NOT NULL DEFAULT false,
    PRIMARY KEY (order_id, line_number),
    -- A line in another currency than its order cannot be written.
    FOREIGN KEY (order_id, currency) REFERENCES sales.orders (id, currency),
    CHECK (discount BETWEEN 0 AND list_price),
    CHECK (total = list_price - discount + tax)
);
CREATE UNIQUE INDEX order_lines_one_own_copy ON sales.order_lines (order_id, audiobook_id)
    WHERE NOT is_gift;

-- An order is the sum of its lines, and has some. Looked at when all is written.
CREATE FUNCTION sales.enforce_order_sums() RETURNS trigger
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
    HAVING sum(l.list_price) = o.subtotal AND sum(l.discount) = o.discount AND sum(l.tax) = o.tax;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'order % is not the sum of its lines', ordered
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sums AFTER INSERT OR UPDATE OR DELETE ON sales.order_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales.enforce_order_sums();
CREATE CONSTRAINT TRIGGER sums AFTER INSERT OR UPDATE OF subtotal, discount, tax, total ON sales.orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales.enforce_order_sums();

-- What was agreed stays agreed: lines come with their order and never after.
CREATE FUNCTION sales.keep_agreed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' OR EXISTS (
        SELECT 1 FROM sales.orders WHERE id = NEW.order_id AND (state <> 'pending' OR created_at < now())
    ) THEN
        RAISE EXCEPTION 'the lines of an order do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_agreed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreed BEFORE INSERT OR UPDATE OR DELETE ON sales.order_lines
    FOR EACH ROW EXECUTE FUNCTION sales.keep_agreed();

-- What is asked of the provider is a function of the order and of this row: the same key asks the same thing.
CREATE TABLE sales.payment_attempts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id uuid NOT NULL,
    number smallint NOT NULL CHECK (number >= 1),
    currency sales.currency_code NOT NULL,
    kind text NOT NULL CHECK (kind IN ('checkout_session', 'payment_intent', 'free')),
    state text NOT NULL DEFAULT 'created',
    amount sales.minor_units NOT NULL CHECK (amount >= 0),
    -- Random, and not derived from order and amount: a card that was declined may be tried again.
    idempotency_key text NOT NULL UNIQUE DEFAULT 'att_' || gen_random_uuid(),
    session_id text UNIQUE,
    session_url text,
    payment_intent_id text UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    amount_received sales.minor_units CHECK (amount_received >= 0),
    disposition text CHECK (disposition IN ('applied', 'surplus', 'mismatch')),
    failure_code text,
    UNIQUE (order_id, number),
    UNIQUE (id, currency),
    FOREIGN KEY (order_id, currency) REFERENCES sales.orders (id, currency),
    CHECK ((kind = 'free') = (amount = 0)),
    CHECK (kind <> 'checkout_session' OR expires_at IS NOT NULL),
    CHECK (state <> 'open' OR kind <> 'checkout_session' OR session_id IS NOT NULL),
    CHECK ((state = 'succeeded') = (amount_received IS NOT NULL)),
    CHECK ((state = 'succeeded') = (disposition IS NOT NULL)),
    CHECK (state <> 'failed' OR failure_code IS NOT NULL),
    -- A payment that is short never unlocks anything.
    CONSTRAINT attempts_applied_in_full CHECK (disposition <> 'applied' OR amount_received = amount)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.payment_attempts
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('attempt');
CREATE UNIQUE INDEX attempts_one_live ON sales.payment_attempts (order_id)
    WHERE state IN ('created', 'indeterminate', 'open', 'processing');
CREATE UNIQUE INDEX attempts_one_applied ON sales.payment_attempts (order_id)
    WHERE disposition = 'applied';
CREATE INDEX attempts_undecided ON sales.payment_attempts (expires_at)
    WHERE state IN ('created', 'indeterminate', 'open', 'processing');

CREATE FUNCTION sales.enforce_attempt_amount() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.amount <> (SELECT total FROM sales.orders WHERE id = NEW.order_id) THEN
        RAISE EXCEPTION 'an attempt is for the whole of its order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempts_whole_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER whole BEFORE INSERT OR UPDATE OF amount ON sales.payment_attempts
    FOR EACH ROW EXECUTE FUNCTION sales.enforce_attempt_amount();

-- Facts of money, one row for each fact whoever told it: to us is positive, from us negative.
CREATE TABLE sales.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    currency sales.currency_code NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('charge', 'refund', 'refund_reversal', 'dispute_withdrawal', 'dispute_reinstatement')),
    amount sales.minor_units NOT NULL CHECK (amount <> 0),
    provider_object_id text NOT NULL CHECK (provider_object_id <> ''),
    told_by text NOT NULL CHECK (told_by <> ''),
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_counts_once UNIQUE (provider_object_id, kind),
    CHECK ((kind IN ('charge', 'refund_reversal', 'dispute_reinstatement')) = (amount > 0)),
    FOREIGN KEY (order_id, currency) REFERENCES sales.orders (id, currency),
    FOREIGN KEY (attempt_id, currency) REFERENCES sales.payment_attempts (id, currency)
);
CREATE INDEX ledger_order ON sales.ledger (order_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sales.ledger
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON sales.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION plumbing.forbid_change();

-- Derived and never stored: what is stored beside its reasons drifts from them.
CREATE VIEW sales.order_payment_status AS
SELECT order_id, currency, total, charged, refunded, disputed, net,
    CASE
        WHEN total = 0 THEN 'no_payment_required'
        WHEN charged = 0 THEN 'unpaid'
        WHEN disputed > 0 THEN 'charged_back'
        WHEN net <= 0 THEN 'refunded'
        WHEN net > total THEN 'overcharged'
        WHEN net < total AND refunded > 0 THEN 'partially_refunded'
        WHEN net < total THEN 'underpaid'
        ELSE 'paid'
    END AS status
FROM (
    SELECT o.id AS order_id, o.currency, o.total,
        COALESCE(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0)::bigint AS charged,
        COALESCE(-sum(l.amount) FILTER (WHERE l.kind LIKE 'refund%'), 0)::bigint AS refunded,
        COALESCE(-sum(l.amount) FILTER (WHERE l.kind LIKE 'dispute%'), 0)::bigint AS disputed,
        COALESCE(sum(l.amount), 0)::bigint AS net
    FROM sales.orders o LEFT JOIN sales.ledger l ON l.order_id = o.id
    GROUP BY o.id
) AS sums;
