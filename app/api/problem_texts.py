"""Codes about the form of a request, and everything that is not a rule of the contract.

Each code has its meaning and what to do about it.
"""

Texts = dict[str, tuple[str, str]]

INPUT: Texts = {
    "invalid-input": (
        "The input has faults",
        "Correct every entry of `faults`, then send it again.",
    ),
    "body-missing": ("The body is missing", "Send a JSON body; /docs shows its fields."),
    "body-not-expected": ("The address takes no body", "Send the request without a body."),
    "json-malformed": ("The body is not JSON", "Send one JSON value as RFC 8259 defines it."),
    "json-not-utf8": ("The body is not UTF-8", "Encode the JSON in UTF-8."),
    "nested-too-deeply": ("Too many levels", "Put fewer lists and objects inside one another."),
    "too-many-values": (
        "Too many values in one body",
        "Divide the request into several, each with fewer fields and list items.",
    ),
    "not-json": ("No JSON value", "Use text, whole numbers, true, false, null, lists, objects."),
    "number-too-large": ("A number is too large", "Write a number that the field can hold."),
    "given-twice": ("Given twice", "Give the field or parameter once."),
    "missing-field": ("A field is missing", "Add the field that the pointer names."),
    "unknown-field": ("No such field", "Remove it or correct its spelling; nothing is ignored."),
    "wrong-form": ("Not of the required form", "Write it in the form that the message shows."),
    "wrong-length": ("Too short or too long", "Keep to the length that the message shows."),
    "out-of-range": ("Outside the allowed range", "Give a value inside the bounds shown."),
    "not-one-of": ("Not one of the choices", "Use one of the values that the message lists."),
    "not-text": ("Not text", "Write it in quotes; amounts and shares are text too."),
    "not-a-whole-number": ("Not a whole number", "Write digits only, without quotes."),
    "not-true-or-false": ("Not true or false", "Write true or false without quotes."),
    "not-a-date": ("Not a calendar day", "Write a day that exists as YYYY-MM-DD, in quotes."),
    "not-a-list": ("Not a list", "Write a list in square brackets."),
    "not-an-object": ("Not an object", "Write an object with named fields."),
    "control-character": ("Control characters in a text", "Remove them."),
    "fractional-number": ("A number with a fraction", 'Write amounts as text, such as "6701.50".'),
    "sandbox-only": (
        "Only for a sandbox",
        "Leave Sandbox-Clock out; only a service in demo mode lets its clock be moved.",
    ),
    "sha256-mismatch": (
        "The bytes do not have the hash named",
        "Hash the file again and send it whole; it may have been cut off on its way.",
    ),
    "dates-out-of-order": ("Dates out of order", "Let the later date follow the earlier one."),
    "foreign-field": ("Not a field of this kind of event", "Leave the field out."),
    "not-a-code": ("Not a code", "Write lower-case letters, digits and underscores."),
    "unknown-reason": ("Not a reason that is known", "Use one of those that the message lists."),
    "duplicate": ("Named twice", "Name each item once."),
    "metric-unknown": ("No such metric in the terms", "Use a metric code of the contract's terms."),
    "evidence-not-for-metric": (
        "The item was recorded for another metric",
        "Name items whose `supports` holds the metric, or record the item for it.",
    ),
    "reason-mismatch": (
        "Decision and reason do not go together",
        "A returned or rejected decision has a reason_code; a verified one has none.",
    ),
    "date-before-first-approval": (
        "Dated before the first approval",
        "Give the day of the claim's first approval or a later one.",
    ),
    "date-before-verification": (
        "Dated before the verification",
        "Give the day of the verification or a later one.",
    ),
    "not-a-pseudonym": ("Not a pseudonym", "Write capitals, digits and single hyphens: PI-0042."),
    "looks-like-name": (
        "This could hold a name",
        "Send the provider's pseudonym: digits, and three letters at most, such as PI-0042.",
    ),
    "not-a-reference": (
        "Not a payment's reference",
        "Write a short code with a digit, such as BACS 2021-10-0042; no names or sentences.",
    ),
    "looks-like-date-of-birth": ("This looks like a date of birth", "Leave it out."),
    "looks-like-email": ("This looks like an e-mail address", "Leave it out."),
    "looks-like-nhs-number": ("This looks like an NHS number", "Leave it out."),
    "looks-like-postcode": ("This looks like a postcode", "Leave it out."),
    "looks-like-ni-number": ("This looks like a National Insurance number", "Leave it out."),
}

