"""Sentences made from figures: what a municipality reads first. Only what is shown is said, and never 0 for what is not."""

from __future__ import annotations

from orchestration.release import wording
from orchestration.release.report.figures import Beside, Cell, Figures, Measure

# fewer similar municipalities than this are a table's matter, not a sentence's
LEAST_COMPARED = 3
_PERSON_WIDE, _INTERIOR = "longterm:person_wide", "very_longterm:interior"


def most_important(figures: Figures) -> list[str]:
    """What a board asks first, one sentence or two on each matter; nothing on what has no figure."""
    found = [
        recipients(figures), longterm(figures), children(figures), reasons(figures), flow(figures), costs(figures),
    ]  # fmt: skip
    return [text for text in found if text]


def recipients(figures: Figures) -> str:
    """How many had aid, how large a share of the inhabitants, and which way it goes."""
    persons, share = figures.find("recipients"), figures.find("recipients_share_population")
    if persons is None or not _is_told(figures, persons):
        return ""
    text = f"{_count(figures, persons)} hade ekonomiskt bistånd {figures.year}"
    if share and is_shown(share, figures.year):
        text += f", {figures.told(share, share.cell(figures.year))} av invånarna"
    return f"{text}. {way(figures, persons, 'Antalet')}{compared(figures, share, 'Andelen')}".strip()


def longterm(figures: Figures) -> str:
    """How many of the adults had aid for long and for very long, and which way the share goes."""
    whole, part = figures.find("adult_recipients"), figures.find("longterm_adults", _PERSON_WIDE)
    share = figures.find("longterm_adults_share_recipients", _PERSON_WIDE)
    if whole is None or part is None or not (_is_told(figures, whole) and _is_told(figures, part)):
        return ""
    text = f"Av {figures.told(whole, whole.cell(figures.year))} vuxna hade {figures.told(part, part.cell(figures.year))}"
    if share and is_shown(share, figures.year):
        text += f" ({figures.told(share, share.cell(figures.year))})"
    text += " bistånd länge, minst tio av årets månader. "
    text += way(figures, share, "Andelen") + compared(figures, share, "Den")
    very = figures.find("very_longterm_adults_share_recipients", _INTERIOR)
    if very and is_shown(very, figures.year):
        text += f"Mycket länge, minst 27 av 36 månader, hade {figures.told(very, very.cell(figures.year))}. "
        text += way(figures, very, "Den andelen")
    return text.strip()


def children(figures: Figures) -> str:
    """How many children live in the families, and in how many of them long."""
    every, long = figures.find("child_recipients"), figures.find("longterm_children", _PERSON_WIDE)
    share = figures.find("child_recipients_share_population")
    if every is None or not _is_told(figures, every):
        return ""
    text = f"{_count(figures, every, 'barn')} levde i familjer med bistånd"
    if share and is_shown(share, figures.year):
        text += f", {figures.told(share, share.cell(figures.year))} av barnen"
    if long and _is_told(figures, long):
        text += f"; {_count(figures, long, 'barn').lower()} i familjer som haft det länge"
    return f"{text}. {way(figures, every, 'Antalet')}".strip()


def reasons(figures: Figures) -> str:
    """The two most common reasons for need, and how many adults have none registered."""
    split = figures.split("reason_share", "reason:most_frequent", "reason")
    known = [measure for measure in split if not measure.key[2].endswith("=uppgift_saknas")]
    shown = sorted(
        (one for one in known if is_shown(one, figures.year)),
        key=lambda one: -(one.cell(figures.year).value or 0),
    )
    if not shown:
        return ""
    told = [f"{_lower(one.part)} ({figures.told(one, one.cell(figures.year))})" for one in shown[:2]]
    text = f"Vanligaste försörjningshindret bland vuxna var {told[0]}"
    text += f", därefter {told[1]}. " if len(told) > 1 else ". "
    for one in split:
        if one not in known and is_shown(one, figures.year) and one.cell(figures.year).value:
            text += f"För {figures.told(one, one.cell(figures.year))} saknas uppgift om hinder."
    return text.strip()


