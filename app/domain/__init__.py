"""The vocabulary of outcomes contracts: pure values and rules, without clock, database or network."""
