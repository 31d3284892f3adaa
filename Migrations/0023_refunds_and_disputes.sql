-- Money that goes back. What we ask for is constrained; what has happened at the provider can always be written
-- down, and told twice or in any order it comes to the same rows.
INSERT INTO plumbing.legal_transition (machine, from_state, to_state) VALUES
    ('refund', '', 'requested'),
    ('refund', 'requested', 'pending'),
    ('refund', 'requested', 'requires_action'),
    ('refund', 'requested', 'succeeded'),
    ('refund', 'requested', 'failed'),
    ('refund', 'requested', 'cancelled'),
    -- Made elsewhere, it is first heard of in any state.
    ('refund', '', 'pending'),
    ('refund', '', 'requires_action'),
    ('refund', '', 'succeeded'),
    ('refund', '', 'failed'),
    ('refund', '', 'cancelled'),
    ('refund', 'requires_action', 'pending'),
    ('refund', 'requires_action', 'succeeded'),
    ('refund', 'requires_action', 'failed'),
    ('refund', 'requires_action', 'cancelled'),
    ('refund', 'pending', 'succeeded'),
    ('refund', 'pending', 'failed'),
    ('refund', 'pending', 'cancelled'),
    -- The customer's bank sends it back: https://docs.stripe.com/refunds#failed-refunds.
    ('refund', 'succeeded', 'failed'),

    -- An inquiry, which may become a dispute or be closed without one.
    ('dispute', '', 'warning'),
    ('dispute', '', 'open'),
    ('dispute', '', 'closed'),
    ('dispute', '', 'won'),
    ('dispute', '', 'lost'),
    ('dispute', 'warning', 'open'),
    ('dispute', 'warning', 'closed'),
    ('dispute', 'warning', 'won'),
    ('dispute', 'warning', 'lost'),
    ('dispute', 'closed', 'open'),
    ('dispute', 'closed', 'won'),
    ('dispute', 'closed', 'lost'),
    ('dispute', 'open', 'closed'),
    ('dispute', 'open', 'won'),
    ('dispute', 'open', 'lost'),
    -- A bank may change its mind.
    ('dispute', 'lost', 'won'),
    ('dispute', 'won', 'lost'),

    -- A refund fails while a dispute is open.
    ('entitlement', 'revoked', 'suspended'),

    -- A payment intent is cancelled whatever we knew of it.
    ('attempt', 'created', 'cancelled'),
    ('attempt', 'indeterminate', 'cancelled'),
    ('attempt', 'processing', 'cancelled'),
    ('attempt', 'failed', 'cancelled')
ON CONFLICT DO NOTHING;

