"""Who is asking: tokens, keys, passwords, one-time codes. No storage, no HTTP framework."""
