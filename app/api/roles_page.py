"""The policy table in words: docs/reference/roles.md, which a test compares with this."""

from collections.abc import Iterable, Iterator, Mapping

from app.api.policy import RULES, Door, Rule
from app.domain.access import AccessRole

_HEAD = """\
# Who may call what

Made from `app/api/policy.py` by `make roles`; do not edit it by hand.

Every operation of the interface has one line here. Before anything else of a request is read, the
line is asked; whoever it does not name is refused (`role-not-permitted`, 403), and the refusal is
entered in the [access log](access-log.md). An operation without a line cannot be served: the
service does not start with one. A line only opens the door. The service then asks what the terms
let the party do, and who may not decide on their own work ([duties](duties.md)).

A [list as a file](exports.md) (`exportList`, `exportServiceList`) asks the line of the list too:
the access log's file is for auditors, as the log is, and that of the grants for operators.

- **x**: a grant of that role, for the acting party on that contract, in force today, may call it.
- **people**: the answer can show participants, under their pseudonyms. It is entered in the access
  log for every role but the investor's finance and the fund, to whom no participant is shown.
- **file**: a download, export or print. It is entered in the access log.

An operator runs accounts and settings, and has no money, no evidence and no contract. Where nobody
signs in (the demo, and the service's own machine), a party's roles follow from its part in the
terms: commissioner = verifier, approver and commissioner's finance; outcome payer = commissioner's
finance; SPV and investor = investor's finance; outcomes fund = fund; service provider and
intermediary = provider; evaluator = auditor.
"""

_COLUMNS = {
    AccessRole.PROVIDER: "provider",
    AccessRole.VERIFIER: "verifier",
    AccessRole.APPROVER: "approver",
    AccessRole.COMMISSIONER_FINANCE: "comm. finance",
    AccessRole.INVESTOR_FINANCE: "inv. finance",
    AccessRole.FUND: "fund",
    AccessRole.AUDITOR: "auditor",
    AccessRole.OPERATOR: "operator",
}


def roles_page(
    operations: Iterable[tuple[str, str, str]], rules: Mapping[str, Rule] = RULES
) -> str:
    """The page for all operations: method, path and operation id, in the interface's order."""
    every = list(operations)
    return "\n".join([_HEAD, *_open(every, rules), *_table(every, rules)]) + "\n"


def _open(operations: list[tuple[str, str, str]], rules: Mapping[str, Rule]) -> Iterator[str]:
    for door, title in (
        (Door.ANYBODY, "## Open to anybody"),
        (Door.SIGNED_IN, "## Open to whoever is signed in, about themselves or what is theirs"),
    ):
        yield f"{title}\n"
        for method, path, operation in operations:
            if rules[operation].door is door:
                yield f"- `{operation}`: {method} `{path}`"
        yield ""


def _table(operations: list[tuple[str, str, str]], rules: Mapping[str, Rule]) -> Iterator[str]:
    yield "## By role\n"
    yield f"| operation | request | {' | '.join(_COLUMNS.values())} | gives |"
    yield "|---" * (len(_COLUMNS) + 3) + "|"
    for method, path, operation in operations:
        rule = rules[operation]
        if rule.door is Door.ROLES:
            marks = " | ".join("x" if role in rule.roles else "" for role in _COLUMNS)
            gives = ", ".join(
                word for word, is_so in (("people", rule.personal), ("file", rule.export)) if is_so
            )
            yield f"| `{operation}` | {method} `{path}` | {marks} | {gives} |"