-- Ours have a key of our own, stored before anybody is called; `external` ones were made at the provider.
CREATE TABLE sales.refunds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    currency sales.currency_code NOT NULL,
    amount sales.minor_units NOT NULL CHECK (amount > 0),
    state text NOT NULL DEFAULT 'requested',
    reason text NOT NULL CHECK (reason IN
        ('customer_request', 'duplicate', 'fraud', 'already_owned', 'surplus', 'mismatch', 'external')),
    idempotency_key text UNIQUE CHECK (length(idempotency_key) BETWEEN 16 AND 255),
    -- When it was first asked under this key, which the provider forgets after a day; and when last, by schedule.
    asked_at timestamptz,
    looked_at timestamptz,
    provider_refund_id text UNIQUE,
    failure_reason text,
    -- The request of whoever asked, to be found again when it is sent again.
    requested_by uuid REFERENCES identity.users,
    request_key text CHECK (length(request_key) BETWEEN 16 AND 255),
    request_hash bytea CHECK (octet_length(request_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, order_id),
    CONSTRAINT refunds_one_per_key UNIQUE (requested_by, request_key),
    FOREIGN KEY (order_id, currency) REFERENCES sales.orders (id, currency),
    FOREIGN KEY (attempt_id, currency) REFERENCES sales.payment_attempts (id, currency),
    CHECK ((reason = 'external') = (idempotency_key IS NULL)),
    CHECK (reason <> 'external' OR (provider_refund_id IS NOT NULL AND state <> 'requested')),
    CHECK (state NOT IN ('pending', 'requires_action', 'succeeded') OR provider_refund_id IS NOT NULL),
    CHECK ((requested_by IS NULL) = (request_key IS NULL)),
    CHECK ((request_key IS NULL) = (request_hash IS NULL)),
    CHECK (requested_by IS NULL OR reason <> 'external')
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.refunds
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('refund');
CREATE INDEX refunds_order ON sales.refunds (order_id, created_at);
CREATE INDEX refunds_attempt ON sales.refunds (attempt_id);
CREATE INDEX refunds_undecided ON sales.refunds (created_at)
    WHERE state IN ('requested', 'pending', 'requires_action');

-- What we ask for is never more than what was received and is not on its way back yet. The attempt is locked, so
-- that of two who ask at once the second counts the first.
CREATE FUNCTION sales.enforce_refund_cap() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    received bigint;
    returned bigint;
BEGIN
    IF NEW.reason = 'external' OR NEW.state IN ('failed', 'cancelled') THEN RETURN NEW; END IF;
    SELECT amount_received INTO received FROM sales.payment_attempts WHERE id = NEW.attempt_id FOR UPDATE;
    SELECT COALESCE(sum(amount), 0) INTO returned FROM sales.refunds
    WHERE attempt_id = NEW.attempt_id AND id <> NEW.id AND state NOT IN ('failed', 'cancelled');
    IF returned + NEW.amount > COALESCE(received, 0) THEN
        RAISE EXCEPTION 'refunds of % where % was received', returned + NEW.amount, COALESCE(received, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_within_received';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cap BEFORE INSERT OR UPDATE OF amount, attempt_id ON sales.refunds
    FOR EACH ROW EXECUTE FUNCTION sales.enforce_refund_cap();

CREATE TABLE sales.refund_lines (
    refund_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_number smallint NOT NULL,
    amount sales.minor_units NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_id, line_number),
    -- A refund gives back lines of its own order.
    FOREIGN KEY (refund_id, order_id) REFERENCES sales.refunds (id, order_id),
    FOREIGN KEY (order_id, line_number) REFERENCES sales.order_lines (order_id, line_number)
);
CREATE INDEX refund_lines_line ON sales.refund_lines (order_id, line_number);

-- Of two tellings that which is further on counts, and of two equally far the later.
CREATE TABLE sales.disputes (
    provider_dispute_id text PRIMARY KEY CHECK (provider_dispute_id <> ''),
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    currency sales.currency_code NOT NULL,
    amount sales.minor_units NOT NULL CHECK (amount > 0),
    state text NOT NULL,
    provider_status text NOT NULL CHECK (provider_status IN
        ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review',
         'prevented', 'won', 'lost')),
    reason text NOT NULL,
    charge_refundable boolean NOT NULL,
    evidence_due_at timestamptz,
    evidence_submissions integer NOT NULL DEFAULT 0 CHECK (evidence_submissions >= 0),
    told_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (order_id, currency) REFERENCES sales.orders (id, currency),
    FOREIGN KEY (attempt_id, currency) REFERENCES sales.payment_attempts (id, currency)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON sales.disputes
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('dispute');
CREATE INDEX disputes_order ON sales.disputes (order_id);
CREATE INDEX disputes_attempt ON sales.disputes (attempt_id);

-- What a customer sees of what came back to them, line by line where lines are known.
CREATE VIEW sales.order_refunds AS
SELECT r.order_id, r.id AS refund_id, r.amount, r.currency, r.state, r.reason, r.created_at,
    ARRAY(SELECT l.line_number FROM sales.refund_lines l WHERE l.refund_id = r.id ORDER BY 1)::integer[] AS lines
FROM sales.refunds r;

-- What the customer of a disputed order was given, when and where: evidence.access_activity_log of Stripe's.
CREATE VIEW sales.dispute_evidence AS
SELECT d.provider_dispute_id, d.order_id, o.user_id, o.number AS order_number, o.withdrawal_waiver_at,
    o.withdrawal_waiver_text_version, l.line_number, l.title, a.id AS access_id, a.at, a.action, a.ip, a.user_agent
FROM sales.disputes d
    JOIN sales.orders o ON o.id = d.order_id
    JOIN sales.order_lines l ON l.order_id = o.id
    JOIN listening.entitlements e ON e.order_id = l.order_id AND e.line_number = l.line_number
    JOIN listening.access_log a ON a.entitlement_id = e.id;

-- A fact about a payment nobody has told us of yet is kept, and settled as soon as that payment is known.
ALTER TABLE plumbing.webhook_events ADD COLUMN waits_for text CHECK (waits_for <> '');
CREATE INDEX webhook_events_held ON plumbing.webhook_events (waits_for) WHERE state = 'received';

-- When the provider was last asked how an attempt stands, so that not all are asked every minute.
ALTER TABLE sales.payment_attempts ADD COLUMN looked_at timestamptz;

-- Whom the provider knows a customer as, and the key under which it was asked to.
ALTER TABLE identity.users ADD COLUMN stripe_customer_key text UNIQUE CHECK (length(stripe_customer_key) >= 16);

REVOKE ALL ON FUNCTION sales.enforce_refund_cap FROM PUBLIC;
GRANT SELECT ON sales.refunds, sales.refund_lines, sales.order_refunds, sales.disputes
    TO earshelf_orders, earshelf_admin, earshelf_payments, earshelf_relay, earshelf_stripe_webhook;
GRANT UPDATE (looked_at) ON sales.payment_attempts TO earshelf_relay;
GRANT SELECT ON sales.dispute_evidence TO earshelf_admin, earshelf_payments;
