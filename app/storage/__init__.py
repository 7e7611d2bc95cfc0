"""PostgreSQL: the only floor that knows SQL; rows never leave it."""
