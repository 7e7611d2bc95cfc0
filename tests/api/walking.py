"""Asking a contract over HTTP at every address of its description, and reading the answers."""

import re
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from zipfile import ZipFile

PAYER, OFFICER = "scc", "officer-1"
ASKING_WHO = ("/subject-access", "/download-link", "/file")
"""Addresses that nobody reads without saying who they are."""

CELL = re.compile(r">([^<]+)<")


@dataclass
class Told:
    """A contract over HTTP, and what could be recognised in an answer about it."""

    http: object
    contract_id: str
    pseudonyms: set[str]
    personal: set[str] = field(default_factory=set)
    """Ids of what is about one participant: evidence, submissions, entitlements."""
    values: dict[str, list[str]] = field(default_factory=dict)

    def get(self, path: str, party: str | None = None):
        headers = {} if party is None else {"Acting-Party": party}
        if any(path.split("?", maxsplit=1)[0].endswith(ending) for ending in ASKING_WHO):
            headers = {"Acting-Party": party or PAYER, "Acting-Person": OFFICER}
        return self.http.get(f"/v1/contracts/{self.contract_id}{path}", headers=headers)

    def ask(self, method: str, path: str, caller: "Caller", body: object = None):
        """Asked with a credential; whatever would write is tried only."""
        headers = {**caller.headers, "Idempotency-Key": "walk", "If-Match": '"1"'}
        if method != "get":
            path += ("&" if "?" in path else "?") + "dry_run=true"
        sent = {"content": b"x"} if body is None and method == "put" else {"json": body}
        if method == "get":
            headers, sent = caller.headers, {}
        address = f"/v1/contracts/{self.contract_id}{path}"
        return self.http.request(method, address, headers=headers, **sent)

    def told_of_persons(self, answer) -> set[str]:
        """Pseudonyms and ids of what is about one person, in an answer."""
        return self.recognised(answer) | {one for one in self.personal if one in answer.text}

    def recognised(self, answer) -> set[str]:
        """Pseudonyms in an answer, in a workbook or a print too."""
        words = answer.text
        if answer.content.startswith(b"PK"):
            with ZipFile(BytesIO(answer.content)) as book:
                sheets = (book.read(name).decode() for name in book.namelist())
                words = "\n".join(cell for sheet in sheets for cell in CELL.findall(sheet))
        return {name for name in self.pseudonyms if re.search(rf"\b{name}\b", words)}


@dataclass(frozen=True)
class Caller:
    """Somebody with a key, and the party for which they ask."""

    who: str
    party: str
    headers: dict[str, str]


QUERIES = {
    "/evidence": "?participant_id={participant_id}",
    "/claim-preview": "?start=2022-04-01&end=2022-06-30",
    "/payments-compliance": f"?payer={PAYER}&from=2020-04-01&to=2020-09-30",
    "/statements/{party}": "?from=2019-10-01&to=2023-12-31",
    "/evidence/{evidence_id}/file": "?expires=1698840300&signature=" + "x" * 43,
    "/transparency/{quarter}.{form}": "?department=a&merchant_category=b",
    "/transparency/{quarter}": "?department=a&merchant_category=b",
}


def addresses(told: Told, method: str = "get") -> list[tuple[str, str]]:
    """Every address of a contract that takes a method: its template, and a real one of its kind."""
    described = told.http.get("/openapi.json").json()["paths"]
    under = "/v1/contracts/{contract_id}"
    found = []
    for path, operations in described.items():
        if not path.startswith(under) or method not in operations:
            continue
        template = path.removeprefix(under)
        names = [part.split("}")[0] for part in template.split("{")[1:]]
        for chosen in product(*(told.values[name] for name in names)):
            values = {name: one[0] for name, one in told.values.items()} | dict(
                zip(names, chosen, strict=True)
            )
            found.append((template, (template + QUERIES.get(template, "")).format(**values)))
    return found
