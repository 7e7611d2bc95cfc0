-- Who sees which rows, for every role that does not own the tables. What a transaction may see stands
-- in three settings, which the application sets with `set_config(..., true)` and which end with it:
--   outcomes.contract   the contract; unset or empty: no row of any table
--   outcomes.party      the party that looks
--   outcomes.sight      'person': every participant; 'own': those of outcomes.party; else: none
-- A new table needs a line here: tests/storage/test_visibility.py reads the catalogue.

-- 1. Every table of a contract shows and takes rows of that contract only.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'contract_id'
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        -- Forced upon the owner too, who keeps his sight only by this policy: for migrations, the
        -- functions below and whoever repairs by hand.
        EXECUTE format('CREATE POLICY of_owner ON %I TO CURRENT_USER USING (true)', name);
        EXECUTE format(
            'CREATE POLICY of_contract ON %I TO outcomes_app '
            'USING (contract_id = current_setting(''outcomes.contract'', true))', name);
    END LOOP;
END
$$;

-- 2. A reply is kept for the party that asked.
CREATE POLICY of_party ON idempotency_keys AS RESTRICTIVE TO outcomes_app
    USING (party = current_setting('outcomes.party', true));

-- 3. Whether a row belongs to a participant of the provider that looks. These run with the rights of
--    the caller, so each rests on what the policy of the table it reads lets through.
CREATE FUNCTION is_own_participant(of_contract text, of_participant text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM participants
        WHERE contract_id = of_contract AND participant_id = of_participant
            AND provider = current_setting('outcomes.party', true));
END
$$;

CREATE FUNCTION is_own_submission(of_contract text, of_submission text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM submissions
        WHERE contract_id = of_contract AND submission_id = of_submission);
END
$$;

CREATE FUNCTION is_own_entitlement(of_contract text, of_entitlement text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM entitlements
        WHERE contract_id = of_contract AND entitlement_id = of_entitlement);
END
$$;

CREATE FUNCTION is_own_line(of_contract text, of_claim integer, of_line integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM claim_lines
        WHERE contract_id = of_contract AND claim_number = of_claim AND line_number = of_line);
END
$$;

CREATE FUNCTION is_own_note(of_contract text, of_digest text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM journey_events WHERE contract_id = of_contract AND note_digest = of_digest
        UNION ALL
        SELECT FROM verifications WHERE contract_id = of_contract AND note_digest = of_digest
        UNION ALL
        SELECT FROM waivers WHERE contract_id = of_contract AND note_digest = of_digest
        UNION ALL
        SELECT FROM clawbacks WHERE contract_id = of_contract AND note_digest = of_digest);
END
$$;

-- 4. Rows about people: seen with the sight of persons only, and by a provider among several only if
--    they are about its own. Written with the sight of persons: a command has it, a reader has not.
DO $$
DECLARE
    tables CONSTANT text[][] := ARRAY[
        ['participants', 'provider = current_setting(''outcomes.party'', true)'],
        ['participant_privacy', 'is_own_participant(contract_id, participant_id)'],
        ['erasures', 'participant_id IS NULL OR is_own_participant(contract_id, participant_id)'],
        ['journey_events', 'is_own_participant(contract_id, participant_id)'],
        ['evidence_items', 'is_own_participant(contract_id, participant_id)'],
        ['submissions', 'is_own_participant(contract_id, participant_id)'],
        ['submission_evidence', 'is_own_participant(contract_id, participant_id)'],
        ['waivers', 'is_own_submission(contract_id, submission_id)'],
        ['verifications', 'is_own_submission(contract_id, submission_id)'],
        ['entitlements', 'is_own_participant(contract_id, participant_id)'],
        ['clawbacks', 'is_own_entitlement(contract_id, entitlement_id)'],
        ['claim_lines', 'is_own_participant(contract_id, participant_id)'],
        ['approved_lines', 'is_own_line(contract_id, claim_number, line_number)'],
        ['notes', 'is_own_note(contract_id, digest)'],
        ['journal', 'party = current_setting(''outcomes.party'', true)']];
    place integer;
