"""What an answer of SCB must be before it comes into force. Frames are the tables of orchestration.sources.scb."""

from __future__ import annotations

from validation.suites import Suite, between, has_rows, like, one_of, unique

# of every answer that has them
_AREA = like("Områdets kod har två eller fyra siffror", "area_id", r"^[0-9]{2}(?:[0-9]{2})?$")
_SEX = one_of("Könet är kvinna, man eller totalt", "sex", ("K", "M", "T"))
_AGE = between("Åldern ligger mellan 0 och 120", "age", 0, 120)

SUITES = (
    Suite(
        name="landing_scb_population",
        frame="scb_population",
        table_name="scb_population",
        keys=("area_id", "year", "sex", "age_code"),
        expectations=(
            has_rows("Minst en cell har kommit"),
            _AREA,
            between("Året ligger mellan 1900 och 2100", "year", 1900, 2100),
            _SEX,
            _AGE,
            between("Folkmängden är aldrig negativ", "population_count", 0, None),
            unique("Område, år, kön och ålder pekar ut en enda cell", "area_id", "year", "sex", "age_code"),
        ),
    ),
    Suite(
        name="landing_scb_figures",
        frame="scb_figures",
        table_name="scb_figures",
        keys=("dataset_id", "area_id", "year", "group_code", "content_code"),
        expectations=(
            has_rows("Minst en cell har kommit"),
            _AREA,
            between("Året ligger mellan 1900 och 2200", "year", 1900, 2200),
            _SEX,
            _AGE,
            between("Ett antal eller index är aldrig negativt", "value", 0, None),
            unique(
                "Område, år, kön, ålder, grupp och mått pekar ut en enda cell",
                "area_id", "year", "sex", "age", "group_code", "part_code", "content_code",
            ),
        ),
    ),
    Suite(
        name="landing_scb_yearly_equivalents",
        frame="scb_yearly_equivalents",
        table_name="scb_yearly_equivalents",
        keys=("area_id", "month", "content_name"),
        expectations=(
            has_rows("Minst en cell har kommit"),
            _AREA,
            like("Månaden har formen 2024M01", "month", r"^[0-9]{4}M[0-9]{2}$"),
            between("Helårsekvivalenterna är aldrig negativa", "value", 0, None),
            unique(
                "Område, månad, kön, ålder och mått pekar ut en enda cell",
                "area_id", "month", "sex_code", "age_group", "content_code",
            ),
        ),
    ),
)  # fmt: skip
