-- What the database itself refuses, whoever asks: changes to recorded history, and unbalanced entries.

-- 1. Recorded rows are never changed. The application's role has no right to; this trigger also
--    stops a role that has (its owner can drop the trigger: `outcomes verify` is for that).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: recorded rows are never changed; record a correction', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
          AND c.relname NOT IN ('contracts', 'evidence_uploads', 'notes', 'alembic_version')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %I '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format(
            'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END
$$;

-- 2. An entry balances in every book and currency, has postings, and holds its mirrors equal.
--    Checked when the transaction commits, so that an entry and its postings may come in any order.
--    This and the other checks at the commit run with the rights of the owner, because by then a caller
--    may have set another contract, and would have hidden (0001_visibility.sql) what they look at.
CREATE FUNCTION check_entry(of_contract text, of_entry bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    IF NOT EXISTS (
        SELECT FROM postings WHERE contract_id = of_contract AND entry_number = of_entry
    ) THEN
        RAISE EXCEPTION 'entry % has no postings', of_entry USING ERRCODE = 'check_violation';
    END IF;

    WITH sides AS (
        SELECT debit AS account, currency, amount_minor AS amount FROM postings
        WHERE contract_id = of_contract AND entry_number = of_entry
        UNION ALL
        SELECT credit, currency, -amount_minor FROM postings
        WHERE contract_id = of_contract AND entry_number = of_entry
    ), net AS (
        SELECT account, currency, sum(amount) AS amount FROM sides GROUP BY account, currency
    ), books AS (
        SELECT split_part(account, '/', 1) AS place, currency, sum(amount) AS amount
        FROM net GROUP BY 1, 2
    ), mirrors AS (
        SELECT n.account AS place, n.currency, n.amount + coalesce(m.amount, 0) AS amount
        FROM net n
        JOIN accounts a ON a.contract_id = of_contract AND a.name = n.account
        LEFT JOIN net m ON m.account = a.mirror AND m.currency = n.currency
        WHERE a.mirror IS NOT NULL
    )
    SELECT * INTO fault FROM (
        SELECT 'book' AS what, * FROM books UNION ALL SELECT 'mirror of', * FROM mirrors
    ) AS checked
    WHERE amount <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % % is off by % %',
            of_entry, fault.what, fault.place, fault.amount, fault.currency
            USING ERRCODE = 'check_violation';
    END IF;
END
$$;

CREATE FUNCTION check_entry_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_entry(NEW.contract_id, NEW.entry_number);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_row();

-- On postings too, so that none can join an entry of an earlier transaction unseen.
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_row();

-- 3. The reversals of an entry never exceed it: of each of its postings no more is taken back, with
--    debit and credit exchanged, than it moved.
CREATE FUNCTION check_reversal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    original bigint;
    fault record;
BEGIN
    SELECT e.reverses INTO original FROM entries e
    WHERE e.contract_id = NEW.contract_id AND e.entry_number = NEW.entry_number;
    IF original IS NULL THEN
        RETURN NULL;
    END IF;

    WITH moved AS (
        SELECT debit, credit, currency, sum(amount_minor) AS amount FROM postings
        WHERE contract_id = NEW.contract_id AND entry_number = original
        GROUP BY debit, credit, currency
    ), taken AS (
        SELECT p.credit AS debit, p.debit AS credit, p.currency, sum(p.amount_minor) AS amount
        FROM entries e
        JOIN postings p ON p.contract_id = e.contract_id AND p.entry_number = e.entry_number
        WHERE e.contract_id = NEW.contract_id AND e.reverses = original
        GROUP BY p.credit, p.debit, p.currency
    )
    SELECT t.debit, t.credit, t.currency, t.amount - coalesce(m.amount, 0) AS excess INTO fault
    FROM taken t
    LEFT JOIN moved m USING (debit, credit, currency)
    WHERE t.amount > coalesce(m.amount, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the reversals of entry % exceed it: % to % by % %',
            original, fault.debit, fault.credit, fault.excess, fault.currency
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

-- On postings, as only they carry amounts: a posting that joins a reversal later is checked too.
CREATE CONSTRAINT TRIGGER reversal_within_original AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_reversal();

-- 4. A note is never changed, and erased only where a journal record says so. Checked when the
--    transaction commits, so that the note may go before the record comes.
CREATE FUNCTION check_note_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erased_notes WHERE contract_id = OLD.contract_id AND digest = OLD.digest
    ) THEN
        RAISE EXCEPTION 'no erasure of note % is recorded', OLD.digest
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER note_erasure_recorded AFTER DELETE ON notes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_note_erased();

CREATE TRIGGER refuse_change BEFORE UPDATE ON notes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON notes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 5. No entry is posted into a hard-closed period, or before one: it belongs in the open period, as a
--    prior-period adjustment. Checked at once, so that the statement that does it fails.
CREATE FUNCTION refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed_through date;
BEGIN
    SELECT max(period_end) INTO closed_through FROM period_closes
    WHERE contract_id = NEW.contract_id AND level = 'hard';
    IF NEW.effective_date <= closed_through THEN
        RAISE EXCEPTION 'entry % of % refused: every day to % is hard-closed',
            NEW.entry_number, NEW.effective_date, closed_through
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER refuse_closed_period BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_period();

-- 6. That a file was sent is forgotten only while no evidence item names it as held here. The function
--    looks past the policies, so that nobody forgets a file because the item is not theirs to see.
CREATE FUNCTION check_upload_forgotten() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM evidence_items
        WHERE contract_id = OLD.contract_id AND sha256 = OLD.sha256 AND held_by = 'service'
    ) THEN
        RAISE EXCEPTION 'file % is evidence: only a recorded erasure removes it', OLD.sha256
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER upload_unnamed BEFORE DELETE ON evidence_uploads
    FOR EACH ROW EXECUTE FUNCTION check_upload_forgotten();

