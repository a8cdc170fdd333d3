"""What is done to the vault between runs: other keys, retention, erasure."""
