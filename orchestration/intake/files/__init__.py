"""Opening a delivered file: its form, its header, its lines as text columns."""
