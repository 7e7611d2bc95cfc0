"""Codes of signed heads, signing keys, exports and imports: meaning and remedy."""

from app.api.problem_texts import Texts

HEAD_NOT_FOUND: Texts = {
    "head-unknown": ("No such signed head", "List the heads there are; one is signed each day."),
    "party-unknown": ("No such party", "Use the id of a party in the contract's terms."),
}

HEAD_RULES: Texts = {
    "export-refused": (
        "The export cannot be imported",
        "Ask for another export; `faults` says what is wrong with this one.",
    ),
    "export-refused-by-database": (
        "The database refuses a row of the export",
        "Ask for another export; its rows break a rule that every ledger has.",
    ),
    "signing-key-exists": (
        "The file of signing keys is there",
        "Rotate its key, or name another file.",
    ),
    "head-of-a-later-day": (
        "The clock is behind the last signed head",
        "The operator sets the clock of the machine right, and signs again.",
    ),
}

HEAD_UNAVAILABLE: Texts = {
    "signing-key-missing": (
        "The service has no signing key",
        "The operator names it in OUTCOMES_SIGNING_KEY_FILE; `outcomes keys new` makes one.",
    ),
    "signing-key-unusable": (
        "The signing key cannot be used",
        "The operator mends the file that OUTCOMES_SIGNING_KEY_FILE names, or its mode.",
    ),
}

HEAD_BROKEN: Texts = {
    "journal-contradicts-head": (
        "The journal contradicts a signed head",
        "Tell the operator, who runs `outcomes verify`.",
    ),
    "access-log-contradicts-head": (
        "The access log contradicts a signed head",
        "Tell the operator, who runs `outcomes verify`.",
    ),
    "journal-chain-broken": (
        "The journal's chain is broken",
        "Tell the operator, who runs `outcomes verify`.",
    ),
}
