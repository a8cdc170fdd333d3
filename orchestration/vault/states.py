"""The states of deliveries and months, as a reader meets them."""

STATE_NAMES = {
    "accepted": "mottagen",
    "partly_rejected": "delvis avvisad",
    "rejected": "avvisad",
    "held": "väntar på beslut",
    "superseded": "ersatt",
    "forgotten": "gallrad",
    "duplicate": "dubblett",
}
DECISION_NAMES = {"accept": "godkänd", "reject": "avvisad"}
