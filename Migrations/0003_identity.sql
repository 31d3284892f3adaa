-- Who somebody is, is told by issuer and subject; an e-mail address is only something they have.
CREATE TABLE identity.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    issuer text NOT NULL CHECK (issuer <> ''),
    subject text NOT NULL CHECK (subject <> ''),
    email text CHECK (length(email) BETWEEN 3 AND 320),
    email_verified boolean NOT NULL DEFAULT false,
    name text CHECK (length(name) BETWEEN 1 AND 300),
    stripe_customer_id text UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    UNIQUE (issuer, subject),
    CHECK (email IS NOT NULL OR NOT email_verified),
    CHECK (erased_at IS NULL OR (email IS NULL AND name IS NULL AND stripe_customer_id IS NULL))
);

CREATE TABLE identity.user_roles (
    user_id uuid NOT NULL REFERENCES identity.users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'editor', 'support', 'finance')),
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by uuid REFERENCES identity.users,
    PRIMARY KEY (user_id, role)
);

-- Keys of 2048 bits and more; the same kid of another issuer is another key.
CREATE TABLE identity.signing_keys (
    issuer text NOT NULL,
    kid text NOT NULL CHECK (length(kid) BETWEEN 1 AND 255),
    modulus bytea NOT NULL CHECK (octet_length(modulus) BETWEEN 256 AND 2048),
    exponent bytea NOT NULL CHECK (octet_length(exponent) BETWEEN 1 AND 8),
    fetched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, kid)
);

-- Whoever meets an unknown kid leaves a wish; the relay fetches, never more often than its floor.
CREATE TABLE identity.signing_key_refreshes (
    issuer text PRIMARY KEY,
    wished_at timestamptz,
    tried_at timestamptz,
    fetched_at timestamptz,
    CHECK (fetched_at IS NULL OR tried_at IS NOT NULL)
);
