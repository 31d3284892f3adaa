-- Books bought for others. A gift is written with its order, given out when that is paid, and becomes its
-- receiver's by a code. Of the code only a hash is kept: it is made of the gift's id and of a secret that
-- only functions know, so the buyer can be shown it again and a copy of the database opens nothing.
INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('gift', '', 'ordered'),
    ('gift', 'ordered', 'waiting'),
    ('gift', 'waiting', 'redeemed'),
    ('gift', 'waiting', 'suspended'),
    ('gift', 'waiting', 'cancelled'),
    ('gift', 'suspended', 'waiting'),
    ('gift', 'suspended', 'cancelled'),
    -- The refund failed after all, or the dispute was won late.
    ('gift', 'cancelled', 'waiting'),
    ('gift', 'cancelled', 'suspended');

ALTER TABLE sales.order_lines ADD UNIQUE (order_id, line_number, is_gift);

CREATE TABLE sales.gifts (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    line_number smallint NOT NULL,
    is_gift boolean NOT NULL DEFAULT true CHECK (is_gift),
    code_hash bytea NOT NULL CONSTRAINT gifts_one_per_code UNIQUE CHECK (octet_length(code_hash) = 32),
    -- Empty once the receiver or the giver was erased.
    recipient_email text CHECK (length(recipient_email) BETWEEN 3 AND 320),
    recipient_name text CHECK (length(recipient_name) BETWEEN 1 AND 100),
    sender_name text CHECK (length(sender_name) BETWEEN 1 AND 100),
    message text CHECK (length(message) BETWEEN 1 AND 500),
    -- Without one it is given at once.
    deliver_on date,
    state text NOT NULL DEFAULT 'ordered',
    state_reason text,
    given_at timestamptz,
    redeemed_by uuid REFERENCES identity.users,
    redeemed_at timestamptz,
    UNIQUE (order_id, line_number),
    FOREIGN KEY (order_id, line_number, is_gift) REFERENCES sales.order_lines (order_id, line_number, is_gift),
    CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL)),
    CHECK ((redeemed_at IS NULL) = (redeemed_by IS NULL)),
    CHECK (state NOT IN ('waiting', 'suspended', 'redeemed') OR given_at IS NOT NULL),
    CHECK (state NOT IN ('suspended', 'cancelled') OR state_reason IS NOT NULL)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.gifts
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('gift');
CREATE INDEX gifts_given ON sales.gifts (given_at DESC, id DESC);
CREATE INDEX gifts_redeemed_by ON sales.gifts (redeemed_by);

-- A gift that was redeemed is a right by the line that paid for it. Whoever has a book by purchase or by gift
-- gets no second copy.
ALTER TABLE listening.entitlements
    ADD COLUMN gift_id uuid UNIQUE REFERENCES sales.gifts,
    DROP CONSTRAINT entitlements_source_check,
    ADD CONSTRAINT entitlements_source_check CHECK (source IN ('purchase', 'gift', 'grant', 'free')),
    DROP CONSTRAINT entitlements_check,
    ADD CONSTRAINT entitlements_of_line CHECK ((source IN ('purchase', 'gift')) = (order_id IS NOT NULL)),
    ADD CONSTRAINT entitlements_of_gift CHECK ((source = 'gift') = (gift_id IS NOT NULL));
DROP INDEX listening.entitlements_one_live_purchase;
CREATE UNIQUE INDEX entitlements_one_live_copy ON listening.entitlements (user_id, audiobook_id)
    WHERE source IN ('purchase', 'gift') AND state <> 'revoked';

