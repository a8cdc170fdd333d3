-- The vault: pseudonymised person rows and the ledger of every delivery. Nothing is ever overwritten.
create schema if not exists register;

-- One row per fact about the vault itself: schema_version, key_fingerprint, is_synthetic, archive_key.
create table if not exists register.vault_info (
    info_name text primary key,
    info_value text not null
);

-- One row per delivery (a file, or a month declared empty), in the order they were taken in.
create table if not exists register.deliveries (
    delivery_id integer primary key,
    -- person months, a month declared empty, or an optional kind: reasons for the end of aid, directions to activity, support refused or
    -- reduced, measures of persons, and counts of measures made by hand
    kind text not null check (kind in ('register', 'declared_empty', 'exit_reasons', 'activities', 'reductions', 'measures', 'hand_counts')),
    file_name text,
    file_sha256 text,
    file_bytes bigint,
    file_format text,
    received_at timestamp not null,
    loaded_at timestamp not null,
    -- what the intake said when the delivery came; what it is now is worked out by states.py
    state text not null check (state in ('accepted', 'partly_rejected', 'rejected', 'held', 'duplicate')),
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
    -- the refused delivery whose bytes were loaded again; the new one takes its place in the order
    replays_delivery_id integer,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery, municipality and month.
create table if not exists register.delivery_months (
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    -- held without a rule: not judged yet, since the run that took it in was cut short
    state text not null check (state in ('accepted', 'rejected', 'held')),
    rule_id text,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    rows_warned bigint not null,
    households_count bigint not null,
    persons_count bigint not null,
    -- median of the households of the months before it, null when they are too few to judge by
    households_median double,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery, month (null where the month could not be told) and rule that was met.
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

-- One row per decision by a person on a month of a delivery. The latest one counts, by its number and not by the clock.
create table if not exists register.decisions (
    decision_id integer primary key,
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    decided_at timestamp not null,
    decision text not null check (decision in ('accept', 'reject')),
    reason text
);

-- One row per person, household and month, of every delivery ever accepted or held.
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
    warnings text,
    -- 1-12; null when the number does not tell it, and in rows that were taken in before version 4
    birth_month smallint
);

-- One row per person, household and month that aid ended, with the reason, of every such delivery ever accepted.
create table if not exists register.exit_reasons (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    -- the last month with aid
    period_month date not null,
    household_id uuid not null,
    person_id uuid not null,
    -- null when it is missing or not in the list; what was written instead is kept
    exit_reason_code text,
    exit_reason_text text,
    warnings text
);

-- One row per person directed to an activity (12 kap. 4 a or 4 d § SoL), paragraph and day.
create table if not exists register.activities (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    -- the month of the direction
    period_month date not null,
    person_id uuid not null,
    paragraph text not null check (paragraph in ('4a', '4d')),
    directed_date date not null,
    -- null while it goes on
    end_date date,
    activity_type smallint,
    weekly_hours decimal(4, 1),
    -- null when it is missing or not in the list; what was written instead is kept
    reason_code text,
    reason_text text,
    warnings text
);

-- One row per person, day, month, outcome and ground of a decision to refuse or reduce support.
create table if not exists register.reductions (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    -- the month of the decision
    period_month date not null,
    person_id uuid not null,
    decision_date date not null,
    -- the month that the support is for, null when it could not be read
    support_month date,
    outcome text not null check (outcome in ('nekad', 'nedsatt')),
    ground text not null check (ground in ('4', '4a', '4d', '4g')),
    amount_sek decimal(12, 2),
    warnings text
);

-- One row per person, measure and first day.
create table if not exists register.measures (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    -- the month it began, or is planned to
    period_month date not null,
    person_id uuid not null,
    -- as the municipality calls it
    measure_name text not null,
    planned_start_date date,
    planned_end_date date,
    start_date date,
    end_date date,
    ending text,
    progress text,
    warnings text
);

-- One row per measure and month of counts that a municipality made by hand. Nothing about persons.
create table if not exists register.hand_counts (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    period_month date not null,
    measure_name text not null,
    persons_count bigint not null,
    warnings text
);

-- One row per row of a person who was erased: what the household had, and nothing about the person.
create table if not exists register.erased_rows (
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    -- the household's own when others are left in it; else drawn by lot for each year, and leading nowhere
    household_id uuid not null,
    role text not null,
    household_type_code smallint,
    forsorjningsstod_sek decimal(12, 2),
    ovrigt_bistand_sek decimal(12, 2),
    -- 1 on one of the rows of the person in the month, so that the ledger's persons can be accounted for
    persons_count smallint not null
);

-- One row per time that something was forgotten or a key was changed. What, when and how much; never who.
create table if not exists register.vault_log (
    log_id integer primary key,
    happened_at timestamp not null,
    event text not null check (event in ('forgot_months', 'forgot_delivery', 'erased_person', 'new_key', 'new_pseudonyms')),
    -- months before this one were forgotten, and are not taken in again
    before_month date,
    deliveries_count bigint not null,
    rows_count bigint not null,
    -- the delivery whose rows were forgotten whole
    delivery_id integer
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
