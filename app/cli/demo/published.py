"""What is public about Promoting Independence, to print beside the demo's own figures."""

from app.domain.money import Money

PAID = Money(2_376_250_00)
"""Payments to September 2024 (INDIGO data, project INDIGO-POJ-0181)."""

OUTCOMES = {"ENG": 61, "MOVE": 73, "S06": 60, "S12": 51, "S18": 32}
"""Outcomes achieved to September 2024 by metric (INDIGO data); none is listed for 24 months."""

TARGETS = {"ENG": 60, "MOVE": 74, "S06": 61, "S12": 55, "S18": 47}

LIVING_INDEPENDENTLY = {2021: 22, 2022: 35}
"""People in homes of their own about the end of a year (the provider's news pages)."""

WHAT_IS_WHAT = """\
PUBLISHED       the parties, the metrics and their targets; the caps (2,744,750.00, of which the
                Life Chances Fund at most 686,187.00); the cohort's margins: 116 accepted, 28
                withdrew in care, 70 moved, 18 preparing, and who withdrew after moving.
RECONSTRUCTED   the prices of 2019: the only card that rebuilds the first published payment plan.
                Neither the contract nor its rate card is public.
ILLUSTRATIVE    every price from April 2022, and the rules that no source states (breaks, evidence,
                deadlines, clawback). The amounts below are therefore not those that were paid.
SYNTHETIC       every person, date, letter and decision. Of the 11 who withdrew from support after
                moving, 7 lose their home here and 4 keep it and go on counting: withdrawing from
                support is not losing a home. Which of them do was chosen so that the outcomes come
                to the published numbers for 6, 12 and 18 months. Moves come to the evaluation's
                70; INDIGO's 73 counts otherwise, and the two are not forced to agree."""
