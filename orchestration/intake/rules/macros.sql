-- Small questions asked of one value. Temporary: they live in the intake's connection, not in the vault.

-- text without surrounding blanks of any kind (also tab, no-break space, line ends); null when nothing is left
create or replace temp macro clean(value) as
    nullif(trim(value, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239)), '');

-- the same for text that is known to hold no other blanks than the ordinary one (three times as fast)
create or replace temp macro clean_plain(value) as nullif(trim(value), '');

-- the fields of a record with quoted fields, each with its delimiter in front and its quotation marks still on
create or replace temp macro quoted_parts(record, mark) as
    regexp_extract_all(
        mark || record, case mark
            when ';' then ';("(?:[^"]|"")*"|[^;"][^;]*|)'
            when ',' then ',("(?:[^"]|"")*"|[^,"][^,]*|)'
            else '\t("(?:[^"]|"")*"|[^\t"][^\t]*|)'
        end
    );

-- the fields of a record with quoted fields; null when the quotation marks do not fit the fields
-- (where all fields are quoted and none holds a quotation mark, splitting between the marks is enough and quicker)
create or replace temp macro split_quoted(record, mark) as
    case
        when record[1] = '"' and record[-1] = '"' and length(record) - length(replace(record, '"', ''))
            = 2 * len(string_split(record, '"' || mark || '"'))
            then string_split(record[2:-2], '"' || mark || '"')
        else list_transform(
            [quoted_parts(record, mark)],
            lambda parts: case
                when list_sum(list_transform(parts, lambda part: length(part))) = length(record) + 1
                    then list_transform(
                        parts,
                        lambda part: case
                            when part[2] = '"' then replace(part[3:-2], '""', '"')
                            else part[2:]
                        end
                    )
            end
        )[1]
    end;

-- numbers out of Parquet
create or replace temp macro whole_number_text(number) as
    case
        when isnan(number) then null
        when abs(number) < 1e15 and number = trunc(number) then cast(cast(number as bigint) as varchar)
        else cast(number as varchar)
    end;

-- a number that had its type knows its decimals: with a fourth one, three are not taken for a thousand
create or replace temp macro unambiguous_decimals(number_text) as
    case when regexp_matches(number_text, '[.][0-9]{3}$') then number_text || '0' else number_text end;

-- a month as Excel shows it when a text file is opened and saved (jan-25; some versions write mars-25 and jan.-25, an English
-- one may-25), or the first of it as a date
create or replace temp macro period_of_saved_sheet(value) as
    case
        when value > '9z' and regexp_full_match(
            lower(value), '(jan|feb|mars?|apr|ma[jy]|june?|juni|july?|juli|aug|sept?|o[kc]t|nov|dec)[.]?-(19|20)?[0-9]{2}'
        )
            then case
                when regexp_matches(value, '-[0-9]{4}$') then left(right(value, 4), 2)
                when right(value, 2) < '70' then '20'
                else '19'
            end || right(value, 2) || '-' || lpad(cast(
                1 + (strpos(
                    'janfebmaraprmajjunjulaugsepoktnovdec',
                    replace(replace(lower(left(value, 3)), 'may', 'maj'), 'oct', 'okt')
                ) - 1) // 3 as varchar
            ), 2, '0')
        when length(value) >= 10 and regexp_full_match(value, '[0-9]{4}-[0-9]{2}-01([ T]00:00(:00)?)?') then left(value, 7)
        else value
    end;

create or replace temp macro padded(digits, width) as
    case when length(digits) < width then lpad(digits, width, '0') else digits end;

-- amounts: blanks as thousands separator, decimal comma or point, zero or more; null when it is no such number. Exactly
-- three decimals are as likely a thousand (12.345), so they are no number.
-- (most have neither blanks nor sign, and are known quicker)
create or replace temp macro plain_amount_sek(value) as
    case
        when regexp_full_match(
            translate(value, chr(160) || chr(8201) || chr(8239), '   '),
            '[+]?([0-9]+|[0-9]{1,3}( [0-9]{3})+)([.,]([0-9]{1,2}|[0-9]{4,}))?|-0+([.,]0{1,2})?'
        )
            then try_cast(
                replace(translate(value, ' ' || chr(160) || chr(8201) || chr(8239), ''), ',', '.') as decimal(12, 2)
            )
    end;

create or replace temp macro amount_sek(value) as
    case
        when regexp_full_match(value, '[0-9]+([.,]([0-9]{1,2}|[0-9]{4,}))?')
            then try_cast(replace(value, ',', '.') as decimal(12, 2))
        -- with the currency after it
        else plain_amount_sek(nullif(regexp_replace(value, '(?i)[ \x{00A0}\x{202F}]*(kr\.?|sek|:-|kronor)$', ''), ''))
    end;

-- the same of a payment, which may be a recovery: less than nought
create or replace temp macro payment_sek(value) as
    case
        when regexp_full_match(value, '[-−–] ?[0-9].*') then -amount_sek(trim(value[2:]))
        else amount_sek(value)
    end;

