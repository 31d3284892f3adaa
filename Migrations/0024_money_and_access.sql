-- Everything between money and access. Facts are merged so that it does not matter in which order or how often they
-- are told; what a customer may hear is computed anew from all of them, and never stepped along with one.
-- Rows are locked in one order everywhere: order, attempt, refund or dispute.

-- What must be seen by a person of the finances. A fact that is told again is no news: what was acknowledged stays so.
CREATE FUNCTION plumbing.alert_once(of_kind text, about text, told jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO plumbing.alerts (kind, subject, detail) VALUES (of_kind, about, told)
    ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING
$$;

-- The access policy, line by line: returned is revoked, a lost dispute revokes, an open one suspends, and all else
-- is heard. Whoever calls it has locked the order.
CREATE FUNCTION sales.settle_access(settled uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    paid sales.payment_attempts;
    is_returned boolean;
    is_lost boolean;
    is_disputed boolean;
    held record;
BEGIN
    SELECT * INTO paid FROM sales.payment_attempts WHERE order_id = settled AND disposition = 'applied';
    IF NOT FOUND THEN RETURN; END IF;
    SELECT paid.amount_received > 0 AND COALESCE(sum(amount), 0) >= paid.amount_received INTO is_returned
    FROM sales.refunds WHERE attempt_id = paid.id AND state = 'succeeded';
    SELECT COALESCE(bool_or(state = 'lost'), false), COALESCE(bool_or(state = 'open'), false)
    INTO is_lost, is_disputed FROM sales.disputes WHERE attempt_id = paid.id;

    FOR held IN
        SELECT e.id, e.user_id, e.audiobook_id, e.line_number, e.state, e.state_reason, wanted.state AS target,
            wanted.reason
        FROM listening.entitlements AS e
            CROSS JOIN LATERAL (
                SELECT is_returned OR EXISTS (
                    SELECT 1 FROM sales.refund_lines l JOIN sales.refunds r ON r.id = l.refund_id
                    WHERE l.order_id = settled AND l.line_number = e.line_number AND r.state = 'succeeded'
                ) AS is_gone
            ) AS line
            CROSS JOIN LATERAL (
                SELECT CASE WHEN is_gone OR is_lost THEN 'revoked' WHEN is_disputed THEN 'suspended'
                        ELSE 'active' END AS state,
                    CASE WHEN is_gone THEN 'refunded' WHEN is_lost THEN 'dispute-lost'
                        WHEN is_disputed THEN 'disputed' END AS reason
            ) AS wanted
        WHERE e.order_id = settled AND e.source = 'purchase'
            -- What was taken away for another reason is not given back by this.
            AND (e.state_reason IS NULL OR e.state_reason IN ('refunded', 'dispute-lost', 'disputed'))
            AND (e.state, e.state_reason) IS DISTINCT FROM (wanted.state, wanted.reason)
        ORDER BY e.line_number
    LOOP
        IF held.state = 'revoked' AND held.target <> 'revoked' AND EXISTS (
            SELECT 1 FROM listening.entitlements
            WHERE user_id = held.user_id AND audiobook_id = held.audiobook_id
                AND source IN ('purchase', 'gift') AND state <> 'revoked')
        THEN
            -- Bought again since: one right is enough, and somebody has paid twice.
            PERFORM plumbing.alert_once('owned-twice', settled || ':' || held.line_number,
                jsonb_build_object('order', settled, 'line', held.line_number));
            CONTINUE;
        END IF;
        UPDATE listening.entitlements
        SET state = held.target, state_reason = held.reason,
            revoked_at = CASE WHEN held.target = 'revoked' THEN COALESCE(revoked_at, now()) END
        WHERE id = held.id;
    END LOOP;

    -- By the same policy, whether they have been opened or not.
    FOR held IN
        SELECT line_number, is_returned OR EXISTS (
                SELECT 1 FROM sales.refund_lines l JOIN sales.refunds r ON r.id = l.refund_id
                WHERE l.order_id = settled AND l.line_number = line.line_number AND r.state = 'succeeded'
            ) AS is_gone
        FROM sales.order_lines AS line WHERE order_id = settled AND is_gift ORDER BY line_number
    LOOP
        PERFORM sales.settle_gift(settled, held.line_number,
            CASE WHEN held.is_gone OR is_lost THEN 'revoked' WHEN is_disputed THEN 'suspended' ELSE 'active' END,
            CASE WHEN held.is_gone THEN 'refunded' WHEN is_lost THEN 'dispute-lost' ELSE 'disputed' END);
    END LOOP;
END $$;

-- Money that nobody asked for goes back: the relay calls whom it must, under the key written here. No more than is
-- still there; nothing where nothing is.
CREATE FUNCTION sales.give_back(paid uuid, at_most bigint, for_reason text, of_lines integer[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt sales.payment_attempts;
    left_over bigint;
    made uuid;
BEGIN
    SELECT * INTO attempt FROM sales.payment_attempts WHERE id = paid;
    SELECT LEAST(at_most, attempt.amount_received - COALESCE(sum(amount), 0)) INTO left_over FROM sales.refunds
    WHERE attempt_id = paid AND state NOT IN ('failed', 'cancelled');
    IF left_over <= 0 THEN RETURN; END IF;
    INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, reason, idempotency_key)
    VALUES (attempt.order_id, paid, attempt.currency, left_over, for_reason, 'ref_' || gen_random_uuid())
    RETURNING id INTO made;
    IF left_over = at_most THEN
        INSERT INTO sales.refund_lines (refund_id, order_id, line_number, amount)
        SELECT made, order_id, line_number, total FROM sales.order_lines
        WHERE order_id = attempt.order_id AND line_number = ANY (of_lines) AND total > 0;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION sales.record_payment(
    told_attempt uuid, told_session text, told_intent text, told_amount bigint, told_currency text,
    teller text, told_at timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bought sales.orders;
    attempt sales.payment_attempts;
    verdict text;
    owned_already integer[];
    owned_worth bigint;
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
    SET state = 'succeeded', amount_received = told_amount, disposition = verdict, failure_code = NULL,
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
    IF verdict = 'surplus' THEN PERFORM sales.give_back(attempt.id, told_amount, 'surplus', NULL); END IF;
    IF verdict = 'mismatch' THEN
        PERFORM plumbing.alert_once('payment-mismatch', attempt.id::text, jsonb_build_object(
            'order', bought.id, 'currency', attempt.currency, 'agreed', attempt.amount, 'received', told_amount));
    END IF;
    IF verdict <> 'applied' THEN RETURN verdict; END IF;

    UPDATE sales.order_numbers SET last = last + 1;
    UPDATE sales.orders
    SET state = 'confirmed', confirmed_at = now(), closed_at = NULL,
        number = (SELECT last FROM sales.order_numbers)
    WHERE id = bought.id;
    INSERT INTO listening.entitlements (user_id, audiobook_id, source, order_id, line_number)
    SELECT bought.user_id, audiobook_id, 'purchase', order_id, line_number
    FROM sales.order_lines WHERE order_id = bought.id AND NOT is_gift
    ON CONFLICT DO NOTHING;
    PERFORM sales.make_gifts(bought.id);
    -- A refund or a dispute may have been told before the charge it is about.
    PERFORM sales.settle_access(bought.id);

    -- Nobody owns a book twice: what it cost goes back.
    SELECT array_agg(line_number), sum(total) INTO owned_already, owned_worth FROM sales.order_lines AS line
    WHERE order_id = bought.id AND NOT is_gift AND NOT EXISTS (
        SELECT 1 FROM listening.entitlements AS e
        WHERE e.order_id = line.order_id AND e.line_number = line.line_number);
    IF owned_already IS NOT NULL THEN
        INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
        VALUES ('LineAlreadyOwned', bought.id::text, 'LineAlreadyOwned:' || bought.id,
            jsonb_build_object('order', bought.id, 'lines', to_jsonb(owned_already)))
        ON CONFLICT (dedupe_key) DO NOTHING;
        PERFORM sales.give_back(attempt.id, owned_worth, 'already_owned', owned_already);
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

REVOKE ALL ON FUNCTION plumbing.alert_once, sales.settle_access, sales.give_back FROM PUBLIC;
