-- Nobody decides on their own work. The service refuses it first, with a reason; these triggers hold
-- for whoever writes to the database. Each looks when the transaction commits, because the rows of
-- one record come in any order. Those that look at rows about people have the owner's sight: who
-- writes with less would otherwise be let through for want of seeing anything.

CREATE FUNCTION refuse_duty(of_contract text, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'contract %: %', of_contract, what USING ERRCODE = 'check_violation';
END
$$;

-- 1. Who submitted an outcome, party or person, does not decide on it.
CREATE FUNCTION check_verifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM submissions s
        WHERE s.contract_id = NEW.contract_id AND s.submission_id = NEW.submission_id
          AND (s.person = NEW.person OR s.party = NEW.party)
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'the verifier submitted the outcome');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER verifier_is_not_submitter AFTER INSERT ON verifications
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_verifier();

-- 2. Who submitted a claim, party or person, does not decide on it; and who verified an outcome in it
--    or decided a clawback in it does not approve it.
CREATE FUNCTION check_approver() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    approves CONSTANT boolean := TG_TABLE_NAME = 'claim_first_approvals'
        OR to_jsonb(NEW) ->> 'decision' = 'approved';
BEGIN
    IF EXISTS (
        SELECT FROM claims c
        WHERE c.contract_id = NEW.contract_id AND c.claim_number = NEW.claim_number
          AND (c.person = NEW.person OR c.party = NEW.party)
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the claim submitted it');
    END IF;
    IF approves AND EXISTS (
        SELECT FROM claim_lines l
        JOIN entitlements e ON e.contract_id = l.contract_id AND e.entitlement_id = l.source_id
        JOIN verifications v ON v.contract_id = e.contract_id AND v.submission_id = e.submission_id
        WHERE l.contract_id = NEW.contract_id AND l.claim_number = NEW.claim_number
          AND l.kind = 'outcome' AND v.decision = 'verified' AND v.person = NEW.person
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'the approver verified an outcome of the claim');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER approver_is_neither_claimant_nor_verifier AFTER INSERT ON claim_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_approver();

CREATE CONSTRAINT TRIGGER first_approver_is_neither AFTER INSERT ON claim_first_approvals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_approver();

-- 3. Who approved a claim, as the first of two or alone, does not record what settles its invoices and
--    credit notes. Who recorded an allocation stands in its journal record.
CREATE FUNCTION check_payment_recorder() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM journal j
        JOIN invoices i ON i.contract_id = j.contract_id
            AND concat('invoice:', i.issuer, '/', i.number) = NEW.document
        JOIN (
            SELECT contract_id, claim_number, person FROM claim_decisions
            WHERE decision = 'approved'
            UNION ALL
            SELECT contract_id, claim_number, person FROM claim_first_approvals
        ) d ON d.contract_id = i.contract_id AND d.claim_number = i.claim_number
        WHERE j.contract_id = NEW.contract_id AND j.sequence = NEW.sequence
          AND d.person = j.person
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'the recorder of a payment approved its claim');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER payment_recorder_is_not_approver AFTER INSERT ON payment_allocations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_payment_recorder();

-- 4. Who proposed a correction does not decide on it. One that a dispute brings with it is neither
--    proposed nor decided: it follows from the dispute, whose own duties are below.
CREATE FUNCTION check_correction_decider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM corrections c
        WHERE c.contract_id = NEW.contract_id AND c.correction_id = NEW.correction_id
          AND c.person = NEW.person AND c.dispute_id IS NULL
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the correction proposed it');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER decider_is_not_proposer AFTER INSERT ON correction_decisions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_correction_decider();

-- 5. Who raised a dispute, party or person, does not record its outcome.
CREATE FUNCTION check_dispute_decider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM disputes d
        WHERE d.contract_id = NEW.contract_id AND d.dispute_id = NEW.dispute_id
          AND (d.person = NEW.person OR d.party = NEW.party)
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

CREATE FUNCTION check_second_approval_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    terms jsonb;
    above numeric;
BEGIN
    SELECT document::jsonb INTO terms FROM terms_versions
    WHERE contract_id = NEW.contract_id AND version = NEW.terms_version;
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
          AND f.sequence < NEW.sequence AND f.party = NEW.party AND f.person <> NEW.person
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
