"""The whole demo against a service: build the contract, tell its story, read the figures back."""

from collections.abc import Callable

from app.cli.client import Service
from app.cli.demo.acts import Acts
from app.cli.demo.cohort import LAST_DAY, cohort
from app.cli.demo.figures import STATEMENT_TO, Figures, gather
from app.cli.demo.handing import handings
from app.cli.demo.story import Progress, Story
from app.cli.examples import example_terms

SEED = 2019
PREFIX = "promoting-independence-demo-"


def next_contract_id(service: Service) -> str:
    """An id that no demo before has used: its number is one above the highest."""
    taken = [
        int(number)
        for contract in service.pages("/v1/contracts")
        if (number := contract["contract_id"].removeprefix(PREFIX)).isdecimal()
        and contract["contract_id"].startswith(PREFIX)
    ]
    return f"{PREFIX}{max(taken, default=0) + 1}"


def build(
    service: Service, contract_id: str, progress: Progress, sign: Callable[[str], object]
) -> tuple[Story, Figures]:
    """Tell the story of one demo contract and read everything back through the interface.

    `sign` signs the head of the contract at its end, so that it is verified with the rest.
    """
    people = cohort(SEED)
    terms = {1: example_terms("terms-2019.yaml"), 2: example_terms("terms-2022.yaml")}
    acts = Acts(service, contract_id)
    story = Story(acts, people, handings(people, SEED), terms)
    story.tell(progress)
    sign(contract_id)
    story.at(STATEMENT_TO)
    waived = next(one for one in story.handings if one.waived)
    return story, gather(service, acts, terms[2], (waived.participant_id, waived.metric))


__all__ = ["LAST_DAY", "build", "next_contract_id"]
