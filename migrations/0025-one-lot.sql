-- What a change of one lot costs, which is nearly every change: most of its time went into setting up statements that are made
-- for thousands of rows, and into conditions of triggers and tables that PostgreSQL reads from text for each statement anew.

-- Without a function: PostgreSQL would parse it for each row that is written.
alter table inventory_items drop constraint inventory_items_times, add constraint inventory_items_times check (
  created_at >= '0001-01-01 00:00Z' and created_at < '10000-01-01 00:00Z'
  and updated_at >= '0001-01-01 00:00Z' and updated_at < '10000-01-01 00:00Z'
  and archived_at >= '0001-01-01 00:00Z' and archived_at < '10000-01-01 00:00Z');

-- The same as before, and not looked at where none of these columns is written.
drop trigger note_item_changed on inventory_items;
create trigger note_item_changed
  after update of sku, name, category, unit, threshold, metadata, archived_at, created_at on inventory_items
  for each row when ((old.sku, old.name, old.category, old.unit, old.threshold, old.metadata, old.archived_at, old.created_at)
    is distinct from (new.sku, new.name, new.category, new.unit, new.threshold, new.metadata, new.archived_at, new.created_at))
  execute function note_record_change('sku');
drop trigger lots_before_update on inventory_lots;
create trigger lots_before_update before update of expiry_date, expired on inventory_lots
  for each row when (new.expiry_date is distinct from old.expiry_date or new.expired is distinct from old.expired)
  execute function lots_before_write();
-- lots_touched counts the version itself.
drop trigger items_before_update on inventory_items;
create trigger items_before_update
  before update of sku, name, category, unit, threshold, total_quantity, expired_quantity, metadata, archived_at, version,
    updated_at, stock_version
  on inventory_items for each row when (new.stock_version = old.stock_version or new.version = old.version)
  execute function items_before_write();

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
          set total_quantity = i.total_quantity + now.quantity - was.quantity, stock_version = i.stock_version + 1,
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

-- The entry of a movement that nothing else comes of; null where something may: the item is low or was, an alert of it is open,
-- a lot of it expires soon or has, in the first time zone of all. Then compare_items and compare_alerts tell.
create function movement_alone(item_sku text, change jsonb) returns jsonb
  language plpgsql
  as $$
  declare
    is_consumed constant boolean := change ->> 'op' = 'consumed';
    soon constant date := (log_now() at time zone 'UTC' + interval '14 hours')::date + alert_expiring_within_days();
    told jsonb;
  begin
    select jsonb_build_object('type', change ->> 'op', 'item', v.item) into told
      from inventory_items i join inventory_item_view v on v.sku = i.sku
      where i.sku = item_sku and i.archived_at is null
        and not i.low_stock_announced and i.total_quantity - i.expired_quantity > i.threshold
        and not exists (select from alerts a where a.sku = item_sku and a.resolved_at is null)
        and not exists (
          select from inventory_lots l where l.sku = item_sku and l.quantity > 0 and (l.expired or l.expiry_date <= soon))
        -- The day of what was given out may have ended since.
        and not (is_consumed and exists (
          select from jsonb_array_elements(change -> 'lots') as lot where (lot ->> 'expiryDate')::date <= soon));
    if told is not null and is_consumed then
      told := told || jsonb_strip_nulls(jsonb_build_object('lotsConsumed', lots_consumed(jsonb_build_array(change))));
    end if;
    return told;
  end $$;

