"""Codes about invoices, claims to a fund, and payments."""

from app.api.problem_texts import Texts

PAYMENT_INPUT: Texts = {
    "amount-not-positive": ("Not an amount above zero", "Give an amount above zero."),
    "amount-of-nothing": ("An amount of nothing", "Leave the document out, or give an amount."),
    "currency-not-of-contract": (
        "Another currency than the contract's",
        "Record the amount that moved in the contract's currency.",
    ),
    "fund-unknown": ("No such fund", "Name a payer of the terms other than the commissioner."),
}

PAYMENT_NOT_FOUND: Texts = {
    "document-unknown": (
        "No such document",
        "Name it invoice:<issuer>/<number> or fund-claim:<number>, as `document_id` says.",
    ),
    "fund-claim-unknown": ("No such claim to a fund", "Check the number."),
    "invoice-unknown": ("No such invoice", "Check the issuer and the number."),
}

PAYMENTS: Texts = {
    "allocation-of-return": (
        "A return settles nothing itself",
        "Allocate the payment that it returns.",
    ),
    "allocation-refused": (
        "The documents cannot be settled like this",
        "See `faults`; read the documents again for what is open.",
    ),
    "already-invoiced": (
        "Invoiced already",
        "List the documents; more are issued only after a correction.",
    ),
    "credit-without-invoice": (
        "More credited than asked",
        "Use a credit note with an invoice, or let the payee pay it out.",
    ),
    "date-out-of-order": ("Dates out of order", "Give the day of what came before, or later."),
    "document-of-others": (
        "A document of other parties",
        "Name documents between the payer and the payee.",
    ),
    "fund-claim-not-submitted": (
        "Not submitted to the fund",
        "Submit the claim to the fund; until then there is nothing for it to pay.",
    ),
    "fund-claim-state": (
        "Not in this state of the claim",
        "Submit what is prepared or queried; query what is submitted and not paid.",
    ),
    "more-than-open": ("More than is open", "Leave the rest on account, or name more documents."),
    "more-than-paid": ("More than was paid", "Give what was paid and not returned at most."),
    "no-account-between": ("No debts between the two", "Check payer and payee against the terms."),
    "nothing-to-invoice": ("Nothing to invoice", "The claim asks for nothing and takes back none."),
    "remittance-of-return": ("A return has no advice", "Read that of the payment it returns."),
    "return-of-return": ("A return cannot be returned", "Record a new payment."),
    "set-off-uneven": (
        "The set-off leaves a rest",
        "Amounts of opposite sign that come to nothing; pay the rest.",
    ),
}
