"""The made-up register of 27 municipalities, whose counts meet the printed tables."""