-- Runs at COMMIT, once for each statement that noted something; the first run does the work of all, the others find their row
-- gone (each looks for its own: looking for any would walk over all that the first has deleted). The head is locked last and
-- only here: a transaction that stays open for seconds delays nobody, and no order of locks on it can deadlock.
create or replace function log_commit() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
  as $$
  declare
    mine constant xid8 := pg_current_xact_id();
    noted log_noted[];
    kinds text[];
    moves boolean;
    rights log_entry[] := '{}';
    of_items record;
    of_alerts record;
    entries log_entry[];
    first_seq bigint;
    committed_at timestamptz;
    committed_text text;
    alone jsonb;
  begin
    delete from log_pending where txid = mine and position = new.position;
    if not found then
      return null;
    end if;
    if new.change ? 'lots' and not exists (select from log_pending where txid = mine) then
      alone := movement_alone(new.key, new.change);
      if alone is not null then
        update log_head set seq = seq + 1 where singleton returning seq into first_seq;
        committed_at := clock_timestamp();
        insert into event_log (seq, name, audience, payload, at)
          values (first_seq, 'inventory:update', 'stock',
            alone || jsonb_build_object('seq', first_seq, 'timestamp', iso_time(committed_at)), committed_at);
        insert into stock_movements (sku, type, delta, before, after, lots, actor, reason, at, seq, user_id, request_key, request_hash)
          values (new.key, new.change ->> 'op', (new.change ->> 'delta')::integer, (new.change ->> 'before')::integer,
            (new.change ->> 'after')::integer, new.change -> 'lots', new.change ->> 'actor', new.change ->> 'reason',
            committed_at, first_seq, new.change ->> 'userId', new.change ->> 'requestKey', decode(new.change ->> 'requestHash', 'hex'));
        perform pg_notify('uzima_log', '');
        return null;
      end if;
    end if;
    with gone as (delete from log_pending where txid = mine returning kind, key, change, position),
    touched as (select * from gone union all select new.kind, new.key, new.change, new.position)
    select array_agg(row(kind, key, change)::log_noted order by kind, key, position), array_agg(distinct kind),
        bool_or(kind = 'item' and change ? 'lots')
      into noted, kinds, moves from touched;

    -- Rights before data: who loses a right in this transaction does not see its stock changes. Alerts last: by then the
    -- stock is what they say.
    if kinds && array['user', 'session'] then
      select array_agg(row(told.*)::log_entry order by touched.kind = 'session', touched.key) into rights
        from (
          select kind, key, jsonb_agg(change order by position) as changes
          from unnest(noted) with ordinality as n (kind, key, change, position)
          where kind in ('user', 'session') group by kind, key) as touched
        cross join lateral (
          select * from log_user_entries(touched.key, touched.changes) where touched.kind = 'user'
          union all
          select * from log_session_entries(touched.key, touched.changes) where touched.kind = 'session') as told;
    end if;
    if 'item' = any (kinds) then
      select * into of_items from compare_items(noted);
    else
      select '{}'::log_entry[] as entries, '{}'::integer[] as starts, '{}'::text[] as skus into of_items;
    end if;
    if kinds && array['alerts', 'alert'] then
      select c.* into of_alerts
        from (
          select of_items.skus || coalesce(array_agg(distinct key) filter (where kind = 'alerts'), '{}') as skus,
            array_agg(distinct key::bigint) filter (where kind = 'alert') as told,
            array_agg(distinct key::bigint) filter (where kind = 'alert' and change @> '{"op": "escalated"}') as escalating
          from unnest(noted) where kind in ('alerts', 'alert')) as asked
        cross join lateral compare_alerts(asked.skus, asked.told, asked.escalating) as c;
    elsif 'item' = any (kinds) then
      select * into of_alerts from compare_alerts(of_items.skus, null, null);
    else
      select '{}'::log_entry[] as entries, null::bigint[] as raised into of_alerts;
    end if;
    entries := rights || of_items.entries || of_alerts.entries;
    -- Alerts that were looked at and left as they are.
    if cardinality(entries) = 0 then
      return null;
    end if;

    update log_head set seq = seq + cardinality(entries) where singleton returning seq - cardinality(entries) + 1 into first_seq;
    committed_at := clock_timestamp();
    committed_text := iso_time(committed_at);
    insert into event_log (seq, name, audience, payload, at)
    select first_seq + position - 1, name, audience,
      case when name = 'alert:raised'
        then jsonb_set(payload, '{alert,seq}', to_jsonb(first_seq + position - 1)) else payload end
        || jsonb_build_object('seq', first_seq + position - 1, 'timestamp', committed_text), committed_at
    from unnest(entries) with ordinality as t (name, audience, payload, position);
    if moves then
      insert into stock_movements
        (sku, type, delta, before, after, lots, actor, reason, at, seq, user_id, request_key, request_hash)
      select key, change ->> 'op', (change ->> 'delta')::integer, (change ->> 'before')::integer,
        (change ->> 'after')::integer, change -> 'lots', change ->> 'actor', change ->> 'reason', committed_at,
        first_seq + cardinality(rights) + of_items.starts[item] - 1,
        change ->> 'userId', change ->> 'requestKey', decode(change ->> 'requestHash', 'hex')
      from (
        select key, change, position, dense_rank() over (order by key) as item
        from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'item') as touched
      where change ? 'lots' order by position;
    end if;
    if of_alerts.raised is not null then
      update alerts set seq = first_seq + cardinality(entries) - cardinality(of_alerts.raised) + position - 1
        from unnest(of_alerts.raised) with ordinality as r (id, position) where alerts.id = r.id;
    end if;

    perform pg_notify('uzima_log', '');
    return null;
  end $$;
