-- Who is let in is told to those whom it concerns. Whatever changes who may act for a party is entered,
-- in the same transaction, in the access log of every contract on which the principal holds a role, and
-- in the service's own chain for operators; so it comes under the contracts' signed heads. Only ids,
-- roles, dates and scopes are entered. The database does it, so that no use case can forget.

CREATE FUNCTION access.enter_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, public, pg_temp AS $$
DECLARE
    fact jsonb := to_jsonb(NEW);
    done_by text := fact ->> TG_ARGV[1];
    done_at timestamptz := (fact ->> TG_ARGV[2])::timestamptz;
    given access.grants%ROWTYPE;
    whose text := fact ->> 'principal_id';
    told text;
    place text;
BEGIN
    IF fact ? 'grant_id' THEN
        SELECT * INTO given FROM access.grants WHERE grant_id = fact ->> 'grant_id';
        whose := given.principal_id;
    ELSIF whose IS NULL THEN
        SELECT principal_id INTO whose FROM access.api_keys WHERE key_id = fact ->> 'key_id';
    END IF;
    SELECT jsonb_object_agg(key, value)::text INTO told
    FROM jsonb_each(fact || jsonb_build_object('principal_id', whose))
    WHERE value <> 'null' AND key IN (
        'grant_id', 'principal_id', 'role', 'from_date', 'to_date', 'to_confirm', 'delegated_from',
        'limit_minor', 'limit_currency', 'key_id', 'scopes', 'replaces', 'expires_at', 'ends_at',
        'issuer', 'kind');
    FOR place IN
        SELECT DISTINCT coalesce(one.contract_id, '') FROM access.grants one
        LEFT JOIN access.grant_ends over ON over.grant_id = one.grant_id
        WHERE CASE
            WHEN given.grant_id IS NOT NULL THEN one.grant_id = given.grant_id
            ELSE one.principal_id = whose AND over.grant_id IS NULL
                AND (one.to_date IS NULL OR one.to_date >= (done_at AT TIME ZONE 'UTC')::date)
        END
        ORDER BY 1
    LOOP
        INSERT INTO access.access_log (chain, sequence, at, who, party, operation, contract_id,
            participants, outcome, code, detail, previous_hash, hash)
        VALUES (place, 0, done_at, done_by, given.party, TG_ARGV[0], nullif(place, ''),
            '{}', 'recorded', NULL, told, '', '');
    END LOOP;
    RETURN NULL;
END
$$;

-- A grant for a party that has people on the contract awaits the confirmation of one of them. The first
-- has nobody to confirm it, counts at once, and is on record as that. What its holder delegates was given
-- by a person of the party already; what an operator delegates for them awaits one like any grant.
CREATE FUNCTION access.await_confirmation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended(concat_ws(E'\n', 'grants', NEW.contract_id, NEW.party), 0));
    NEW.to_confirm := NOT EXISTS (
        SELECT 1 FROM access.grants parent
        WHERE parent.grant_id = NEW.delegated_from AND parent.principal_id = NEW.granted_by
    ) AND EXISTS (
        SELECT 1 FROM access.grants one
        JOIN access.principals holder ON holder.principal_id = one.principal_id
        WHERE one.contract_id = NEW.contract_id AND one.party = NEW.party
          AND one.principal_id <> NEW.principal_id AND holder.kind IN ('person', 'group')
          AND one.from_date <= (NEW.granted_at AT TIME ZONE 'UTC')::date
          AND (one.to_date IS NULL OR one.to_date >= (NEW.granted_at AT TIME ZONE 'UTC')::date)
          AND (NOT one.to_confirm OR EXISTS (
              SELECT 1 FROM access.grant_confirmations WHERE grant_id = one.grant_id))
          AND NOT EXISTS (SELECT 1 FROM access.grant_ends WHERE grant_id = one.grant_id)
          AND NOT EXISTS (
              SELECT 1 FROM access.principal_ends WHERE principal_id = one.principal_id));
    RETURN NEW;
END
$$;

CREATE TRIGGER await_confirmation BEFORE INSERT ON access.grants
    FOR EACH ROW EXECUTE FUNCTION access.await_confirmation();

-- A role is for a party that some version of the contract's terms names, drafts included; before the
-- first version any is taken, since it takes a role to bring the terms in. A delegation is for the party
-- of the grant it comes from.
CREATE FUNCTION access.check_party() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM terms_versions WHERE contract_id = NEW.contract_id)
        AND NOT EXISTS (
            SELECT FROM terms_versions
            WHERE contract_id = NEW.contract_id AND document::jsonb @> jsonb_build_object(
                'parties', jsonb_build_array(jsonb_build_object('id', NEW.party))))
    THEN
        RAISE EXCEPTION 'grant %: the terms of contract % do not name its party',
            NEW.grant_id, NEW.contract_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER check_party BEFORE INSERT ON access.grants
    FOR EACH ROW WHEN (NEW.contract_id IS NOT NULL AND NEW.delegated_from IS NULL)
    EXECUTE FUNCTION access.check_party();

CREATE FUNCTION access.refuse_own_confirmation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM access.grants WHERE grant_id = NEW.grant_id
               AND NEW.confirmed_by IN (principal_id, granted_by)) THEN
        RAISE EXCEPTION 'a grant is confirmed by another than its holder and who gave it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER refuse_own_confirmation BEFORE INSERT ON access.grant_confirmations
    FOR EACH ROW EXECUTE FUNCTION access.refuse_own_confirmation();

CREATE TRIGGER enter_standing AFTER INSERT ON access.grant_confirmations
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('confirmGrant', 'confirmed_by', 'confirmed_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.grants
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('grantRole', 'granted_by', 'granted_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.grant_ends
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('endGrant', 'ended_by', 'ended_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.api_keys
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('makeApiKey', 'created_by', 'created_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.api_key_ends
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('endApiKey', 'ended_by', 'ended_at');

-- Another way to the same principal: an identity, an invitation to set an account up.
CREATE TRIGGER enter_standing AFTER INSERT ON access.identities
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('addIdentity', 'added_by', 'added_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.account_setups
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('inviteAgain', 'created_by', 'created_at');

CREATE TRIGGER enter_standing AFTER INSERT ON access.principal_ends
    FOR EACH ROW EXECUTE FUNCTION access.enter_standing('endPrincipal', 'ended_by', 'ended_at');

-- The service, reading for itself, lists who may act (as files too), checks that the log tells of every
-- grant, and enters an import.
GRANT SELECT ON access.grants, access.grant_ends, access.grant_confirmations, access.principals,
    access.principal_ends, access.identities, access.local_accounts, access.api_keys,
    access.api_key_ends TO outcomes_service;
GRANT INSERT ON access.access_log TO outcomes_service;
CREATE POLICY entered_by_service ON access.access_log FOR INSERT TO outcomes_service WITH CHECK (true);
