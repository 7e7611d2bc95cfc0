"""Outcomes Ledger: terms, evidence, decisions and money of an outcomes contract, recorded once."""
