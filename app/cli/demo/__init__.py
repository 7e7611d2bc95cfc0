"""A worked contract: an invented cohort driven through the real HTTP interface."""
