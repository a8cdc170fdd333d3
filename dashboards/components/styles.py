"""The look of the pages, and what the document says of itself."""

from __future__ import annotations

import streamlit as st

from dashboards.components import colours

_STYLES = f"""
<style>
.bl-banner {{background:{colours.both("#fff4d6", "#3a2f12")};border-left:6px solid {colours.both("#b7791f", "#d8a440")};
  color:{colours.both("#4a3200", "#f6e3b4")};padding:.6rem .9rem;border-radius:4px;font-size:.98rem;line-height:1.4}}
.bl-foot {{color:{colours.QUIET};font-size:.85rem;border-top:1px solid {colours.GRID};padding-top:.6rem;margin-top:1rem}}
.bl-cards {{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,235px),1fr));gap:.75rem}}
.bl-cards.bl-six {{grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr))}}
.bl-card {{border:1px solid {colours.EDGE};border-radius:6px;padding:.75rem .9rem;display:flex;flex-direction:column;
  background:{colours.PAPER};color:{colours.INK};break-inside:avoid}}
.bl-name {{font-size:.92rem;line-height:1.25;color:{colours.QUIET};min-height:2.4em}}
.bl-six .bl-name {{min-height:0}}
.bl-cards.bl-small {{grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}}
.bl-small .bl-card {{padding:.4rem .6rem}}
.bl-small .bl-spark {{height:40px;margin-top:.1rem}}
.bl-value {{font-size:1.75rem;font-weight:650;line-height:1.25;margin-top:.15rem}}
.bl-value.bl-word {{font-size:1.3rem;font-weight:500;font-style:italic;color:{colours.QUIET};line-height:1.68}}
.bl-of {{font-size:.85rem;color:{colours.QUIET};min-height:1.2em}}
.bl-step {{font-size:.92rem;margin-top:.35rem}}
.bl-spark {{width:100%;max-width:240px;height:56px;margin-top:.4rem;display:block}}
.bl-years {{display:flex;max-width:240px;justify-content:space-between;font-size:.78rem;color:{colours.QUIET}}}
.bl-card a, .bl-note a, .bl-caption a {{color:{colours.MAIN}}}
.bl-trend {{display:inline-block;white-space:nowrap;align-self:flex-start;margin-top:.4rem;padding:.1rem .5rem;border-radius:10px;font-size:.88rem;line-height:1.5}}
.bl-caption {{color:{colours.QUIET};font-size:.85rem;line-height:1.45;margin-bottom:.5rem}}
.bl-caption b {{color:{colours.INK};font-weight:600}}
.bl-note {{color:{colours.INK};font-size:.95rem;line-height:1.45}}
.bl-note ul {{padding-left:1.2rem;margin:.3rem 0}}
.bl-lead {{font-size:1.1rem;line-height:1.5;max-width:60rem}}
.bl-lead li {{margin:.2rem 0}}
.bl-table {{overflow:auto}}
.bl-long {{max-height:38rem}}
.bl-table thead th {{position:sticky;top:0}}
.bl-table table {{border-collapse:collapse;width:100%;font-size:.92rem;color:{colours.INK}}}
.bl-table th,.bl-table td {{border-bottom:1px solid {colours.GRID};padding:.35rem .6rem;text-align:left;vertical-align:top}}
.bl-table th {{font-weight:600;background:{colours.HEAD};border-bottom:1px solid {colours.EDGE}}}
.bl-table td.l {{min-width:16rem;overflow-wrap:anywhere}}
.bl-table td.m {{min-width:9rem}}
.bl-table td.s {{white-space:nowrap}}
.bl-table td.n,.bl-table th.n {{text-align:right;white-space:nowrap}}
.bl-table td.w {{font-style:italic;color:{colours.QUIET};text-align:right;white-space:nowrap}}
.bl-act {{font:inherit;color:{colours.INK};background:{colours.PAPER};border:1px solid {colours.EDGE};border-radius:6px;
  padding:.4rem .9rem;min-height:2.5rem;cursor:pointer;margin-right:.5rem}}
.bl-act:focus-visible, .bl-table:focus-visible, .bl-card a:focus-visible {{outline:3px solid {colours.MAIN};outline-offset:2px}}
/* Streamlit fades small text below the contrast that is needed */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p, [data-testid="stExpander"] summary,
[data-testid="stExpander"] summary * {{opacity:1}}
[data-testid="stCaptionContainer"] p, [data-testid="stExpander"] summary p {{color:{colours.QUIET}}}
/* its words are English; a chart has its table and picture below */
[data-testid="stElementToolbar"], [data-testid="InputInstructions"] {{display:none}}
.bl-wide table {{font-size:.82rem}}
.bl-wide td, .bl-wide td.s, .bl-wide td.m, .bl-wide td.l {{white-space:normal;min-width:0;overflow-wrap:anywhere;padding:.3rem .35rem}}
.bl-wide th {{padding:.3rem .35rem;hyphens:auto}}
.bl-wide td.l {{min-width:11rem}}
@media (max-width: 1000px) {{
  .bl-table table {{font-size:.85rem}} .bl-table td.l {{min-width:9rem}} .bl-table td.w {{white-space:normal}}
  .bl-table th,.bl-table td {{padding:.3rem .35rem}} .bl-wide table {{font-size:.74rem}} .bl-wide td.l {{min-width:7rem}}
}}
/* narrow: a table is a stack of rows with the name of the column before each figure, so that nothing is cut off */
@media (max-width: 640px) {{
  .bl-table thead {{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
  .bl-table tr {{display:block;border-bottom:1px solid {colours.EDGE};padding:.35rem 0}}
  .bl-table td, .bl-table td.l, .bl-table td.m {{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem .2rem;
    min-width:0;white-space:normal;text-align:right}}
  .bl-table td.n,.bl-table td.w,.bl-table td.s {{white-space:normal}}
  .bl-table td:first-child {{font-weight:600;text-align:left}}
  .bl-table td:empty {{display:none}}
  .bl-table td.l:not(:first-child), .bl-table td.m:not(:first-child) {{display:block;text-align:left}}
  .bl-table td:not(:first-child)::before {{content:attr(data-name);color:{colours.QUIET};font-weight:400;font-style:normal;text-align:left;
    flex:none;max-width:55%}}
  .bl-table td.l:not(:first-child)::before, .bl-table td.m:not(:first-child)::before {{display:block;max-width:none}}
}}
/* on one sheet: as it is read from paper, in the light theme, without what can only be clicked */
@page {{size:A4;margin:11mm}}
@media print {{
  html {{font-size:10px !important}}
  html, body, .stApp {{color-scheme:light !important;background:#fff !important;color:#1f2933 !important}}
  header, [data-testid="stHeader"], [data-testid="stToolbar"], .stSelectbox, .stMultiSelect, .stDownloadButton, .stButton, .stPopover,
  [data-testid="stExpander"], [data-testid="stTabs"] [role="tablist"], .bl-acts, [class*="st-key-ej_utskrift"] {{display:none !important}}
  [data-testid="stMainBlockContainer"] {{padding:0 !important;max-width:none !important}}
  [data-testid="stVerticalBlock"] {{gap:.5rem !important}}
  [data-testid="stHorizontalBlock"] {{display:flex !important;flex-direction:row !important;flex-wrap:nowrap !important;gap:1rem !important}}
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {{flex:1 1 0 !important;width:auto !important;min-width:0 !important}}
  h1, h2, h3 {{padding:.2rem 0 0 !important;break-after:avoid}} h1 {{font-size:1.6rem !important}}
  .bl-banner {{padding:.2rem .6rem;font-size:.85rem}} .bl-lead {{font-size:1.05rem;line-height:1.35}} .bl-lead li {{margin:0}}
  svg.marks {{max-width:100% !important;height:auto !important}}
  .bl-lead {{max-width:none}}
  .bl-cards.bl-six {{grid-template-columns:repeat(3,1fr)}}
  .bl-cards.bl-small {{grid-template-columns:repeat(4,1fr)}}
  .bl-cards {{gap:.4rem}} .bl-card {{padding:.4rem .6rem}} .bl-name, .bl-of {{min-height:0 !important}}
  .bl-spark {{height:34px}} .bl-small .bl-spark {{height:22px}}
  .bl-card a {{display:none}}
  .bl-table {{overflow:visible;max-height:none}}
  .bl-table th, .bl-table td {{padding:.2rem .4rem}}
  .bl-foot {{margin-top:0}}
}}
</style>
"""

