"""How the result of a verification is printed."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.service.verify import Verified


def check_lines(verified: Mapping[str, Any]) -> Iterator[str]:
    """One line for each check with its count, every difference listed, and the verdict."""
    for check in verified["checks"]:
        found = check["found"]
        result = "intact" if not found else f"{found} DIFFERENCES"
        yield f"  {check['name']:<12} {check['count']:>8} {check['looked_at']}: {result}"
        yield from (f"    {difference}" for difference in check["differences"])
        if found > len(check["differences"]):
            yield f"    and {found - len(check['differences'])} more"
    verdict = "intact" if verified["intact"] else "NOT INTACT"
    yield (
        f"Contract {verified['contract_id']} is {verdict} up to journal record "
        f"{verified['sequence']}, hash {verified['hash']}."
    )


def plain(found: Verified) -> dict[str, Any]:
    """The result as the interface gives it."""
    return {
        "contract_id": found.contract_id,
        "intact": found.intact,
        "sequence": found.sequence,
        "hash": found.hash,
        "checks": [
            {
                "name": check.name,
                "looked_at": check.looked_at,
                "count": check.count,
                "found": check.found,
                "differences": list(check.differences),
            }
            for check in found.checks
        ],
    }
