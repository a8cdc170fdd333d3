"""Errors that a user can do something about."""


class PlainError(Exception):
    """The message is one plain Swedish sentence: what went wrong, where, and what to do. Never personal data."""
