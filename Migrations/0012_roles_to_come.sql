-- The roles of the functions by which the shop becomes whole. What each may do is said where its tables are made.
CREATE FUNCTION plumbing.ensure_role(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Roles belong to the whole cluster and not to this database: another may be making the same at this moment.
    FOR attempt IN 1..20 LOOP
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
            -- The login takes the role on for each transaction.
            IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            END IF;
            RETURN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            -- "tuple concurrently updated": the other was quicker.
            WHEN internal_error THEN NULL;
        END;
    END LOOP;
    RAISE EXCEPTION 'role % cannot be made', name;
END $$;

CREATE FUNCTION plumbing.ensure_member(member text, of_role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR attempt IN 1..20 LOOP
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_auth_members
                WHERE roleid = of_role::regrole AND pg_auth_members.member = ensure_member.member::regrole
            ) THEN
                EXECUTE format('GRANT %I TO %I', of_role, member);
            END IF;
            RETURN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN internal_error THEN NULL;
        END;
    END LOOP;
    RAISE EXCEPTION 'role % cannot be made a member of %', member, of_role;
END $$;
REVOKE ALL ON FUNCTION plumbing.ensure_role, plumbing.ensure_member FROM PUBLIC;

SELECT plumbing.ensure_role(name) FROM unnest(ARRAY['earshelf_search', 'earshelf_gifts', 'earshelf_orders',
    'earshelf_payments', 'earshelf_users', 'earshelf_admin', 'earshelf_health']) AS name;
SELECT plumbing.ensure_member(name, 'earshelf_caller')
FROM unnest(ARRAY['earshelf_search', 'earshelf_gifts', 'earshelf_orders', 'earshelf_payments',
    'earshelf_users', 'earshelf_admin']) AS name;
SELECT plumbing.ensure_member('earshelf_health', 'earshelf_any');
