-- How often somebody may ask for what is costly. It is counted here and not in a function's memory, for of one
-- function there are many processes. Unlogged: a crash forgives everybody, and nothing is replicated.
CREATE UNLOGGED TABLE plumbing.rate_limits (
    route text NOT NULL,
    caller text NOT NULL,
    -- When the last ones were let through, the oldest first: never more of them than the limit.
    turns timestamptz[] NOT NULL,
    forgotten_at timestamptz NOT NULL,
    PRIMARY KEY (route, caller)
) WITH (fillfactor = 50);

-- Takes a turn, and answers 0; or takes none, and answers after how many seconds there will be one. In any stretch
-- of so many seconds, no more than `most` are let through. One statement: a row for each caller is the only thing
-- waited for, and only by the same caller.
CREATE FUNCTION plumbing.take_turn(asked text, asker text, most integer, seconds integer) RETURNS integer
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH taken AS (
        INSERT INTO plumbing.rate_limits AS known (route, caller, turns, forgotten_at)
        VALUES (asked, asker, ARRAY[clock_timestamp()], clock_timestamp() + make_interval(secs => seconds))
        -- The clock is read again below, once the row is ours: whoever waited for it comes later.
        ON CONFLICT (route, caller) DO UPDATE SET
            turns = known.turns[GREATEST(1, cardinality(known.turns) - most + 2):] || clock_timestamp(),
            forgotten_at = clock_timestamp() + make_interval(secs => seconds)
        WHERE COALESCE(known.turns[cardinality(known.turns) - most + 1]
            <= clock_timestamp() - make_interval(secs => seconds), true)
        RETURNING 1
    )
    SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0 ELSE COALESCE((
        SELECT LEAST(seconds, GREATEST(1, ceil(extract(epoch FROM
            known.turns[cardinality(known.turns) - most + 1] + make_interval(secs => seconds)
                - clock_timestamp()))))::integer
        FROM plumbing.rate_limits AS known
        WHERE known.route = asked AND known.caller = asker), 1)
    END
$$;

-- Who is not signed in is known by where they ask from, and that by its digest. Of IPv6 the first 64 bits count:
-- the others are the caller's to choose.
CREATE FUNCTION plumbing.network_of(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known inet;
BEGIN
    BEGIN
        known := address::inet;
    EXCEPTION WHEN invalid_text_representation THEN known := NULL;
    END;
    RETURN 'network:' || COALESCE(encode(sha256(convert_to(
        host(network(set_masklen(known, CASE family(known) WHEN 6 THEN 64 ELSE 32 END))), 'UTF8')), 'hex'), 'unknown');
END $$;

REVOKE ALL ON FUNCTION plumbing.take_turn, plumbing.network_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION plumbing.take_turn, plumbing.network_of TO earshelf_caller;
GRANT SELECT (forgotten_at), DELETE ON plumbing.rate_limits TO earshelf_relay;