-- the part of an amount that falls on one of several months (place from 0): whole öre, what does not divide evenly to the first
create or replace temp macro part_of_month(amount, months, place) as
    case
        when place = 0 then amount - (months - 1) * cast(trunc(amount * 100 / months) / 100 as decimal(12, 2))
        else cast(trunc(amount * 100 / months) / 100 as decimal(12, 2))
    end;

create or replace temp macro household_type_of(value) as
    try_cast(nullif(regexp_extract(value, '^0?([0-9])([.,]0)?$', 1), '') as smallint);

create or replace temp macro yes_no(value) as
    case lower(value)
        when '1' then true when 'ja' then true when 'j' then true when 'true' then true when 'sant' then true
        when '0' then false when 'nej' then false when 'n' then false when 'false' then false when 'falskt' then false
    end;

create or replace temp macro sex_of(value) as
    case upper(value) when 'K' then 'K' when 'KVINNA' then 'K' when 'M' then 'M' when 'MAN' then 'M' else value end;

-- how a reason is compared with the code list: letters and digits only, å/ä/ö as a/a/o, "med" as "m"
create or replace temp macro reason_key(value) as
    regexp_replace(regexp_replace(strip_accents(lower(value)), '\bmed\b', 'm', 'g'), '[^a-z0-9]', '', 'g');

-- free text without anything that looks like a personnummer or a reserve number, in the digits of any script; a text that
-- still holds ten digits is hidden whole
-- (one pattern for every way to spread the digits out would take longer to compile than a small file to load)
create or replace temp macro scrubbed(value) as
    case
        when not regexp_matches(value, '(?s)\pN.*\pN') then left(value, 100)
        when length(regexp_replace(
            regexp_replace(value, '\pN{6,} ?[-+]? ?(\pN{4,}|\pL{1,2}\pN{2,})', '', 'g'), '\PN', '', 'g'
        )) >= 10 then '[dolt]'
        else left(regexp_replace(value, '\pN{6,} ?[-+]? ?(\pN{4,}|\pL{1,2}\pN{2,})', '[dolt]', 'g'), 100)
    end;

