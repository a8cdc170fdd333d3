-- A name that stands twice, or is not there, would give another number of rows than there are figures.
select
    (select count(*) from {{ ref('figures') }}) as with_names,
    (select count(*) from {{ ref('indicator_values') }}) as without
where with_names <> without
