-- Forgetting somebody, and telling them all that is known of them. Money records stay, as the law asks; the person in
-- them goes. A table that refers to a person is to be in both functions below, and a test finds those that are not.

-- At the payment provider, customers are deleted later, by the relay; then the row goes too.
CREATE TABLE sales.customer_deletions (
    stripe_customer_id text PRIMARY KEY CHECK (stripe_customer_id <> ''),
    asked_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_try_at timestamptz NOT NULL DEFAULT now()
);

-- Evidence stays evidence, for as long as it is kept; where it was had and by which program goes with the person.
CREATE FUNCTION listening.keep_access() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.id, OLD.entitlement_id, OLD.asset_id, OLD.action, OLD.at)
            IS DISTINCT FROM (NEW.id, NEW.entitlement_id, NEW.asset_id, NEW.action, NEW.at)
        OR NEW.ip IS NOT NULL OR NEW.user_agent IS NOT NULL
    THEN
        RAISE EXCEPTION 'access_log is append-only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
    END IF;
    RETURN NEW;
END $$;

-- A request that was under way while its person was forgotten writes nothing more of theirs.
CREATE FUNCTION identity.refuse_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased timestamptz;
BEGIN
    IF NEW.user_id IS NULL THEN RETURN NEW; END IF;
    SELECT erased_at INTO erased FROM identity.users WHERE id = NEW.user_id FOR KEY SHARE;
    IF erased IS NOT NULL THEN
        RAISE EXCEPTION 'this person was forgotten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_is_gone';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER present BEFORE INSERT ON identity.preferences
    FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON sales.carts FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON sales.orders FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON sales.order_keys FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.positions
    FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.finishes FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.preferences
    FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.bookmarks
    FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.devices FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();
CREATE TRIGGER present BEFORE INSERT ON listening.heard FOR EACH ROW EXECUTE FUNCTION identity.refuse_erased();

-- What must be settled before somebody can be forgotten; nothing where nothing must.
CREATE FUNCTION identity.unsettled(person uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM sales.orders WHERE user_id = person AND state = 'pending') THEN 'order-pending'
        WHEN EXISTS (SELECT 1 FROM sales.payment_attempts AS a JOIN sales.orders AS o ON o.id = a.order_id
            WHERE o.user_id = person AND a.state IN ('created', 'indeterminate', 'open', 'processing'))
            THEN 'order-pending'
        WHEN EXISTS (SELECT 1 FROM sales.disputes AS d JOIN sales.orders AS o ON o.id = d.order_id
            WHERE o.user_id = person AND d.state = 'open')
            THEN 'dispute-open'
    END
$$;

