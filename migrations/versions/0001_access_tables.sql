-- Who may use the service. app/storage/access_tables.py says the same; a test compares them.

CREATE SCHEMA access;

CREATE TABLE access.failed_sign_ins (
    operation TEXT NOT NULL,
    code TEXT NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counted BIGINT NOT NULL,
    CONSTRAINT pk_failed_sign_ins PRIMARY KEY (operation, code)
);

CREATE TABLE access.pending_sign_ins (
    state_hash TEXT NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_pending_sign_ins PRIMARY KEY (state_hash)
);

CREATE TABLE access.principals (
    principal_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_principals PRIMARY KEY (principal_id),
    CONSTRAINT ck_principals_kind CHECK (kind IN ('person', 'client', 'group'))
);

CREATE TABLE access.sign_in_attempts (
    attempt_id TEXT NOT NULL,
    name_mark TEXT NOT NULL,
    address_mark TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (attempt_id),
    CONSTRAINT ck_sign_in_attempts_outcome CHECK (outcome IN ('failed', 'succeeded', 'unlocked'))
);

CREATE INDEX ix_sign_in_attempts_address_mark_at ON access.sign_in_attempts (address_mark, at);

CREATE INDEX ix_sign_in_attempts_name_mark_at ON access.sign_in_attempts (name_mark, at);

CREATE TABLE access.account_passwords (
    principal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    password_hash TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_account_passwords PRIMARY KEY (principal_id, version),
    CONSTRAINT fk_account_passwords_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id)
);

CREATE TABLE access.account_setups (
    setup_hash TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    totp_sealed TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_account_setups PRIMARY KEY (setup_hash),
    CONSTRAINT fk_account_setups_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id)
);

CREATE INDEX ix_account_setups_principal_id_created_at ON access.account_setups (principal_id, created_at);

CREATE TABLE access.api_keys (
    key_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    replaces TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_api_keys PRIMARY KEY (key_id),
    CONSTRAINT fk_api_keys_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id),
    CONSTRAINT fk_api_keys_replaces FOREIGN KEY(replaces) REFERENCES access.api_keys (key_id),
    CONSTRAINT uq_api_keys_replaces UNIQUE (replaces),
    CONSTRAINT ck_api_keys_dates CHECK (created_at < expires_at)
);

CREATE INDEX ix_api_keys_principal_id ON access.api_keys (principal_id);

CREATE TABLE access.grants (
    grant_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    contract_id TEXT,
    party TEXT,
    role TEXT NOT NULL,
    from_date DATE NOT NULL,
    to_date DATE,
    granted_by TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    delegated_from TEXT,
    reason TEXT,
    limit_minor BIGINT,
    limit_currency TEXT,
    to_confirm BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_grants PRIMARY KEY (grant_id),
    CONSTRAINT fk_grants_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id),
    CONSTRAINT uq_grants_grant_id_contract_id_party_role UNIQUE (grant_id, contract_id, party, role),
    CONSTRAINT fk_grants_delegated_from_contract_id_party_role FOREIGN KEY(delegated_from, contract_id, party, role) REFERENCES access.grants (grant_id, contract_id, party, role),
    CONSTRAINT ck_grants_place CHECK ((role = 'operator') = (contract_id IS NULL) AND (contract_id IS NULL) = (party IS NULL)),
    CONSTRAINT ck_grants_dates CHECK (to_date IS NULL OR from_date <= to_date),
    CONSTRAINT ck_grants_reason CHECK ((delegated_from IS NULL) = (reason IS NULL)),
    CONSTRAINT ck_grants_delegation CHECK (delegated_from IS NULL OR (role <> 'operator' AND to_date IS NOT NULL AND to_date - from_date < 92 AND from_date >= CAST(granted_at AT TIME ZONE 'UTC' AS date))),
    CONSTRAINT ck_grants_limit CHECK ((limit_minor IS NULL) = (limit_currency IS NULL) AND (limit_minor IS NULL OR (role IN ('approver', 'commissioner_finance') AND limit_minor > 0)))
);

CREATE INDEX ix_grants_contract_id ON access.grants (contract_id);

CREATE INDEX ix_grants_delegated_from ON access.grants (delegated_from);

CREATE INDEX ix_grants_principal_id ON access.grants (principal_id);

CREATE TABLE access.identities (
    issuer TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_identities PRIMARY KEY (issuer, kind, value),
    CONSTRAINT fk_identities_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id),
    CONSTRAINT ck_identities_kind CHECK (kind IN ('subject', 'client', 'group', 'app_role'))
);

CREATE TABLE access.local_accounts (
    sign_in_name TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_local_accounts PRIMARY KEY (sign_in_name),
    CONSTRAINT uq_local_accounts_principal_id UNIQUE (principal_id),
    CONSTRAINT fk_local_accounts_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id)
);

CREATE TABLE access.principal_ends (
    principal_id TEXT NOT NULL,
    ended_by TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_principal_ends PRIMARY KEY (principal_id),
    CONSTRAINT fk_principal_ends_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id)
);

CREATE TABLE access.sessions (
    session_hash TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    groups TEXT[] NOT NULL,
    app_roles TEXT[] NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sessions PRIMARY KEY (session_hash),
    CONSTRAINT fk_sessions_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id)
);

CREATE INDEX ix_sessions_principal_id ON access.sessions (principal_id);

CREATE TABLE access.account_factors (
    principal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    totp_sealed TEXT NOT NULL,
    setup_hash TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_account_factors PRIMARY KEY (principal_id, version),
    CONSTRAINT uq_account_factors_setup_hash UNIQUE (setup_hash),
    CONSTRAINT fk_account_factors_principal_id FOREIGN KEY(principal_id) REFERENCES access.principals (principal_id),
    CONSTRAINT fk_account_factors_setup_hash FOREIGN KEY(setup_hash) REFERENCES access.account_setups (setup_hash)
);

CREATE TABLE access.api_key_ends (
    key_id TEXT NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_by TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_api_key_ends PRIMARY KEY (key_id, ends_at),
    CONSTRAINT fk_api_key_ends_key_id FOREIGN KEY(key_id) REFERENCES access.api_keys (key_id)
);

CREATE TABLE access.grant_confirmations (
    grant_id TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_grant_confirmations PRIMARY KEY (grant_id),
    CONSTRAINT fk_grant_confirmations_grant_id FOREIGN KEY(grant_id) REFERENCES access.grants (grant_id)
);

CREATE TABLE access.grant_ends (
    grant_id TEXT NOT NULL,
    ended_by TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_grant_ends PRIMARY KEY (grant_id),
    CONSTRAINT fk_grant_ends_grant_id FOREIGN KEY(grant_id) REFERENCES access.grants (grant_id)
);

CREATE TABLE access.factor_uses (
    principal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_factor_uses PRIMARY KEY (principal_id, version, value),
    CONSTRAINT fk_factor_uses_principal_id_version FOREIGN KEY(principal_id, version) REFERENCES access.account_factors (principal_id, version)
);

CREATE TABLE access.recovery_codes (
    principal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    code_hash TEXT NOT NULL,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (principal_id, version, code_hash),
    CONSTRAINT fk_recovery_codes_principal_id_version FOREIGN KEY(principal_id, version) REFERENCES access.account_factors (principal_id, version)
);
