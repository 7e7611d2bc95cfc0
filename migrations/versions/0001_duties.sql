-- Nobody decides on their own work. The service refuses it first, with a reason; these triggers hold
-- for whoever writes to the database. Each looks when the transaction commits, because the rows of
-- one record come in any order; and with the rights of the owner, because what a caller's settings
-- hide from it (0001_visibility.sql) must not be hidden from its duties.

CREATE FUNCTION refuse_duty(of_contract text, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'contract %: %', of_contract, what USING ERRCODE = 'check_violation';
END
$$;

-- Whether two acts share somebody: whoever did them, and for whom it was done under a delegation.
CREATE FUNCTION same_hand(
    of_contract text, one_sequence bigint, one_person text, other_sequence bigint, other_person text
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN one_person = other_person OR EXISTS (
        SELECT FROM (
            SELECT one_person AS person
            UNION ALL SELECT on_behalf_of FROM delegated_acts
            WHERE contract_id = of_contract AND sequence = one_sequence
        ) AS one JOIN (
            SELECT other_person AS person
            UNION ALL SELECT on_behalf_of FROM delegated_acts
            WHERE contract_id = of_contract AND sequence = other_sequence
        ) AS other USING (person));
END
$$;

-- 1. Who submitted an outcome, party or person, does not decide on it.
CREATE FUNCTION check_verifier() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM submissions s
        WHERE s.contract_id = NEW.contract_id AND s.submission_id = NEW.submission_id
          AND (s.party = NEW.party
            OR same_hand(s.contract_id, s.sequence, s.person, NEW.sequence, NEW.person))
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'the verifier submitted the outcome');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER verifier_is_not_submitter AFTER INSERT ON verifications
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_verifier();

-- Everybody who had a hand in what a claim asks for: who submitted or verified an outcome in it, or
-- decided to take one back.
CREATE FUNCTION hands_behind_claim(of_contract text, of_claim integer)
RETURNS TABLE (did text, sequence bigint, person text) LANGUAGE sql STABLE AS $$
    SELECT 'verified an outcome of the claim', v.sequence, v.person
    FROM claim_lines l
    JOIN entitlements e ON e.contract_id = l.contract_id AND e.entitlement_id = l.source_id
    JOIN verifications v ON v.contract_id = e.contract_id AND v.submission_id = e.submission_id
    WHERE l.contract_id = of_contract AND l.claim_number = of_claim
      AND l.kind = 'outcome' AND v.decision = 'verified'
    UNION ALL
    SELECT 'submitted an outcome of the claim', s.sequence, s.person
    FROM claim_lines l
    JOIN entitlements e ON e.contract_id = l.contract_id AND e.entitlement_id = l.source_id
    JOIN submissions s ON s.contract_id = e.contract_id AND s.submission_id = e.submission_id
    WHERE l.contract_id = of_contract AND l.claim_number = of_claim AND l.kind = 'outcome'
    UNION ALL
    SELECT 'decided a clawback in the claim', c.sequence, c.person
    FROM claim_lines l
    JOIN clawbacks c ON c.contract_id = l.contract_id AND c.entitlement_id = l.source_id
    WHERE l.contract_id = of_contract AND l.claim_number = of_claim AND l.kind = 'clawback'
$$;

-- 2. Who submitted a claim, party or person, does not decide on it; and who had a hand in what it asks
--    for does not approve it.
CREATE FUNCTION check_approver() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    approves CONSTANT boolean := TG_TABLE_NAME = 'claim_first_approvals'
        OR to_jsonb(NEW) ->> 'decision' = 'approved';
    found record;
BEGIN
    IF EXISTS (
        SELECT FROM claims c
        WHERE c.contract_id = NEW.contract_id AND c.claim_number = NEW.claim_number
          AND (c.party = NEW.party
            OR same_hand(c.contract_id, c.sequence, c.person, NEW.sequence, NEW.person))
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the claim submitted it');
    END IF;
    FOR found IN
        SELECT h.did FROM hands_behind_claim(NEW.contract_id, NEW.claim_number) h
        WHERE approves
          AND same_hand(NEW.contract_id, h.sequence, h.person, NEW.sequence, NEW.person)
        LIMIT 1
    LOOP
        PERFORM refuse_duty(NEW.contract_id, 'the approver ' || found.did);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER approver_is_neither_claimant_nor_verifier AFTER INSERT ON claim_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_approver();

CREATE CONSTRAINT TRIGGER first_approver_is_neither AFTER INSERT ON claim_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_approver();

-- 3. Who approved a claim, as the first of two or alone, or had a hand in what it asks for, does not
--    record what settles its invoices and credit notes. Who recorded an allocation stands in its
--    journal record.
CREATE FUNCTION check_payment_recorder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT h.did FROM journal j
        JOIN invoices i ON i.contract_id = j.contract_id
            AND concat('invoice:', i.issuer, '/', i.number) = NEW.document
        CROSS JOIN LATERAL (
            SELECT 'approved its claim' AS did, d.sequence, d.person FROM claim_decisions d
            WHERE d.contract_id = i.contract_id AND d.claim_number = i.claim_number
              AND d.decision = 'approved'
            UNION ALL
            SELECT 'approved its claim', f.sequence, f.person FROM claim_first_approvals f
            WHERE f.contract_id = i.contract_id AND f.claim_number = i.claim_number
            UNION ALL
            SELECT * FROM hands_behind_claim(i.contract_id, i.claim_number)
        ) h
        WHERE j.contract_id = NEW.contract_id AND j.sequence = NEW.sequence
          AND same_hand(j.contract_id, h.sequence, h.person, j.sequence, j.person)
        LIMIT 1
    LOOP
        PERFORM refuse_duty(NEW.contract_id, 'the recorder of a payment ' || found.did);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER payment_recorder_is_not_approver AFTER INSERT ON payment_allocations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_payment_recorder();

-- 4. Who proposed a correction does not decide on it. One that a dispute brings with it is neither
--    proposed nor decided: it follows from the dispute, whose own duties are below.
CREATE FUNCTION check_correction_decider() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM corrections c
        WHERE c.contract_id = NEW.contract_id AND c.correction_id = NEW.correction_id
          AND c.dispute_id IS NULL
          AND same_hand(c.contract_id, c.sequence, c.person, NEW.sequence, NEW.person)
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the correction proposed it');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER decider_is_not_proposer AFTER INSERT ON correction_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_correction_decider();

CREATE CONSTRAINT TRIGGER first_approver_is_not_proposer AFTER INSERT ON correction_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_correction_decider();

-- 5. Who raised a dispute, party or person, does not record its outcome.
CREATE FUNCTION check_dispute_decider() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM disputes d
        WHERE d.contract_id = NEW.contract_id AND d.dispute_id = NEW.dispute_id
          AND (d.party = NEW.party
            OR same_hand(d.contract_id, d.sequence, d.person, NEW.sequence, NEW.person))
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the dispute raised it');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER decider_is_not_raiser AFTER INSERT ON dispute_outcomes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_dispute_decider();

-- 6. What is above the limit of the terms takes the approval of two persons of one party: a claim's
--    approval, a correction's, and the submission of a claim to a fund. The limit stands in the
--    claim, or the claim to the fund, in minor units, and is that of the terms version that it names,
--    which is the one in effect at the end of its period.
--    A correction has the lower of that of the claim whose line it corrects, and of that of the terms in
--    effect on the day of its approval.
CREATE FUNCTION minor_digits(currency text) RETURNS integer LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog AS $$
    SELECT CASE
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
            'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        ELSE 2
    END
$$;

CREATE FUNCTION limit_of_terms(of_contract text, of_version integer) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT (document::jsonb #>> '{claims,second_approval_above}')::numeric
        * power(10::numeric, minor_digits(coalesce(document::jsonb ->> 'currency', 'GBP')))
    FROM terms_versions WHERE contract_id = of_contract AND version = of_version
$$;

--    The version of the terms by which the parties act on a day, as known in some record: the latest
--    that all signatories had accepted by then and that governs the day, or the first before it does.
CREATE FUNCTION terms_in_effect(of_contract text, of_day date, of_sequence bigint)
RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT v.version
    FROM (
        SELECT t.version, t.document::jsonb AS terms, t.effective_from FROM terms_versions t
        WHERE t.contract_id = of_contract
    ) v
    CROSS JOIN LATERAL (
        SELECT of_day >= CASE WHEN (v.terms #>> '{variation,retrospective}')::boolean
            THEN coalesce((v.terms #>> '{variation,applies_to_achievements_from}')::date,
                v.effective_from)
            ELSE v.effective_from END AS governs
    ) g
    WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(v.terms -> 'signatories') AS s (party)
        WHERE NOT EXISTS (
            SELECT FROM acceptances a
            WHERE a.contract_id = of_contract AND a.version = v.version AND a.party = s.party
              AND a.sequence <= of_sequence))
    ORDER BY g.governs DESC, CASE WHEN g.governs THEN -v.version ELSE v.version END
    LIMIT 1
$$;

CREATE FUNCTION check_second_approval_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.terms_version
        IS DISTINCT FROM terms_in_effect(NEW.contract_id, NEW.period_end, NEW.sequence)
    THEN
        PERFORM refuse_duty(
            NEW.contract_id, 'the terms of the claim are not those in effect at its period''s end');
    END IF;
    IF NEW.second_approval_above_minor
        IS DISTINCT FROM limit_of_terms(NEW.contract_id, NEW.terms_version)
    THEN
        PERFORM refuse_duty(NEW.contract_id, 'the limit of the claim is not that of its terms');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER second_approval_limit_of_terms AFTER INSERT ON claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_approval_limit();

CREATE CONSTRAINT TRIGGER second_approval_limit_of_terms AFTER INSERT ON fund_claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_approval_limit();

--    A correction that carries out a dispute is approved by nobody: it stands in the record of the
--    dispute's outcome, or of the approval of its claim, which have duties of their own. It is of the
--    disputed line, and takes back what is disputed and not due, whichever way the line went; what was
--    withheld at the claim's approval an outcome puts back, as far as it is due. All corrections of the
--    dispute in one record together come to no more.
CREATE FUNCTION carries_out_dispute(of_contract text, of_correction text, of_sequence bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM corrections c
        JOIN disputes p ON p.contract_id = c.contract_id AND p.dispute_id = c.dispute_id
            AND p.claim_number = c.claim_number AND p.line_number = c.line_number
        JOIN claim_lines l ON l.contract_id = c.contract_id AND l.claim_number = c.claim_number
            AND l.line_number = c.line_number
        LEFT JOIN dispute_outcomes o ON o.contract_id = c.contract_id
            AND o.dispute_id = c.dispute_id AND o.sequence <= of_sequence
        CROSS JOIN LATERAL (
            SELECT sum(s.amount_minor) * CASE l.kind WHEN 'clawback' THEN -1 ELSE 1 END AS up,
                sum(abs(s.amount_minor)) AS moved
            FROM corrections m
            JOIN correction_decisions d ON d.contract_id = m.contract_id
                AND d.correction_id = m.correction_id AND d.sequence = of_sequence
                AND d.decision = 'approved'
            JOIN correction_shares s ON s.contract_id = m.contract_id
                AND s.correction_id = m.correction_id
            WHERE m.contract_id = c.contract_id AND m.dispute_id = c.dispute_id
        ) a
        WHERE c.contract_id = of_contract AND c.correction_id = of_correction
          AND CASE
            WHEN o.sequence = of_sequence AND NOT p.is_posted
                THEN a.up = a.moved AND a.moved <= o.due_minor
            WHEN o.sequence = of_sequence OR EXISTS (
                SELECT FROM claim_decisions d
                WHERE d.contract_id = c.contract_id AND d.claim_number = c.claim_number
                  AND d.sequence = of_sequence AND d.decision = 'approved')
                THEN a.up = -a.moved AND a.moved <= p.amount_minor - coalesce(o.due_minor, 0)
            ELSE false END)
$$;

--    How many months a period of the calendar has; NULL where claims are for any days.
CREATE FUNCTION calendar_months(of_contract text, of_version integer) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT CASE coalesce(document::jsonb #>> '{claims,calendar}', 'quarter')
        WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'half_year' THEN 6 END
    FROM terms_versions WHERE contract_id = of_contract AND version = of_version
$$;

CREATE FUNCTION calendar_start(of_day date, months integer) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN months IS NULL THEN of_day ELSE make_date(extract(year FROM of_day)::integer,
        (extract(month FROM of_day)::integer - 1) / months * months + 1, 1) END
$$;

--    Whether two spans of days have days in one period of the calendar, so that days between cannot be
--    chosen to keep them apart; where claims are for any days, a day in common.
CREATE FUNCTION share_a_period(
    one_start date, one_end date, other_start date, other_end date, months integer
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT calendar_start(one_start, months) <= calendar_start(other_end, months)
        AND calendar_start(other_start, months) <= calendar_start(one_end, months)
$$;

--    What an approval counts for in some record, and its limit. Signs do not count. What was approved
--    before that belongs to it is added, so that nothing passes in parts that would not pass whole:
--      claim       its lines' payable amounts; approved claims for the same periods of the calendar
--      correction  what it changes for payers, each without its sign; approved ones of its claim.
--                  If one person approved the claim, and it makes the claim more, then no less
--                  than what the claim comes to by it
--      fund_claim  its lines; ones submitted to that fund before it was submitted itself, for the
--                  same periods of the calendar. Its period is lengthened to the days on which what
--                  it asks for was approved: which line goes into which claim nobody else asks.
--    And what is approved now is never less than itself.
CREATE FUNCTION to_approve(of_contract text, of_kind text, of_key text, of_sequence bigint)
RETURNS TABLE (amount numeric, above bigint, money text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    own numeric;
    beside numeric;
    moved numeric;
    standing numeric;
BEGIN
    IF of_kind = 'claim' THEN
        SELECT coalesce(sum(l.payable_minor), 0), min(l.currency) INTO own, money
        FROM claim_lines l
        WHERE l.contract_id = of_contract AND l.claim_number = of_key::integer;
        SELECT coalesce(sum(l.payable_minor), 0) INTO beside
        FROM claims c
        JOIN claims o ON o.contract_id = c.contract_id AND o.claim_number <> c.claim_number
            AND share_a_period(o.period_start, o.period_end, c.period_start, c.period_end,
                calendar_months(of_contract, c.terms_version))
        JOIN claim_decisions d ON d.contract_id = o.contract_id
            AND d.claim_number = o.claim_number AND d.decision = 'approved'
            AND d.sequence < of_sequence
        JOIN claim_lines l ON l.contract_id = o.contract_id AND l.claim_number = o.claim_number
        WHERE c.contract_id = of_contract AND c.claim_number = of_key::integer;
        SELECT c.second_approval_above_minor INTO above FROM claims c
        WHERE c.contract_id = of_contract AND c.claim_number = of_key::integer;
    ELSIF of_kind = 'correction' THEN
        IF carries_out_dispute(of_contract, of_key, of_sequence) THEN
            RETURN;
        END IF;
        SELECT coalesce(sum(abs(s.amount_minor)), 0), coalesce(sum(s.amount_minor), 0),
            min(s.currency) INTO own, moved, money
        FROM correction_shares s
        WHERE s.contract_id = of_contract AND s.correction_id = of_key;
        SELECT coalesce(sum(abs(s.amount_minor)), 0), coalesce(sum(s.amount_minor), 0)
        INTO beside, standing
        FROM corrections c
        JOIN corrections o ON o.contract_id = c.contract_id AND o.claim_number = c.claim_number
            AND o.correction_id <> c.correction_id
        JOIN correction_decisions d ON d.contract_id = o.contract_id
            AND d.correction_id = o.correction_id AND d.decision = 'approved'
            AND d.sequence < of_sequence
            AND NOT carries_out_dispute(o.contract_id, o.correction_id, d.sequence)
        JOIN correction_shares s ON s.contract_id = o.contract_id
            AND s.correction_id = o.correction_id
        WHERE c.contract_id = of_contract AND c.correction_id = of_key;
        SELECT m.second_approval_above_minor, standing + (
            SELECT coalesce(sum(l.payable_minor), 0) FROM claim_lines l
            WHERE l.contract_id = m.contract_id AND l.claim_number = m.claim_number
              AND NOT EXISTS (
                SELECT FROM claim_first_approvals f
                WHERE f.contract_id = m.contract_id AND f.claim_number = m.claim_number))
        INTO above, standing
        FROM corrections c
        JOIN claims m ON m.contract_id = c.contract_id AND m.claim_number = c.claim_number
        WHERE c.contract_id = of_contract AND c.correction_id = of_key;
    ELSE
        SELECT coalesce(a.minor, 0), a.currency INTO own, money
        FROM fund_claim_amounts(of_contract) a WHERE a.fund_claim_number = of_key::integer;
        SELECT coalesce(sum(o.minor), 0) INTO beside
        FROM fund_claim_amounts(of_contract) c
        JOIN fund_claim_amounts(of_contract) o ON o.fund = c.fund
            AND o.fund_claim_number <> c.fund_claim_number
            AND share_a_period(o.first_day, o.last_day, c.first_day, c.last_day,
                calendar_months(of_contract, c.terms_version))
        WHERE c.fund_claim_number = of_key::integer
          AND o.submitted < least(of_sequence, c.submitted);
        SELECT c.second_approval_above_minor INTO above FROM fund_claims c
        WHERE c.contract_id = of_contract AND c.fund_claim_number = of_key::integer;
    END IF;
    amount := greatest(abs(own), abs(own + beside),
        CASE WHEN abs(standing) < abs(standing + moved) THEN abs(standing + moved) END);
    RETURN NEXT;
END
$$;

--    What each claim to a fund asks, its days and the record in which it was submitted first.
CREATE FUNCTION fund_claim_amounts(of_contract text)
RETURNS TABLE (
    fund_claim_number integer, fund text, terms_version integer, minor numeric, currency text,
    first_day date, last_day date, submitted bigint
) LANGUAGE sql STABLE AS $$
    SELECT f.fund_claim_number, f.fund, f.terms_version, sum(a.minor), min(a.currency),
        least(f.period_start, min(a.approved_on)), greatest(f.period_end, max(a.approved_on)),
        (SELECT min(t.sequence) FROM fund_claim_states t
         WHERE t.contract_id = of_contract AND t.fund_claim_number = f.fund_claim_number
           AND t.state = 'submitted')
    FROM fund_claims f
    LEFT JOIN (
        SELECT l.fund_claim_number, l.amount_minor AS minor, l.currency,
            d.decided_on AS approved_on
        FROM fund_claim_lines l
        LEFT JOIN claim_decisions d ON d.contract_id = l.contract_id
            AND d.claim_number = l.claim_number AND d.decision = 'approved'
        WHERE l.contract_id = of_contract
        UNION ALL
        SELECT c.fund_claim_number, c.amount_minor, c.currency, d.decided_on
        FROM fund_claim_corrections c
        LEFT JOIN correction_decisions d ON d.contract_id = c.contract_id
            AND d.correction_id = c.correction_id AND d.decision = 'approved'
        WHERE c.contract_id = of_contract
    ) a USING (fund_claim_number)
    WHERE f.contract_id = of_contract
    GROUP BY f.fund_claim_number, f.fund, f.terms_version, f.period_start, f.period_end
$$;

--    Who approved it: as the first of two, or so that it is decided (of a claim to a fund: submitted).
CREATE FUNCTION approvals_of(of_contract text, of_kind text, of_key text)
RETURNS TABLE (is_first boolean, sequence bigint, party text, person text)
LANGUAGE sql STABLE AS $$
    SELECT true, f.sequence, f.party, f.person FROM claim_first_approvals f
    WHERE of_kind = 'claim' AND f.contract_id = of_contract AND f.claim_number::text = of_key
    UNION ALL
    SELECT false, d.sequence, d.party, d.person FROM claim_decisions d
    WHERE of_kind = 'claim' AND d.contract_id = of_contract AND d.claim_number::text = of_key
    UNION ALL
    SELECT true, f.sequence, f.party, f.person FROM correction_first_approvals f
    WHERE of_kind = 'correction' AND f.contract_id = of_contract AND f.correction_id = of_key
    UNION ALL
    SELECT false, d.sequence, d.party, d.person FROM correction_decisions d
    WHERE of_kind = 'correction' AND d.contract_id = of_contract AND d.correction_id = of_key
    UNION ALL
    SELECT true, f.sequence, f.party, f.person FROM fund_claim_first_approvals f
    WHERE of_kind = 'fund_claim' AND f.contract_id = of_contract
      AND f.fund_claim_number::text = of_key
    UNION ALL
    SELECT false, t.sequence, t.party, t.person FROM fund_claim_states t
    WHERE of_kind = 'fund_claim' AND t.contract_id = of_contract
      AND t.fund_claim_number::text = of_key AND t.state = 'submitted'
$$;

--    A first approval comes in an earlier record than the decision: one record, one person. A claim to
--    a fund is submitted again, after the fund's query, as it was approved before. The arguments of a
--    trigger: what is approved, and the column that names it.
CREATE FUNCTION check_second_approval() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_kind CONSTANT text := TG_ARGV[0];
    of_key CONSTANT text := to_jsonb(NEW) ->> TG_ARGV[1];
    of_day CONSTANT date := coalesce(to_jsonb(NEW) ->> 'decided_on', to_jsonb(NEW) ->> 'approved_on');
    takes_two boolean;
BEGIN
    SELECT coalesce(bool_or(least(a.above, CASE WHEN of_kind = 'correction' THEN limit_of_terms(
        NEW.contract_id, terms_in_effect(NEW.contract_id, of_day, NEW.sequence)) END
    ) < a.amount), false) INTO takes_two
    FROM to_approve(NEW.contract_id, of_kind, of_key, NEW.sequence) a;
    IF TG_TABLE_NAME LIKE '%\_first\_approvals' THEN
        IF NOT takes_two THEN
            PERFORM refuse_duty(NEW.contract_id, 'the claim or correction takes one approval');
        END IF;
        IF EXISTS (
            SELECT FROM approvals_of(NEW.contract_id, of_kind, of_key) a
            WHERE NOT a.is_first AND a.sequence <= NEW.sequence
        ) THEN
            PERFORM refuse_duty(NEW.contract_id, 'a first approval comes before the decision');
        END IF;
    ELSIF takes_two AND NOT EXISTS (
        SELECT FROM approvals_of(NEW.contract_id, of_kind, of_key) a
        WHERE a.sequence < NEW.sequence AND (NOT a.is_first OR (
            a.party = NEW.party
            AND NOT same_hand(
                NEW.contract_id, a.sequence, a.person, NEW.sequence, NEW.person)))
    ) THEN
        PERFORM refuse_duty(
            NEW.contract_id, 'the claim or correction takes the approval of two persons');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER two_persons_approve AFTER INSERT ON claim_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.decision = 'approved')
    EXECUTE FUNCTION check_second_approval('claim', 'claim_number');

CREATE CONSTRAINT TRIGGER first_approval_in_its_place AFTER INSERT ON claim_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION check_second_approval('claim', 'claim_number');

CREATE CONSTRAINT TRIGGER two_persons_approve AFTER INSERT ON correction_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.decision = 'approved')
    EXECUTE FUNCTION check_second_approval('correction', 'correction_id');

CREATE CONSTRAINT TRIGGER first_approval_in_its_place AFTER INSERT ON correction_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION check_second_approval('correction', 'correction_id');

CREATE CONSTRAINT TRIGGER two_persons_approve AFTER INSERT ON fund_claim_states
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'submitted')
    EXECUTE FUNCTION check_second_approval('fund_claim', 'fund_claim_number');

CREATE CONSTRAINT TRIGGER first_approval_in_its_place AFTER INSERT ON fund_claim_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION check_second_approval('fund_claim', 'fund_claim_number');

-- 7. What was approved is what was there when it was entered: the parts of a claim, a correction or a
--    claim to a fund come in its own record, and none joins it later. Asked once for all rows of a
--    statement. The arguments of a trigger: whose parts they are, and the column that names it.
CREATE FUNCTION check_record_of_parts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    joined_late text;
BEGIN
    EXECUTE format('SELECT min(a.contract_id) FROM added a JOIN %1$I p '
        'ON p.contract_id = a.contract_id AND p.%2$I = a.%2$I WHERE p.sequence <> a.sequence',
        TG_ARGV[0], TG_ARGV[1]) INTO joined_late;
    IF joined_late IS NOT NULL THEN
        PERFORM refuse_duty(joined_late, 'a part belongs to the record of what it is a part of');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER parts_in_one_record AFTER INSERT ON claim_lines
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION check_record_of_parts('claims', 'claim_number');

CREATE TRIGGER parts_in_one_record AFTER INSERT ON correction_shares
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION check_record_of_parts('corrections', 'correction_id');

CREATE TRIGGER parts_in_one_record AFTER INSERT ON fund_claim_lines
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION check_record_of_parts('fund_claims', 'fund_claim_number');

CREATE TRIGGER parts_in_one_record AFTER INSERT ON fund_claim_corrections
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION check_record_of_parts('fund_claims', 'fund_claim_number');
