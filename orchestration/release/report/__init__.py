"""The yearly report of a municipality, worded from a release alone: `content` says what it holds, the other modules how."""
