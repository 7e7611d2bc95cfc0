-- The tables of the first release. app/storage/tables.py says the same; a test compares them.

CREATE TABLE contracts (
    contract_id TEXT NOT NULL,
    head_sequence BIGINT NOT NULL,
    head_hash TEXT NOT NULL,
    head_recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contracts PRIMARY KEY (contract_id)
);

CREATE TABLE idempotency_keys (
    contract_id TEXT NOT NULL,
    party TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (contract_id, party, key),
    CONSTRAINT fk_idempotency_keys_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id)
);

CREATE TABLE journal (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    effective_date DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_journal PRIMARY KEY (contract_id, sequence),
    CONSTRAINT fk_journal_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id),
    CONSTRAINT uq_journal_contract_id_previous_hash UNIQUE (contract_id, previous_hash)
);

CREATE TABLE notes (
    contract_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    salt TEXT NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (contract_id, digest),
    CONSTRAINT fk_notes_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id)
);

CREATE TABLE accounts (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    mirror TEXT,
    CONSTRAINT pk_accounts PRIMARY KEY (contract_id, name),
    CONSTRAINT fk_accounts_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE entries (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entry_number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    effective_date DATE NOT NULL,
    reverses BIGINT,
    CONSTRAINT pk_entries PRIMARY KEY (contract_id, entry_number),
    CONSTRAINT uq_entries_contract_id_reverses UNIQUE (contract_id, reverses),
    CONSTRAINT uq_entries_contract_id_source UNIQUE (contract_id, source),
    CONSTRAINT uq_entries_contract_id_entry_number_sequence_effective__f61b UNIQUE (contract_id, entry_number, sequence, effective_date, recorded_at),
    CONSTRAINT fk_entries_contract_id_reverses FOREIGN KEY(contract_id, reverses) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_entries_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE participants (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    participant_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    referred_on DATE NOT NULL,
    setting TEXT NOT NULL,
    funded_by_commissioner BOOLEAN NOT NULL,
    age_at_referral INTEGER,
    CONSTRAINT pk_participants PRIMARY KEY (contract_id, participant_id),
    CONSTRAINT fk_participants_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE terms_versions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    document TEXT NOT NULL,
    effective_from DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_terms_versions PRIMARY KEY (contract_id, version),
    CONSTRAINT uq_terms_versions_contract_id_hash UNIQUE (contract_id, hash),
    CONSTRAINT fk_terms_versions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE acceptances (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    hash TEXT NOT NULL,
    accepted_on DATE NOT NULL,
    CONSTRAINT pk_acceptances PRIMARY KEY (contract_id, version, party),
    CONSTRAINT fk_acceptances_contract_id_version FOREIGN KEY(contract_id, version) REFERENCES terms_versions (contract_id, version),
    CONSTRAINT fk_acceptances_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE claims (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    supplementary BOOLEAN NOT NULL,
    terms_version INTEGER NOT NULL,
    submitted_on DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_claims PRIMARY KEY (contract_id, claim_number),
    CONSTRAINT ck_claims_period_ordered CHECK (period_start <= period_end),
    CONSTRAINT fk_claims_contract_id_terms_version FOREIGN KEY(contract_id, terms_version) REFERENCES terms_versions (contract_id, version),
    CONSTRAINT fk_claims_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_claims_contract_id_period_end ON claims (contract_id, period_end);

CREATE TABLE evidence_items (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    evidence_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    type TEXT NOT NULL,
    issuer TEXT NOT NULL,
    dated_on DATE NOT NULL,
    covers_from DATE NOT NULL,
    covers_to DATE NOT NULL,
    supports JSONB NOT NULL,
    sha256 TEXT NOT NULL,
    held_by TEXT NOT NULL,
    size_bytes BIGINT,
    media_type TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_evidence_items PRIMARY KEY (contract_id, evidence_id),
    CONSTRAINT uq_evidence_items_contract_id_participant_id_evidence_id UNIQUE (contract_id, participant_id, evidence_id),
    CONSTRAINT ck_evidence_items_covers_ordered CHECK (covers_from <= covers_to),
    CONSTRAINT ck_evidence_items_sha256_hex CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_evidence_items_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_evidence_items_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE journey_events (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    effective_on DATE NOT NULL,
    recording_order BIGINT NOT NULL,
    destination TEXT,
    reason TEXT,
    supersedes TEXT,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_journey_events PRIMARY KEY (contract_id, event_id),
    CONSTRAINT uq_journey_events_contract_id_participant_id_event_id UNIQUE (contract_id, participant_id, event_id),
    CONSTRAINT uq_journey_events_contract_id_supersedes UNIQUE (contract_id, supersedes),
    CONSTRAINT uq_journey_events_contract_id_recording_order UNIQUE (contract_id, recording_order),
    CONSTRAINT fk_journey_events_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_journey_events_contract_id_participant_id_supersedes FOREIGN KEY(contract_id, participant_id, supersedes) REFERENCES journey_events (contract_id, participant_id, event_id),
    CONSTRAINT fk_journey_events_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE postings (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entry_number BIGINT NOT NULL,
    posting_number INTEGER NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    effective_date DATE NOT NULL,
    CONSTRAINT pk_postings PRIMARY KEY (contract_id, entry_number, posting_number),
    CONSTRAINT ck_postings_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_postings_one_book CHECK (split_part(debit, '/', 1) = split_part(credit, '/', 1)),
    CONSTRAINT fk_postings_contract_id_debit FOREIGN KEY(contract_id, debit) REFERENCES accounts (contract_id, name),
    CONSTRAINT fk_postings_contract_id_credit FOREIGN KEY(contract_id, credit) REFERENCES accounts (contract_id, name),
    CONSTRAINT fk_postings_contract_id_entry_number_sequence_effective_775c FOREIGN KEY(contract_id, entry_number, sequence, effective_date, recorded_at) REFERENCES entries (contract_id, entry_number, sequence, effective_date, recorded_at),
    CONSTRAINT fk_postings_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_postings_credit ON postings (contract_id, credit, effective_date) INCLUDE (amount_minor, recorded_at);

CREATE INDEX ix_postings_debit ON postings (contract_id, debit, effective_date) INCLUDE (amount_minor, recorded_at);

CREATE TABLE submissions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submission_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    scope TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    round INTEGER NOT NULL,
    achieved_on DATE NOT NULL,
    anchor_on DATE,
    terms_version INTEGER NOT NULL,
    submitted_on DATE NOT NULL,
    due_on DATE,
    working JSONB NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_submissions PRIMARY KEY (contract_id, submission_id),
    CONSTRAINT uq_submissions_contract_id_participant_id_submission_id UNIQUE (contract_id, participant_id, submission_id),
    CONSTRAINT uq_submissions_contract_id_participant_id_metric_scope__dd03 UNIQUE (contract_id, participant_id, metric, scope, occurrence, round),
    CONSTRAINT fk_submissions_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_submissions_contract_id_terms_version FOREIGN KEY(contract_id, terms_version) REFERENCES terms_versions (contract_id, version),
    CONSTRAINT fk_submissions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_submissions_contract_id_submitted_on ON submissions (contract_id, submitted_on);

CREATE TABLE claim_decisions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    decision TEXT NOT NULL,
    decided_on DATE NOT NULL,
    reason_code TEXT,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_claim_decisions PRIMARY KEY (contract_id, claim_number),
    CONSTRAINT ck_claim_decisions_decision_known CHECK (decision IN ('approved', 'returned')),
    CONSTRAINT fk_claim_decisions_contract_id_claim_number FOREIGN KEY(contract_id, claim_number) REFERENCES claims (contract_id, claim_number),
    CONSTRAINT fk_claim_decisions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE claim_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    achieved_on DATE NOT NULL,
    verified_on DATE NOT NULL,
    gross_minor BIGINT NOT NULL,
    payable_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    origin TEXT NOT NULL,
    counted INTEGER NOT NULL,
    carried JSONB NOT NULL,
    working JSONB NOT NULL,
    CONSTRAINT pk_claim_lines PRIMARY KEY (contract_id, claim_number, line_number),
    CONSTRAINT fk_claim_lines_contract_id_claim_number FOREIGN KEY(contract_id, claim_number) REFERENCES claims (contract_id, claim_number),
    CONSTRAINT fk_claim_lines_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_claim_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_claim_lines_contract_id_kind_source_id ON claim_lines (contract_id, kind, source_id);

CREATE INDEX ix_claim_lines_contract_id_participant_id ON claim_lines (contract_id, participant_id);

CREATE TABLE entitlements (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entitlement_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    scope TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    achieved_on DATE NOT NULL,
    verified_on DATE NOT NULL,
    terms_version INTEGER NOT NULL,
    price_terms_version INTEGER NOT NULL,
    edition TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    working JSONB NOT NULL,
    anchor_on DATE,
    origins JSONB NOT NULL,
    CONSTRAINT pk_entitlements PRIMARY KEY (contract_id, entitlement_id),
    CONSTRAINT uq_entitlements_contract_id_participant_id_metric_scope_8da6 UNIQUE (contract_id, participant_id, metric, scope, occurrence),
    CONSTRAINT uq_entitlements_contract_id_submission_id UNIQUE (contract_id, submission_id),
    CONSTRAINT ck_entitlements_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT fk_entitlements_contract_id_participant_id_submission_id FOREIGN KEY(contract_id, participant_id, submission_id) REFERENCES submissions (contract_id, participant_id, submission_id),
    CONSTRAINT fk_entitlements_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_entitlements_contract_id_verified_on ON entitlements (contract_id, verified_on);

CREATE TABLE payments (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payment_id TEXT NOT NULL,
    claim_number INTEGER NOT NULL,
    payer TEXT NOT NULL,
    payee TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    paid_on DATE NOT NULL,
    reference TEXT,
    entry_number BIGINT NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (contract_id, payment_id),
    CONSTRAINT ck_payments_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT uq_payments_contract_id_claim_number_payer_payee UNIQUE (contract_id, claim_number, payer, payee),
    CONSTRAINT fk_payments_contract_id_claim_number FOREIGN KEY(contract_id, claim_number) REFERENCES claims (contract_id, claim_number),
    CONSTRAINT fk_payments_contract_id_entry_number FOREIGN KEY(contract_id, entry_number) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_payments_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE submission_evidence (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submission_id TEXT NOT NULL,
    evidence_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    CONSTRAINT pk_submission_evidence PRIMARY KEY (contract_id, submission_id, evidence_id),
    CONSTRAINT fk_submission_evidence_contract_id_participant_id_submission_id FOREIGN KEY(contract_id, participant_id, submission_id) REFERENCES submissions (contract_id, participant_id, submission_id),
    CONSTRAINT fk_submission_evidence_contract_id_participant_id_evidence_id FOREIGN KEY(contract_id, participant_id, evidence_id) REFERENCES evidence_items (contract_id, participant_id, evidence_id),
    CONSTRAINT fk_submission_evidence_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE verifications (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    verification_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason_code TEXT,
    decided_on DATE NOT NULL,
    equivalent_evidence BOOLEAN NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_verifications PRIMARY KEY (contract_id, verification_id),
    CONSTRAINT uq_verifications_contract_id_submission_id UNIQUE (contract_id, submission_id),
    CONSTRAINT ck_verifications_decision_known CHECK (decision IN ('verified', 'returned', 'rejected')),
    CONSTRAINT ck_verifications_reason_given CHECK ((decision = 'verified') = (reason_code IS NULL)),
    CONSTRAINT fk_verifications_contract_id_submission_id FOREIGN KEY(contract_id, submission_id) REFERENCES submissions (contract_id, submission_id),
    CONSTRAINT fk_verifications_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE waivers (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submission_id TEXT NOT NULL,
    granted_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_waivers PRIMARY KEY (contract_id, submission_id),
    CONSTRAINT fk_waivers_contract_id_submission_id FOREIGN KEY(contract_id, submission_id) REFERENCES submissions (contract_id, submission_id),
    CONSTRAINT fk_waivers_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE approved_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    entry_number BIGINT,
    CONSTRAINT pk_approved_lines PRIMARY KEY (contract_id, kind, source_id),
    CONSTRAINT uq_approved_lines_contract_id_claim_number_line_number UNIQUE (contract_id, claim_number, line_number),
    CONSTRAINT fk_approved_lines_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_approved_lines_contract_id_entry_number FOREIGN KEY(contract_id, entry_number) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_approved_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE claim_line_cuts (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    cap TEXT NOT NULL,
    cut_number INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT pk_claim_line_cuts PRIMARY KEY (contract_id, claim_number, line_number, cap),
    CONSTRAINT uq_claim_line_cuts_contract_id_claim_number_line_number_5594 UNIQUE (contract_id, claim_number, line_number, cut_number),
    CONSTRAINT ck_claim_line_cuts_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_claim_line_cuts_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_claim_line_cuts_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE claim_line_shares (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    payer TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT pk_claim_line_shares PRIMARY KEY (contract_id, claim_number, line_number, payer),
    CONSTRAINT fk_claim_line_shares_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_claim_line_shares_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE clawbacks (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    clawback_id TEXT NOT NULL,
    entitlement_id TEXT NOT NULL,
    ground TEXT NOT NULL,
    decided_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_clawbacks PRIMARY KEY (contract_id, clawback_id),
    CONSTRAINT uq_clawbacks_contract_id_entitlement_id UNIQUE (contract_id, entitlement_id),
    CONSTRAINT fk_clawbacks_contract_id_entitlement_id FOREIGN KEY(contract_id, entitlement_id) REFERENCES entitlements (contract_id, entitlement_id),
    CONSTRAINT fk_clawbacks_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);
