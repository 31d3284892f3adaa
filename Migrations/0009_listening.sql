-- The right of a customer to a book. It ends by its state, and the row stays.
CREATE TABLE listening.entitlements (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES identity.users,
    audiobook_id uuid NOT NULL REFERENCES catalogue.audiobooks,
    source text NOT NULL CHECK (source IN ('purchase', 'grant')),
    order_id uuid,
    line_number smallint,
    granted_by uuid REFERENCES identity.users,
    state text NOT NULL DEFAULT 'active',
    state_reason text,
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    FOREIGN KEY (order_id, line_number) REFERENCES sales.order_lines,
    -- Fulfilling twice is nothing, and not a second copy.
    CONSTRAINT entitlements_one_per_line UNIQUE (order_id, line_number),
    CHECK ((source = 'purchase') = (order_id IS NOT NULL)),
    CHECK ((order_id IS NULL) = (line_number IS NULL)),
    CHECK ((source = 'grant') = (granted_by IS NOT NULL)),
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
    CHECK (state = 'active' OR state_reason IS NOT NULL)
);
CREATE TRIGGER legal BEFORE INSERT OR UPDATE OF state ON listening.entitlements
    FOR EACH ROW EXECUTE FUNCTION plumbing.enforce_transition('entitlement');
CREATE UNIQUE INDEX entitlements_one_live_purchase ON listening.entitlements (user_id, audiobook_id)
    WHERE source = 'purchase' AND state <> 'revoked';
CREATE INDEX entitlements_of_user ON listening.entitlements (user_id, audiobook_id);

CREATE VIEW listening.library AS
SELECT user_id, audiobook_id, min(granted_at) AS owned_since
FROM listening.entitlements
WHERE state = 'active'
GROUP BY user_id, audiobook_id;

-- Evidence in disputes: who was given which file, when and where.
CREATE TABLE listening.access_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entitlement_id uuid NOT NULL REFERENCES listening.entitlements,
    asset_id uuid NOT NULL REFERENCES catalogue.assets,
    action text NOT NULL CHECK (action IN ('stream', 'download')),
    ip inet,
    user_agent text CHECK (length(user_agent) <= 500),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX access_log_entitlement ON listening.access_log (entitlement_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON listening.access_log
    FOR EACH ROW EXECUTE FUNCTION plumbing.forbid_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON listening.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION plumbing.forbid_change();
