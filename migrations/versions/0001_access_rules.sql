-- Who may use the service. Rows are added and never changed; what ends is ended by a row. Sessions
-- note when they were last used and ended, a pending sign-in is taken out when it is used, and failures
-- to sign in are counted until the access log has them.

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'access'::regnamespace
          AND c.relname NOT IN ('sessions', 'pending_sign_ins', 'failed_sign_ins')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access.%I '
            'FOR EACH ROW EXECUTE FUNCTION public.refuse_change()', name);
        EXECUTE format(
            'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA access TO outcomes_app, outcomes_service;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA access TO outcomes_app;
GRANT UPDATE (last_used_at, ended_at) ON access.sessions TO outcomes_app;
GRANT DELETE ON access.pending_sign_ins TO outcomes_app;
GRANT UPDATE (entered_at, counted) ON access.failed_sign_ins TO outcomes_app;

-- A delegation is within the grant it comes from. Its place and role are held by the foreign key; this
-- holds the rest: not of a delegation, within its days, between two people of one organisation, none
-- of them shut out, and up to no more than its limit. Rows never change, so what holds once does so
-- always; whether the grant still counts is asked at every request.
CREATE FUNCTION access.check_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent record;
BEGIN
    SELECT g.*, p.kind, p.organisation INTO parent
    FROM access.grants g JOIN access.principals p USING (principal_id)
    WHERE g.grant_id = NEW.delegated_from;
    IF NOT FOUND THEN
        RETURN NEW;  -- the foreign key says so
    END IF;
    IF parent.delegated_from IS NOT NULL THEN
        RAISE EXCEPTION 'grant %: what was delegated is not passed on', NEW.grant_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.from_date < parent.from_date OR NEW.to_date > parent.to_date THEN
        RAISE EXCEPTION 'grant %: its days are not within those of grant %',
            NEW.grant_id, NEW.delegated_from USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.principal_id = parent.principal_id THEN
        RAISE EXCEPTION 'grant %: nobody delegates to themselves', NEW.grant_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF parent.kind <> 'person' OR NOT EXISTS (
        SELECT FROM access.principals p
        WHERE p.principal_id = NEW.principal_id AND p.kind = 'person'
          AND p.organisation = parent.organisation
    ) THEN
        RAISE EXCEPTION 'grant %: people delegate to people of their own organisation', NEW.grant_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF parent.limit_minor IS NOT NULL AND (
        NEW.limit_minor IS NULL OR NEW.limit_currency <> parent.limit_currency
        OR NEW.limit_minor > parent.limit_minor
    ) THEN
        RAISE EXCEPTION 'grant %: its limit is above that of grant %',
            NEW.grant_id, NEW.delegated_from USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM access.grant_ends WHERE grant_id = NEW.delegated_from)
        OR EXISTS (
            SELECT FROM access.principal_ends
            WHERE principal_id IN (NEW.principal_id, parent.principal_id))
    THEN
        RAISE EXCEPTION 'grant %: grant %, its holder or the delegate is at its end',
            NEW.grant_id, NEW.delegated_from USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER check_delegation BEFORE INSERT ON access.grants
    FOR EACH ROW WHEN (NEW.delegated_from IS NOT NULL) EXECUTE FUNCTION access.check_delegation();