OTHERS: dict[int, Texts] = {
    400: {
        "bad-request": ("The request cannot be read", "Send HTTP/1.1 as RFC 9110 defines it."),
        "idempotency-key-missing": (
            "The Idempotency-Key is missing",
            "Make a new key for each new request; use the same one to try that request again.",
        ),
    },
    403: {
        "person-level-not-permitted": (
            "The party sees nobody under the terms",
            "Read totals instead: claims, statements, invoices, the ledger. Others see the people.",
        ),
        "party-not-permitted": (
            "The party may not do this under the terms",
            "Let the party act whose role the message names.",
        ),
        "party-not-signatory": (
            "The party does not sign these terms",
            "Only the signatories that the terms list accept a version.",
        ),
        "verifier-is-submitter": (
            "Nobody decides on their own submission",
            "Let another person of another party decide.",
        ),
        "approver-is-claimant": (
            "Nobody decides on their own claim",
            "Let another person of the commissioner decide.",
        ),
        "payer-is-approver": (
            "The recorder of the payment approved the claim",
            "Let another person record what settles the claim's documents.",
        ),
        "payer-is-verifier": (
            "The recorder of the payment had a hand in the claim",
            "Let another person record what settles the claim's documents.",
        ),
        "approver-is-submitter": (
            "The approver submitted an outcome of the claim",
            "Let another person of the commissioner approve the claim.",
        ),
        "approver-is-verifier": (
            "The approver verified an outcome of the claim",
            "Let another person of the commissioner approve the claim.",
        ),
        "second-approver-is-first": (
            "A large amount takes the approval of two persons",
            "Let another person of the commissioner give the second approval.",
        ),
    },
    404: {
        "route-unknown": ("Nothing at this address", "See /docs for every address."),
        "problem-unknown": ("No such code", "See /docs for every code."),
        "contract-unknown": ("No such contract", "Check the id, or create the contract first."),
        "list-unknown": (
            "No such list to export",
            "Use a name that the message lists; GET .../exports describes each.",
        ),
        "terms-version-unknown": ("No such version of the terms", "List the contract's versions."),
        "participant-unknown": ("No such participant", "Check the pseudonym, or register them."),
        "evidence-unknown": ("No such evidence item", "Check the id and the participant."),
        "evidence-file-elsewhere": (
            "The file stays with the provider",
            "Ask the provider for it, and compare its SHA-256.",
        ),
        "submission-unknown": ("No such submission", "Check the id."),
        "entitlement-unknown": ("No such entitlement", "Check the id."),
        "claim-unknown": ("No such claim", "Check the number."),
        "claim-line-unknown": ("No such line in the claim", "Check the number of the line."),
        "entry-unknown": ("No such ledger entry", "Check the number."),
        "posting-unknown": ("No such posting in the entry", "Postings count from 1."),
        "payment-unknown": ("No such payment", "Check the id."),
        "book-unknown": ("No such book", "Name a party of the terms that has accounts."),
    },
    405: {
        "method-not-allowed": ("Not with this method", "See the Allow header for the methods."),
    },
    408: {
        "request-too-slow": (
            "The body took too long",
            "Send it again, in smaller parts or faster.",
        ),
    },
    409: {
        "idempotency-key-in-flight": (
            "A request with this key is being worked on",
            "Wait a moment, then send the same request with the same key again.",
        ),
    },
    412: {
        "stale-version": (
            "The record has changed since it was read",
            "Read it again, look at what has changed, and decide on that.",
        ),
    },
    413: {
        "body-too-large": ("The body is too large", "Send 1 MiB at most; split lists."),
        "file-too-large": (
            "The file is too large",
            "Send a smaller scan, or record only its SHA-256 and keep the file.",
        ),
        "document-too-large": (
            "The document is too large",
            "Send a terms document of 1 MiB at most.",
        ),
    },
    415: {
        "content-type-not-json": ("Not JSON", "Send Content-Type: application/json."),
        "file-empty": ("The file is empty", "Send the file's bytes as the body."),
        "file-type-unsupported": (
            "Not an accepted type of file",
            "Send PDF, PNG, JPEG, plain text, CSV, or a Word or Excel file without macros.",
        ),
        "file-type-mismatch": (
            "The content is not of the declared type",
            "Declare in Content-Type what the file really is.",
        ),
    },
    422: {
        "idempotency-key-reused": (
            "The key belongs to another request",
            "Send a new key: this one was used for a request with another address or body.",
        ),
    },
    428: {
        "if-match-missing": (
            "Say which version you read",
            "Read the record and send its ETag in If-Match.",
        ),
    },
    500: {
        "internal-error": (
            "The service failed",
            "Tell the operator the `instance`; the same key may be used again.",
        ),
    },
    503: {
        "exports-busy": (
            "Enough lists are being exported already",
            "Wait until one of them is done, then ask again.",
        ),
        "database-unavailable": (
            "The database does not answer",
            "Wait a moment, then send the same request with the same key again.",
        ),
        "not-ready": (
            "The service cannot work now",
            "Wait and try again; the operator sees the reason in the log.",
        ),
    },
}
