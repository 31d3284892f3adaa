-- What the provider says of money that went back, and of money that is disputed. `unknown` is of a payment nobody has
-- told us of yet; `park` has not the shape of anything we know, and writes nothing.

-- How far along a refund is: whoever tells of an earlier step tells nothing new.
CREATE FUNCTION sales.refund_step(of_state text) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE of_state WHEN 'requested' THEN 0 WHEN 'requires_action' THEN 1 WHEN 'pending' THEN 2
        WHEN 'succeeded' THEN 3 WHEN 'cancelled' THEN 4 WHEN 'failed' THEN 4 END
$$;

CREATE FUNCTION sales.record_refund(
    told_refund text, told_own uuid, told_intent text, told_amount bigint, told_currency text,
    told_state text, told_failure text, teller text, told_at timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    paid sales.payment_attempts;
    known sales.refunds;
    bought uuid;
BEGIN
    SELECT order_id INTO bought FROM sales.payment_attempts WHERE payment_intent_id = told_intent;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    PERFORM 1 FROM sales.orders WHERE id = bought FOR UPDATE;
    SELECT * INTO paid FROM sales.payment_attempts WHERE payment_intent_id = told_intent FOR UPDATE;
    IF told_currency IS DISTINCT FROM paid.currency OR told_amount IS NULL OR told_amount <= 0
        OR sales.refund_step(told_state) IS NULL OR told_state = 'requested'
    THEN RETURN 'park'; END IF;

    SELECT * INTO known FROM sales.refunds WHERE provider_refund_id = told_refund FOR UPDATE;
    IF NOT FOUND THEN
        -- One of ours whose answer we never had; asked twice and done twice, the second is not the first.
        SELECT * INTO known FROM sales.refunds
        WHERE id = told_own AND attempt_id = paid.id AND provider_refund_id IS NULL FOR UPDATE;
    END IF;
    IF known.id IS NULL THEN
        INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, state, reason, provider_refund_id,
            failure_reason)
        VALUES (bought, paid.id, paid.currency, told_amount, told_state, 'external', told_refund, told_failure)
        RETURNING * INTO known;
        IF told_amount < paid.amount THEN
            PERFORM plumbing.alert_once('refund-without-lines', told_refund, jsonb_build_object(
                'order', bought, 'currency', paid.currency, 'amount', told_amount));
        END IF;
    ELSIF known.amount <> told_amount OR known.attempt_id <> paid.id THEN
        RETURN 'park';
    ELSIF sales.refund_step(told_state) > sales.refund_step(known.state) THEN
        UPDATE sales.refunds
        SET state = told_state, provider_refund_id = told_refund, failure_reason = told_failure
        WHERE id = known.id RETURNING * INTO known;
    ELSE
        UPDATE sales.refunds SET provider_refund_id = told_refund
        WHERE id = known.id AND provider_refund_id IS NULL;
    END IF;

    -- Whether it was booked is another question than how it ended: told that it succeeded after it failed, both were.
    IF told_state = 'succeeded' THEN
        INSERT INTO sales.ledger
            (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
        VALUES (bought, paid.id, paid.currency, 'refund', -told_amount, told_refund, teller, told_at)
        ON CONFLICT ON CONSTRAINT ledger_counts_once DO NOTHING;
    END IF;
    IF known.state IN ('failed', 'cancelled') THEN
        INSERT INTO sales.ledger
            (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
        SELECT order_id, attempt_id, currency, 'refund_reversal', -amount, provider_object_id, teller, told_at
        FROM sales.ledger WHERE provider_object_id = told_refund AND kind = 'refund'
        ON CONFLICT ON CONSTRAINT ledger_counts_once DO NOTHING;
    END IF;
    IF told_state = 'failed' THEN
        PERFORM plumbing.alert_once('refund-failed', told_refund, jsonb_build_object(
            'order', bought, 'currency', paid.currency, 'amount', told_amount));
    END IF;
    IF told_state IN ('succeeded', 'failed', 'cancelled') THEN
        INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
        VALUES ('RefundProcessed', bought::text, 'RefundProcessed:' || told_refund || ':' || told_state,
            jsonb_build_object('order', bought, 'refund', known.id, 'state', told_state))
        ON CONFLICT (dedupe_key) DO NOTHING;
    END IF;
    PERFORM sales.settle_access(bought);
    RETURN 'recorded';
END $$;

-- The provider will not: what we meant to give back stays with us, and somebody must know.
CREATE FUNCTION sales.refuse_refund(refused uuid, told_failure text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given sales.refunds;
BEGIN
    PERFORM 1 FROM sales.orders WHERE id = (SELECT order_id FROM sales.refunds WHERE id = refused) FOR UPDATE;
    UPDATE sales.refunds SET state = 'failed', failure_reason = told_failure
    WHERE id = refused AND state = 'requested' RETURNING * INTO given;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM plumbing.alert_once('refund-failed', refused::text, jsonb_build_object(
        'order', given.order_id, 'currency', given.currency, 'amount', given.amount));
END $$;

-- Begins a refund: the whole of what is left, or lines. Amounts are the order's, whoever asks. Found again under the
-- key of the request it is the same refund.
CREATE FUNCTION sales.request_refund(
    of_order uuid, of_lines integer[], for_reason text, asker uuid, under_key text, asked bytea,
    OUT verdict text, OUT refund uuid
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    paid sales.payment_attempts;
    known sales.refunds;
    left_over bigint;
    wanted bigint;
BEGIN
    PERFORM 1 FROM sales.orders WHERE id = of_order FOR UPDATE;
    IF NOT FOUND THEN verdict := 'unknown_order'; RETURN; END IF;
    SELECT * INTO known FROM sales.refunds WHERE requested_by = asker AND request_key = under_key;
    IF FOUND THEN
        verdict := CASE WHEN known.request_hash = asked THEN 'found' ELSE 'key_reused' END;
        refund := known.id;
        RETURN;
    END IF;
    SELECT * INTO paid FROM sales.payment_attempts
    WHERE order_id = of_order AND state = 'succeeded' AND amount_received > 0
        AND (disposition = 'applied' OR of_lines IS NULL)
    ORDER BY disposition = 'applied' DESC, number LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN verdict := 'not_paid'; RETURN; END IF;
    IF EXISTS (SELECT 1 FROM sales.disputes WHERE attempt_id = paid.id AND NOT charge_refundable) THEN
        verdict := 'disputed'; RETURN;
    END IF;
    SELECT paid.amount_received - COALESCE(sum(amount), 0) INTO left_over FROM sales.refunds
    WHERE attempt_id = paid.id AND state NOT IN ('failed', 'cancelled');
    wanted := left_over;
    IF of_lines IS NOT NULL THEN
        IF EXISTS (
            SELECT 1 FROM unnest(of_lines) AS n
            WHERE NOT EXISTS (SELECT 1 FROM sales.order_lines WHERE order_id = of_order AND line_number = n))
        THEN verdict := 'unknown_line'; RETURN; END IF;
        IF EXISTS (
            SELECT 1 FROM sales.refund_lines l JOIN sales.refunds r ON r.id = l.refund_id
            WHERE l.order_id = of_order AND l.line_number = ANY (of_lines)
                AND r.state NOT IN ('failed', 'cancelled'))
        THEN verdict := 'nothing_left'; RETURN; END IF;
        SELECT sum(total) INTO wanted FROM sales.order_lines
        WHERE order_id = of_order AND line_number = ANY (of_lines);
    END IF;
    IF left_over <= 0 OR COALESCE(wanted, 0) = 0 THEN verdict := 'nothing_left'; RETURN; END IF;
    IF wanted > left_over THEN verdict := 'too_much'; RETURN; END IF;
    INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, reason, idempotency_key, requested_by,
        request_key, request_hash)
    VALUES (of_order, paid.id, paid.currency, wanted, for_reason, 'ref_' || gen_random_uuid(), asker, under_key,
        asked)
    ON CONFLICT ON CONSTRAINT refunds_one_per_key DO NOTHING
    RETURNING id INTO refund;
    IF refund IS NULL THEN verdict := 'key_reused'; RETURN; END IF;
    INSERT INTO sales.refund_lines (refund_id, order_id, line_number, amount)
    SELECT refund, order_id, line_number, total FROM sales.order_lines
    WHERE order_id = of_order AND line_number = ANY (of_lines) AND total > 0;
    verdict := 'requested';
END $$;

CREATE FUNCTION sales.dispute_step(of_status text) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE of_status WHEN 'warning_needs_response' THEN 1 WHEN 'warning_under_review' THEN 2
        WHEN 'warning_closed' THEN 3 WHEN 'needs_response' THEN 4 WHEN 'under_review' THEN 5
        WHEN 'prevented' THEN 6 WHEN 'won' THEN 6 WHEN 'lost' THEN 6 END
$$;

-- `moved` is what a funds event says: the only two that book a dispute's money.
CREATE FUNCTION sales.record_dispute(
    told_dispute text, told_intent text, told_amount bigint, told_currency text, told_status text,
    told_reason text, told_refundable boolean, told_due_at timestamptz, told_submissions integer, moved text,
    teller text, told_when timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    paid sales.payment_attempts;
    bought uuid;
    reached text := CASE
        WHEN told_status IN ('warning_needs_response', 'warning_under_review') THEN 'warning'
        WHEN told_status IN ('warning_closed', 'prevented') THEN 'closed'
        WHEN told_status IN ('needs_response', 'under_review') THEN 'open' ELSE told_status END;
BEGIN
    SELECT order_id INTO bought FROM sales.payment_attempts WHERE payment_intent_id = told_intent;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    PERFORM 1 FROM sales.orders WHERE id = bought FOR UPDATE;
    SELECT * INTO paid FROM sales.payment_attempts WHERE payment_intent_id = told_intent FOR UPDATE;
    IF told_currency IS DISTINCT FROM paid.currency OR told_amount IS NULL OR told_amount <= 0
        OR sales.dispute_step(told_status) IS NULL
    THEN RETURN 'park'; END IF;

    INSERT INTO sales.disputes AS known (provider_dispute_id, order_id, attempt_id, currency, amount, state,
        provider_status, reason, charge_refundable, evidence_due_at, evidence_submissions, told_at)
    VALUES (told_dispute, bought, paid.id, paid.currency, told_amount, reached, told_status, told_reason,
        told_refundable, told_due_at, told_submissions, told_when)
    ON CONFLICT (provider_dispute_id) DO UPDATE
    SET state = EXCLUDED.state, provider_status = EXCLUDED.provider_status, reason = EXCLUDED.reason,
        charge_refundable = EXCLUDED.charge_refundable, evidence_due_at = EXCLUDED.evidence_due_at,
        evidence_submissions = EXCLUDED.evidence_submissions, told_at = EXCLUDED.told_at
    WHERE (sales.dispute_step(EXCLUDED.provider_status), EXCLUDED.told_at, EXCLUDED.evidence_submissions,
            NOT EXCLUDED.charge_refundable, EXCLUDED.provider_status)
        > (sales.dispute_step(known.provider_status), known.told_at, known.evidence_submissions,
            NOT known.charge_refundable, known.provider_status);
    IF moved IS NOT NULL THEN
        INSERT INTO sales.ledger
            (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
        VALUES (bought, paid.id, paid.currency,
            CASE moved WHEN 'withdrawn' THEN 'dispute_withdrawal' ELSE 'dispute_reinstatement' END,
            CASE moved WHEN 'withdrawn' THEN -told_amount ELSE told_amount END, told_dispute, teller, told_when)
        ON CONFLICT ON CONSTRAINT ledger_counts_once DO NOTHING;
    END IF;
    PERFORM plumbing.alert_once('dispute', told_dispute, jsonb_build_object(
        'order', bought, 'currency', paid.currency, 'amount', told_amount, 'reason', told_reason));
    INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
    VALUES ('DisputeOpened', bought::text, 'DisputeOpened:' || told_dispute,
        jsonb_build_object('order', bought, 'dispute', told_dispute))
    ON CONFLICT (dedupe_key) DO NOTHING;
    PERFORM sales.settle_access(bought);
    RETURN 'recorded';
END $$;

-- A bank suspects fraud before anybody disputes: access stays, and a refund may spare the dispute.
CREATE FUNCTION sales.record_fraud_warning(
    told_warning text, told_intent text, told_type text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    paid sales.payment_attempts;
BEGIN
    SELECT * INTO paid FROM sales.payment_attempts WHERE payment_intent_id = told_intent;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    PERFORM plumbing.alert_once('early-fraud-warning', told_warning, jsonb_build_object(
        'order', paid.order_id, 'currency', paid.currency, 'amount', paid.amount, 'type', told_type));
    RETURN 'recorded';
END $$;

REVOKE ALL ON FUNCTION sales.refund_step, sales.record_refund, sales.refuse_refund, sales.request_refund,
    sales.dispute_step, sales.record_dispute, sales.record_fraud_warning FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sales.record_refund, sales.record_dispute, sales.record_fraud_warning
    TO earshelf_stripe_webhook, earshelf_relay;
GRANT EXECUTE ON FUNCTION sales.record_payment, sales.record_refund, sales.refuse_refund, sales.request_refund
    TO earshelf_payments;
GRANT EXECUTE ON FUNCTION sales.refuse_refund TO earshelf_relay;
GRANT UPDATE (asked_at, idempotency_key) ON sales.refunds TO earshelf_payments, earshelf_relay;
GRANT UPDATE (looked_at) ON sales.refunds TO earshelf_relay;
GRANT UPDATE (waits_for) ON plumbing.webhook_events TO earshelf_stripe_webhook, earshelf_relay;
GRANT UPDATE (payment_intent_id) ON sales.payment_attempts
    TO earshelf_stripe_webhook, earshelf_relay, earshelf_checkout, earshelf_orders;
-- An index of theirs is over it.
GRANT EXECUTE ON FUNCTION plumbing.event_key TO earshelf_stripe_webhook, earshelf_relay;
-- Events told to nobody are read again and kept as if they had been delivered.
GRANT INSERT (provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw)
    ON plumbing.webhook_events TO earshelf_relay;

-- The function that gives back, takes intents and keeps payment methods.
GRANT SELECT ON sales.orders, sales.order_lines, sales.order_payment_status TO earshelf_payments;
GRANT UPDATE (state, closed_at) ON sales.orders TO earshelf_payments;
GRANT SELECT, INSERT (id, order_id, number, currency, kind, amount, expires_at),
    UPDATE (state, session_id, session_url, payment_intent_id, failure_code)
    ON sales.payment_attempts TO earshelf_payments;
GRANT UPDATE (stripe_customer_id, stripe_customer_key) ON identity.users TO earshelf_payments;
GRANT INSERT ON plumbing.audit_log TO earshelf_payments;
