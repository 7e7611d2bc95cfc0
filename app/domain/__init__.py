"""The vocabulary of outcomes contracts: pure values and rules, without clock, SQL or network."""
