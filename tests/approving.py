"""The golden story under terms that ask for two persons' approval of its larger claims."""

from app.service.claims import get_claim
from tests.replay import ServiceBackend

TWO_PERSONS = {"claims": {"second_approval_above": "6000.00"}}
"""Some of the story's claims are above this, and some are not."""


class ApprovingBackend(ServiceBackend):
    """Another person approves first what takes two."""

    def approve(self, who: dict, claim_number: int) -> None:
        """The approval of the person named, after another's where the claim takes so many."""
        if get_claim(self.context, self.contract_id, claim_number).second_approval_needed:
            super().approve(who | {"person": "council-officer-4"}, claim_number)
        super().approve(who, claim_number)
