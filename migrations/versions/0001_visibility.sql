-- Who sees which rows, for every role that does not own the tables.
--   outcomes_app      what the service logs in as: a party's reader, which only reads
--   outcomes_service  what it becomes for one transaction (SET LOCAL ROLE) where it writes or reckons
-- What a transaction is about stands in three settings, which the application sets with
-- `set_config(..., true)` and which end with it:
--   outcomes.contract   the contract; unset or empty: no row of any table, for either role
--   outcomes.party      the party that looks; for outcomes_app no row, unless the terms name it
--   outcomes.sight      'person': every participant; 'own': those of outcomes.party; else: none.
--                       A party is given less where its roles in the terms give it less.
-- A new table needs a line here: tests/storage/test_visibility.py reads the catalogue.

-- 1. What the party that looks may see at most, by the terms themselves: NULL where no version names
--    it. Versions in force count, and before any is, the first draft (app/domain/sight.py says the
--    same, and looks at the day too: a party whose dates are over is shown less than this).
CREATE FUNCTION party_sight() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    looked_at CONSTANT text := current_setting('outcomes.contract', true);
    looking CONSTANT text := current_setting('outcomes.party', true);
    asked CONSTANT text := current_setting('outcomes.sight', true);
    greatest text;
BEGIN
    WITH drafted AS MATERIALIZED (
        SELECT version, document::jsonb AS terms FROM terms_versions WHERE contract_id = looked_at
    ), agreed AS MATERIALIZED (
        SELECT version FROM drafted d WHERE NOT EXISTS (
            SELECT FROM jsonb_array_elements_text(d.terms -> 'signatories') AS signs (party)
            WHERE NOT EXISTS (
                SELECT FROM acceptances a
                WHERE a.contract_id = looked_at AND a.version = d.version
                    AND a.party = signs.party))
    ), held AS MATERIALIZED (
        SELECT one ->> 'id' AS party, one -> 'roles' AS roles
        FROM drafted, jsonb_array_elements(terms -> 'parties') AS one
        WHERE version IN (SELECT version FROM agreed) OR (
            NOT EXISTS (SELECT FROM agreed) AND version = (SELECT min(version) FROM drafted))
    )
    SELECT CASE
        WHEN EXISTS (SELECT FROM held WHERE party = looking AND roles ? 'commissioner')
            THEN 'person'
        WHEN EXISTS (SELECT FROM held WHERE party = looking AND roles ? 'service_provider')
            THEN CASE WHEN EXISTS (
                SELECT FROM held WHERE party <> looking AND roles ? 'service_provider')
                THEN 'own' ELSE 'person' END
        WHEN EXISTS (
            SELECT FROM drafted WHERE terms @> jsonb_build_object(
                'parties', jsonb_build_array(jsonb_build_object('id', looking))))
            THEN 'aggregate'
    END INTO greatest;
    RETURN CASE
        WHEN greatest IS NULL THEN NULL
        WHEN asked = 'person' AND greatest = 'person' THEN 'person'
        WHEN asked IN ('person', 'own') AND greatest IN ('person', 'own') THEN 'own'
        ELSE 'aggregate'
    END;
END
$$;

REVOKE ALL ON FUNCTION party_sight FROM PUBLIC;
GRANT EXECUTE ON FUNCTION party_sight TO outcomes_app, outcomes_service;

-- 2. Every table of a contract shows and takes rows of that contract only, and shows a party nothing
--    that is no party of it. The sub-select is asked once for a table in a query, not for each row.
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
            'CREATE POLICY of_service ON %I TO outcomes_service '
            'USING (contract_id = current_setting(''outcomes.contract'', true))', name);
        EXECUTE format(
            'CREATE POLICY of_contract ON %I FOR SELECT TO outcomes_app '
            'USING (contract_id = current_setting(''outcomes.contract'', true) '
            'AND (SELECT party_sight()) IS NOT NULL)', name);
    END LOOP;
END
$$;

--    A reply is kept for the party that asked.
CREATE POLICY of_party ON idempotency_keys AS RESTRICTIVE TO outcomes_app, outcomes_service
    USING (party = current_setting('outcomes.party', true));

-- 3. Whether a row belongs to a participant of the provider that looks. These run with the rights of
--    the owner, since they are asked for each row: the policies of the tables they read would be
--    asked again each time. They answer for the party that is set, and no more than yes or no.
CREATE FUNCTION is_own_participant(of_contract text, of_participant text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM participants
        WHERE contract_id = of_contract AND participant_id = of_participant
            AND provider = current_setting('outcomes.party', true));
END
$$;

CREATE FUNCTION is_own_submission(of_contract text, of_submission text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM submissions
        WHERE contract_id = of_contract AND submission_id = of_submission
            AND is_own_participant(contract_id, participant_id));
END
$$;

CREATE FUNCTION is_own_entitlement(of_contract text, of_entitlement text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM entitlements
        WHERE contract_id = of_contract AND entitlement_id = of_entitlement
            AND is_own_participant(contract_id, participant_id));
END
$$;

CREATE FUNCTION is_own_line(of_contract text, of_claim integer, of_line integer) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM claim_lines
        WHERE contract_id = of_contract AND claim_number = of_claim AND line_number = of_line
            AND is_own_participant(contract_id, participant_id));
END
$$;

