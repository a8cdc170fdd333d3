"""How a case system's export is read as the canonical delivery."""
