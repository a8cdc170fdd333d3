-- The results of the gates and of dbt's own tests are put into the raw table when the release is made, after them all.
select * from {{ source('raw', 'quality_results') }}
