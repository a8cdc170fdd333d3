-- The vault: pseudonymised person rows and the ledger of every delivery. Nothing is ever overwritten.
create schema if not exists register;

-- One row per fact about the vault itself: key_fingerprint, is_synthetic.
create table if not exists register.vault_info (
    info_name text primary key,
    info_value text not null
);

-- One row per delivery (a file, or a month declared empty), in the order they were taken in.
create table if not exists register.deliveries (
    delivery_id integer primary key,
    kind text not null check (kind in ('register', 'declared_empty')),
    file_name text,
    file_sha256 text,
    file_bytes bigint,
    file_format text,
    received_at timestamp not null,
    loaded_at timestamp not null,
    state text not null check (state in ('accepted', 'partly_rejected', 'rejected', 'duplicate')),
    rule_id text,
    message text,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    ignored_columns text,
    is_synthetic boolean,
    -- the mapping that was used (null: the canonical delivery), the rows of the file itself, those the mapping's
    -- filters left out, and filled lines that are no rows (titles, sums, notes); rows_read are canonical rows
    mapping_name text,
    rows_in_file bigint not null default 0,
    rows_filtered bigint not null default 0,
    lines_skipped bigint not null default 0,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery and unit (municipality and month).
create table if not exists register.delivery_units (
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    state text not null check (state in ('accepted', 'rejected')),
    rule_id text,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    rows_warned bigint not null,
    households_count bigint not null,
    persons_count bigint not null,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery, unit (null where the unit could not be told) and rule that was met.
create table if not exists register.rule_hits (
    delivery_id integer not null,
    municipality_code text,
    period_month date,
    rule_id text not null,
    severity text not null,
    rows_count bigint not null
);

-- One row per row that was not let in. Nothing that identifies a person or a household.
create table if not exists register.quarantine (
    delivery_id integer not null,
    file_row bigint not null,
    rule_id text not null,
    municipality_code text,
    period_month date,
    role text,
    household_type text
);

-- One row per person, household and month, of every delivery ever accepted.
create table if not exists register.person_months (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    period_month date not null,
    household_id uuid not null,
    person_id uuid not null,
    role text not null,
    household_type_code smallint,
    forsorjningsstod_sek decimal(12, 2),
    ovrigt_bistand_sek decimal(12, 2),
    reason_code text,
    reason_text text,
    reason_code_2 text,
    sex text not null,
    birth_year smallint not null,
    is_foreign_born boolean,
    district text,
    warnings text
);

-- One row per landing file already looked at, so that a file is hashed only when it is new or changed.
create table if not exists register.landing_files_seen (
    file_name text not null,
    file_bytes bigint not null,
    received_at timestamp not null,
    modified_ns bigint not null,
    inode bigint not null,
    file_sha256 text not null
);

-- One row per unit: the latest accepted delivery of it is the one that counts.
create or replace view register.units_in_force as
select
    unit.municipality_code,
    unit.period_month,
    max(unit.delivery_id) as delivery_id,
    max_by(delivery.received_at, unit.delivery_id) as received_at
from register.delivery_units as unit
inner join register.deliveries as delivery on unit.delivery_id = delivery.delivery_id
where unit.state = 'accepted'
group by unit.municipality_code, unit.period_month;
