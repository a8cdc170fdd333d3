-- Numerators and denominators as they are shown. A population is public, and no count of the register.
with

indicator_counts as (

    select * from {{ ref('int_indicator_counts') }}
    union all
    select * from {{ ref('int_similar_group_counts') }}

),

whole_counts as (

    select * from {{ ref('whole_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

left_out as (

    select left_out.*
    from {{ ref('left_out') }} as left_out
    inner join rules
        on left_out.profile = rules.profile

),

left_out_bands as (

    select
        case kind when 'age_band' then '%;age=' else '%;sex=%;age=' end || value || ';%' as pattern
    from left_out
    where kind in ('age_band', 'age_band_by_sex')

),

variants as (

    select definitions.definition_id
    from {{ ref('definitions') }} as definitions
    inner join left_out
        on left_out.kind = 'crosses' and left_out.value = 'variants'
    where definitions.definition_status <> 'official'

),

placed as (

    select
        indicator_counts.*,
        numerators.measure is not null as is_numerator_whole,
        denominators.measure is not null as is_denominator_whole,
        indicator_counts.denominator_measure like '%population' as is_denominator_public
    from indicator_counts
    left join whole_counts as numerators
        on
            indicator_counts.geography_id = numerators.geography_id
            and indicator_counts.period = cast(numerators.period_year as varchar)
            and indicator_counts.numerator_measure = numerators.measure
            and indicator_counts.breakdown = numerators.breakdown
    left join whole_counts as denominators
        on
            indicator_counts.geography_id = denominators.geography_id
            and indicator_counts.period = cast(denominators.period_year as varchar)
            and indicator_counts.denominator_measure = denominators.measure
            and indicator_counts.breakdown = denominators.breakdown
    where
        not exists (
            select left_out_bands.pattern from left_out_bands
            where ';' || indicator_counts.breakdown || ';' like left_out_bands.pattern
        )
        and (
            indicator_counts.breakdown not like '%;%'
            or indicator_counts.definition_id not in (select variants.definition_id from variants)
        )
        and indicator_counts.numerator_measure not in (
            select left_out.value from left_out
            where left_out.kind = 'measure'
        )

),

protected as (

    select
        placed.*,
        rules.money_base,
        case
            when placed.numerator_people is null
                then {{ protected_count('placed.numerator', 'placed.is_numerator_whole') }}
            else {{ protected_amount(
                'placed.numerator',
                'placed.numerator_people',
                "case when placed.unit like 'sek%' or placed.indicator_id = 'paid_share' then rules.money_base else rules.rounding_base end",
                'placed.is_numerator_whole',
            ) }}
        end as shown_numerator,
        case
            when placed.is_denominator_public then placed.denominator
            when placed.denominator_people is null
                then {{ protected_count('placed.denominator', 'placed.is_denominator_whole') }}
            else {{ protected_amount('placed.denominator', 'placed.denominator_people', 'rules.money_base') }}
        end as shown_denominator,
        placed.is_denominator_public
        or placed.denominator_people is not null
        or {{ is_denominator_shown(protected_count('placed.denominator', 'placed.is_denominator_whole')) }}
            as is_denominator_enough,
        rules.rounding_base is null
        or placed.is_numerator_whole
        and (not placed.is_ratio or placed.is_denominator_public or placed.is_denominator_whole) as is_whole
    from placed
    cross join rules

),

final as (

    select
        indicator_id,
        definition_id,
        geography_id,
        period,
        breakdown,
        -- blank in a profile that rounds nothing
        case
            when unit = 'sek' then coalesce(round(shown_numerator / money_base) * money_base, shown_numerator)
            else shown_numerator
        end as numerator,
        shown_denominator as denominator,
        is_ratio,
        unit,
        case
            when not is_reported then 'not_reported'
            when is_ratio and denominator is null then 'missing'
            when shown_numerator is null then 'suppressed'
            when is_ratio and (shown_denominator is null or not is_denominator_enough) then 'suppressed'
            when is_ratio and shown_denominator = 0 then 'not_applicable'
            else 'published'
        end as value_status,
        not is_whole as is_rounded
    from protected

)

select * from final
