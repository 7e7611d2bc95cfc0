"""Who may call what: the one table of the interface, as data.

Every operation has one rule; the application does not start with an operation that has none, and
RequestFrame asks the rule before a body is read or the service is called. What no rule allows is
refused. docs/reference/roles.md is this table, written out. A rule only opens the door: the service
asks again what the terms let a party do, and who may not decide on their own work. A list as a file
asks two rules: that of the export, and that of the list (`narrowed`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from app.domain.access import AccessRole
from app.domain.sight import Sight

PROVIDER, VERIFIER, APPROVER = AccessRole.PROVIDER, AccessRole.VERIFIER, AccessRole.APPROVER
COMMISSIONER_FINANCE = AccessRole.COMMISSIONER_FINANCE
INVESTOR_FINANCE, FUND = AccessRole.INVESTOR_FINANCE, AccessRole.FUND
AUDITOR, OPERATOR = AccessRole.AUDITOR, AccessRole.OPERATOR

SEES_PEOPLE = frozenset({PROVIDER, VERIFIER, APPROVER, COMMISSIONER_FINANCE, AUDITOR})
"""Roles that may be shown participants at all; the investor's, the fund's and operators never."""


class Door(StrEnum):
    """Whom an operation is open to."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call one operation, and what it gives.

    `personal`: the answer can show participants. `export`: it is a file to keep, a download or a
    whole list. Both are entered in the access log, unless the journal has the write that was
    answered, and so is every refusal.
    """

    door: Door
    roles: frozenset[AccessRole] = frozenset()
    personal: bool = False
    export: bool = False


def _may(*roles: AccessRole, personal: bool = False, export: bool = False) -> Rule:
    return Rule(Door.ROLES, frozenset(roles), personal, export)


_ANYBODY = Rule(Door.ANYBODY)
_SIGNED_IN = Rule(Door.SIGNED_IN)
_OPERATOR = _may(OPERATOR)
_PROOF_OF_SERVICE = _may(OPERATOR, AUDITOR)

_ON_CONTRACTS = tuple(role for role in AccessRole if role is not OPERATOR)
_SIGNATORIES = (PROVIDER, APPROVER, INVESTOR_FINANCE)
_SEE_PARTICIPANTS = (PROVIDER, VERIFIER, APPROVER, AUDITOR)
_DESKS = (PROVIDER, APPROVER, COMMISSIONER_FINANCE, INVESTOR_FINANCE, FUND)
_BOOKS = (PROVIDER, COMMISSIONER_FINANCE, INVESTOR_FINANCE, FUND)
_CONTROLLERS = (PROVIDER, VERIFIER)

_ALL = _may(*_ON_CONTRACTS)
_ALL_PERSONAL = _may(*_ON_CONTRACTS, personal=True)
_ALL_EXPORT = _may(*_ON_CONTRACTS, export=True)
_PEOPLE = _may(*_SEE_PARTICIPANTS, personal=True)
_FILES = _may(*_SEE_PARTICIPANTS, personal=True, export=True)


def _each(rule: Rule, *operations: str) -> Iterable[tuple[str, Rule]]:
    return ((operation, rule) for operation in operations)


RULES: Mapping[str, Rule] = MappingProxyType(
    dict(
        (
            # The service itself, and signing in
            *_each(_ANYBODY, "getHealth", "getReadiness", "getProblem"),
            *_each(_ANYBODY, "getOpenApiDocument", "getReference"),
            *_each(_ANYBODY, "signIn", "showSetup", "completeSetup"),
            *_each(_ANYBODY, "beginSignIn", "finishSignIn"),
            *_each(_SIGNED_IN, "getSession", "signOut", "signOutEverywhere", "changePassword"),
            # Cover on leave: whose grant it is, and who may end it, the service asks
            *_each(_SIGNED_IN, "delegateRole", "listDelegations", "endDelegation"),
            # Operators: accounts and settings, no money and no evidence
            *_each(_OPERATOR, "registerPrincipal", "listPrincipals", "getPrincipal"),
            *_each(_OPERATOR, "addIdentity", "endPrincipal"),
            *_each(_OPERATOR, "grantRole", "listGrants", "endGrant"),
            *_each(_OPERATOR, "makeApiKey", "listApiKeys", "rotateApiKey", "endApiKey"),
            *_each(_OPERATOR, "openAccount", "inviteAgain", "unlockAccount"),
            # The end of the log of what they did: for those who hold them to it, too
            *_each(_PROOF_OF_SERVICE, "listServiceHeads", "getLatestServiceHead"),
            ("getServiceHead", _PROOF_OF_SERVICE),
            # Contracts and terms
            *_each(_SIGNED_IN, "listContracts", "checkTerms", "getTermsSchema", "listExports"),
            ("exportServiceList", Rule(Door.SIGNED_IN, export=True)),
            *_each(_may(*_SIGNATORIES), "createContract", "draftTerms"),
            ("acceptTerms", _may(*_SIGNATORIES, FUND)),
            *_each(_ALL, "getContract", "listTerms", "getTerms", "listStanding"),
            ("confirmGrant", _may(*_DESKS, VERIFIER)),
            # Participants and their data
            ("registerParticipant", _may(PROVIDER, personal=True)),
            ("recordEvents", _may(*_CONTROLLERS, personal=True)),
            *_each(_PEOPLE, "listParticipants", "getParticipant", "getPrivacy", "listPrivacyGaps"),
            *_each(_PEOPLE, "listErasures", "getRetention", "listDue"),
            ("getSubjectAccess", _may(*_CONTROLLERS, personal=True, export=True)),
            *_each(_may(*_CONTROLLERS, personal=True), "recordPrivacy", "eraseParticipant"),
            ("eraseContract", _may(APPROVER, personal=True)),
            # Evidence
            ("uploadEvidenceFile", _may(PROVIDER)),
            ("recordEvidence", _may(PROVIDER, personal=True)),
            *_each(_PEOPLE, "listEvidence", "getEvidence"),
            ("makeDownloadLink", _may(*_SEE_PARTICIPANTS, personal=True)),
            ("downloadEvidenceFile", _FILES),
            # Outcomes
            ("submitOutcome", _may(PROVIDER, personal=True)),
            ("waiveLateness", _may(VERIFIER)),
            ("decideSubmission", _may(VERIFIER, personal=True)),
            *_each(_PEOPLE, "listSubmissions", "getSubmission"),
            *_each(_PEOPLE, "listEntitlements", "getEntitlement", "explainEntitlement"),
            ("clawBack", _may(VERIFIER, APPROVER)),
            # Claims, documents, corrections and disputes
            *_each(_ALL_PERSONAL, "previewClaim", "listClaims", "getClaim"),
            ("submitClaim", _may(PROVIDER, INVESTOR_FINANCE, personal=True)),
            *_each(_may(APPROVER, personal=True), "approveClaim", "returnClaim"),
            ("issueInvoices", _may(PROVIDER, INVESTOR_FINANCE)),
            *_each(_ALL, "listInvoicesOfClaim", "listInvoices", "getInvoice", "getInvoiceClock"),
            ("printInvoice", _ALL_EXPORT),
            ("proposeCorrection", _may(*_DESKS, VERIFIER)),
            *_each(_may(APPROVER), "approveCorrection", "refuseCorrection"),
            *_each(_ALL, "listCorrections", "getCorrection"),
            *_each(_may(*_DESKS), "raiseDispute", "escalateDispute", "decideDispute"),
            *_each(_ALL, "listDisputes", "getDispute"),
            # Money
            *_each(_may(COMMISSIONER_FINANCE), "prepareFundClaim", "submitFundClaim"),
            ("queryFundClaim", _may(COMMISSIONER_FINANCE, FUND)),
            *_each(_ALL, "listFundClaims", "getFundClaim"),
            *_each(_may(*_BOOKS), "recordPayment", "returnPayment", "allocatePayment"),
            ("setOffDocuments", _may(*_BOOKS)),
            *_each(_ALL, "listPayments", "getPayment", "getRemittance"),
            *_each(_ALL_EXPORT, "exportRemittance", "printRemittance"),
            *_each(_ALL, "getAgeing", "getPaymentsCompliance"),
            # Reconciliation
            *_each(_may(*_BOOKS), "importFile", "saveColumnMapping", "saveMatchRules"),
            *_each(_may(*_BOOKS), "decideImportLine", "decideImportFault"),
            *_each(_may(*_BOOKS), "proposeMatches", "matchByHand", "decideMatch"),
            *_each(_ALL, "listColumnMappings", "listImports", "getImport", "listImportLines"),
            *_each(_ALL, "listImportFaults", "listMatchRules", "listMatches", "getMatch"),
            ("getReconciliation", _ALL_PERSONAL),
            # Ledger, periods, statements
            *_each(_ALL, "listEntries", "getEntry", "getBalances", "getTrialBalance"),
            *_each(_ALL, "getStatement", "listFrozenStatements", "getFrozenStatement"),
            *_each(_ALL, "listPeriods", "getPeriod"),
            *_each(_may(COMMISSIONER_FINANCE), "closePeriod", "reopenPeriod"),
            ("exportList", _may(*_ON_CONTRACTS, personal=True, export=True)),
            ("getSpend", _ALL),
            ("exportSpend", _ALL_EXPORT),
            # Proof
            *_each(_ALL_PERSONAL, "explainClaimLine", "explainEntry", "explainPosting"),
            ("listJournal", _ALL_PERSONAL),
            ("verifyContract", _ALL_PERSONAL),
            *_each(_ALL, "listHeads", "getLatestHead", "getHead", "listSigningKeys"),
            *_each(_ALL_EXPORT, "getLatestHeadDelivery", "getHeadDelivery"),
            *_each(_may(AUDITOR, personal=True), "listAccesses", "listSeenBy", "listActions"),
            ("exportContract", _may(APPROVER, AUDITOR, personal=True, export=True)),
        )
    )
)
"""The rule of every operation, by its operation id."""


def narrowed(rule: Rule, other: Rule) -> Rule:
    """The rule of whoever is let in by both; it gives what either gives.

    Exports are of seven roles and the access log of auditors: its file is of auditors.
    """
    personal, export = rule.personal or other.personal, rule.export or other.export
    door, roles = rule.door, rule.roles
    if other.door is Door.ROLES:
        roles = roles & other.roles if door is Door.ROLES else other.roles
        door = Door.ROLES
    return replace(rule, door=door, roles=roles, personal=personal, export=export)


def most_by_roles(roles: Iterable[AccessRole]) -> Sight:
    """What the roles that count for a request let their holder see of a party's sight, at most.

    Whoever reads as an investor's, for whatever party, is shown nobody: the council's people too.
    """
    return Sight.PERSON if SEES_PEOPLE.intersection(roles) else Sight.AGGREGATE


def may_see_people(rule: Rule, roles: Iterable[AccessRole]) -> bool:
    """Whether an answer under the rule can show participants to a holder of the roles."""
    return rule.personal and bool(SEES_PEOPLE.intersection(roles))