-- personnummer ------------------------------------------------------------------------------------------------
-- the number of a personnummer of 12 digits, or null when it has not the form of one; ten digits get their century
-- from the year of the period: the latest year with those two digits that is not after it, a hundred years earlier
-- when the sign is +
create or replace temp macro personnummer_number(value, period_year) as (
    case
        when regexp_full_match(value, '[0-9]{12}') then try_cast(value as bigint)
        when regexp_full_match(value, '[0-9]{8}[-+][0-9]{4}') then try_cast(value[:8] || right(value, 4) as bigint)
        when regexp_full_match(value, '[0-9]{6}[-+]?[0-9]{4}')
            then try_cast(value[:6] || right(value, 4) as bigint) + 10000000000 * cast((
                (period_year - case when value[7] = '+' then 100 else 0 end)
                - (100 + (period_year % 100) - try_cast(value[:2] as integer)) % 100
            ) // 100 as bigint)
    end
);

-- the Luhn rule: every second digit is doubled, and one is added where that gives two digits (5–9), since 10 + a counts
-- as 1 + a; only the last digit of the sum matters
create or replace temp macro check_digit_fits(number) as
    (
        number % 10 + (number // 100) % 10 + (number // 10000) % 10 + (number // 1000000) % 10
        + (number // 100000000) % 10
        + 2 * (
            (number // 10) % 10 + (number // 1000) % 10 + (number // 100000) % 10 + (number // 10000000) % 10
            + (number // 1000000000) % 10
        )
        + (number // 50) % 2 + (number // 5000) % 2 + (number // 500000) % 2 + (number // 50000000) % 2
        + (number // 5000000000) % 2
    ) % 10 = 0;

-- whether year, month and day make a date
create or replace temp macro is_date(year_number, month_number, day_number) as
    year_number >= 1 and day_number >= 1 and month_number between 1 and 12
    and day_number <= case
        when month_number in (4, 6, 9, 11) then 30
        when month_number <> 2 then 31
        when year_number % 4 = 0 and (year_number % 100 <> 0 or year_number % 400 = 0) then 29
        else 28
    end;

-- whether it is a date with the month or the day left out (00), as where a date of birth is not known
create or replace temp macro is_partial_date(year_number, month_number, day_number) as
    year_number >= 1
    and ((month_number = 0 and day_number between 0 and 31) or (month_number between 1 and 12 and day_number = 0));

-- the day of a number of 12 digits; a samordningsnummer has 60 added to it
create or replace temp macro birth_day(number) as
    (number // 10000) % 100 - case when (number // 10000) % 100 >= 60 then 60 else 0 end;

-- whether the date of a number is not whole, which only a samordningsnummer may have
create or replace temp macro has_partial_date(number) as
    (number // 10000) % 100 >= 60
    and is_partial_date(number // 100000000, (number // 1000000) % 100, birth_day(number));

-- whether a number of 12 digits is a personnummer or samordningsnummer
create or replace temp macro is_personnummer(number) as
    check_digit_fits(number)
    and (number // 10) % 1000 > 0
    and (
        is_date(number // 100000000, (number // 1000000) % 100, birth_day(number))
        or has_partial_date(number)
    );

create or replace temp macro personnummer_sex(number) as
    case when (number // 10) % 2 = 1 then 'M' else 'K' end;

-- numbers without a Swedish identity: T, TF and other reserve numbers, a date and four characters of which the first is a
-- letter and the last two are digits. Null when it is none, else the date of eight digits and the four characters.
create or replace temp macro reserve_form(value) as
    regexp_full_match(value, '(?i)([0-9]{6}|[0-9]{8})[-+]?[A-ZÅÄÖ][A-ZÅÄÖ0-9][0-9]{2}');

create or replace temp macro reserve_number(value, period_year) as (
    case
        when not reserve_form(value) then null
        when regexp_matches(value, '^[0-9]{8}') then left(value, 8) || upper(right(value, 4))
        else lpad(cast(
            personnummer_number(left(value, 6) || case when value[7] = '+' then '+' else '-' end || '0000', period_year)
            // 10000 as varchar
        ), 8, '0') || upper(right(value, 4))
    end
);

create or replace temp macro is_reserve_number(number_text) as
    is_date(
        cast(left(number_text, 4) as integer),
        cast(number_text[5:6] as integer),
        cast(number_text[7:8] as integer)
    )
    or is_partial_date(
        cast(left(number_text, 4) as integer),
        cast(number_text[5:6] as integer),
        cast(number_text[7:8] as integer)
    );

-- T and TF numbers have the sex where a personnummer has it; for others what the sender says goes first
create or replace temp macro reserve_sex(number_text, stated_sex) as
    case
        when number_text[9] <> 'T' and stated_sex in ('K', 'M') then stated_sex
        when cast(number_text[11] as integer) % 2 = 1 then 'M'
        else 'K'
    end;

create or replace temp macro number_kind(number, number_text) as
    case
        when number_text is not null then case
            when number_text[9:10] = 'TF' then 'TF-nummer'
            when number_text[9] = 'T' then 'T-nummer'
            else 'reservnummer'
        end
        when has_partial_date(number) then 'samordningsnummer utan helt födelsedatum'
    end;

-- Within a file a person is a number: that of the personnummer, or a negative one for a reserve number, which is a person
-- of its own in each municipality.
create or replace temp macro reserve_key(municipality_code, number_text) as
    -cast(hash(municipality_code || number_text) >> 2 as bigint);

-- the first rule that a row of any kind of file breaks by where and whom it is about (R00-R03), or null
create or replace temp macro rule_of_place(
    is_whole, municipality_code, first_year, last_year, period_month, household, person_number, reserve_text
) as
    case
        when not is_whole then 'R00'
        when municipality_code is null or year(period_month) < first_year or year(period_month) > last_year then 'R01'
        when period_month is null or period_month < getvariable('first_period')
            or period_month > getvariable('current_month') then 'R02'
        when household is null then 'R00'
        when reserve_text is not null then case
            when not is_reserve_number(reserve_text) or left(reserve_text, 6) > strftime(period_month, '%Y%m') then 'R03'
        end
        when person_number is null or not is_personnummer(person_number)
            or person_number // 1000000 > year(period_month) * 100 + month(period_month) then 'R03'
    end;

-- a cell that may hold several numbers: each of them, and what else stands in it, so that nothing is lost
create or replace temp macro numbers_in(value) as
    list_concat(
        regexp_extract_all(value, '(?:[0-9]{8}|[0-9]{6}) ?[-+]? ?[0-9A-Za-zÅÄÖåäö]{2}[0-9]{2}'),
        list_filter(
            [clean(regexp_replace(
                regexp_replace(value, '(?:[0-9]{8}|[0-9]{6}) ?[-+]? ?[0-9A-Za-zÅÄÖåäö]{2}[0-9]{2}', '', 'g'), '[,;/|\s]+', ' ', 'g'
            ))],
            lambda rest: rest is not null
        )
    );

-- the day of a cell: 2026-10-01, 20261001, with a time after it or not
create or replace temp macro day_of(value) as
    coalesce(
        try_cast(regexp_extract(value, '^([0-9]{4}-[0-9]{2}-[0-9]{2})([ T].*)?$', 1) as date),
        try_cast(try_strptime(nullif(regexp_extract(value, '^([0-9]{8})$', 1), ''), '%Y%m%d') as date)
    );

-- the role of a person in an export without roles: who applies together with somebody, children, and the one who applies
create or replace temp macro role_of(together, personnummer, period) as
    case
        when yes_no(together) then 'MS'
        when try_cast(left(period, 4) as integer) - coalesce(
            personnummer_number(personnummer, try_cast(left(period, 4) as integer)) // 100000000,
            try_cast(left(reserve_number(personnummer, try_cast(left(period, 4) as integer)), 4) as integer)
        ) < getvariable('adult_age_from') then 'BARN'
        else 'RL'
    end;
