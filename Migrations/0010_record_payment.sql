-- The one way from money to access. Called with the same arguments by the webhook, by whoever asks the
-- provider again, and for an order that costs nothing; repeated, it changes nothing. The rows are locked in
-- one order everywhere, order before attempt, and looked at only after that.
--
-- It runs with the rights of its owner, because no function's role may write the ledger or an entitlement.
CREATE FUNCTION sales.record_payment(
    told_attempt uuid, told_session text, told_intent text, told_amount bigint, told_currency text,
    teller text, told_at timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bought sales.orders;
    attempt sales.payment_attempts;
    verdict text;
    granted integer;
    wanted integer;
BEGIN
    SELECT * INTO bought FROM sales.orders
    WHERE id = (SELECT order_id FROM sales.payment_attempts WHERE id = told_attempt) FOR UPDATE;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    SELECT * INTO attempt FROM sales.payment_attempts WHERE id = told_attempt FOR UPDATE;

    IF told_currency IS DISTINCT FROM attempt.currency OR told_amount IS NULL OR told_amount < 0
        OR told_session <> attempt.session_id OR told_intent <> attempt.payment_intent_id
        OR (told_amount > 0 AND told_intent IS NULL) OR (attempt.kind = 'free' AND told_amount > 0)
        OR EXISTS (
            SELECT 1 FROM sales.payment_attempts
            WHERE id <> attempt.id AND (session_id = told_session OR payment_intent_id = told_intent))
    THEN
        RETURN 'park';
    END IF;
    IF attempt.state = 'succeeded' THEN RETURN 'duplicate'; END IF;

    verdict := CASE
        WHEN told_amount <> attempt.amount THEN 'mismatch'
        WHEN bought.state IN ('cancelled', 'confirmed') THEN 'surplus'
        ELSE 'applied'
    END;
    UPDATE sales.payment_attempts
    SET state = 'succeeded', amount_received = told_amount, disposition = verdict,
        session_id = COALESCE(session_id, told_session),
        payment_intent_id = COALESCE(payment_intent_id, told_intent)
    WHERE id = attempt.id;
    IF told_amount > 0 THEN
        INSERT INTO sales.ledger
            (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
        VALUES
            (bought.id, attempt.id, attempt.currency, 'charge', told_amount, told_intent, teller, told_at)
        ON CONFLICT ON CONSTRAINT ledger_counts_once DO NOTHING;
    END IF;
    INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
    VALUES ('PaymentProcessed', bought.id::text, 'PaymentProcessed:' || attempt.id,
        jsonb_build_object('order', bought.id, 'attempt', attempt.id, 'disposition', verdict))
    ON CONFLICT (dedupe_key) DO NOTHING;
    IF verdict <> 'applied' THEN RETURN verdict; END IF;

    UPDATE sales.order_numbers SET last = last + 1;
    UPDATE sales.orders
    SET state = 'confirmed', confirmed_at = now(), number = (SELECT last FROM sales.order_numbers)
    WHERE id = bought.id;

    -- A refund may have been told before the charge it returns: then nothing is unlocked.
    IF (SELECT net >= total FROM sales.order_payment_status WHERE order_id = bought.id) THEN
        INSERT INTO listening.entitlements (user_id, audiobook_id, source, order_id, line_number)
        SELECT bought.user_id, audiobook_id, 'purchase', order_id, line_number
        FROM sales.order_lines WHERE order_id = bought.id AND NOT is_gift
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS granted = ROW_COUNT;
        SELECT count(*) INTO wanted FROM sales.order_lines WHERE order_id = bought.id AND NOT is_gift;
        IF granted < wanted THEN
            INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
            VALUES ('LineAlreadyOwned', bought.id::text, 'LineAlreadyOwned:' || bought.id,
                jsonb_build_object('order', bought.id))
            ON CONFLICT (dedupe_key) DO NOTHING;
        END IF;
    END IF;

    -- What was bought leaves the cart; what was put in since stays for the next one.
    DELETE FROM sales.cart_items
    WHERE cart_id = bought.cart_id
        AND audiobook_id IN (SELECT audiobook_id FROM sales.order_lines WHERE order_id = bought.id);
    UPDATE sales.carts
    SET state = CASE WHEN EXISTS (SELECT 1 FROM sales.cart_items WHERE cart_id = bought.cart_id)
            THEN state ELSE 'converted' END,
        version = version + 1, changed_at = now()
    WHERE id = bought.cart_id AND state = 'active';

    INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
    VALUES ('OrderCompleted', bought.id::text, 'OrderCompleted:' || bought.id,
        jsonb_build_object('order', bought.id))
    ON CONFLICT (dedupe_key) DO NOTHING;
    RETURN verdict;
END $$;
REVOKE ALL ON FUNCTION sales.record_payment FROM PUBLIC;
