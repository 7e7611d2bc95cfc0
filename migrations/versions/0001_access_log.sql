-- Who looked at what. The database numbers and chains the rows, so that one insert is all that a
-- request costs, and so that the service cannot write a row that does not follow the one before.

CREATE TABLE access.access_log (
    chain TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    who TEXT NOT NULL,
    party TEXT,
    operation TEXT NOT NULL,
    contract_id TEXT,
    participants TEXT[],
    outcome TEXT NOT NULL,
    code TEXT,
    detail TEXT,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_access_log PRIMARY KEY (chain, sequence),
    CONSTRAINT ck_access_log_outcome_known CHECK (outcome IN ('allowed', 'refused', 'recorded')),
    CONSTRAINT ck_access_log_refusal_told CHECK ((outcome = 'refused') = (code IS NOT NULL)),
    CONSTRAINT ck_access_log_one_line_each CHECK (concat_ws(' ', chain, who, party, operation, contract_id, code, detail, participants) !~ E'[\n\r]')
);

CREATE INDEX ix_access_log_contract_id_at ON access.access_log (contract_id, at);

CREATE INDEX ix_access_log_who_at ON access.access_log (who, at);

-- The hash is over the fields as JSON, a line each, so that no two rows have the same text.
-- With the rights of the owner, because whoever adds a row may see none of those before it.
-- Waits for whoever adds to the same chain, and reads the last row after it has committed. Whatever
-- the statement says of number and hashes is overwritten.
CREATE FUNCTION access.chain_access() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = access, public, pg_temp AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('access_log:' || NEW.chain, 0));
    SELECT sequence, hash INTO last FROM access.access_log
    WHERE chain = NEW.chain ORDER BY sequence DESC LIMIT 1;
    NEW.sequence := coalesce(last.sequence, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
    NEW.hash := encode(sha256(convert_to(concat_ws(E'\n',
        to_json(NEW.chain),
        NEW.sequence,
        (extract(epoch FROM NEW.at) * 1000000)::bigint,
        to_json(NEW.who),
        coalesce(to_json(NEW.party), 'null'),
        to_json(NEW.operation),
        coalesce(to_json(NEW.contract_id), 'null'),
        coalesce(to_json(NEW.participants), 'null'),
        to_json(NEW.outcome),
        coalesce(to_json(NEW.code), 'null'),
        coalesce(to_json(NEW.detail), 'null'),
        to_json(NEW.previous_hash)), 'UTF8')), 'hex');
    RETURN NEW;
END
$$;

CREATE TRIGGER chain_access BEFORE INSERT ON access.access_log
    FOR EACH ROW EXECUTE FUNCTION access.chain_access();

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access.access_log
    FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- Entries name participants: they are seen as people's rows are (0001_visibility.sql), and a provider
-- among several sees what was done for itself. Any transaction may add one: a refusal is entered
-- whoever asked and whatever about. The service sees one contract's, with the refusals of strangers,
-- or with no contract set the chain that belongs to none.
ALTER TABLE access.access_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_owner ON access.access_log TO CURRENT_USER USING (true);
CREATE POLICY entered ON access.access_log FOR INSERT TO outcomes_app WITH CHECK (true);
CREATE POLICY of_contract ON access.access_log FOR SELECT TO outcomes_app USING (
    contract_id = current_setting('outcomes.contract', true)
    AND (SELECT public.party_sight()) IS NOT NULL);
CREATE POLICY of_sight ON access.access_log AS RESTRICTIVE FOR SELECT TO outcomes_app USING (
    CASE (SELECT public.party_sight()) WHEN 'person' THEN true
        WHEN 'own' THEN party = current_setting('outcomes.party', true) ELSE false END);
CREATE POLICY of_service ON access.access_log FOR SELECT TO outcomes_service USING (
    contract_id = current_setting('outcomes.contract', true)
    OR chain = current_setting('outcomes.contract', true));

GRANT SELECT, INSERT ON access.access_log TO outcomes_app;
GRANT SELECT ON access.access_log TO outcomes_service;

-- The signed ends of the chain that belongs to no contract. They name nobody, so they have no policy.
CREATE TABLE access.service_heads (
    day DATE NOT NULL,
    access_sequence BIGINT NOT NULL,
    access_hash TEXT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_service_heads PRIMARY KEY (day)
);

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access.service_heads
    FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access.service_heads
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

GRANT SELECT, INSERT ON access.service_heads TO outcomes_app;
GRANT SELECT ON access.service_heads TO outcomes_service;
