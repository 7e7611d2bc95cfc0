"""How far matching may reach for each account: saved once, kept in versions, used by every run."""

from app.domain.errors import Fault, InputInvalid
from app.domain.matching import MatchRules
from app.service.command import Change, Command, Done, Same, Work, run
from app.service.context import Context
from app.service.imports import check_name, require_book
from app.storage import journal, match_rules
from app.storage.match_rules import SETTINGS, StoredRules


def save_rules(
    context: Context, command: Command, source: str, **settings: int
) -> Done[StoredRules]:
    """Save the windows in days and the limits that matching uses for one of the party's accounts.

    They count for every run from then on; what is proposed already gives way to what the next run
    finds. Rules as they are saved already are answered again. A council whose suppliers are paid
    late may let lines fit 90 days after the due day instead of 60. `settings` are some of
    `SETTINGS`; what is left out is as usual. Raises InputInvalid `wrong-form` beyond their bounds.
    """

    def decide(work: Work) -> Change[StoredRules] | Same[StoredRules]:
        check_name(source, "/source")
        party = require_book(work)
        try:
            rules = MatchRules(**settings)
        except ValueError as error:
            raise InputInvalid([Fault("wrong-form", "", f"{str(error).capitalize()}.")]) from None
        latest = match_rules.latest(work.connection, work.contract_id, party, source)
        if latest is not None and latest.rules == rules:
            return Same(latest, latest.sequence)
        version = latest.version + 1 if latest else 1
        row = {"source": source, "version": version}
        row |= {name: getattr(rules, name) for name in SETTINGS}
        saved = StoredRules(party, source, version, rules, work.head.sequence + 1)
        rows = {"match_rules": [row | work.signed()]}
        return Change("match_rules_saved", work.today, rows, saved)

    return run(context, command, decide)


def list_rules(context: Context, contract_id: str) -> list[StoredRules]:
    """The rules of every account that has any of its own."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return match_rules.latest_of_all(uow.connection, contract_id)