CREATE FUNCTION is_own_note(of_contract text, of_digest text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM journey_events WHERE contract_id = of_contract AND note_digest = of_digest
            AND is_own_participant(contract_id, participant_id)
        UNION ALL
        SELECT FROM verifications WHERE contract_id = of_contract AND note_digest = of_digest
            AND is_own_submission(contract_id, submission_id)
        UNION ALL
        SELECT FROM waivers WHERE contract_id = of_contract AND note_digest = of_digest
            AND is_own_submission(contract_id, submission_id)
        UNION ALL
        SELECT FROM clawbacks WHERE contract_id = of_contract AND note_digest = of_digest
            AND is_own_entitlement(contract_id, entitlement_id));
END
$$;

REVOKE ALL ON FUNCTION
    is_own_participant, is_own_submission, is_own_entitlement, is_own_line, is_own_note FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    is_own_participant, is_own_submission, is_own_entitlement, is_own_line, is_own_note
    TO outcomes_app;

-- 4. Rows about people: seen with the sight of persons only, and by a provider among several only if
--    they are about its own.
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
        -- A case, and not "= person OR ...": the planner believes an equality with a value it
        -- cannot know to be rare, and would plan for a handful of rows.
        EXECUTE format(
            'CREATE POLICY of_sight ON %I AS RESTRICTIVE FOR SELECT TO outcomes_app USING ('
            'CASE (SELECT party_sight()) WHEN ''person'' THEN true WHEN ''own'' THEN %s '
            'ELSE false END)',
            tables[place][1], tables[place][2]);
    END LOOP;
END
$$;

-- 5. What a bank says to one party is that party's: its extracts, what it made of their lines, its
--    mappings and rules, and the journal's records of these. Others read what was paid.
CREATE FUNCTION is_own_import(of_contract text, of_import integer) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM imports WHERE contract_id = of_contract AND import_number = of_import
            AND party = current_setting('outcomes.party', true));
END
$$;

CREATE FUNCTION is_own_match(of_contract text, of_match text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM matches WHERE contract_id = of_contract AND match_id = of_match
            AND party = current_setting('outcomes.party', true));
END
$$;

REVOKE ALL ON FUNCTION is_own_import, is_own_match FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_own_import, is_own_match TO outcomes_app;

DO $$
DECLARE
    own CONSTANT text := 'party = current_setting(''outcomes.party'', true)';
    of_file CONSTANT text := 'is_own_import(contract_id, import_number)';
    tables CONSTANT text[][] := ARRAY[
        ['column_mappings', own],
        ['imports', own],
        ['import_totals', of_file],
        ['import_lines', own],
        ['import_faults', of_file],
        ['fault_decisions', of_file],
        ['line_findings', of_file],
        ['line_decisions', of_file],
        ['line_payments', of_file],
        ['match_rules', own],
        ['matches', own],
        ['match_lines', of_file],
        ['match_allocations', of_file],
        ['match_decisions', 'is_own_match(contract_id, match_id)'],
        ['journal', own || ' OR kind NOT IN (''bank_file_imported'', ''bank_lines_imported'', '
            '''column_mapping_saved'', ''line_ignored'', ''line_taken_back'', ''fault_ignored'', '
            '''fault_taken_back'', ''matches_proposed'', ''match_made_by_hand'', ''match_accepted'', '
            '''match_refused'', ''match_undone'', ''match_rules_saved'')']];
    place integer;
BEGIN
    FOR place IN 1 .. array_length(tables, 1) LOOP
        EXECUTE format(
            'CREATE POLICY of_book ON %I AS RESTRICTIVE FOR SELECT TO outcomes_app USING (%s)',
            tables[place][1], tables[place][2]);
    END LOOP;
END
$$;

-- 6. What a party without sight of persons reads instead. These views have the rights of the owner,
--    so they say themselves whose rows they show; no function of a caller's runs before that.
CREATE FUNCTION may_look() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_user = 'outcomes_service' OR party_sight() IS NOT NULL;
END
$$;

CREATE VIEW journal_without_payloads WITH (security_barrier) AS
    SELECT contract_id, sequence, kind, effective_date, recorded_at, party, person, previous_hash, hash
    FROM journal
    WHERE contract_id = current_setting('outcomes.contract', true) AND (SELECT may_look());

CREATE VIEW claim_totals_by_payer WITH (security_barrier) AS
    SELECT l.contract_id, l.claim_number, l.currency, s.payer,
        sum(s.amount_minor)::bigint AS amount_minor
    FROM claim_lines l
    JOIN claim_line_shares s USING (contract_id, claim_number, line_number)
    WHERE l.contract_id = current_setting('outcomes.contract', true) AND (SELECT may_look())
    GROUP BY l.contract_id, l.claim_number, l.currency, s.payer;

--    A count below 5 is null. Where it is the only one of its claim, the next smallest is null too, so
--    that no total gives it away by subtraction (app/payments/suppression.py says the same).
CREATE VIEW claim_totals_by_metric WITH (security_barrier) AS
    WITH totals AS (
        SELECT contract_id, claim_number, metric, currency, sum(counted)::bigint AS counted,
            sum(gross_minor)::bigint AS gross_minor, sum(payable_minor)::bigint AS payable_minor
        FROM claim_lines
        WHERE contract_id = current_setting('outcomes.contract', true) AND (SELECT may_look())
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

-- 7. Two questions across contracts, which answer identifiers and nothing else.
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
GRANT EXECUTE ON FUNCTION contract_ids_after, contract_ids_without_contract TO outcomes_app, outcomes_service;
GRANT SELECT ON journal_without_payloads, claim_totals_by_payer, claim_totals_by_metric
    TO outcomes_app, outcomes_service;
