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

-- 6. A claim above the limit of its terms takes the approval of two persons of one party. The limit
--    stands in the claim, in minor units, and is that of the terms version that the claim names.
CREATE FUNCTION minor_digits(currency text) RETURNS integer LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog AS $$
    SELECT CASE
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
            'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        ELSE 2
    END
$$;

CREATE FUNCTION check_second_approval_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    terms jsonb;
    above numeric;
BEGIN
    SELECT document::jsonb INTO terms FROM terms_versions
    WHERE contract_id = NEW.contract_id AND version = NEW.terms_version;
    IF NOT FOUND THEN
        PERFORM refuse_duty(NEW.contract_id, 'there is no such terms version as the claim names');
    END IF;
    above := (terms #>> '{claims,second_approval_above}')::numeric
        * power(10::numeric, minor_digits(coalesce(terms ->> 'currency', 'GBP')));
    IF NEW.second_approval_above_minor IS DISTINCT FROM above THEN
        PERFORM refuse_duty(NEW.contract_id, 'the limit of the claim is not that of its terms');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER second_approval_limit_of_terms AFTER INSERT ON claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_approval_limit();

--    What counts is the sum of the lines' payable amounts, without its sign. A first approval comes in
--    an earlier record than the decision: one record, one person.
CREATE FUNCTION check_second_approval() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    needs_second boolean;
BEGIN
    SELECT coalesce(c.second_approval_above_minor < (
        SELECT abs(coalesce(sum(l.payable_minor), 0)) FROM claim_lines l
        WHERE l.contract_id = c.contract_id AND l.claim_number = c.claim_number
    ), false) INTO needs_second
    FROM claims c
    WHERE c.contract_id = NEW.contract_id AND c.claim_number = NEW.claim_number;
    IF TG_TABLE_NAME = 'claim_first_approvals' THEN
        IF NOT needs_second THEN
            PERFORM refuse_duty(NEW.contract_id, 'the claim takes one approval');
        END IF;
        IF EXISTS (
            SELECT FROM claim_decisions d
            WHERE d.contract_id = NEW.contract_id AND d.claim_number = NEW.claim_number
              AND d.sequence <= NEW.sequence
        ) THEN
            PERFORM refuse_duty(NEW.contract_id, 'a first approval comes before the decision');
        END IF;
    ELSIF needs_second AND to_jsonb(NEW) ->> 'decision' = 'approved' AND NOT EXISTS (
        SELECT FROM claim_first_approvals f
        WHERE f.contract_id = NEW.contract_id AND f.claim_number = NEW.claim_number
          AND f.sequence < NEW.sequence AND f.party = NEW.party
          AND NOT same_hand(f.contract_id, f.sequence, f.person, NEW.sequence, NEW.person)
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'the claim takes the approval of two persons');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER two_persons_approve AFTER INSERT ON claim_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_approval();

CREATE CONSTRAINT TRIGGER first_approval_in_its_place AFTER INSERT ON claim_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_approval();
