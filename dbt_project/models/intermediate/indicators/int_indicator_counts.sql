-- Exact counts, which nothing that is released reads past the protection.
select * from {{ ref('int_indicators_recipients') }}
union all
select * from {{ ref('int_indicators_households') }}
union all
select * from {{ ref('int_indicators_reasons') }}
union all
select * from {{ ref('int_indicators_monthly') }}
union all
select * from {{ ref('int_indicators_persons') }}
union all
select * from {{ ref('int_indicators_reason_variants') }}
union all
select * from {{ ref('int_indicators_rolling') }}
union all
select * from {{ ref('int_indicators_districts') }}
union all
select * from {{ ref('int_indicators_flow') }}
union all
select * from {{ ref('int_indicators_reason_changes') }}
union all
select * from {{ ref('int_indicators_exit_reasons') }}
union all
select * from {{ ref('int_indicators_activity') }}
union all
select * from {{ ref('int_indicators_activity_quarters') }}
