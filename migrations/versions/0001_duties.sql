-- Nobody decides on their own work. The service refuses it first, with a reason; these triggers hold
-- for whoever writes to the database. Each looks when the transaction commits, because the rows of
-- one record come in any order.

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
CREATE FUNCTION check_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM claims c
        WHERE c.contract_id = NEW.contract_id AND c.claim_number = NEW.claim_number
          AND (c.person = NEW.person OR c.party = NEW.party)
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the claim submitted it');
    END IF;
    IF NEW.decision = 'approved' AND EXISTS (
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

-- 3. Who approved a claim does not record what settles its invoices and credit notes. Who recorded an
--    allocation stands in its journal record.
CREATE FUNCTION check_payment_recorder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM journal j
        JOIN invoices i ON i.contract_id = j.contract_id
            AND concat('invoice:', i.issuer, '/', i.number) = NEW.document
        JOIN claim_decisions d ON d.contract_id = i.contract_id
            AND d.claim_number = i.claim_number AND d.decision = 'approved'
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
