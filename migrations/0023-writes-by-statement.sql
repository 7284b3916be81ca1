-- What a statement did to many items, and what a commit says of them, is worked out for all of them at once. Measured before:
-- a statement on the lots of 5,000 items made 50,000 calls of functions, and one on a single lot spent most of its time on
-- plans that were made anew each time.

-- Stable, as to_char is, so that PostgreSQL puts the body where it is called instead of calling it.
create or replace function iso_time(t timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- In plpgsql, whose plans are kept: a function in SQL that looks into a table is planned in each transaction anew.
create or replace function log_touch(touched_kind text, touched_key text, change jsonb) returns void
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    insert into log_pending (kind, key, change) values (touched_kind, touched_key, change);
  end $$;
create or replace function time_zone() returns text
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
  begin
    return coalesce((select value from settings where name = 'time_zone'), 'UTC');
  end $$;
create or replace function alert_expiring_within_days() returns integer
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
  begin
    return coalesce((select value::integer from settings where name = 'alert_expiring_within_days'), 90);
  end $$;
create or replace function alert_escalate_after() returns interval
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
  begin
    return coalesce((select value::bigint from settings where name = 'alert_escalate_after_ms'), 1800000)
      * interval '1 millisecond';
  end $$;

-- Of the rows that a statement notes, one wakes log_commit: it does the work of all.
alter table log_pending add column wakes boolean not null default true;
drop trigger log_commit on log_pending;
create constraint trigger log_commit after insert on log_pending
  deferrable initially deferred for each row when (new.wakes) execute function log_commit();

-- Only for what this history keeps: a change of stock is none of it.
drop trigger note_change on inventory_items;
create trigger note_item_made after insert or delete on inventory_items
  for each row execute function note_record_change('sku');
create trigger note_item_changed after update on inventory_items
  for each row
  when ((old.sku, old.name, old.category, old.unit, old.threshold, old.metadata, old.archived_at, old.created_at)
    is distinct from
    (new.sku, new.name, new.category, new.unit, new.threshold, new.metadata, new.archived_at, new.created_at))
  execute function note_record_change('sku');

-- When time changes something about each of these items next; null where it does not.
create function next_moments(skus text[]) returns table (sku text, due_at timestamptz)
  language plpgsql stable
  as $$
  #variable_conflict use_column
  declare
    zone constant text := time_zone();
    within_days constant integer := alert_expiring_within_days();
    noticed constant date := (log_now() at time zone zone)::date + within_days;
  begin
    return query
      select asked.sku, end_of_day((
        select min(case when expiry_date > noticed then expiry_date - within_days - 1 else expiry_date end)
        from inventory_lots l where l.sku = asked.sku and not expired), zone)
      from unnest(skus) as asked (sku);
  end $$;

create or replace function next_moment(item_sku text) returns timestamptz
  language plpgsql stable
  as $$
  begin
    return (select due_at from next_moments(array[item_sku]));
  end $$;

-- The caller holds the items.
create function schedule_expiries(skus text[]) returns void
  language plpgsql security definer set search_path = public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
  as $$
  begin
    with moments as materialized (select sku, due_at from next_moments(skus)),
    gone as (
      delete from due using moments where due.kind = 'item' and due.key = moments.sku and moments.due_at is null)
    insert into due (kind, key, due_at)
      select 'item', sku, due_at from moments where due_at is not null order by sku
      on conflict (kind, key) do update set due_at = excluded.due_at where due.due_at <> excluded.due_at;
  end $$;
revoke execute on function schedule_expiries from public;

create or replace function schedule_expiry(item_sku text) returns void
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    perform schedule_expiries(array[item_sku]);
  end $$;

-- A row of inventory_lots before and after a statement. Quantity and date are null where it was not there.
create type lot_change as (
  sku text collate "C", lot_number text collate "C", was_quantity integer, now_quantity integer, was_date date,
  now_date date, was_expired boolean, is_expired boolean, same_receipt boolean);

-- What a statement did to the lots of an item.
create type lots_moved as (
  sku text collate "C", delta bigint, expired_delta bigint, only_flags boolean, reschedules boolean,
  takes_expired boolean, last_day date, lots jsonb);

create or replace function lots_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
  as $$
  declare
    action constant text := coalesce(
      nullif(current_setting('uzima.action', true), ''),
      case tg_op when 'INSERT' then 'lot_added' else 'adjusted' end);
    actor constant text := log_actor();
    reason constant text := nullif(current_setting('uzima.reason', true), '');
    -- Whose request it was, as the movement keeps it: a transaction may carry out several.
    request constant jsonb := jsonb_strip_nulls(jsonb_build_object(
      'userId', nullif(current_setting('uzima.user_id', true), ''),
      'requestKey', nullif(current_setting('uzima.request_key', true), ''),
      'requestHash', nullif(current_setting('uzima.request_hash', true), '')));
    zone text;
    changes lot_change[];
    moves lots_moved[];
    skus text[];
    rescheduled text[];
    offending text;
    noted integer;
  begin
    if action not in ('lot_added', 'consumed', 'adjusted', 'disposed') then
      raise exception 'uzima.action is %, but a change of lots is lot_added, consumed, adjusted or disposed.', action;
    end if;
    -- An insert has no rows before it, a delete none after.
    if tg_op = 'INSERT' then
      select array_agg(row(sku, lot_number, null, quantity, null, expiry_date, false, expired, false)::lot_change)
        into changes from after_rows;
    elsif tg_op = 'DELETE' then
      select array_agg(row(sku, lot_number, quantity, null, expiry_date, null, expired, false, false)::lot_change)
        into changes from before_rows;
    else
      select array_agg(row(lot.*)::lot_change) into changes
        from (
          select sku, lot_number, max(was_quantity) as was_quantity, max(now_quantity) as now_quantity,
            max(was_date) as was_date, max(now_date) as now_date, bool_or(expired) filter (where now_date is null) is true as was_expired,
            bool_or(expired) filter (where was_date is null) is true as is_expired, min(received_at) = max(received_at) as same_receipt
          from (
            select sku, lot_number, quantity as was_quantity, null as now_quantity, expiry_date as was_date, null::date as now_date,
              expired, received_at from before_rows
            union all
            select sku, lot_number, null, quantity, null, expiry_date, expired, received_at from after_rows) as sides
          group by sku, lot_number) as lot
        where (was_quantity, was_date, was_expired) is distinct from (now_quantity, now_date, is_expired) or not same_receipt;
    end if;
    if changes is null then
      return null;
    end if;

    select array_agg(row(m.*)::lots_moved order by sku), array_agg(sku order by sku),
        array_agg(sku order by sku) filter (where reschedules), min(sku) filter (where takes_expired)
      into moves, skus, rescheduled, offending
      from (
        select sku, sum(coalesce(now_quantity, 0) - coalesce(was_quantity, 0)) as delta,
          coalesce(sum(now_quantity) filter (where is_expired), 0)
            - coalesce(sum(was_quantity) filter (where was_expired), 0) as expired_delta,
          bool_and(was_quantity = now_quantity and was_date = now_date and same_receipt) is true as only_flags,
          bool_or(was_quantity is null or now_quantity is null or was_expired <> is_expired or was_date <> now_date)
            as reschedules,
          bool_or(was_expired and coalesce(now_quantity, 0) < was_quantity) as takes_expired,
          max(coalesce(now_date, was_date)) filter (where is_expired and not was_expired) as last_day,
          jsonb_agg(jsonb_build_object(
              'lotNumber', lot_number, 'expiryDate', to_char(coalesce(now_date, was_date), 'YYYY-MM-DD'),
              'delta', coalesce(now_quantity, 0) - coalesce(was_quantity, 0),
              'before', coalesce(was_quantity, 0), 'after', coalesce(now_quantity, 0))
            order by coalesce(now_date, was_date), lot_number) as lots
        from unnest(changes) group by sku) as m;
    if action = 'consumed' and offending is not null then
      raise exception 'A lot of % has expired: it is not consumed.', offending
        using errcode = 'check_violation', hint = 'Dispose of it: uzima.action is disposed.';
    end if;

    -- Two items are always locked in the same order, whatever the order of the rows.
    if cardinality(skus) > 1 then
      perform from inventory_items where sku = any (skus) order by sku for no key update;
    end if;
    zone := case when rescheduled is not null then time_zone() end;
    -- The total moves by what this trigger saw, because one statement may fire several (on conflict do update, merge): each
    -- has its own movement. Time moves nothing on the shelf: it has its entry, and no movement.
    with updated as (
      update inventory_items as i
        set total_quantity = i.total_quantity + m.delta, expired_quantity = i.expired_quantity + m.expired_delta,
          stock_version = i.stock_version + 1
        from unnest(moves) as m where i.sku = m.sku
        returning m.*, i.total_quantity as after)
    insert into log_pending (kind, key, change, wakes)
      select 'item', sku, case
          when only_flags and last_day is not null then jsonb_build_object(
            'op', 'expired', 'dueAt', iso_time(end_of_day(last_day, zone)))
          when only_flags then '{"op": "updated"}'
          else jsonb_build_object(
            'op', action, 'delta', delta, 'before', after - delta, 'after', after, 'lots', lots, 'actor', actor,
            'reason', reason) || request
        end, sku = skus[1]
      from updated;
    get diagnostics noted = row_count;
    if noted < cardinality(skus) then
      raise exception 'A lot changes whose item is missing.' using hint = 'Run: uzima doctor', errcode = 'no_data_found';
    end if;
    if rescheduled is not null then
      perform schedule_expiries(rescheduled);
    end if;
    return null;
  end $$;
drop function lots_changed_sql;

-- What a transaction noted, in the order of the entries that come of it.
create type log_noted as (kind text, key text, change jsonb);

-- The entries of touched items, in order: of each its new state, and an alert where this transaction took what is usable to or
-- below the threshold. `starts` has the place of each item's first, in the order of the items.
create function compare_items(
    noted log_noted[], out entries log_entry[], out starts integer[], out skus text[])
  language plpgsql
  as $$
  #variable_conflict use_column
  declare
    crossed text[];
    late text;
  begin
    select array_agg(entry order by place), array_agg(place order by place) filter (where is_state),
        array_agg(sku order by place) filter (where is_state), array_agg(sku) filter (where is_state and crosses),
        min(sku) filter (where is_late)
      into entries, starts, skus, crossed, late
      from (
        select row_number() over (order by position, not is_state) as place, *
        from (
          -- Its birth before all, else the one kind of movement there was; several kinds together are an adjustment. Time
          -- names a change only where nobody moved anything.
          select key as item_sku, min(position) as position, case
              when bool_or(op = 'created') then 'created'
              when min(op) filter (where moves) <> max(op) filter (where moves) then 'adjusted'
              when bool_or(moves) then max(op) filter (where moves)
              when bool_or(op = 'expired') then 'expired'
              else 'updated'
            end as type, max(change ->> 'dueAt') as due_at,
            jsonb_agg(change order by position) filter (where op = 'consumed') as consumptions
          from (
            select *, op not in ('updated', 'expired', 'archived') as moves
            from (
              select key, change, position, change ->> 'op' as op
              from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'item') as named) as ops
          group by key) as touched
        cross join lateral (
          select case when type = 'consumed' then lots_consumed(consumptions) end as consumed) as given_out
        join inventory_item_view v on v.sku = item_sku
        cross join lateral (
          select v.usable_quantity <= v.threshold as is_low, low_stock_announced from inventory_items i where i.sku = v.sku) as low
        cross join lateral (
          select is_low <> low_stock_announced as crosses,
            -- The day may have ended since the lots were chosen. Whoever repeats the transaction finds them expired.
            case when consumed is null then false else exists (
              select from due where kind = 'item' and key = item_sku and due_at <= log_now()) and exists (
              select from jsonb_array_elements(consumed) as lot
              where end_of_day((lot ->> 'expiryDate')::date, time_zone()) <= log_now()) end as is_late) as state
        cross join lateral (
          -- Whoever lists items must not take an archived one in again because a lot of it was corrected.
          select true as is_state, row('inventory:update', 'stock',
            jsonb_build_object('type', case when v.archived_at is null then type else 'archived' end, 'item', v.item)
              || case when consumed is not null and v.archived_at is null
                then jsonb_build_object('lotsConsumed', consumed) else '{}' end
              || case when due_at is null then '{}' else jsonb_build_object('dueAt', due_at) end)::log_entry as entry
          union all
          select false, row('inventory:lowStock', 'alerts', jsonb_build_object(
            'sku', v.sku, 'name', v.name, 'totalQuantity', v.total_quantity,
            'usableQuantity', v.usable_quantity, 'threshold', v.threshold, 'lots', v.lots))::log_entry
          where crosses and is_low and v.archived_at is null) as told) as lines;
    if late is not null then
      raise exception 'A lot of % expired while it was given out.', late using errcode = 'serialization_failure';
    end if;
    if crossed is not null then
      update inventory_items set low_stock_announced = not low_stock_announced where sku = any (crossed);
    end if;
  end $$;
