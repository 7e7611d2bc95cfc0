"""Codes about signing in, and about who may do what."""

from app.api.problem_texts import Texts

NOT_SIGNED_IN: Texts = {
    "not-signed-in": (
        "Nobody can say who is asking",
        "Send Authorization: Bearer with an API key or an access token, or sign in.",
    ),
    "token-invalid": (
        "Not a token that counts here",
        "Get an access token (not an ID token) from an issuer of this service, and send it whole.",
    ),
    "token-expired": ("The token has expired", "Ask the issuer for a new one."),
    "token-not-yet-valid": ("The token does not count yet", "Set the clocks of both machines."),
    "token-audience": (
        "The token is for another service",
        "Ask the issuer for a token with this service's audience and scope.",
    ),
    "token-issuer": (
        "The token is of another issuer or tenant",
        "Use an issuer that the operator has set up, or let them set yours up.",
    ),
    "token-key-unknown": (
        "The issuer has no such key",
        "Get a new token; after a rotation, wait a minute and try again.",
    ),
    "key-refused": ("No such API key", "Check that the key is whole; ask the operator for one."),
    "key-expired": ("The API key is over", "Use its successor, or ask the operator for one."),
    "session-over": ("The session is over", "Sign in again."),
    "principal-ended": ("The access was ended", "Ask the operator of the service."),
    "sign-in-refused": (
        "The sign-in did not succeed",
        "Check name, password and code, and begin again; a code counts once.",
    ),
    "setup-refused": (
        "The invitation does not count",
        "Ask the operator for a new one; each counts once, for 72 hours.",
    ),
}

NOT_GRANTED: Texts = {
    "not-registered": ("Nobody has registered you", "Ask the operator of the service."),
    "access-not-granted": (
        "No role on this contract",
        "Ask the operator for a grant; the answer is the same if there is no such contract.",
    ),
    "party-not-yours": (
        "Not a party for which you have a role",
        "Name in Acting-Party a party for which you have a role on this contract.",
    ),
    "role-not-permitted": (
        "None of your roles may do this",
        "Let somebody act who has a role that the message names, or ask the operator for it.",
    ),
    "person-not-yours": (
        "You cannot act as somebody else",
        "Leave Acting-Person out: who acts is whoever signed in.",
    ),
    "reading-only": ("The key may only read", "Use a key with a scope for writing."),
    "operator-only": ("Only for operators", "Ask the operator of the service."),
    "confirmation-own": (
        "Nobody confirms what they hold or gave",
        "Let another person of the party confirm the grant, who is not in the group that holds it.",
    ),
    "confirmation-of-a-person": (
        "A person confirms a grant",
        "Sign in as a person of the party; machines do not confirm.",
    ),
    "grant-to-self": ("Nobody grants to themselves", "Let another operator grant the role."),
    "delegation-to-self": ("Nobody delegates to themselves", "Name a colleague."),
    "people-only": (
        "Only people delegate, and only to people",
        "Let an operator grant the role to the machine or the group.",
    ),
    "delegate-elsewhere": (
        "Of another organisation",
        "Name a colleague of your own organisation, or let an operator grant the role.",
    ),
    "grant-not-delegable": (
        "This role is not passed on",
        "Delegate a role that an operator granted to you; let an operator grant any other.",
    ),
    "above-your-limit": (
        "It is above your approval limit",
        "Let one of those approve it whom the message names, or ask the operator.",
    ),
    "csrf-token-wrong": (
        "The request may come from another site",
        "Send CSRF-Token as GET /v1/session gives it, from a page of this service.",
    ),
}

TOO_MANY: Texts = {
    "too-many-requests": (
        "More requests than the limit",
        "Wait as long as Retry-After says; ask for less often, or for longer pages.",
    ),
    "too-many-attempts": (
        "Too many failures to sign in",
        "Wait as long as Retry-After says, or ask the operator to unlock the account.",
    ),
}

ACCESS_INPUT: Texts = {
    "scope-unknown": ("Not a scope", "Write a role and read or write, such as auditor:read."),
    "identity-kind": (
        "Not an identity of this kind of principal",
        "A person has a subject, a client a client id, a group a group or an app_role.",
    ),
    "issuer-unknown": (
        "No identity provider with that issuer",
        "Write the issuer as the providers file has it.",
    ),
    "grant-place": (
        "Contract and party do not fit the role",
        "Leave both out for an operator; give both for every other role.",
    ),
    "party-not-in-terms": (
        "The contract's terms do not name that party",
        "Grant for a party that some version of the terms names; the message lists them.",
    ),
    "delegation-in-past": ("It would begin before today", "Begin today or later."),
    "delegation-too-long": (
        "Longer than a delegation may be",
        "End it sooner, and delegate again afterwards; or let an operator grant the role.",
    ),
    "delegation-outside-grant": (
        "The grant does not count on that day",
        "Keep to the days of the grant that is delegated.",
    ),
    "limit-not-approver": ("Only who approves has an approval limit", "Leave the limit out."),
    "limit-not-positive": ("A limit of nothing", "Give more than nothing, or leave it out."),
    "limit-above-delegators": (
        "More than the delegator may approve",
        "Give the grant's own limit, in its currency, or a lower one.",
    ),
    "password-of-names": (
        "Made of your own names",
        "Choose several words that have nothing to do with you or your organisation.",
    ),
    "password-too-common": (
        "Among the passwords that are tried first",
        "Choose four words that do not belong together, or let a password manager make one.",
    ),
    "password-too-weak": ("Too easy to guess", "Choose several words, as the message says."),
    "code-wrong": ("Not the code of now", "Set the device's clock, and send the next code."),
}

ACCESS_NOT_FOUND: Texts = {
    "principal-unknown": ("No such principal", "Check the id in the list."),
    "grant-unknown": ("No such grant", "Check the id in the list."),
    "delegation-unknown": ("No such delegation", "Check the id in your list."),
    "key-unknown": ("No such key", "Check the id in the principal's list."),
    "account-unknown": ("No such account", "Check the name."),
    "provider-unknown": (
        "Nobody signs in at that provider",
        "Check the name; the operator gives it a client_id and sets OUTCOMES_PUBLIC_URL.",
    ),
}

ACCESS_RULES: Texts = {
    "identity-taken": ("Registered already", "Find the principal in the list."),
    "grant-confirmed": ("It awaits no confirmation", "The grant counts already."),
    "grant-ended": ("Ended already", "Grant the role again if it is wanted."),
    "key-replaced": ("Replaced already", "Rotate its successor."),
    "key-over": ("The key is over", "Make a new one."),
    "sign-in-name-taken": ("The name is taken", "Choose another name."),
    "not-a-person": ("Not a person", "Give a machine an API key."),
    "not-a-client": ("Not a machine", "Let people sign in."),
    "no-local-account": ("No account here", "Change the password at your organisation."),
}

UNAVAILABLE: Texts = {
    "issuer-unavailable": (
        "The identity provider does not answer",
        "Try again in a moment; API keys and local accounts do not depend on it.",
    ),
}

BROKEN_SEALS: Texts = {
    "seal-broken": (
        "A stored secret cannot be opened",
        "The operator puts the former key back into the sign-in key file.",
    ),
}
