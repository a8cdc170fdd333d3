"""The intake: from a delivered file to pseudonymised rows in the vault, every row counted."""
