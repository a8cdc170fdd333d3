"""Who is looking, and so which release the pages read. The only way from a page to a release: no page asks for settings itself.

Asked anew at every run of a page, so that an address opened directly, an old session and a signed-out one are all judged alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from orchestration.operation.access import (
    PROVIDER,
    RULES,
    AccessError,
    Rules,
    View,
    is_stale,
    read_rules,
    view_of,
)
from orchestration.release.extract import extract_for
from orchestration.settings import Settings, load_settings

# set by the one who starts the pages: a file that is taken away while they are up opens nothing
SIGN_IN_VARIABLE = "BISTAND_SIGN_IN"


class NothingToSee(AccessError):
    """Who looks has no role, and those without one see nothing."""


def settings() -> Settings:
    """The settings that the one who looks reads a release by. Raises AccessError (a sentence) when there is nothing to see."""
    own = load_settings()
    rules = _rules(own)
    if rules is None:
        return own
    view = view_of(rules, _identity(), time.time())
    if view.municipalities is None:
        return replace(own, profile="internal", also=())
    if view.is_internal:
        with st.spinner("Hämtar det din roll får se …"):
            return extract_for(own, view.municipalities)
    if view.is_public:
        return replace(own, profile="public", also=())
    raise NothingToSee(
        "Logga in för att se sidorna." if _identity() is None else "Din inloggning har ingen roll här."
    )


def home() -> Path:
    """The home of the pages, where a municipality's own files lie."""
    return load_settings().home


def sign_in_row() -> None:
    """Who is signed in and what they see, with the button that changes it; nothing where nobody signs in."""
    rules = _rules(load_settings())
    if rules is None:
        return
    identity = _identity()
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if identity is None:
            st.button("Logga in", key="logga_in", icon=":material/login:", on_click=st.login)
            return
        name = next((str(identity[key]) for key in ("name", "email", "sub") if identity.get(key)), "")
        st.caption(f"{_plain(name)} · {_seen(rules, identity)}")
        if is_stale(rules, identity, time.time()):
            st.button("Logga in igen", key="logga_in", icon=":material/login:", on_click=st.login)
        st.button("Logga ut", key="logga_ut", icon=":material/logout:", on_click=st.logout)


def _seen(rules: Rules, identity: Mapping[str, Any]) -> str:
    if is_stale(rules, identity, time.time()):
        return "inloggningen är för gammal"
    view: View = view_of(rules, identity, time.time())
    if view.municipalities is None:
        return "hela antal för alla kommuner"
    if view.municipalities:
        return f"hela antal för {', '.join(sorted(view.municipalities))}, annars den öppna utgåvan"
    return "den öppna utgåvan" if view.is_public else "ingen roll här"


def _rules(own: Settings) -> Rules | None:
    """The rules, or None where the pages were started without signing in. Raises AccessError."""
    if os.environ.get(SIGN_IN_VARIABLE) == "1":
        return read_rules(own.home)
    if (own.home / RULES).exists() or (own.home / PROVIDER).exists():
        raise AccessError("Inloggning har slagits på sedan sidorna startades; starta om bistand serve.")
    return None


def _identity() -> dict[str, Any] | None:
    """The claims of who is signed in, as the provider said them, or None."""
    return dict(st.user.to_dict()) if st.user.get("is_logged_in") else None


def _plain(text: str) -> str:
    """A name from outside, without what would be read as markup."""
    return "".join(sign for sign in text if sign.isalnum() or sign in " .@-_")[:80]
