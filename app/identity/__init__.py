"""Who is asking: tokens, keys, passwords, one-time codes, sessions. No storage, no HTTP framework."""
