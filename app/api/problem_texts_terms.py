"""Codes about terms documents: faults that stop a document, and warnings that do not."""

from app.api.problem_texts import Texts

TERMS: Texts = {
    "too-many-decimals": (
        "A fraction of the smallest coin",
        "Write the amount with no more decimal places than its currency has.",
    ),
    "not-an-amount": ("Not an amount", 'Write a decimal string of zero or more: "6701.50".'),
    "not-a-share": ("Not a share", 'Write a decimal or a fraction: "0.25" or "1/3".'),
    "not-a-financial-year": (
        "Not a financial year",
        "Write April to March as 2022/23: the second year follows the first.",
    ),
    "unknown-currency": ("No such currency", "Name a currency in use by its ISO 4217 code."),
    "unknown-timezone": ("No such time zone", "Name an IANA time zone such as Europe/London."),
    "unknown-scheme": ("No such register", "Use a scheme of org-id.guide, such as GB-COH."),
    "unknown-party": ("No such party", "Use the id of a party that the document lists."),
    "unknown-metric": ("No such metric", "Use the code of a metric that the document lists."),
    "repeated-value": ("Listed twice", "List each value once."),
    "dates-reversed": ("A span ends before it starts", "Put the dates in order."),
    "limits-reversed": ("The upper limit is below the lower", "Put the limits in order."),
    "not-applicable": (
        "A field that does not apply",
        "Leave it out, or choose what it belongs to.",
    ),
    "duplicate-party": ("Two parties with one id", "Give each party an id of its own."),
    "duplicate-metric": ("Two metrics with one code", "Give each metric a code of its own."),
    "duplicate-code": ("A code used twice", "Give each a code of its own."),
    "duplicate-edition": ("Two editions with one code", "Give each edition a code of its own."),
    "duplicate-cap": ("Two caps for the same thing", "State each cap once."),
    "commissioner-missing": ("No commissioner", "Give one party the role commissioner."),
    "commissioner-repeated": ("Several commissioners", "Give one party the role commissioner."),
    "provider-missing": ("No provider", "Give a party the role service_provider."),
    "investor-missing": ("No investor or SPV", "Give a party the role investor or spv."),
    "signatory-missing": (
        "A signatory is missing",
        "Commissioner, investor or SPV, and provider each sign.",
    ),
    "no-anchor": (
        "Nothing starts the clock",
        "Add the metric or event that the length counts from.",
    ),
    "no-spell": ("No home that could be kept", "Name the destinations that count."),
    "requires-cycle": ("Metrics that require each other", "Break the circle of prerequisites."),
    "sustained-out-of-order": (
        "Metrics out of order",
        "List sustained metrics from the shortest to the longest.",
    ),
    "evidence-too-deep": ("An evidence rule with too many levels", "Use fewer levels."),
    "editions-overlap": ("Two editions on the same day", "Let one end before the next begins."),
    "price-gap": ("A metric without a price", "Give it a price for every day it is available."),
    "not-a-payer": ("Not a payer", "Name a commissioner, an outcome payer or an outcomes fund."),
    "shares-overlap": ("Two shares of one payer on one day", "State one share per payer and day."),
    "purchase-orders-overlap": (
        "Two purchase orders of one payer on one day",
        "Let one end before the next begins.",
    ),
    "shares-exceed-whole": ("Shares of more than the whole", "Let shares add up to 1 at most."),
    "remainder-payer-has-share": (
        "The remainder payer has a share",
        "Leave it out: that payer bears the rest.",
    ),
    "commissioner-cannot-absorb": (
        "A cap that its own payer absorbs",
        "Choose another shortfall policy for the commissioner's own cap.",
    ),
    "variation-missing": (
        "A further version without its reason",
        "Say in `variation` why the terms change.",
    ),
    "variation-of-nothing": (
        "A first version that varies nothing",
        "Leave `variation` out of a contract's first version.",
    ),
    "not-later": ("Not later than the version before", "Give a later effective_from."),
    "not-retrospective": (
        "Nothing to look back on",
        "A retrospective variation reaches back before its effective_from.",
    ),
    "metric-removed": ("A metric was removed", "Keep it, and end it with available_to."),
    "party-removed": ("A party was removed", "Keep it, and end it with to_date."),
    "edition-removed": ("An edition was removed", "Keep it, and end it with to_date."),
    "edition-changed": ("An edition was changed", "Keep it as it was, and add a new edition."),
    "edition-backdated": (
        "A new edition in the past",
        "Let it start with the variation, or make the variation retrospective.",
    ),
    "currency-changed": ("The currency was changed", "A contract keeps its currency."),
    "commissioner-changed": ("The commissioner was changed", "A contract keeps its commissioner."),
    "payee-changed": ("The payee was changed", "A contract keeps who is paid."),
}

WARNINGS: Texts = {
    "cap-differs-from-commitment": (
        "A payer's cap is not its commitment",
        "Check which of the two amounts was agreed.",
    ),
    "cap-without-share": ("A cap for a payer without a share", "Check who pays what."),
    "event-met-twice": ("Two metrics for one event", "Check that both are meant to be paid."),
    "flow-without-fund": ("A fund's flow without a fund", "Check who pays whom."),
    "fund-share-without-cap": ("A fund's share without a cap", "Check the fund's commitment."),
    "longstop-before-deadline": ("The long-stop comes first", "Check both dates to submit by."),
    "no-contract-cap": ("No cap for the whole contract", "Check what the payers can afford."),
    "no-evidence-rule": ("A metric without an evidence rule", "Say what proves it."),
    "not-acted-upon": (
        "Recorded, and not acted upon",
        "Nothing follows from this field in this release; agree how the parties see to it.",
    ),
    "person-cap-above-contract-cap": ("One person's cap is above all", "Check both caps."),
    "second-approval-in-parts": (
        "Large amounts can be claimed in parts",
        "Name a calendar of claims, or watch the claims of days that follow each other.",
    ),
    "second-approval-never-needed": (
        "No claim can need a second approval",
        "Lower second_approval_above, or leave it out.",
    ),
    "savings-gate-off": ("The savings gate is off", "Check whether payment depends on savings."),
    "target-above-cap": ("A target that the cap cannot pay", "Check target and cap."),
}