-- What of the shopping is the person's and no record of money.
CREATE FUNCTION sales.forget_shopping(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM sales.cart_items WHERE cart_id IN (
        SELECT id FROM sales.carts WHERE user_id = person
        UNION SELECT guest.id FROM sales.carts AS guest JOIN sales.carts AS own ON guest.merged_into = own.id
            WHERE own.user_id = person);
    DELETE FROM sales.carts AS guest USING sales.carts AS own
    WHERE guest.merged_into = own.id AND own.user_id = person;
    UPDATE sales.carts SET state = 'expired' WHERE user_id = person AND state = 'active';
    DELETE FROM sales.carts AS cart WHERE user_id = person
        AND NOT EXISTS (SELECT 1 FROM sales.orders WHERE cart_id = cart.id);
    -- The client chose these keys, and may have put anything into them.
    DELETE FROM sales.order_keys WHERE user_id = person;
    UPDATE sales.orders SET idempotency_key = 'forgotten-' || id WHERE user_id = person;
    UPDATE sales.refunds SET request_key = 'forgotten-' || id WHERE requested_by = person;
    -- What was written on gifts, by whoever gave or opened them. An unopened one stays good for who has its code.
    UPDATE sales.gifts SET recipient_email = NULL, recipient_name = NULL, sender_name = NULL, message = NULL
    WHERE redeemed_by = person OR order_id IN (SELECT id FROM sales.orders WHERE user_id = person);
    UPDATE sales.payment_attempts SET session_url = NULL
    WHERE order_id IN (SELECT id FROM sales.orders WHERE user_id = person);
END $$;

CREATE FUNCTION listening.forget_listening(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE listening.access_log SET ip = NULL, user_agent = NULL
    WHERE entitlement_id IN (SELECT id FROM listening.entitlements WHERE user_id = person)
        AND (ip IS NOT NULL OR user_agent IS NOT NULL);
    UPDATE listening.entitlements SET state = 'revoked', state_reason = 'erased', revoked_at = now()
    WHERE user_id = person AND state <> 'revoked';
    -- With the history of each.
    DELETE FROM listening.positions WHERE user_id = person;
    DELETE FROM listening.finishes WHERE user_id = person;
    DELETE FROM listening.preferences WHERE user_id = person;
    DELETE FROM listening.bookmarks WHERE user_id = person;
    DELETE FROM listening.devices WHERE user_id = person;
    DELETE FROM listening.heard WHERE user_id = person;
END $$;

-- What was told about them in the words of others, or answered to them. What is still to be worked on stays as it is
-- until it is.
CREATE FUNCTION plumbing.forget_words(person uuid, email text, objects text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM plumbing.idempotency_keys WHERE principal = person::text;
    DELETE FROM plumbing.rate_limits WHERE caller = 'person:' || person;
    UPDATE plumbing.webhook_events AS told SET raw = convert_to('{}', 'UTF8'),
        object_id = CASE WHEN provider = 'identity' THEN NULL ELSE object_id END
    WHERE state IN ('processed', 'ignored') AND octet_length(raw) > 2
        AND (object_id = ANY (objects)
            OR (email IS NOT NULL AND position(convert_to(email, 'UTF8') IN raw) > 0)
            OR EXISTS (SELECT 1 FROM unnest(objects) AS object WHERE position(convert_to(object, 'UTF8') IN raw) > 0));
END $$;

-- What the provider told of an account that is nobody here, or of something else than an account, is kept no longer
-- than it takes to see that. Its name stays, so that it counts once.
CREATE FUNCTION plumbing.forget_event(told text, told_issuer text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE plumbing.webhook_events SET raw = convert_to('{}', 'UTF8'), object_id = NULL
    WHERE provider = 'identity' AND event_id = told AND state IN ('processed', 'ignored')
        AND NOT EXISTS (SELECT 1 FROM identity.users WHERE issuer = told_issuer AND subject = object_id)
$$;

-- Forgets somebody: what is theirs goes, what must stay says nothing of them. `erased`, or why not: `unknown`,
-- `last-admin`, or what is unsettled. Again, it changes nothing. Roles first, then the account, then the row: in this
-- order everybody locks.
CREATE FUNCTION identity.erase(person uuid, source text, asked_in text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known identity.users;
    obstacle text;
    objects text[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.user_roles'));
    SELECT * INTO known FROM identity.users WHERE id = person;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    PERFORM identity.lock_account(identity.digest_of(known.issuer, known.subject));
    SELECT * INTO known FROM identity.users WHERE id = person FOR UPDATE;
    IF known.erased_at IS NOT NULL THEN RETURN 'erased'; END IF;
    IF source = 'person'
        AND EXISTS (SELECT 1 FROM identity.user_roles WHERE user_id = person AND role = 'admin')
        AND NOT EXISTS (SELECT 1 FROM identity.user_roles WHERE user_id <> person AND role = 'admin')
    THEN
        RETURN 'last-admin';
    END IF;
    obstacle := identity.unsettled(person);
    IF obstacle IS NOT NULL THEN RETURN obstacle; END IF;

    SELECT array_remove(array_agg(DISTINCT object), NULL) INTO objects FROM (
        SELECT known.subject AS object WHERE known.leaving_since IS NULL
        UNION ALL SELECT known.stripe_customer_id
        UNION ALL SELECT unnest(ARRAY[a.session_id, a.payment_intent_id]) FROM sales.payment_attempts AS a
            JOIN sales.orders AS o ON o.id = a.order_id WHERE o.user_id = person) AS named;
    PERFORM plumbing.forget_words(person, known.email, objects);
    PERFORM sales.forget_shopping(person);
    PERFORM listening.forget_listening(person);
    INSERT INTO sales.customer_deletions (stripe_customer_id)
    SELECT known.stripe_customer_id WHERE known.stripe_customer_id IS NOT NULL ON CONFLICT DO NOTHING;
    DELETE FROM identity.preferences WHERE user_id = person;
    DELETE FROM identity.user_roles WHERE user_id = person;
    IF known.leaving_since IS NULL THEN
        INSERT INTO identity.erased_accounts AS gone (account, erased_at, session)
        VALUES (identity.digest_of(known.issuer, known.subject), now(), identity.digest_of(known.issuer, asked_in))
        ON CONFLICT (account) DO UPDATE SET erased_at = EXCLUDED.erased_at, session = EXCLUDED.session;
    END IF;
    BEGIN
        -- Whoever left nothing behind is as if they had never come.
        DELETE FROM identity.users WHERE id = person;
    EXCEPTION WHEN foreign_key_violation THEN
        UPDATE identity.users SET subject = 'erased:' || id, email = NULL, email_verified = false,
            email_told_at = NULL, name = NULL, name_told_at = NULL, display_name = NULL, stripe_customer_id = NULL,
            leaving_since = NULL, version = version + 1, erased_at = now(), erased_by = source
        WHERE id = person;
    END;
    INSERT INTO plumbing.audit_log (actor, action, subject, after)
    VALUES (CASE source WHEN 'person' THEN person END, 'user.erased', 'user/' || person,
        jsonb_build_object('by', source));
    RETURN 'erased';
END $$;

-- The provider deleted an account. Nobody signs in by it again, from this moment on; who had it is forgotten now, or
-- as soon as what is unsettled is settled. Whether anything was new.
CREATE FUNCTION identity.told_gone(told_issuer text, told_subject text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told_account bytea := identity.digest_of(told_issuer, told_subject);
    left_behind uuid;
    was_final boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.user_roles'));
    PERFORM identity.lock_account(told_account);
    SELECT is_final INTO was_final FROM identity.erased_accounts WHERE account = told_account;
    INSERT INTO identity.erased_accounts AS gone (account, erased_at, is_final)
    VALUES (told_account, now(), true) ON CONFLICT (account) DO UPDATE SET is_final = true;
    UPDATE identity.users SET subject = 'leaving:' || id, leaving_since = now()
    WHERE issuer = told_issuer AND subject = told_subject
    RETURNING id INTO left_behind;
    IF left_behind IS NOT NULL THEN
        DELETE FROM identity.user_roles WHERE user_id = left_behind;
        -- The digest is all that is kept of the account's name.
        PERFORM plumbing.forget_words(left_behind, NULL, ARRAY[told_subject]);
        PERFORM identity.erase(left_behind, 'provider', NULL);
    END IF;
    RETURN left_behind IS NOT NULL OR was_final IS NOT TRUE;
END $$;

-- Forgets whom the provider deleted and something unsettled kept; how many.
CREATE FUNCTION identity.let_go(most integer) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*)::integer FROM (
        SELECT id FROM identity.users WHERE leaving_since IS NOT NULL AND identity.unsettled(id) IS NULL
        ORDER BY leaving_since LIMIT most) AS leaving
    WHERE identity.erase(leaving.id, 'provider', NULL) = 'erased'
$$;

CREATE FUNCTION sales.told_money(amount bigint, currency text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN amount IS NOT NULL THEN jsonb_build_object('minorUnits', amount, 'currency', currency) END
$$;

-- All that is known of somebody, for them to take along.
CREATE FUNCTION identity.export(person uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'profile', (
            SELECT to_jsonb(p) FROM (
                SELECT id, issuer, subject, email, email_verified AS "isEmailVerified", name,
                    display_name AS "displayName", stripe_customer_id AS "stripeCustomerId",
                    created_at AS "createdAt"
                FROM identity.users WHERE id = person) AS p),
        'preferences', (
            SELECT to_jsonb(p) FROM (
                SELECT language, theme, speed, skip_back_seconds AS "skipBackSeconds",
                    skip_forward_seconds AS "skipForwardSeconds", wants_news AS "wantsNews",
                    news_decided_at AS "newsDecidedAt", currency, country, updated_at AS "updatedAt"
                FROM identity.preferences WHERE user_id = person) AS p),
        'roles', (
            SELECT COALESCE(jsonb_agg(to_jsonb(r)), '[]') FROM (
                SELECT role, granted_at AS "grantedAt" FROM identity.user_roles
                WHERE user_id = person ORDER BY role) AS r),
        'carts', (
            SELECT COALESCE(jsonb_agg(to_jsonb(c)), '[]') FROM (
                SELECT id, state, currency, created_at AS "createdAt", changed_at AS "changedAt", (
                    SELECT COALESCE(jsonb_agg(to_jsonb(i)), '[]') FROM (
                        SELECT item.audiobook_id AS "audiobookId", book.title, item.added_at AS "addedAt",
                            sales.told_money(item.seen_price, cart.currency) AS "seenPrice", item.gift
                        FROM sales.cart_items AS item JOIN catalogue.audiobooks AS book ON book.id = item.audiobook_id
                        WHERE item.cart_id = cart.id ORDER BY item.added_at) AS i) AS items
                FROM sales.carts AS cart WHERE user_id = person ORDER BY created_at) AS c),
        'orders', (
            SELECT COALESCE(jsonb_agg(to_jsonb(o)), '[]') FROM (
                SELECT bought.id, number, state, created_at AS "createdAt", confirmed_at AS "confirmedAt",
                    closed_at AS "closedAt", withdrawal_waiver_at AS "withdrawalWaiverAt",
                    withdrawal_waiver_text_version AS "withdrawalWaiverTextVersion",
                    sales.told_money(subtotal, currency) AS subtotal, sales.told_money(discount, currency) AS discount,
                    sales.told_money(tax, currency) AS tax, sales.told_money(total, currency) AS total,
                    (SELECT status FROM sales.order_payment_status WHERE order_id = bought.id) AS "paymentStatus", (
                    SELECT COALESCE(jsonb_agg(to_jsonb(l)), '[]') FROM (
                        SELECT line_number AS "lineNumber", audiobook_id AS "audiobookId", title, is_gift AS "isGift",
                            sales.told_money(list_price, currency) AS "listPrice",
                            sales.told_money(discount, currency) AS discount,
                            sales.told_money(tax, currency) AS tax, sales.told_money(total, currency) AS total
                        FROM sales.order_lines WHERE order_id = bought.id ORDER BY line_number) AS l) AS lines, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(a)), '[]') FROM (
                        SELECT number, kind, state, sales.told_money(amount, currency) AS amount,
                            sales.told_money(amount_received, currency) AS received, created_at AS "createdAt",
                            session_id AS "sessionId", payment_intent_id AS "paymentIntentId",
                            failure_code AS "failureCode"
                        FROM sales.payment_attempts WHERE order_id = bought.id ORDER BY number) AS a) AS payments, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(m)), '[]') FROM (
                        SELECT kind, sales.told_money(abs(amount), currency) AS amount, amount > 0 AS "isToUs",
                            occurred_at AS "occurredAt"
                        FROM sales.ledger WHERE order_id = bought.id ORDER BY id) AS m) AS money, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(r)), '[]') FROM (
                        SELECT reason, state, sales.told_money(amount, currency) AS amount,
                            created_at AS "createdAt", (
                            SELECT COALESCE(jsonb_agg(to_jsonb(l)), '[]') FROM (
                                SELECT line_number AS "lineNumber", sales.told_money(amount, refund.currency) AS amount
                                FROM sales.refund_lines WHERE refund_id = refund.id ORDER BY line_number) AS l) AS lines
                        FROM sales.refunds AS refund WHERE order_id = bought.id ORDER BY created_at, id) AS r)
                    AS refunds, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(d)), '[]') FROM (
                        SELECT reason, state, sales.told_money(amount, currency) AS amount,
                            created_at AS "createdAt"
                        FROM sales.disputes WHERE order_id = bought.id ORDER BY created_at) AS d) AS disputes, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(g)), '[]') FROM (
                        SELECT line_number AS "lineNumber", recipient_email AS "recipientEmail",
                            recipient_name AS "recipientName", sender_name AS "senderName", message,
                            deliver_on AS "deliverOn", state, given_at AS "givenAt", redeemed_at AS "redeemedAt"
                        FROM sales.gifts WHERE order_id = bought.id ORDER BY line_number) AS g) AS gifts, (
                    SELECT to_jsonb(p) FROM (
                        SELECT promotion.code, promo.state
                        FROM sales.promotion_uses AS promo
                            JOIN sales.promotions AS promotion ON promotion.id = promo.promotion_id
                        WHERE promo.order_id = bought.id) AS p) AS promotion, (
                    SELECT COALESCE(jsonb_agg(to_jsonb(h)), '[]') FROM (
                        SELECT state, at FROM sales.order_history
                        WHERE order_id = bought.id ORDER BY position) AS h) AS history
                FROM sales.orders AS bought WHERE user_id = person ORDER BY created_at, bought.id) AS o),
        'entitlements', (
            SELECT COALESCE(jsonb_agg(to_jsonb(e)), '[]') FROM (
                SELECT e.audiobook_id AS "audiobookId", book.title, source, e.state, state_reason AS "stateReason",
                    granted_at AS "grantedAt", revoked_at AS "revokedAt", order_id AS "orderId"
                FROM listening.entitlements AS e JOIN catalogue.audiobooks AS book ON book.id = e.audiobook_id
                WHERE user_id = person ORDER BY granted_at, e.id) AS e),
        'listening', (
            SELECT COALESCE(jsonb_agg(to_jsonb(p)), '[]') FROM (
                SELECT place.audiobook_id AS "audiobookId", book.title,
                    place.position_ms AS "positionMilliseconds", place.device_name AS "deviceName",
                    place.moved_at AS "movedAt", place.finished_at AS "finishedAt", (
                    SELECT COALESCE(jsonb_agg(to_jsonb(h)), '[]') FROM (
                        SELECT move, from_ms AS "fromMilliseconds", to_ms AS "toMilliseconds",
                            device_name AS "deviceName", began_at AS "beganAt", at
                        FROM listening.position_history AS moved
                        WHERE moved.user_id = person AND moved.audiobook_id = place.audiobook_id
                        ORDER BY version) AS h) AS history
                FROM listening.positions AS place JOIN catalogue.audiobooks AS book ON book.id = place.audiobook_id
                WHERE place.user_id = person ORDER BY place.moved_at, book.id) AS p),
        'finished', (
            SELECT COALESCE(jsonb_agg(to_jsonb(f)), '[]') FROM (
                SELECT audiobook_id AS "audiobookId", at FROM listening.finishes
                WHERE user_id = person ORDER BY at) AS f),
        'heard', (
            SELECT COALESCE(jsonb_agg(to_jsonb(h)), '[]') FROM (
                SELECT day, audiobook_id AS "audiobookId", milliseconds FROM listening.heard
                WHERE user_id = person ORDER BY day, audiobook_id) AS h),
        'speeds', (
            SELECT COALESCE(jsonb_agg(to_jsonb(s)), '[]') FROM (
                SELECT audiobook_id AS "audiobookId", speed, changed_at AS "changedAt" FROM listening.preferences
                WHERE user_id = person ORDER BY changed_at) AS s),
        'bookmarks', (
            SELECT COALESCE(jsonb_agg(to_jsonb(b)), '[]') FROM (
                SELECT id, audiobook_id AS "audiobookId", position_ms AS "positionMilliseconds", note,
                    created_at AS "createdAt", changed_at AS "changedAt"
                FROM listening.bookmarks WHERE user_id = person AND deleted_at IS NULL
                ORDER BY audiobook_id, position_ms, id) AS b),
        'devices', (
            SELECT COALESCE(jsonb_agg(to_jsonb(d)), '[]') FROM (
                SELECT id, name, told_at AS "toldAt" FROM listening.devices
                WHERE user_id = person ORDER BY told_at) AS d),
        'accessLog', (
            SELECT COALESCE(jsonb_agg(to_jsonb(l)), '[]') FROM (
                SELECT log.at, action, e.audiobook_id AS "audiobookId", ip, user_agent AS "userAgent"
                FROM listening.access_log AS log JOIN listening.entitlements AS e ON e.id = log.entitlement_id
                WHERE e.user_id = person ORDER BY log.id) AS l),
        'auditLog', (
            SELECT COALESCE(jsonb_agg(to_jsonb(l)), '[]') FROM (
                SELECT at, action, subject, before, after FROM plumbing.audit_log
                WHERE actor = person OR subject = 'user/' || person ORDER BY id) AS l)))
$$;

REVOKE ALL ON FUNCTION listening.keep_access, identity.refuse_erased, identity.unsettled, sales.forget_shopping,
    listening.forget_listening, plumbing.forget_words, plumbing.forget_event, identity.erase, identity.told_gone,
    identity.let_go,
    sales.told_money, identity.export FROM PUBLIC;
DROP TRIGGER append_only ON listening.access_log;
CREATE TRIGGER append_only BEFORE UPDATE ON listening.access_log
    FOR EACH ROW EXECUTE FUNCTION listening.keep_access();
GRANT EXECUTE ON FUNCTION identity.erase, identity.export TO earshelf_users;
GRANT EXECUTE ON FUNCTION identity.told_gone, plumbing.forget_event TO earshelf_users, earshelf_relay;
GRANT EXECUTE ON FUNCTION identity.let_go TO earshelf_relay;
GRANT SELECT, DELETE, UPDATE (attempts, next_try_at) ON sales.customer_deletions TO earshelf_relay;
