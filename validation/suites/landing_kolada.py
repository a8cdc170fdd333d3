"""What an answer of Kolada must be before it comes into force. Frames are the tables of orchestration.sources.kolada."""

from __future__ import annotations

from validation.suites import Suite, between, has_rows, like, never_null, one_of, unique

KPI = r"^[NU][0-9]{5}$"
AREA = r"^(?:[0-9]{4}|G[0-9]+)$"

SUITES = (
    Suite(
        name="landing_kolada_kpis",
        frame="kolada_kpis",
        table_name="kolada_kpis",
        keys=("kpi_id",),
        expectations=(
            has_rows("Minst ett nyckeltal har kommit"),
            never_null("Varje nyckeltal har ett id", "kpi_id"),
            like("Nyckeltalens id har formen N12345 eller U12345", "kpi_id", KPI),
            never_null("Varje nyckeltal har en titel", "title"),
            unique("Varje nyckeltal finns en gång", "kpi_id"),
        ),
    ),
    Suite(
        name="landing_kolada_municipalities",
        frame="kolada_municipalities",
        table_name="kolada_municipalities",
        keys=("municipality_code",),
        expectations=(
            has_rows("Minst ett område har kommit"),
            like("Områdets kod har fyra siffror eller är en grupp", "municipality_code", AREA),
            one_of("Områdets typ är kommun eller region", "region_type", ("K", "L")),
            unique("Varje område finns en gång", "municipality_code"),
        ),
    ),
    Suite(
        name="landing_kolada_groups",
        frame="kolada_municipality_groups",
        table_name="kolada_municipality_groups",
        keys=("group_id",),
        expectations=(
            has_rows("Minst en grupp har kommit"),
            like("Gruppens id har formen G123", "group_id", r"^G[0-9]+$"),
            never_null("Varje grupp har en titel", "group_title"),
            like("Medlemmens kod har fyra siffror eller är en grupp", "member_id", AREA),
            unique("Varje medlem finns en gång i gruppen", "group_id", "member_id"),
        ),
    ),
    Suite(
        name="landing_kolada_values",
        frame="kolada_values",
        table_name="kolada_values",
        keys=("kpi_id", "area_id", "period", "gender"),
        expectations=(
            has_rows("Minst ett värde har kommit"),
            like("Nyckeltalens id har formen N12345 eller U12345", "kpi_id", KPI),
            like("Områdets kod har fyra siffror eller är en grupp", "area_id", AREA),
            between("Året ligger mellan 1970 och 2100", "period", 1970, 2100),
            one_of("Könet är T, K eller M", "gender", ("T", "K", "M")),
            unique(
                "Nyckeltal, område, år och kön pekar ut ett enda värde",
                "kpi_id",
                "area_id",
                "period",
                "gender",
            ),
        ),
    ),
)