-- Whether a grant counted at an instant: within its days (in UTC), confirmed where that is awaited, and
-- not ended.
CREATE FUNCTION access.counted(given access.grants, instant timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT given.granted_at <= instant
        AND (instant AT TIME ZONE 'UTC')::date
            BETWEEN given.from_date AND coalesce(given.to_date, 'infinity')
        AND (NOT given.to_confirm OR EXISTS (
            SELECT FROM access.grant_confirmations c
            WHERE c.grant_id = given.grant_id AND c.confirmed_at <= instant))
        AND NOT EXISTS (
            SELECT FROM access.grant_ends e
            WHERE e.grant_id = given.grant_id AND e.ended_at <= instant)
$$;

-- Nobody approves more than their limit: a claim, a correction, or the submission of a claim to a fund,
-- each for what it counts for (to_approve, 0001_duties.sql). What was approved under delegations is
-- within each of them; what somebody approved by grants of their own is within one of those in force
-- that day. A record may name whatever it likes as delegated: only a delegation of this role to whoever
-- approves, by whom the record names, lifts the limit of their own grants, and only while it and the
-- grant it comes from count. Who has no grant of their own (acting headers, or a group, whose members
-- are not known here) is the service's to ask. With the rights of the owner, so that no caller hides
-- lines from the sum. The arguments of a trigger: what is approved, the column that names it, and the
-- role that approves it.
CREATE FUNCTION access.check_approval_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_key CONSTANT text := to_jsonb(NEW) ->> TG_ARGV[1];
    of_role CONSTANT text := TG_ARGV[2];
    total numeric;
    money text;
    exceeded boolean;
    delegated boolean;
BEGIN
    SELECT a.amount, a.money INTO total, money
    FROM to_approve(NEW.contract_id, TG_ARGV[0], of_key, NEW.sequence) a;
    IF NOT FOUND THEN
        RETURN NULL;  -- it carries out a dispute, and nobody approves it
    END IF;
    SELECT coalesce(bool_or(g.limit_minor < total OR g.limit_currency <> money), false),
        coalesce(bool_or(access.counted(g, NEW.recorded_at)
            AND access.counted(parent, NEW.recorded_at)), false)
    INTO exceeded, delegated
    FROM delegated_acts a
    JOIN access.grants g ON g.grant_id = a.grant_id
    JOIN access.grants parent ON parent.grant_id = g.delegated_from
        AND parent.principal_id = a.on_behalf_of
    WHERE a.contract_id = NEW.contract_id AND a.sequence = NEW.sequence
      AND g.principal_id = NEW.person AND g.contract_id = NEW.contract_id
      AND g.party = NEW.party AND g.role = of_role;
    IF NOT exceeded AND NOT delegated THEN
        SELECT bool_and(coalesce(g.limit_minor < total OR g.limit_currency <> money, false))
        INTO exceeded
        FROM access.grants g
        WHERE g.principal_id = NEW.person AND g.contract_id = NEW.contract_id
          AND g.party = NEW.party AND g.role = of_role AND g.delegated_from IS NULL
          AND access.counted(g, NEW.recorded_at);
    END IF;
    IF exceeded THEN
        RAISE EXCEPTION 'contract %: % % is above the limit of its approver',
            NEW.contract_id, TG_ARGV[0], of_key USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    acts CONSTANT text[][] := ARRAY[
        ['claim_first_approvals', 'true', 'claim', 'claim_number', 'approver'],
        ['claim_decisions', 'NEW.decision = ''approved''', 'claim', 'claim_number', 'approver'],
        ['correction_first_approvals', 'true', 'correction', 'correction_id', 'approver'],
        ['correction_decisions', 'NEW.decision = ''approved''', 'correction', 'correction_id',
            'approver'],
        ['fund_claim_first_approvals', 'true', 'fund_claim', 'fund_claim_number',
            'commissioner_finance'],
        ['fund_claim_states', 'NEW.state = ''submitted''', 'fund_claim', 'fund_claim_number',
            'commissioner_finance']];
    place integer;
BEGIN
    FOR place IN 1 .. array_length(acts, 1) LOOP
        EXECUTE format(
            'CREATE CONSTRAINT TRIGGER approved_within_limit AFTER INSERT ON public.%I '
            'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (%s) '
            'EXECUTE FUNCTION access.check_approval_limit(%L, %L, %L)',
            acts[place][1], acts[place][2], acts[place][3], acts[place][4], acts[place][5]);
    END LOOP;
END
$$;
