-- What the ledger says that somebody may have to act on; counts and codes only, no file names.

-- name: held
select delivery_id, municipality_code, strftime(min(period_month), '%Y-%m'), strftime(max(period_month), '%Y-%m'), count(*)
from month_states
where state = 'held'
group by delivery_id, municipality_code
order by delivery_id, municipality_code

-- name: rejected
-- what came later for the same months has made the rest superseded; a file without months is one until it comes again
select delivery_id, coalesce(rule_id, ''), state
from delivery_states
where state in ('rejected', 'partly_rejected') and verdict in ('rejected', 'partly_rejected')
order by delivery_id

-- name: quarantined
select delivery_id, rows_quarantined, rows_read
from delivery_states
where state in ('accepted', 'partly_rejected', 'held') and rows_quarantined > 0
order by delivery_id

-- name: arrived
-- a month that waits for a decision has come; one that was refused has not. A municipality of which nothing has been accepted may
-- not belong here, and is not waited for
select municipality_code, strftime(max(period_month), '%Y-%m')
from month_states
where not is_optional and outcome in ('accepted', 'held')
group by municipality_code
having bool_or(outcome = 'accepted')
order by municipality_code
