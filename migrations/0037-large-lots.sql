-- A lot that holds more than half of what an item can count. As in 0025, but the total moves by the difference: the total and the
-- new quantity of such a lot have a sum that no integer holds, so that nobody could take a unit from it.
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
    -- Nearly every change: one lot with more or less in it than before. What follows is made for thousands, and takes as long
    -- for one of them as its commit.
    if tg_op = 'UPDATE' then
      with updated as (
        update inventory_items as i
          set total_quantity = i.total_quantity + (now.quantity - was.quantity), stock_version = i.stock_version + 1,
            version = i.version + 1, updated_at = clock_timestamp()
          from before_rows as was, after_rows as now
          where (select count(*) from after_rows) = 1 and now.sku = was.sku and now.lot_number = was.lot_number
            and now.expiry_date = was.expiry_date and now.received_at = was.received_at
            and now.quantity <> was.quantity and not now.expired and not was.expired and i.sku = was.sku
          returning i.sku, i.total_quantity as after, now.quantity - was.quantity as delta, jsonb_build_array(jsonb_build_object(
            'lotNumber', was.lot_number, 'expiryDate', to_char(was.expiry_date, 'YYYY-MM-DD'),
            'delta', now.quantity - was.quantity, 'before', was.quantity, 'after', now.quantity)) as lots)
      insert into log_pending (kind, key, change)
        select 'item', sku, jsonb_build_object(
          'op', action, 'delta', delta, 'before', after - delta, 'after', after, 'lots', lots, 'actor', actor,
          'reason', reason) || request
        from updated;
      if found then
        return null;
      end if;
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
          stock_version = i.stock_version + 1, version = i.version + 1, updated_at = clock_timestamp()
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