def flow(figures: Figures) -> str:
    """How many came in and went out, and how many of those who left came back."""
    came, went = figures.find("entries"), figures.find("exits")
    text = ""
    if came and _is_told(figures, came):
        text = f"{_count(figures, came)} var nya mottagare"
        if went and is_shown(went, figures.year):
            text += f", och {figures.told(went, went.cell(figures.year))} avslutade sitt bistånd"
        text += ". "
    back = figures.find("return_share_12m")
    if back and is_shown(back, figures.year):
        text += (
            f"Av de vuxna vars bistånd slutade första halvåret {figures.year - 1} kom "
            f"{figures.told(back, back.cell(figures.year))} tillbaka inom ett år."
        )
    return text.strip()


def costs(figures: Figures) -> str:
    """What was paid, to each household and for how long."""
    paid, each = figures.find("paid_sek"), figures.find("paid_sek_per_household")
    months = figures.find("months_per_household_mean")
    if paid is None or not is_shown(paid, figures.year):
        return ""
    text = f"Utbetalt bistånd var {figures.told(paid, paid.cell(figures.year))}"
    if each and is_shown(each, figures.year):
        text += f", {figures.told(each, each.cell(figures.year))} per hushåll"
    if months and is_shown(months, figures.year):
        text += (
            f", och ett hushåll hade bistånd {figures.told(months, months.cell(figures.year))} i genomsnitt"
        )
    return f"{text}. {way(figures, paid, 'Beloppet')}".strip()


def is_shown(measure: Measure, year: int) -> bool:
    """Whether the year's figure is there."""
    cell = measure.cell(year)
    return cell.status == "published" and cell.value is not None


def way(figures: Figures, measure: Measure | None, what: str) -> str:
    """Which way the figure goes, as it is shown: years in a row of one direction, or the step from the year before."""
    if measure is None or not is_shown(measure, figures.year):
        return ""
    year, steps = figures.year, 0
    direction = _step(figures, measure, year)
    if direction is None:
        return ""
    if direction == 0:
        return f"{what} är {'oförändrad' if what.lower().endswith('andelen') else 'oförändrat'} sedan {year - 1}. "
    while _step(figures, measure, year) == direction:
        year, steps = year - 1, steps + 1
    verb = "stigit" if direction > 0 else "sjunkit"
    before = figures.told(measure, measure.cell(year))
    if steps > 1:
        return f"{what} har {verb} {_years(steps)} i rad, från {before} år {year}. "
    return f"{what} har {verb} från {before} år {year}. "


def compared(figures: Figures, measure: Measure | None, what: str) -> str:
    """Where the share lies beside similar municipalities, or beside all where those are too few."""
    if measure is None or not is_shown(measure, figures.year):
        return ""
    for group, name in ((measure.similar, "liknande kommuner"), (measure.everyone, None)):
        beside = group.get(figures.year)
        if beside is None or beside.status != "published" or beside.included < LEAST_COMPARED:
            continue
        own, other = figures.told(measure, measure.cell(figures.year)), figures.told(measure, beside)
        name = f"{name} ({beside.included} av {beside.total})" if name else everyone(beside)
        if own == other:
            return f"{what} är densamma som i {name}. "
        cell = measure.cell(figures.year).value or 0
        return f"{what} är {'högre' if cell > (beside.value or 0) else 'lägre'} än i {name}: {other}. "
    return ""


def everyone(beside: Beside) -> str:
    """`riket` only when every municipality stands behind the figure, otherwise how many do."""
    return (
        "riket"
        if beside.included == beside.total
        else f"{wording.municipalities(beside.included)} tillsammans"
    )


def _is_told(figures: Figures, measure: Measure) -> bool:
    """Whether something can be said of how many: a number, or `högst 7`."""
    cell: Cell = measure.cell(figures.year)
    return is_shown(measure, figures.year) or (cell.status == "suppressed" and measure.unit in wording.COUNTS)


def _count(figures: Figures, measure: Measure, what: str = "personer") -> str:
    told = figures.told(measure, measure.cell(figures.year))
    return f"{told[:1].upper()}{told[1:]} {what}"


def _step(figures: Figures, measure: Measure, year: int) -> int | None:
    """1, 0 or -1 by the figures as they are shown; None where one of the two is not."""
    if not (is_shown(measure, year) and is_shown(measure, year - 1)):
        return None
    now, before = measure.cell(year), measure.cell(year - 1)
    if figures.told(measure, now) == figures.told(measure, before):
        return 0
    return 1 if (now.value or 0) > (before.value or 0) else -1


def _years(count: int) -> str:
    return f"{('två', 'tre', 'fyra')[count - 2] if count < 5 else count} år"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
