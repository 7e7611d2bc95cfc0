"""How many examples the property tests try, and whether they roam.

The suite tries the same examples for the same code, so that it says the same on every machine.
`make explore` multiplies them by TIMES and draws new ones each time: for every night, and for
whoever changes a rule. What it finds becomes an example of its own.
"""

import os

import hypothesis

TIMES = int(os.environ.get("TIMES", "0"))


def tries(examples: int) -> int:
    """The examples of a test that tries `examples` in the suite."""
    return examples * max(TIMES, 1)


def load_profile() -> None:
    """For every test; a test's own `settings` add to it."""
    hypothesis.settings.register_profile(
        "outcomes",
        deadline=None,  # how long an example takes says more about the machine than about the code
        derandomize=TIMES == 0,
        max_examples=tries(100),
        print_blob=True,
    )
    hypothesis.settings.load_profile("outcomes")