-- Gives out what an order bought for others. Called when money becomes access; again, it changes nothing.
CREATE FUNCTION sales.make_gifts(bought uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE sales.gifts SET state = 'waiting', given_at = now() WHERE order_id = bought AND state = 'ordered'
$$;

-- What a code comes to: `redeemed` (again by the same person, too), `unknown`, `not-yet`, `already-owned`,
-- `redeemed-by-another`, `suspended`, `cancelled`. Whatever is not `redeemed` changes nothing, and the code
-- stays what it was. Two who type one code at once meet at its row.
CREATE FUNCTION sales.redeem_gift(
    told_hash bytea, redeemer uuid, OUT outcome text, OUT gift uuid, OUT audiobook uuid, OUT opens_on date
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_gift sales.gifts;
BEGIN
    SELECT * INTO found_gift FROM sales.gifts WHERE code_hash = told_hash AND state <> 'ordered' FOR UPDATE;
    IF NOT FOUND THEN outcome := 'unknown'; RETURN; END IF;
    gift := found_gift.id;
    opens_on := found_gift.deliver_on;
    SELECT l.audiobook_id INTO audiobook FROM sales.order_lines l
    WHERE l.order_id = found_gift.order_id AND l.line_number = found_gift.line_number;

    outcome := CASE
        WHEN found_gift.state = 'redeemed' AND found_gift.redeemed_by = redeemer THEN 'redeemed'
        WHEN found_gift.state = 'redeemed' THEN 'redeemed-by-another'
        WHEN found_gift.state <> 'waiting' THEN found_gift.state
        WHEN opens_on > (now() AT TIME ZONE 'UTC')::date THEN 'not-yet'
        WHEN EXISTS (SELECT 1 FROM listening.entitlements e
            WHERE e.user_id = redeemer AND e.audiobook_id = audiobook AND e.state <> 'revoked')
            THEN 'already-owned'
    END;
    IF outcome IS NOT NULL THEN RETURN; END IF;
    BEGIN
        INSERT INTO listening.entitlements (user_id, audiobook_id, source, order_id, line_number, gift_id)
        VALUES (redeemer, audiobook, 'gift', found_gift.order_id, found_gift.line_number, found_gift.id);
    EXCEPTION WHEN unique_violation THEN
        -- They bought it, or opened another gift of it, at this very moment.
        outcome := 'already-owned';
        RETURN;
    END;
    UPDATE sales.gifts SET state = 'redeemed', redeemed_by = redeemer, redeemed_at = now()
    WHERE id = found_gift.id;
    outcome := 'redeemed';
END $$;

-- Makes a gift what its line of the order has become: `active`, `suspended` for the time of a dispute, or
-- `revoked`. Not opened yet, it is its code that opens nothing; opened, it is its receiver's right that goes and
-- comes back. Said again, it changes nothing.
CREATE FUNCTION sales.settle_gift(bought uuid, line integer, wanted text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known sales.gifts;
BEGIN
    SELECT * INTO known FROM sales.gifts WHERE order_id = bought AND line_number = line FOR UPDATE;
    IF NOT FOUND OR known.given_at IS NULL THEN RETURN; END IF;
    IF known.state <> 'redeemed' THEN
        UPDATE sales.gifts
        SET state = CASE wanted WHEN 'active' THEN 'waiting' WHEN 'suspended' THEN 'suspended' ELSE 'cancelled' END,
            state_reason = CASE WHEN wanted <> 'active' THEN reason END
        WHERE id = known.id;
        RETURN;
    END IF;
    BEGIN
        -- What was revoked becomes active again before it may be suspended.
        UPDATE listening.entitlements SET state = 'active', state_reason = NULL, revoked_at = NULL
        WHERE gift_id = known.id AND state = 'revoked' AND wanted <> 'revoked';
    EXCEPTION WHEN unique_violation THEN
        -- They have got another copy since, and keep that one.
        RETURN;
    END;
    UPDATE listening.entitlements
    SET state = wanted, state_reason = CASE WHEN wanted <> 'active' THEN reason END,
        revoked_at = CASE WHEN wanted = 'revoked' THEN now() END
    WHERE gift_id = known.id AND state <> wanted;
END $$;

-- What a refund of its line does to a gift.
CREATE FUNCTION sales.cancel_gift(bought uuid, line integer, reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT sales.settle_gift(bought, line, 'revoked', reason)
$$;

REVOKE ALL ON FUNCTION sales.make_gifts, sales.redeem_gift, sales.settle_gift,
    sales.cancel_gift FROM PUBLIC;
GRANT SELECT ON sales.gifts TO earshelf_checkout, earshelf_stripe_webhook, earshelf_relay, earshelf_orders,
    earshelf_payments, earshelf_admin, earshelf_gifts;
GRANT INSERT (id, order_id, line_number, code_hash, recipient_email, recipient_name, sender_name, message,
    deliver_on) ON sales.gifts TO earshelf_checkout;
GRANT SELECT ON sales.order_lines, catalogue.audiobooks TO earshelf_gifts;
GRANT SELECT (id, user_id) ON sales.orders TO earshelf_gifts;
GRANT EXECUTE ON FUNCTION sales.redeem_gift TO earshelf_gifts;
