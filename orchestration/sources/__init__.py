"""The official sources: one module per connector."""
