-- A customer asks for the money of an order, or of some of its books; whoever gives it back decides. It has no words of
-- its own, and so nothing of people.
CREATE TABLE sales.refund_requests (
    order_id uuid PRIMARY KEY REFERENCES sales.orders,
    lines smallint[] NOT NULL CHECK (cardinality(lines) BETWEEN 1 AND 100),
    reason text NOT NULL CHECK (reason IN ('changed_mind', 'duplicate', 'faulty')),
    asked_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION sales.watch_refund_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM plumbing.raise_alert('refund-asked', NEW.order_id::text,
        jsonb_build_object('lines', NEW.lines, 'reason', NEW.reason), 'finance');
    RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER INSERT OR UPDATE ON sales.refund_requests
    FOR EACH ROW EXECUTE FUNCTION sales.watch_refund_requests();

-- Money that goes back has been seen to.
CREATE FUNCTION sales.answer_refund_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM plumbing.resolve_alert('refund-asked', NEW.order_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER answers_requests AFTER INSERT ON sales.refunds
    FOR EACH ROW EXECUTE FUNCTION sales.answer_refund_requests();
REVOKE ALL ON FUNCTION sales.watch_refund_requests, sales.answer_refund_requests FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON sales.refund_requests TO earshelf_orders;
GRANT SELECT ON sales.refund_requests TO earshelf_admin;

-- They belong to what somebody takes along.
ALTER FUNCTION identity.export(uuid) RENAME TO export_records;
CREATE FUNCTION identity.export(person uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT identity.export_records(person) || jsonb_build_object('refundRequests', (
        SELECT COALESCE(jsonb_agg(to_jsonb(r)), '[]') FROM (
            SELECT order_id AS "orderId", lines, reason, asked_at AS "askedAt"
            FROM sales.refund_requests JOIN sales.orders AS bought ON bought.id = order_id
            WHERE bought.user_id = person ORDER BY asked_at) AS r))
$$;
REVOKE ALL ON FUNCTION identity.export FROM PUBLIC;
REVOKE ALL ON FUNCTION identity.export_records FROM earshelf_users;
GRANT EXECUTE ON FUNCTION identity.export TO earshelf_users;
