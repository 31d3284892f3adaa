-- Every state an order was ever in: when, in whose name, and which function did it. The database writes it by
-- itself, so that whoever moves an order leaves a trace, and no function may write another.
CREATE TABLE sales.order_history (
    order_id uuid NOT NULL REFERENCES sales.orders,
    -- The last is the version of the order's state.
    position integer NOT NULL CHECK (position >= 1),
    from_state text,
    state text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    -- Nobody where the shop did it by itself.
    actor uuid REFERENCES identity.users,
    function text NOT NULL CHECK (function <> ''),
    PRIMARY KEY (order_id, position),
    CHECK ((position = 1) = (from_state IS NULL))
);

CREATE FUNCTION sales.note_order_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO sales.order_history (order_id, position, from_state, state, actor, function)
    SELECT NEW.id, COALESCE(max(position), 0) + 1, CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state,
        -- Said by the transaction. An order is placed by its customer, whoever says so.
        COALESCE(NULLIF(current_setting('earshelf.actor', true), '')::uuid,
            CASE WHEN TG_OP = 'INSERT' THEN NEW.user_id END),
        -- A function's rights bear its name.
        replace(regexp_replace(current_setting('role'), '^earshelf_', ''), '_', '-')
    FROM sales.order_history WHERE order_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER INSERT ON sales.orders
    FOR EACH ROW EXECUTE FUNCTION sales.note_order_state();
CREATE TRIGGER noted_move AFTER UPDATE OF state ON sales.orders
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION sales.note_order_state();

-- What is known of those that were there before.
INSERT INTO sales.order_history (order_id, position, from_state, state, at, actor, function)
SELECT id, 1, NULL, 'pending', created_at, user_id, 'checkout' FROM sales.orders
UNION ALL
SELECT id, 2, 'pending', state, COALESCE(confirmed_at, closed_at), NULL, 'unknown' FROM sales.orders
WHERE state <> 'pending';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sales.order_history
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON sales.order_history
    FOR EACH STATEMENT EXECUTE FUNCTION plumbing.forbid_change();

-- A code that is almost used up.
CREATE FUNCTION sales.watch_promotion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    few integer := GREATEST(1, NEW.max_uses / 10);
BEGIN
    IF NEW.ended_at IS NULL AND NEW.max_uses - NEW.uses <= few THEN
        -- Raised once on the way down, not again with each use.
        IF OLD.max_uses IS NULL OR OLD.max_uses - OLD.uses > GREATEST(1, OLD.max_uses / 10) THEN
            PERFORM plumbing.raise_alert('low-promotion', NEW.id::text,
                jsonb_build_object('code', NEW.code, 'uses', NEW.uses, 'maxUses', NEW.max_uses), 'finance');
        END IF;
    ELSE
        PERFORM plumbing.resolve_alert('low-promotion', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER UPDATE OF uses, max_uses, ended_at ON sales.promotions
    FOR EACH ROW EXECUTE FUNCTION sales.watch_promotion();

REVOKE ALL ON FUNCTION sales.note_order_state, sales.watch_promotion FROM PUBLIC;
GRANT SELECT ON sales.order_history TO earshelf_orders, earshelf_admin;

-- The function orders places them as the function checkout does.
GRANT SELECT ON catalogue.audiobooks, sales.prices, listening.entitlements, listening.library, sales.cart_items,
    sales.order_payment_status TO earshelf_orders;
GRANT SELECT, UPDATE (ordered_at) ON sales.carts TO earshelf_orders;
GRANT SELECT, INSERT (id, user_id, cart_id, idempotency_key, request_hash, currency, subtotal, discount, tax,
        total, withdrawal_waiver_at, withdrawal_waiver_text_version, tax_country, tax_basis_points,
        tax_is_included, included_tax, promotion_id),
    UPDATE (state, closed_at) ON sales.orders TO earshelf_orders;
GRANT SELECT, INSERT ON sales.order_lines TO earshelf_orders;
GRANT INSERT (id, order_id, line_number, code_hash, recipient_email, recipient_name, sender_name, message,
    deliver_on) ON sales.gifts TO earshelf_orders;
GRANT SELECT, INSERT (id, order_id, number, currency, kind, amount, expires_at),
    UPDATE (state, session_id, session_url, failure_code) ON sales.payment_attempts TO earshelf_orders;
GRANT EXECUTE ON FUNCTION sales.record_payment TO earshelf_orders;
GRANT INSERT ON plumbing.audit_log TO earshelf_orders;