BEGIN
    FOR place IN 1 .. array_length(tables, 1) LOOP
        -- "<> own OR ..." and not "= person OR ...": the planner believes an equality with a value
        -- it cannot know to be rare, and would plan for a handful of rows.
        EXECUTE format(
            'CREATE POLICY of_sight ON %I AS RESTRICTIVE FOR SELECT TO outcomes_app USING ('
            'current_setting(''outcomes.sight'', true) IN (''person'', ''own'') AND '
            '(current_setting(''outcomes.sight'', true) <> ''own'' OR %s))',
            tables[place][1], tables[place][2]);
        EXECUTE format(
            'CREATE POLICY by_command ON %I AS RESTRICTIVE FOR INSERT TO outcomes_app '
            'WITH CHECK (current_setting(''outcomes.sight'', true) = ''person'')',
            tables[place][1]);
    END LOOP;
END
$$;

-- 5. What a party without sight of persons reads instead. These views have the rights of the owner,
--    so they say themselves whose rows they show; no function of a caller's runs before that.
CREATE VIEW journal_without_payloads WITH (security_barrier) AS
    SELECT contract_id, sequence, kind, effective_date, recorded_at, party, person, previous_hash, hash
    FROM journal
    WHERE contract_id = current_setting('outcomes.contract', true);

CREATE VIEW claim_totals_by_payer WITH (security_barrier) AS
    SELECT l.contract_id, l.claim_number, l.currency, s.payer,
        sum(s.amount_minor)::bigint AS amount_minor
    FROM claim_lines l
    JOIN claim_line_shares s USING (contract_id, claim_number, line_number)
    WHERE l.contract_id = current_setting('outcomes.contract', true)
    GROUP BY l.contract_id, l.claim_number, l.currency, s.payer;

--    A count below 5 is null. Where it is the only one of its claim, the next smallest is null too, so
--    that no total gives it away by subtraction (app/payments/suppression.py says the same).
CREATE VIEW claim_totals_by_metric WITH (security_barrier) AS
    WITH totals AS (
        SELECT contract_id, claim_number, metric, currency, sum(counted)::bigint AS counted,
            sum(gross_minor)::bigint AS gross_minor, sum(payable_minor)::bigint AS payable_minor
        FROM claim_lines
        WHERE contract_id = current_setting('outcomes.contract', true)
        GROUP BY contract_id, claim_number, metric, currency
    ), placed AS (
        SELECT *, count(*) FILTER (WHERE counted < 5) OVER claim AS small,
            row_number() OVER (claim ORDER BY counted, metric COLLATE "C") AS place
        FROM totals
        WINDOW claim AS (PARTITION BY contract_id, claim_number)
    )
    SELECT contract_id, claim_number, metric, currency, gross_minor, payable_minor,
        CASE WHEN counted >= 5 AND NOT (small = 1 AND place = 2) THEN counted END AS counted
    FROM placed;

-- 6. Two questions across contracts, which answer identifiers and nothing else.
CREATE FUNCTION contract_ids_after(of_party text, after text, at_most bigint) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.contract_id FROM contracts c
    WHERE c.contract_id > after AND (
        of_party IS NULL OR EXISTS (
            SELECT FROM terms_versions v
            WHERE v.contract_id = c.contract_id AND v.document::jsonb @>
                jsonb_build_object('parties', jsonb_build_array(jsonb_build_object('id', of_party)))))
    ORDER BY c.contract_id
    LIMIT at_most
$$;

CREATE FUNCTION contract_ids_without_contract() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    every text;
BEGIN
    SELECT string_agg(format('SELECT contract_id FROM %I.%I', n.nspname, c.relname), ' UNION ')
    INTO every
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'contract_id'
    WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname <> 'contracts';
    RETURN QUERY EXECUTE format(
        'SELECT contract_id FROM (%s) AS carried '
        'EXCEPT SELECT contract_id FROM contracts ORDER BY contract_id', every);
END
$$;

REVOKE ALL ON FUNCTION contract_ids_after, contract_ids_without_contract FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contract_ids_after, contract_ids_without_contract TO outcomes_app;
GRANT SELECT ON journal_without_payloads, claim_totals_by_payer, claim_totals_by_metric
    TO outcomes_app;
