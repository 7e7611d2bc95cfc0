"""`outcomes explain`, `due` and `verify`."""

import re
from typing import Annotated, Any

import typer

from app.cli.client import Service
from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, Url, connected, day, text_of
from app.cli.output import check_lines, figure, money, say, show_json, table, warn
from app.domain.errors import NotFound
from app.settings import load_settings

_SOURCES = (
    (re.compile(r"claim:(\d+)/line:(\d+)"), "claims/{}/lines/{}"),
    (re.compile(r"entitlement:([A-Za-z0-9._:-]+)"), "entitlements/{}"),
    (re.compile(r"entry:(\d+)"), "entries/{}"),
    (re.compile(r"entry:(\d+)/posting:(\d+)"), "entries/{}/postings/{}"),
)
_PAYMENT = re.compile(r"payment:([A-Za-z0-9._:-]+)")


def explain(
    contract: Contract,
    what: Annotated[
        str,
        typer.Argument(
            help="claim:8/line:1, entitlement:ID, entry:12, entry:12/posting:2 or payment:ID.",
            show_default=False,
        ),
    ],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Explain a figure: from the money back to evidence, decisions and the terms."""
    paid = _PAYMENT.fullmatch(what)
    named = what if paid else _place(what)
    with connected(url) as service:
        if paid:
            named = f"entries/{_entry_of(service, contract, paid[1])}"
        place = f"/v1/contracts/{contract}/explain/{named}"
        if as_json:
            show_json(service.get(place))
        else:
            say(service.get_text(place).rstrip())


def due(
    contract: Contract,
    as_of: Annotated[
        Any,
        typer.Option("--as-of", help="As of that day. Default: today.", parser=day, metavar="DAY"),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List each participant's next milestone, the evidence missing, and the money at stake."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/due", as_of=text_of(as_of)))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["participant_id"],
            one["metric"],
            one["state"],
            one["on"],
            one["submit_by"],
            figure(money(one["at_stake"])) if one["at_stake"] else None,
            len(one["missing"]),
            one["submission_state"],
            one["decide_by"],
        )
        for one in found
    ]
    when = ("on", "submit by")
    stands = ("at stake", "missing", "submission", "decide by")
    say(table(("person", "metric", "state", *when, *stands), rows, right=(5, 6)))


def verify_contracts(
    contract: Annotated[
        str | None, typer.Argument(help="The contract's id. Default: every contract.")
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Exit 0, not 2, if there is no contract yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the whole record in the database itself: chain, tables, ledger, claims, files.

    Exit 0: intact. 1: differences were found. 2: it could not be checked, or nothing was there.
    """
    from app.cli.verification import verified

    found = verified(load_settings(), contract)
    if as_json:
        show_json(found[0] if contract else {"items": found})
    else:
        for shape in found:
            for line in check_lines(shape):
                say(line)
    if not found and allow_empty:
        warn("There is no contract to verify.")
    elif not found:
        raise CannotRun(
            "There is no contract to verify, so nothing was checked.",
            "  Is this the database you mean? --allow-empty accepts one without contracts.",
        )
    if not all(one["intact"] for one in found):
        raise typer.Exit(1)


def _entry_of(service: Service, contract: str, payment_id: str) -> int:
    """The entry that a payment was posted as: statements name the payment as its source."""
    for one in service.pages(f"/v1/contracts/{contract}/payments"):
        if one["payment_id"] == payment_id:
            return int(one["entry_number"])
    raise NotFound("payment-unknown", f"Contract {contract} has no payment {payment_id}.")


def _place(what: str) -> str:
    for pattern, place in _SOURCES:
        if match := pattern.fullmatch(what):
            return place.format(*match.groups())
    raise typer.BadParameter(
        "name what to explain as claim:8/line:1, entitlement:ID, entry:12, entry:12/posting:2 or "
        "payment:ID"
    )
