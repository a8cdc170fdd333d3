{#-
The one way from a count of persons or households to what the release shows of it. The parameters are those of the profile
(seed protection_rules); with the ones of the internal profile every count passes unchanged. `rules` must be among the
relations of the query: the one row of release_profile.
-#}

{#- A count: null when it lies in the band, whole where it belongs to a headline family, otherwise rounded. -#}
{% macro protected_count(count, is_whole='false') -%}
    case
        when {{ count }} <= rules.band_to then null
        when {{ is_whole }} then {{ count }}
        else coalesce(round({{ count }} / rules.rounding_base) * rules.rounding_base, {{ count }})
    end
{%- endmacro %}

{#-
An amount (kronor, months) of so many `people`: null when they lie in the band. Of people who are shown whole it is rounded
to `base`. Otherwise it is its mean in two figures times the people as they are shown: an amount or a mean that was exact
would give their number back.
-#}
{% macro protected_amount(amount, people, base, is_whole='false') -%}
    case
        when {{ people }} <= rules.band_to then null
        when rules.rounding_base is null then {{ amount }}
        when {{ is_whole }} then round({{ amount }} / {{ base }}) * {{ base }}
        when {{ amount }} <= 0 then 0
        else
            round({{ amount }} / {{ people }} / {{ two_figures(amount, people) }}) * {{ two_figures(amount, people) }}
            * {{ protected_count(people) }}
    end
{%- endmacro %}

{#- The power of ten that leaves a mean two figures. -#}
{% macro two_figures(amount, people) -%}
    power(10, floor(log10({{ amount }} / {{ people }})) - 1)
{%- endmacro %}

{#- Whether a denominator is large enough for a share. -#}
{% macro is_denominator_shown(denominator) -%}
    coalesce({{ denominator }} >= rules.least_denominator, false)
{%- endmacro %}

{#- A share of two counts that are rounded each by itself: never above 1. Null when either is (least() would say 1). -#}
{% macro protected_share(numerator, denominator) -%}
    case
        when {{ numerator }} > {{ denominator }} then 1
        else {{ numerator }} / nullif({{ denominator }}, 0)
    end
{%- endmacro %}
