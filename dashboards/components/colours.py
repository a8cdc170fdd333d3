"""The colours of the pages; text colours keep at least 4.5:1 against their background."""

from orchestration.release.wording import STATE_WORDS

INK = "#1f2933"
QUIET = "#52606d"
PAPER = "#ffffff"
GRID = "#e4e7eb"
HOLE = "#eef0f3"

MAIN = "#1f5a8c"
SECOND = "#b4531f"
PALE = "#a9bfd3"
PRINTED = "#1f2933"

# five series at most in one picture; told apart by lightness as well as hue
SERIES = ["#1f5a8c", "#b4531f", "#3f7d58", "#7a4a8c", "#8a6d00"]

# text on background, one pair per tone of a trend
TONES = {
    "unwanted": ("#8c1d4f", "#fbe4ee"),
    "wanted": ("#1b5e3a", "#e1f2e7"),
    "still": ("#5f4b00", "#fbf1cc"),
    "neutral": ("#3e4c59", "#eef0f3"),
}

DELIVERY_STATES = {
    "accepted": (STATE_WORDS["accepted"], "#5b8db8"),
    "replaced": ("Godkänd, ersätter tidigare", "#1f4f7a"),
    "held": (STATE_WORDS["held"], "#c9a227"),
    "rejected": (STATE_WORDS["rejected"], "#b4531f"),
    "forgotten": (STATE_WORDS["forgotten"], "#8d8f94"),
    "missing": (STATE_WORDS["missing"], "#e3e6ea"),
}