CREATE TRIGGER refuse_change BEFORE UPDATE ON evidence_uploads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON evidence_uploads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 7. A claim to a fund is paid only once it has been submitted: until then the fund has been asked for
--    nothing. Checked when the transaction commits, because the rows of a whole contract come table by
--    table.
CREATE FUNCTION check_fund_claim_submitted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.document LIKE 'fund-claim:%' AND NOT EXISTS (
        SELECT FROM fund_claim_states
        WHERE contract_id = NEW.contract_id AND state = 'submitted' AND sequence < NEW.sequence
          AND concat('fund-claim:', fund_claim_number) = NEW.document
    ) THEN
        RAISE EXCEPTION '% is paid before it was submitted', NEW.document
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER fund_claim_submitted AFTER INSERT ON payment_allocations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_fund_claim_submitted();

-- 8. Rights. The service logs in as outcomes_app, which only reads. For one transaction at a time it
--    becomes outcomes_service, which adds rows too, moves a contract's head, erases notes whose
--    erasure is recorded, and forgets files that nobody named. Nothing else. A membership that is inherited would make the two one.
DO $$
BEGIN
    IF NOT pg_has_role('outcomes_app', 'outcomes_service', 'MEMBER')
        OR pg_has_role('outcomes_app', 'outcomes_service', 'USAGE') THEN
        RAISE EXCEPTION 'outcomes_app must be NOINHERIT and a member of outcomes_service'
            USING HINT = 'ALTER ROLE outcomes_app NOINHERIT; then REVOKE and GRANT outcomes_service '
                'again, as docs/reference/settings.md says.';
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO outcomes_app, outcomes_service;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO outcomes_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO outcomes_service;
GRANT UPDATE (head_sequence, head_hash, head_recorded_at) ON contracts TO outcomes_service;
GRANT DELETE ON notes, evidence_uploads TO outcomes_service;
REVOKE INSERT ON alembic_version FROM outcomes_service;
