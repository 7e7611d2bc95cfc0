"""`outcomes export` and `outcomes transparency`: files for accountants and for publication."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, KnownOn, Url, connected, day, text_of
from app.cli.output import counted, say, show_json, table, warn

_OUTPUT = "-"


class Form(StrEnum):
    """The form of a file."""

    CSV = "csv"
    XLSX = "xlsx"


Format = Annotated[Form, typer.Option("--format", help="The form of the file.")]
Out = Annotated[
    str,
    typer.Option("--out", help="The file to write; - is standard output.", metavar="FILE"),
]


def _narrow(help_text: str, name: str, **more: Any) -> Any:
    return typer.Option(name, help=help_text, **more)


def export(
    contract: Annotated[
        str,
        typer.Argument(
            help="The contract's id; - for a list of no one contract.", show_default=False
        ),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="LIST", help="The list; `outcomes exports` names each.", show_default=False
        ),
    ],
    out: Out,
    form: Format = Form.CSV,
    *,
    participant: Annotated[str | None, _narrow("Of this participant.", "--participant")] = None,
    state: Annotated[str | None, _narrow("In this state.", "--state")] = None,
    party: Annotated[str | None, _narrow("Of this party.", "--party")] = None,
    source: Annotated[str | None, _narrow("Of this source.", "--source")] = None,
    import_number: Annotated[int | None, _narrow("Of this import.", "--import", min=1)] = None,
    classification: Annotated[
        str | None, _narrow("Classified so: matched, unknown ...", "--classification")
    ] = None,
    claim: Annotated[int | None, _narrow("Of this claim.", "--claim", min=1)] = None,
    payer: Annotated[str | None, _narrow("Of this payer.", "--payer")] = None,
    who: Annotated[str | None, _narrow("Of this principal, or person named.", "--who")] = None,
    outcome: Annotated[str | None, _narrow("So answered: allowed, refused.", "--outcome")] = None,
    principal: Annotated[str | None, _narrow("Of this principal.", "--principal")] = None,
    on_contract: Annotated[
        str | None, _narrow("Of grants: on this contract.", "--on-contract")
    ] = None,
    start: Annotated[date | None, _narrow("The first day.", "--from", parser=day)] = None,
    end: Annotated[date | None, _narrow("The last day.", "--to", parser=day)] = None,
    as_of: Annotated[date | None, _narrow("As of this day.", "--as-of", parser=day)] = None,
    effective_to: Annotated[
        date | None, _narrow("Effective up to this day.", "--effective-to", parser=day)
    ] = None,
    known_on: KnownOn = None,
    url: Url = None,
) -> None:
    """Write a list to a file, whole. A file that is not finished is not left behind."""
    query = {
        "participant_id": participant,
        "state": state,
        "party": party,
        "source": source,
        "import_number": import_number,
        "classification": classification,
        "claim_number": claim,
        "payer": payer,
        "who": who,
        "outcome": outcome,
        "principal_id": principal,
        "contract_id": on_contract,
        "from": text_of(start),
        "to": text_of(end),
        "as_of": text_of(as_of),
        "known_on": text_of(known_on),
        "effective_to": text_of(effective_to),
    }
    place = "/v1/exports" if contract == _OUTPUT else f"/v1/contracts/{contract}/exports"
    download(f"{place}/{name}.{form.value}", out, url, query)


def exports(url: Url = None, as_json: AsJson = False) -> None:
    """Name every list that can be exported, and what narrows it."""
    with connected(url) as service:
        found = service.get("/v1/exports")
    if as_json:
        show_json(found)
        return
    rows = [
        (one["name"], "yes" if one["person_level"] else "no", ", ".join(one["filters"]) or None)
        for one in found["items"]
    ]
    say(table(("list", "of persons", "narrowed by"), rows))


def transparency(
    contract: Contract,
    quarter: Annotated[
        str, typer.Option("--quarter", help="2021-Q3 is July to September 2021.", metavar="QUARTER")
    ],
    department: Annotated[
        str, typer.Option("--department", help="The department that incurred the expenditure.")
    ],
    merchant_category: Annotated[
        str, typer.Option("--merchant-category", help="As the council names it.")
    ],
    out: Annotated[
        str | None,
        typer.Option("--out", help="Write the file; - is standard output.", metavar="FILE"),
    ] = None,
    form: Format = Form.CSV,
    *,
    vat_irrecoverable: Annotated[
        bool,
        typer.Option("--vat-irrecoverable", help="The council does not get VAT back."),
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show a quarter's payments over 500 pounds, or write the file that the council publishes."""
    query = {
        "department": department,
        "merchant_category": merchant_category,
        "vat_recoverable": "false" if vat_irrecoverable else None,
    }
    place = f"/v1/contracts/{contract}/transparency/{quarter}"
    if out is not None:
        download(f"{place}.{form.value}", out, url, query)
        return
    with connected(url) as service:
        found = service.get(place, **query)
    if as_json:
        show_json(found)
        return
    period = f"{found['period']['start']} to {found['period']['end']}"
    say(f"{found['council']}, {period}: publish by {found['publish_by']}")
    head = ("on", "beneficiary", "purpose", "amount", "irrecoverable VAT")
    columns = ("paid_on", "beneficiary", "purpose", "amount", "irrecoverable_vat")
    say(table(head, [[row[name] for name in columns] for row in found["rows"]], right=(3, 4)))
    say(counted(len(found["rows"]), "item"))


def download(path: str, out: str, url: str | None, query: dict[str, Any] | None = None) -> None:
    """Write the file at an address; one that breaks off is not left behind."""
    with connected(url) as service, _written(out) as file:
        size = service.download(path, file.write, **(query or {}))
    if out != _OUTPUT:
        warn(f"{size} bytes written to {out}")


@contextmanager
def _written(out: str) -> Iterator[BinaryIO]:
    """A file that takes its name only once it is whole; standard output as it is."""
    if out == _OUTPUT:
        yield sys.stdout.buffer
        return
    target = Path(out)
    partial = target.with_name(f"{target.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(target)
    except OSError as error:
        raise CannotRun(f"{out} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            partial.unlink()
