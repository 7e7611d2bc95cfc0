"""Whether a referred person belongs to the cohort, judged on the referral's own facts."""

from datetime import date

from app.domain.errors import Fault
from app.domain.participant import Participant
from app.domain.period import within
from app.domain.terms.parties import Cohort


def eligibility_faults(
    participant: Participant, cohort: Cohort, service_ends: date | None = None
) -> tuple[Fault, ...]:
    """Every reason why a person is not eligible; empty if eligible.

    The setting must be one of /cohort/eligibility/settings, funded by the commissioner where the
    terms need that, the age at referral between age_min and age_max (both included, in years) and
    the referral between /cohort/referrals_from and referrals_to (both included), and not after
    the service has ended (/service_ends). With age_max 65 a person referred at 65 is eligible, at
    66 not. Growing older later changes nothing.
    """
    rule = cohort.eligibility
    faults: list[Fault] = []
    if participant.setting not in rule.settings:
        accepted = ", ".join(rule.settings)
        faults.append(
            Fault(
                "setting-not-eligible",
                "/setting",
                f"The terms accept people who live in one of: {accepted}.",
            )
        )
    if rule.funded_by_commissioner and not participant.funded_by_commissioner:
        faults.append(
            Fault(
                "not-funded-by-commissioner",
                "/funded_by_commissioner",
                "The terms accept people whose care the commissioner funds.",
            )
        )
    faults.extend(_age_faults(participant.age_at_referral, rule.age_min, rule.age_max))
    ends = [end for end in (cohort.referrals_to, service_ends) if end is not None]
    if not within(participant.referred_on, cohort.referrals_from, min(ends, default=None)):
        first, last = cohort.referrals_from or "the start", min(ends, default="the end")
        faults.append(
            Fault(
                "outside-referral-window",
                "/referred_on",
                f"The terms accept referrals from {first} to {last}.",
            )
        )
    return tuple(faults)


def _age_faults(age: int | None, age_min: int | None, age_max: int | None) -> list[Fault]:
    if age_min is None and age_max is None:
        return []
    pointer = "/age_at_referral"
    if age is None:
        return [Fault("age-missing", pointer, "The terms limit the age; give it in years.")]
    if age_min is not None and age < age_min:
        return [Fault("too-young", pointer, f"The terms accept people from the age of {age_min}.")]
    if age_max is not None and age > age_max:
        return [Fault("too-old", pointer, f"The terms accept people up to the age of {age_max}.")]
    return []
