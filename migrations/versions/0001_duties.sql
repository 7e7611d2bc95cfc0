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

-- 2. Who submitted a claim, party or person, does not decide on it; and who verified an outcome in it
--    or decided a clawback in it does not approve it.
CREATE FUNCTION check_approver() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM claims c
        WHERE c.contract_id = NEW.contract_id AND c.claim_number = NEW.claim_number
          AND (c.party = NEW.party
            OR same_hand(c.contract_id, c.sequence, c.person, NEW.sequence, NEW.person))
    ) THEN
        PERFORM refuse_duty(NEW.contract_id, 'whoever decides on the claim submitted it');
    END IF;
    IF NEW.decision = 'approved' AND EXISTS (
        SELECT FROM claim_lines l
        JOIN entitlements e ON e.contract_id = l.contract_id AND e.entitlement_id = l.source_id
        JOIN verifications v ON v.contract_id = e.contract_id AND v.submission_id = e.submission_id
        WHERE l.contract_id = NEW.contract_id AND l.claim_number = NEW.claim_number
          AND l.kind = 'outcome' AND v.decision = 'verified'
          AND same_hand(v.contract_id, v.sequence, v.person, NEW.sequence, NEW.person)
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
CREATE FUNCTION check_payment_recorder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM journal j
        JOIN invoices i ON i.contract_id = j.contract_id
            AND concat('invoice:', i.issuer, '/', i.number) = NEW.document
        JOIN claim_decisions d ON d.contract_id = i.contract_id
            AND d.claim_number = i.claim_number AND d.decision = 'approved'
        WHERE j.contract_id = NEW.contract_id AND j.sequence = NEW.sequence
          AND same_hand(d.contract_id, d.sequence, d.person, j.sequence, j.person)
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
