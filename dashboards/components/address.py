"""The address of a page: one set of keys with codes, written out in full, the same on every page.

`kommun` an area, `ar` a year, `jamfor` what it is compared with, `matt` a measure, `utgava` the release. A page may have
keys of its own besides. What the reader chooses is kept in the session and follows from page to page; an address that
someone opens goes before it. What is unknown is told, and never swapped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

SHARED = ("kommun", "ar", "jamfor", "matt", "utgava")
_KEPT, _WRITTEN = "adress", "adress_skriven"
# of one run: what came with the address, what the page asked for, and what is to be told
_CAME, _SHOWN, _TOLD = "adress_kom", "adress_visad", "adress_sagt"


def read(release_id: str) -> None:
    """First in every run: takes in an address that somebody opened. One that we wrote ourselves says nothing new."""
    state = st.session_state
    kept = state.setdefault(_KEPT, {})
    now = st.query_params.to_dict()
    state[_CAME] = now if now and now != state.get(_WRITTEN) else state.get(_CAME, {}) if now else {}
    state[_SHOWN], state[_TOLD] = {}, []
    if not now:
        # a page opened from the menu shows the release in force
        kept["utgava"] = release_id
    elif now != state.get(_WRITTEN):
        kept.update(now)
    was = kept.setdefault("utgava", release_id)
    if was != release_id:
        tell(
            f"Länken gäller utgåva {was}, men nu gäller utgåva {release_id}. Siffror kan ha ändrats; vad som är nytt står på "
            "sidan Vår kommun."
        )


def kept(key: str) -> str | None:
    """What was chosen or came with the address, as text; None when nothing has."""
    value = st.session_state.get(_KEPT, {}).get(key)
    return None if value is None else str(value)


def keep(key: str, value: object) -> None:
    """A choice of the reader."""
    st.session_state[_KEPT][key] = str(value)


def show(key: str, value: object) -> None:
    """What the page shows for a key, and its address shall say."""
    st.session_state[_SHOWN][key] = str(value)


def tell(sentence: str) -> None:
    """Said above the page."""
    if sentence not in st.session_state[_TOLD]:
        st.session_state[_TOLD].append(sentence)


def choose(
    label: str,
    options: Sequence[Any],
    key: str,
    default: Any,
    help_text: str | None = None,
    name: Callable[[Any], str] = str,
    placeholder: str = "Välj",
    as_tabs: bool = False,
) -> Any:
    """A choice among codes that stands in the address. `name` gives the words for a code; `default` None chooses nothing.

    A code that is not among the options is told and left as it was chosen, for pages that have it. `as_tabs` for the parts of a
    page: all are seen at once, and only the chosen one is made.
    """
    wanted = kept(key)
    found = next((option for option in options if str(option) == wanted), None)
    if wanted is not None and found is None:
        instead = "inget är valt" if default is None else f"sidan visar {name(default)}"
        tell(f"{label}: ”{name(wanted)}” finns inte här; {instead}.")
    st.session_state[key] = default if found is None else found

    def chosen_by_reader() -> None:
        if st.session_state[key] is not None:
            keep(key, st.session_state[key])

    if as_tabs:
        chosen = st.segmented_control(
            label,
            options,
            key=key,
            format_func=name,
            on_change=chosen_by_reader,
            label_visibility="collapsed",
            required=True,
        )
        show(key, chosen)
        return chosen
    chosen = st.selectbox(
        label, options, key=key, help=help_text, on_change=chosen_by_reader, format_func=name, placeholder=placeholder,
        index=None if default is None else 0,
    )  # fmt: skip
    if chosen is not None:
        show(key, chosen)
    return chosen


def choose_several(
    label: str, options: Sequence[str], key: str, name: Callable[[str], str] = str
) -> list[str]:
    """As choose, for any number of codes, which stand in the address with commas between."""
    wanted = [code for code in (kept(key) or "").split(",") if code]
    for code in wanted:
        if code not in options:
            tell(f"{label}: ”{code}” finns inte här.")
    st.session_state[key] = [code for code in wanted if code in options]

    def chosen_by_reader() -> None:
        keep(key, ",".join(st.session_state[key]))

    chosen = st.multiselect(
        label, options, key=key, on_change=chosen_by_reader, format_func=name, placeholder="Välj kommuner"
    )
    show(key, ",".join(chosen))
    return list(chosen)


def write(defaults: dict[str, str]) -> list[str]:
    """Last in every run: writes the address out in full, and returns what is to be told above the page."""
    state = st.session_state
    shown = {**defaults, **{key: state[_KEPT][key] for key in SHARED if key in state[_KEPT]}, **state[_SHOWN]}
    unknown = [key for key in state[_CAME] if key not in shown and key not in SHARED]
    if unknown:
        names = ", ".join(f"{key}={state[_CAME][key]}" for key in unknown)
        tell(f"Adressen säger {names}, som inte används på den här sidan.")
    full = {
        key: shown[key]
        for key in [*(one for one in SHARED if one in shown), *sorted(set(shown) - set(SHARED))]
    }
    if list(st.query_params.to_dict().items()) != list(full.items()):
        st.query_params.from_dict(full)
    state[_WRITTEN] = full
    return list(state[_TOLD])


def link(page: str, **choices: str) -> str:
    """The address of another page with the same choices but those given; `page` as in the menu (`""` the first)."""
    from urllib.parse import urlencode

    state = st.session_state
    known = {**state[_KEPT], **state[_SHOWN], **choices}
    return f"{page or '.'}?{urlencode({key: known[key] for key in [*SHARED, *choices] if key in known})}"
