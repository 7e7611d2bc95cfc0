"""The rules of payment: price, cap, split, claim and post, as pure functions."""
