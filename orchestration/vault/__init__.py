"""The vault: its file, key, pseudonyms, ledger and schema."""
