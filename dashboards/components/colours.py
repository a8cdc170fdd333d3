"""The colours of the pages, each for the light and the dark theme; text keeps at least 4.5:1 against its background,
bars and lines 3:1.

A colour is written as CSS `light-dark()`, in pages and in charts (which are drawn as SVG), so that the browser follows
the theme of the page at once, and prints in the light one.
"""

from orchestration.release.wording import STATE_WORDS


def both(light: str, dark: str) -> str:
    """The colour of the light theme and that of the dark one."""
    return f"light-dark({light},{dark})"


INK = both("#1f2933", "#e8ecf0")
QUIET = both("#52606d", "#a9b4bf")
PAPER = both("#ffffff", "#1a2129")
GRID = both("#e4e7eb", "#323d48")
EDGE = both("#c8d0d8", "#45525f")
HEAD = both("#f3f5f7", "#222b34")
HOLE = both("#eef0f3", "#252f39")

MAIN = both("#1f5a8c", "#74b4e8")
SECOND = both("#b4531f", "#ec965f")
PALE = both("#7590aa", "#5f7d98")
PRINTED = INK
# one colour on both backgrounds
IN_PICTURES = "#3f87c0"

# five series at most in one picture; told apart by lightness as well as hue
SERIES = [
    MAIN,
    SECOND,
    both("#3f7d58", "#74c394"),
    both("#7a4a8c", "#c79fdb"),
    both("#8a6d00", "#d3b64b"),
]
# from pale to strong, and the text on each half of the scale
SCALE = [both(*pair) for pair in (("#e6eef6", "#22303d"), ("#a7c2da", "#2f5576"), ("#5d8fb9", "#4585b9"), ("#1f5a8c", "#8fc7f2"))]  # fmt: skip
ON_STRONG = both("#ffffff", "#10161c")

# text on background, one pair per tone of a trend
TONES = {
    "unwanted": (both("#8c1d4f", "#f7b3d0"), both("#fbe4ee", "#4a1730")),
    "wanted": (both("#1b5e3a", "#a6e0bf"), both("#e1f2e7", "#163a27")),
    "still": (both("#5f4b00", "#f0dc8c"), both("#fbf1cc", "#423708")),
    "neutral": (both("#3e4c59", "#c5ced6"), both("#eef0f3", "#2a343e")),
}

DELIVERY_STATES = {
    "accepted": (STATE_WORDS["accepted"], both("#5b8db8", "#5b8db8")),
    "replaced": ("Godkänd, ersätter tidigare", both("#1f4f7a", "#9ccbf0")),
    "held": (STATE_WORDS["held"], both("#c9a227", "#d8b847")),
    "rejected": (STATE_WORDS["rejected"], both("#b4531f", "#e38a55")),
    "forgotten": (STATE_WORDS["forgotten"], both("#8d8f94", "#8d8f94")),
    "missing": (STATE_WORDS["missing"], both("#e3e6ea", "#2b3540")),
}
