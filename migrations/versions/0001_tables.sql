-- The tables of the first release. app/storage/tables.py says the same; a test compares them.

CREATE TABLE contracts (
    contract_id TEXT NOT NULL,
    head_sequence BIGINT NOT NULL,
    head_hash TEXT NOT NULL,
    head_recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contracts PRIMARY KEY (contract_id)
);

CREATE TABLE evidence_uploads (
    contract_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_uploads PRIMARY KEY (contract_id, sha256),
    CONSTRAINT fk_evidence_uploads_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id)
);

CREATE INDEX ix_evidence_uploads_contract_id_party ON evidence_uploads (contract_id, party);

CREATE TABLE file_scans (
    contract_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    scan_number BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    scanned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_file_scans PRIMARY KEY (contract_id, kind, sha256, scan_number),
    CONSTRAINT fk_file_scans_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id),
    CONSTRAINT ck_file_scans_kind_known CHECK (kind IN ('evidence', 'import')),
    CONSTRAINT ck_file_scans_verdict_known CHECK (verdict IN ('clean', 'infected', 'quarantined', 'unscanned'))
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
    sealed_text TEXT NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (contract_id, digest),
    CONSTRAINT fk_notes_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id)
);

CREATE TABLE signing_keys (
    contract_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    previous_key_id TEXT,
    endorsement TEXT,
    CONSTRAINT pk_signing_keys PRIMARY KEY (contract_id, key_id),
    CONSTRAINT fk_signing_keys_contract_id FOREIGN KEY(contract_id) REFERENCES contracts (contract_id)
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

CREATE TABLE column_mappings (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    mapping JSONB NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_column_mappings PRIMARY KEY (contract_id, party, name, version),
    CONSTRAINT fk_column_mappings_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE delegated_acts (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    grant_id TEXT NOT NULL,
    on_behalf_of TEXT NOT NULL,
    CONSTRAINT pk_delegated_acts PRIMARY KEY (contract_id, sequence, grant_id),
    CONSTRAINT fk_delegated_acts_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
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
    CONSTRAINT uq_entries_contract_id_source UNIQUE (contract_id, source),
    CONSTRAINT uq_entries_contract_id_entry_number_sequence_effective__f61b UNIQUE (contract_id, entry_number, sequence, effective_date, recorded_at),
    CONSTRAINT fk_entries_contract_id_reverses FOREIGN KEY(contract_id, reverses) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_entries_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_entries_contract_id_reverses ON entries (contract_id, reverses);

CREATE TABLE match_rules (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source TEXT NOT NULL,
    version INTEGER NOT NULL,
    days_before_issue INTEGER NOT NULL,
    days_after_due INTEGER NOT NULL,
    return_days INTEGER NOT NULL,
    group_candidates INTEGER NOT NULL,
    group_size INTEGER NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_match_rules PRIMARY KEY (contract_id, party, source, version),
    CONSTRAINT fk_match_rules_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE matches (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    match_id TEXT NOT NULL,
    source TEXT NOT NULL,
    rule TEXT NOT NULL,
    score INTEGER NOT NULL,
    classification TEXT NOT NULL,
    left_over_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    alternatives JSONB NOT NULL,
    working JSONB NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_matches PRIMARY KEY (contract_id, match_id),
    CONSTRAINT ck_matches_classification_known CHECK (classification IN ('matched', 'part', 'over')),
    CONSTRAINT ck_matches_score_in_range CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT ck_matches_left_over_not_negative CHECK (left_over_minor >= 0),
    CONSTRAINT fk_matches_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
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

CREATE TABLE period_closes (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    close_number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    level TEXT NOT NULL,
    decided_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_period_closes PRIMARY KEY (contract_id, close_number),
    CONSTRAINT ck_period_closes_kind_known CHECK (kind IN ('quarter', 'financial_year')),
    CONSTRAINT ck_period_closes_level_known CHECK (level IN ('soft', 'hard', 'reopened')),
    CONSTRAINT ck_period_closes_period_ordered CHECK (period_start < period_end),
    CONSTRAINT ck_period_closes_period_over CHECK (period_end < decided_on),
    CONSTRAINT fk_period_closes_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE UNIQUE INDEX ix_period_closes_hard ON period_closes (contract_id, kind, period_end) WHERE level = 'hard';

CREATE TABLE signed_heads (
    contract_id TEXT NOT NULL,
    day DATE NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    count BIGINT NOT NULL,
    access_sequence BIGINT NOT NULL,
    access_hash TEXT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_signed_heads PRIMARY KEY (contract_id, day),
    CONSTRAINT fk_signed_heads_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence),
    CONSTRAINT fk_signed_heads_contract_id_key_id FOREIGN KEY(contract_id, key_id) REFERENCES signing_keys (contract_id, key_id)
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
    second_approval_above_minor BIGINT,
    CONSTRAINT pk_claims PRIMARY KEY (contract_id, claim_number),
    CONSTRAINT ck_claims_period_ordered CHECK (period_start <= period_end),
    CONSTRAINT fk_claims_contract_id_terms_version FOREIGN KEY(contract_id, terms_version) REFERENCES terms_versions (contract_id, version),
    CONSTRAINT fk_claims_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_claims_contract_id_period_end ON claims (contract_id, period_end);

CREATE TABLE erasures (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    erasure_number INTEGER NOT NULL,
    participant_id TEXT,
    ground TEXT NOT NULL,
    decided_on DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_erasures PRIMARY KEY (contract_id, erasure_number),
    CONSTRAINT ck_erasures_participant_named CHECK ((participant_id IS NULL) = (ground = 'retention_over')),
    CONSTRAINT fk_erasures_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_erasures_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_erasures_contract_id_participant_id ON erasures (contract_id, participant_id);

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

CREATE TABLE frozen_statements (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    book TEXT NOT NULL,
    statement_number INTEGER NOT NULL,
    close_number INTEGER NOT NULL,
    known_through BIGINT NOT NULL,
    known_through_hash TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT pk_frozen_statements PRIMARY KEY (contract_id, book, statement_number),
    CONSTRAINT fk_frozen_statements_contract_id_close_number FOREIGN KEY(contract_id, close_number) REFERENCES period_closes (contract_id, close_number),
    CONSTRAINT fk_frozen_statements_contract_id_known_through FOREIGN KEY(contract_id, known_through) REFERENCES journal (contract_id, sequence),
    CONSTRAINT fk_frozen_statements_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE UNIQUE INDEX ix_frozen_statements_contract_id_close_number_book ON frozen_statements (contract_id, close_number, book);

CREATE TABLE fund_claims (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fund_claim_number INTEGER NOT NULL,
    fund TEXT NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    prepared_on DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    terms_version INTEGER NOT NULL,
    second_approval_above_minor BIGINT,
    CONSTRAINT pk_fund_claims PRIMARY KEY (contract_id, fund_claim_number),
    CONSTRAINT ck_fund_claims_period_ordered CHECK (period_start <= period_end),
    CONSTRAINT fk_fund_claims_contract_id_terms_version FOREIGN KEY(contract_id, terms_version) REFERENCES terms_versions (contract_id, version),
    CONSTRAINT fk_fund_claims_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE imports (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    mapping_name TEXT,
    mapping_version INTEGER,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (contract_id, import_number),
    CONSTRAINT uq_imports_same_file UNIQUE NULLS NOT DISTINCT (contract_id, party, source, sha256, mapping_name, mapping_version),
    CONSTRAINT ck_imports_kind_known CHECK (kind IN ('camt.053', 'mt940', 'csv')),
    CONSTRAINT ck_imports_mapping_of_csv CHECK ((kind = 'csv') = (mapping_name IS NOT NULL)),
    CONSTRAINT fk_imports_contract_id_party_mapping_name_mapping_version FOREIGN KEY(contract_id, party, mapping_name, mapping_version) REFERENCES column_mappings (contract_id, party, name, version),
    CONSTRAINT fk_imports_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
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

CREATE TABLE late_postings (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entry_number BIGINT NOT NULL,
    level TEXT NOT NULL,
    belongs_on DATE NOT NULL,
    note_digest TEXT,
    CONSTRAINT pk_late_postings PRIMARY KEY (contract_id, entry_number),
    CONSTRAINT ck_late_postings_level_known CHECK (level IN ('soft', 'hard')),
    CONSTRAINT fk_late_postings_contract_id_entry_number FOREIGN KEY(contract_id, entry_number) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_late_postings_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_late_postings_contract_id_belongs_on ON late_postings (contract_id, belongs_on);

CREATE TABLE match_decisions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    match_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    decision TEXT NOT NULL,
    decided_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_match_decisions PRIMARY KEY (contract_id, match_id, step),
    CONSTRAINT ck_match_decisions_step_known CHECK (step IN (1, 2)),
    CONSTRAINT ck_match_decisions_decision_known CHECK (decision IN ('accepted', 'refused', 'superseded', 'undone')),
    CONSTRAINT fk_match_decisions_contract_id_match_id FOREIGN KEY(contract_id, match_id) REFERENCES matches (contract_id, match_id),
    CONSTRAINT fk_match_decisions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE participant_privacy (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    participant_id TEXT NOT NULL,
    lawful_basis TEXT NOT NULL,
    special_condition TEXT NOT NULL,
    notice_version TEXT NOT NULL,
    notice_given_on DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_participant_privacy PRIMARY KEY (contract_id, participant_id, sequence),
    CONSTRAINT fk_participant_privacy_contract_id_participant_id FOREIGN KEY(contract_id, participant_id) REFERENCES participants (contract_id, participant_id),
    CONSTRAINT fk_participant_privacy_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE payments (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payment_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payer TEXT NOT NULL,
    payee TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    paid_on DATE NOT NULL,
    reference TEXT,
    returns TEXT,
    pays_back BOOLEAN NOT NULL,
    entry_number BIGINT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (contract_id, payment_id),
    CONSTRAINT ck_payments_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT ck_payments_kind_known CHECK (kind IN ('payment', 'return', 'set_off')),
    CONSTRAINT ck_payments_money_moves CHECK ((kind = 'set_off') = (amount_minor = 0)),
    CONSTRAINT ck_payments_money_posted CHECK ((kind = 'set_off') = (entry_number IS NULL)),
    CONSTRAINT ck_payments_return_named CHECK ((kind = 'return') = (returns IS NOT NULL)),
    CONSTRAINT uq_payments_contract_id_entry_number UNIQUE (contract_id, entry_number),
    CONSTRAINT fk_payments_contract_id_returns FOREIGN KEY(contract_id, returns) REFERENCES payments (contract_id, payment_id),
    CONSTRAINT fk_payments_contract_id_entry_number FOREIGN KEY(contract_id, entry_number) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_payments_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_payments_contract_id_paid_on ON payments (contract_id, paid_on);

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

CREATE TABLE claim_first_approvals (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim_number INTEGER NOT NULL,
    approved_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_claim_first_approvals PRIMARY KEY (contract_id, claim_number),
    CONSTRAINT fk_claim_first_approvals_contract_id_claim_number FOREIGN KEY(contract_id, claim_number) REFERENCES claims (contract_id, claim_number),
    CONSTRAINT fk_claim_first_approvals_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
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

CREATE TABLE erased_files (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    erasure_number INTEGER NOT NULL,
    CONSTRAINT pk_erased_files PRIMARY KEY (contract_id, kind, sha256),
    CONSTRAINT ck_erased_files_kind_known CHECK (kind IN ('evidence', 'import')),
    CONSTRAINT fk_erased_files_contract_id_erasure_number FOREIGN KEY(contract_id, erasure_number) REFERENCES erasures (contract_id, erasure_number),
    CONSTRAINT fk_erased_files_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE erased_notes (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    digest TEXT NOT NULL,
    erasure_number INTEGER NOT NULL,
    CONSTRAINT pk_erased_notes PRIMARY KEY (contract_id, digest),
    CONSTRAINT fk_erased_notes_contract_id_erasure_number FOREIGN KEY(contract_id, erasure_number) REFERENCES erasures (contract_id, erasure_number),
    CONSTRAINT fk_erased_notes_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE fund_claim_first_approvals (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fund_claim_number INTEGER NOT NULL,
    approved_on DATE NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_fund_claim_first_approvals PRIMARY KEY (contract_id, fund_claim_number),
    CONSTRAINT fk_fund_claim_first_approvals_contract_id_fund_claim_number FOREIGN KEY(contract_id, fund_claim_number) REFERENCES fund_claims (contract_id, fund_claim_number),
    CONSTRAINT fk_fund_claim_first_approvals_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE fund_claim_states (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fund_claim_number INTEGER NOT NULL,
    state TEXT NOT NULL,
    on_date DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_fund_claim_states PRIMARY KEY (contract_id, fund_claim_number, sequence),
    CONSTRAINT ck_fund_claim_states_state_known CHECK (state IN ('submitted', 'queried')),
    CONSTRAINT fk_fund_claim_states_contract_id_fund_claim_number FOREIGN KEY(contract_id, fund_claim_number) REFERENCES fund_claims (contract_id, fund_claim_number),
    CONSTRAINT fk_fund_claim_states_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE import_faults (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    CONSTRAINT pk_import_faults PRIMARY KEY (contract_id, import_number, position),
    CONSTRAINT fk_import_faults_contract_id_import_number FOREIGN KEY(contract_id, import_number) REFERENCES imports (contract_id, import_number),
    CONSTRAINT fk_import_faults_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE import_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    party TEXT NOT NULL,
    source TEXT NOT NULL,
    account TEXT,
    identity TEXT NOT NULL,
    booked_on DATE NOT NULL,
    value_on DATE,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    direction TEXT NOT NULL,
    counterparty TEXT,
    reference_texts JSONB NOT NULL,
    is_return BOOLEAN NOT NULL,
    classification TEXT NOT NULL,
    first_import INTEGER,
    first_position INTEGER,
    CONSTRAINT pk_import_lines PRIMARY KEY (contract_id, import_number, position),
    CONSTRAINT ck_import_lines_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT ck_import_lines_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_import_lines_classification_known CHECK (classification IN ('unknown', 'duplicate')),
    CONSTRAINT ck_import_lines_first CHECK ((classification = 'duplicate') = (first_import IS NOT NULL)),
    CONSTRAINT fk_import_lines_contract_id_import_number FOREIGN KEY(contract_id, import_number) REFERENCES imports (contract_id, import_number),
    CONSTRAINT fk_import_lines_contract_id_first_import_first_position FOREIGN KEY(contract_id, first_import, first_position) REFERENCES import_lines (contract_id, import_number, position),
    CONSTRAINT fk_import_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE UNIQUE INDEX uq_import_lines_account ON import_lines (contract_id, party, account, identity) WHERE first_import IS NULL;

CREATE UNIQUE INDEX uq_import_lines_identity ON import_lines (contract_id, party, source, identity) WHERE first_import IS NULL;

CREATE TABLE import_totals (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    line_count INTEGER NOT NULL,
    duplicate_count INTEGER NOT NULL,
    fault_count INTEGER NOT NULL,
    account TEXT,
    opening_minor BIGINT,
    opening_currency TEXT,
    closing_minor BIGINT,
    closing_currency TEXT,
    CONSTRAINT pk_import_totals PRIMARY KEY (contract_id, import_number),
    CONSTRAINT fk_import_totals_contract_id_import_number FOREIGN KEY(contract_id, import_number) REFERENCES imports (contract_id, import_number),
    CONSTRAINT fk_import_totals_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE invoices (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    issuer TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    claim_number INTEGER NOT NULL,
    round INTEGER NOT NULL,
    customer TEXT NOT NULL,
    issued_on DATE NOT NULL,
    due_on DATE,
    purchase_order TEXT,
    currency TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    vat_treatment TEXT NOT NULL,
    vat_rationale TEXT NOT NULL,
    vat_rate TEXT,
    vat_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    cites JSONB NOT NULL,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_invoices PRIMARY KEY (contract_id, issuer, number),
    CONSTRAINT uq_invoices_once UNIQUE NULLS NOT DISTINCT (contract_id, claim_number, round, issuer, customer, kind, vat_treatment, vat_rationale, vat_rate),
    CONSTRAINT ck_invoices_kind_known CHECK (kind IN ('invoice', 'credit_note')),
    CONSTRAINT ck_invoices_adds_up CHECK (total_minor = net_minor + vat_minor AND net_minor > 0),
    CONSTRAINT fk_invoices_contract_id_claim_number FOREIGN KEY(contract_id, claim_number) REFERENCES claims (contract_id, claim_number),
    CONSTRAINT fk_invoices_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_invoices_contract_id_due_on ON invoices (contract_id, due_on);

CREATE TABLE payment_allocations (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payment_id TEXT NOT NULL,
    document TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    allocated_on DATE NOT NULL,
    CONSTRAINT pk_payment_allocations PRIMARY KEY (contract_id, payment_id, sequence, document),
    CONSTRAINT ck_payment_allocations_amount_given CHECK (amount_minor <> 0),
    CONSTRAINT fk_payment_allocations_contract_id_payment_id FOREIGN KEY(contract_id, payment_id) REFERENCES payments (contract_id, payment_id),
    CONSTRAINT fk_payment_allocations_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_payment_allocations_contract_id_document ON payment_allocations (contract_id, document);

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
    CONSTRAINT ck_claim_line_cuts_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT uq_claim_line_cuts_contract_id_claim_number_line_number_5594 UNIQUE (contract_id, claim_number, line_number, cut_number),
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

CREATE TABLE disputes (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    dispute_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    is_posted BOOLEAN NOT NULL,
    raised_on DATE NOT NULL,
    challenged_on DATE NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_disputes PRIMARY KEY (contract_id, dispute_id),
    CONSTRAINT ck_disputes_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_disputes_after_decision CHECK (raised_on >= challenged_on),
    CONSTRAINT fk_disputes_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_disputes_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_disputes_contract_id_claim_number_line_number ON disputes (contract_id, claim_number, line_number);

CREATE TABLE fault_decisions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    decision TEXT NOT NULL,
    reason_code TEXT,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_fault_decisions PRIMARY KEY (contract_id, import_number, position, sequence),
    CONSTRAINT ck_fault_decisions_decision_known CHECK (decision IN ('ignored', 'taken_back')),
    CONSTRAINT ck_fault_decisions_reason_given CHECK ((decision = 'ignored') = (reason_code IS NOT NULL)),
    CONSTRAINT fk_fault_decisions_contract_id_import_number_position FOREIGN KEY(contract_id, import_number, position) REFERENCES import_faults (contract_id, import_number, position),
    CONSTRAINT fk_fault_decisions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE fund_claim_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fund_claim_number INTEGER NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    fund TEXT NOT NULL,
    metric TEXT NOT NULL,
    counted INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_fund_claim_lines PRIMARY KEY (contract_id, fund_claim_number, claim_number, line_number),
    CONSTRAINT uq_fund_claim_lines_contract_id_fund_claim_number_line_number UNIQUE (contract_id, fund, claim_number, line_number),
    CONSTRAINT fk_fund_claim_lines_contract_id_fund_claim_number FOREIGN KEY(contract_id, fund_claim_number) REFERENCES fund_claims (contract_id, fund_claim_number),
    CONSTRAINT fk_fund_claim_lines_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_fund_claim_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE invoice_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    issuer TEXT NOT NULL,
    number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    metric TEXT NOT NULL,
    description TEXT NOT NULL,
    counted INTEGER NOT NULL,
    net_minor BIGINT NOT NULL,
    CONSTRAINT pk_invoice_lines PRIMARY KEY (contract_id, issuer, number, line_number),
    CONSTRAINT fk_invoice_lines_contract_id_issuer_number FOREIGN KEY(contract_id, issuer, number) REFERENCES invoices (contract_id, issuer, number),
    CONSTRAINT fk_invoice_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE line_decisions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    decision TEXT NOT NULL,
    reason_code TEXT,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_line_decisions PRIMARY KEY (contract_id, import_number, position, sequence),
    CONSTRAINT ck_line_decisions_decision_known CHECK (decision IN ('ignored', 'taken_back')),
    CONSTRAINT ck_line_decisions_reason_given CHECK ((decision = 'ignored') = (reason_code IS NOT NULL)),
    CONSTRAINT fk_line_decisions_contract_id_import_number_position FOREIGN KEY(contract_id, import_number, position) REFERENCES import_lines (contract_id, import_number, position),
    CONSTRAINT fk_line_decisions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE line_findings (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reasons JSONB NOT NULL,
    CONSTRAINT pk_line_findings PRIMARY KEY (contract_id, import_number, position, sequence),
    CONSTRAINT fk_line_findings_contract_id_import_number_position FOREIGN KEY(contract_id, import_number, position) REFERENCES import_lines (contract_id, import_number, position),
    CONSTRAINT fk_line_findings_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE match_lines (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    match_id TEXT NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_match_lines PRIMARY KEY (contract_id, match_id, import_number, position),
    CONSTRAINT fk_match_lines_contract_id_match_id FOREIGN KEY(contract_id, match_id) REFERENCES matches (contract_id, match_id),
    CONSTRAINT fk_match_lines_contract_id_import_number_position FOREIGN KEY(contract_id, import_number, position) REFERENCES import_lines (contract_id, import_number, position),
    CONSTRAINT fk_match_lines_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_match_lines_contract_id_import_number_position ON match_lines (contract_id, import_number, position);

CREATE TABLE corrections (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correction_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    claim_number INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    reverses BIGINT,
    dispute_id TEXT,
    proposed_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_corrections PRIMARY KEY (contract_id, correction_id),
    CONSTRAINT ck_corrections_reversal_linked CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CONSTRAINT fk_corrections_contract_id_claim_number_line_number FOREIGN KEY(contract_id, claim_number, line_number) REFERENCES claim_lines (contract_id, claim_number, line_number),
    CONSTRAINT fk_corrections_contract_id_reverses FOREIGN KEY(contract_id, reverses) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_corrections_contract_id_dispute_id FOREIGN KEY(contract_id, dispute_id) REFERENCES disputes (contract_id, dispute_id),
    CONSTRAINT fk_corrections_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_corrections_contract_id_claim_number_line_number ON corrections (contract_id, claim_number, line_number);

CREATE TABLE dispute_escalations (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    dispute_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    on_date DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_dispute_escalations PRIMARY KEY (contract_id, dispute_id, step),
    CONSTRAINT ck_dispute_escalations_step_later CHECK (step > 1),
    CONSTRAINT fk_dispute_escalations_contract_id_dispute_id FOREIGN KEY(contract_id, dispute_id) REFERENCES disputes (contract_id, dispute_id),
    CONSTRAINT fk_dispute_escalations_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE dispute_outcomes (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    dispute_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    decided_on DATE NOT NULL,
    decided_by TEXT NOT NULL,
    due_minor BIGINT NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_dispute_outcomes PRIMARY KEY (contract_id, dispute_id),
    CONSTRAINT ck_dispute_outcomes_kind_known CHECK (kind IN ('upheld', 'rejected', 'settled')),
    CONSTRAINT ck_dispute_outcomes_due_fits CHECK (due_minor >= 0 AND (kind <> 'upheld' OR due_minor = 0)),
    CONSTRAINT fk_dispute_outcomes_contract_id_dispute_id FOREIGN KEY(contract_id, dispute_id) REFERENCES disputes (contract_id, dispute_id),
    CONSTRAINT fk_dispute_outcomes_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE dispute_shares (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    dispute_id TEXT NOT NULL,
    payer TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT pk_dispute_shares PRIMARY KEY (contract_id, dispute_id, payer),
    CONSTRAINT ck_dispute_shares_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_dispute_shares_contract_id_dispute_id FOREIGN KEY(contract_id, dispute_id) REFERENCES disputes (contract_id, dispute_id),
    CONSTRAINT fk_dispute_shares_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE line_payments (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    match_id TEXT NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payment_id TEXT NOT NULL,
    effect TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_line_payments PRIMARY KEY (contract_id, match_id, import_number, position, payment_id),
    CONSTRAINT ck_line_payments_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_line_payments_effect_known CHECK (effect IN ('recorded', 'confirmed')),
    CONSTRAINT fk_line_payments_contract_id_match_id_import_number_position FOREIGN KEY(contract_id, match_id, import_number, position) REFERENCES match_lines (contract_id, match_id, import_number, position),
    CONSTRAINT fk_line_payments_contract_id_payment_id FOREIGN KEY(contract_id, payment_id) REFERENCES payments (contract_id, payment_id),
    CONSTRAINT fk_line_payments_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_line_payments_contract_id_payment_id ON line_payments (contract_id, payment_id);

CREATE TABLE match_allocations (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    match_id TEXT NOT NULL,
    import_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_match_allocations PRIMARY KEY (contract_id, match_id, import_number, position, item_id),
    CONSTRAINT ck_match_allocations_amount_given CHECK (amount_minor <> 0),
    CONSTRAINT fk_match_allocations_contract_id_match_id_import_number_2fca FOREIGN KEY(contract_id, match_id, import_number, position) REFERENCES match_lines (contract_id, match_id, import_number, position),
    CONSTRAINT fk_match_allocations_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE correction_decisions (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correction_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_on DATE NOT NULL,
    entry_number BIGINT,
    counted INTEGER NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_correction_decisions PRIMARY KEY (contract_id, correction_id),
    CONSTRAINT ck_correction_decisions_decision_known CHECK (decision IN ('approved', 'refused')),
    CONSTRAINT ck_correction_decisions_posted CHECK ((decision = 'approved') = (entry_number IS NOT NULL)),
    CONSTRAINT uq_correction_decisions_contract_id_entry_number UNIQUE (contract_id, entry_number),
    CONSTRAINT fk_correction_decisions_contract_id_correction_id FOREIGN KEY(contract_id, correction_id) REFERENCES corrections (contract_id, correction_id),
    CONSTRAINT fk_correction_decisions_contract_id_entry_number FOREIGN KEY(contract_id, entry_number) REFERENCES entries (contract_id, entry_number),
    CONSTRAINT fk_correction_decisions_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE correction_documents (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correction_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    issuer TEXT,
    number INTEGER,
    CONSTRAINT pk_correction_documents PRIMARY KEY (contract_id, correction_id, customer),
    CONSTRAINT ck_correction_documents_document_named CHECK ((issuer IS NULL) = (number IS NULL)),
    CONSTRAINT fk_correction_documents_contract_id_correction_id FOREIGN KEY(contract_id, correction_id) REFERENCES corrections (contract_id, correction_id),
    CONSTRAINT fk_correction_documents_contract_id_issuer_number FOREIGN KEY(contract_id, issuer, number) REFERENCES invoices (contract_id, issuer, number),
    CONSTRAINT fk_correction_documents_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE INDEX ix_correction_documents_contract_id_issuer_number ON correction_documents (contract_id, issuer, number);

CREATE TABLE correction_first_approvals (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correction_id TEXT NOT NULL,
    approved_on DATE NOT NULL,
    note_digest TEXT,
    party TEXT NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT pk_correction_first_approvals PRIMARY KEY (contract_id, correction_id),
    CONSTRAINT fk_correction_first_approvals_contract_id_correction_id FOREIGN KEY(contract_id, correction_id) REFERENCES corrections (contract_id, correction_id),
    CONSTRAINT fk_correction_first_approvals_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE correction_shares (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correction_id TEXT NOT NULL,
    payer TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_correction_shares PRIMARY KEY (contract_id, correction_id, payer),
    CONSTRAINT ck_correction_shares_amount_given CHECK (amount_minor <> 0),
    CONSTRAINT fk_correction_shares_contract_id_correction_id FOREIGN KEY(contract_id, correction_id) REFERENCES corrections (contract_id, correction_id),
    CONSTRAINT fk_correction_shares_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);

CREATE TABLE fund_claim_corrections (
    contract_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fund_claim_number INTEGER NOT NULL,
    correction_id TEXT NOT NULL,
    fund TEXT NOT NULL,
    counted INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_fund_claim_corrections PRIMARY KEY (contract_id, fund_claim_number, correction_id),
    CONSTRAINT uq_fund_claim_corrections_contract_id_fund_correction_id UNIQUE (contract_id, fund, correction_id),
    CONSTRAINT fk_fund_claim_corrections_contract_id_fund_claim_number FOREIGN KEY(contract_id, fund_claim_number) REFERENCES fund_claims (contract_id, fund_claim_number),
    CONSTRAINT fk_fund_claim_corrections_contract_id_correction_id FOREIGN KEY(contract_id, correction_id) REFERENCES corrections (contract_id, correction_id),
    CONSTRAINT fk_fund_claim_corrections_contract_id_sequence FOREIGN KEY(contract_id, sequence) REFERENCES journal (contract_id, sequence)
);
