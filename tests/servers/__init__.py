"""Loopback servers that speak the official services' APIs as they are documented, with their rules and their faults."""