# The language of the document and of the few words that Streamlit has in English only, and the municipality from one visit to the next: kept by
# the browser alone, and put in an address that names none.
_SCRIPT = r"""
<script>
(() => {
  document.documentElement.lang = "sv";
  const read = [[/^(\d+) more$/, "$1 till"], [/^No results$/, "Inga träffar"]];
  const heard = [[/^Link to heading$/, "Länk till rubriken"], [/^Clear all$/, "Ta bort alla"], [/^Clear value$/, "Ta bort valet"],
    [/^Open$/, "Öppna"], [/^Help for (.*)$/, "Hjälp om $1"], [/^Remove (.*)$/, "Ta bort $1"], [/^Selected values$/, "Valda"],
    [/^App pages$/, "Sidorna"], [/^Sidebar$/, "Meny"], [/^(Expand|Open) sidebar$/, "Öppna menyn"],
    [/^(Collapse|Close) sidebar$/, "Stäng menyn"]];
  const swedish = (text, words) => words.reduce((found, [english, told]) => found.replace(english, told), text);
  const translate = () => {
    document.querySelectorAll("header button, header span, header p, [data-testid='stSelectboxVirtualDropdown'] *").forEach((place) =>
      place.childNodes.forEach((node) => {
        if (node.nodeType === 3 && swedish(node.nodeValue, read) !== node.nodeValue) node.nodeValue = swedish(node.nodeValue, read);
      }));
    document.querySelectorAll("[aria-label]").forEach((place) => {
      const label = place.getAttribute("aria-label");
      if (swedish(label, heard) !== label) place.setAttribute("aria-label", swedish(label, heard));
    });
  };
  if (!window.bistandTranslates) {
    let waits = false;
    window.bistandTranslates = new MutationObserver(() => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => { waits = false; translate(); });
    });
    window.bistandTranslates.observe(document.body, { childList: true, subtree: true, characterData: true });
  }
  translate();
  const here = new URL(window.location.href);
  const chosen = here.searchParams.get("kommun");
  try {
    if (chosen) localStorage.setItem("bistand-kommun", chosen);
    else if (%s && localStorage.getItem("bistand-kommun")) {
      here.searchParams.set("kommun", localStorage.getItem("bistand-kommun"));
      window.location.replace(here);
    }
  } catch (closed) { /* a browser that keeps nothing: the page asks */ }
})();
</script>
"""
_ACTS = """
<div class="bl-acts"><button class="bl-act" type="button" data-act="print">Skriv ut</button><button class="bl-act" type="button"
data-act="link">Kopiera länken</button><span class="bl-caption" role="status" data-act="said"></span></div>
<script>
(() => {
  const of = (name) => document.querySelector(`[data-act="${name}"]`);
  of("print")?.addEventListener("click", () => window.print());
  of("link")?.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(window.location.href); of("said").textContent = "Länken är kopierad."; }
    catch (refused) { of("said").textContent = "Kopiera adressen i webbläsarens adressfält."; }
  });
})();
</script>
"""


def styles() -> None:
    """Put the pages' own styles in the document."""
    st.html(_STYLES)


def remember(may_choose: bool) -> None:
    """Tell the browser the language, and let it remember the municipality; `may_choose` when the page has none yet."""
    st.html(_SCRIPT % str(may_choose).lower(), unsafe_allow_javascript=True)


def actions() -> None:
    """Buttons to print the page and to copy its address."""
    st.html(_ACTS, unsafe_allow_javascript=True)
