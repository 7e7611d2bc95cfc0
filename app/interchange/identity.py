"""The identity of lines, the same in every file that contains them."""

import hashlib

from app.interchange.drafts import DraftLine


class Identities:
    """Names lines so that the same line has the same name in overlapping files, in any order.

    The name is a digest of the booking date, amount and direction, and of the bank's own reference
    where the line has one, else of its references and counterparty; upper and lower case and
    spacing do not count. Lines that are equal in all of that are told apart by their number among
    their equals of the day: the second of two equal receipts ends in "-2" in every file. Names
    are unique within one account; a digest never contains what it was made of.
    """

    def __init__(self) -> None:
        """One object per file."""
        self._seen: dict[bytes, int] = {}

    def name(self, line: DraftLine) -> str:
        """The line's identity: 32 hexadecimal digits, a hyphen and its number among its equals."""
        parts = [
            line.booked_on.isoformat(),
            str(line.amount.minor),
            line.amount.currency,
            line.direction,
        ]
        if line.bank_reference:
            parts += ["bank", line.bank_reference]
        else:
            parts += ["line", line.counterparty or "", *sorted(line.references)]
        text = "\x1f".join(" ".join(part.split()).upper() for part in parts)
        # Text that XML or a code page let through may hold what UTF-8 does not encode.
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
        count = self._seen[digest] = self._seen.get(digest, 0) + 1
        return f"{digest.hex()}-{count}"
