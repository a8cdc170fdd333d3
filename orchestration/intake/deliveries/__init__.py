"""Deliveries one after the other: what is new, taken in, held, decided and reported."""
