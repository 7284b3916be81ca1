-- What a commit says of alerts and items, for all of them at once; and several requests that move stock, carried out in one
-- transaction: one commit, one number of the head, one wait for the disk.

-- With the words of the lists that it serves: while there is hardly an alert the planner takes it for the index of an item's
-- alerts as well, and a plan that is kept from then walks over everybody's.
drop index alerts_unresolved_id;
create index alerts_unresolved_id on alerts (id desc) where state <> 'resolved';

-- One look at the items, and one at their lots.
create or replace function alerts_wanted(skus text[], today date, within_days integer)
  returns table (sku text, kind text, lot_number text, name text)
  language sql stable
  begin atomic
    select i.sku, wanted.kind, wanted.lot_number, i.name
    from inventory_items i
    cross join lateral (
      select case when i.total_quantity = i.expired_quantity then 'out_of_stock' else 'low_stock' end as kind,
        null::text as lot_number
      where i.stock_version > 0 and i.total_quantity - i.expired_quantity <= i.threshold
      union all
      select case when l.expired then 'expired' else 'expiring' end, l.lot_number
      from inventory_lots l
      where l.sku = i.sku and l.quantity > 0 and (l.expired or l.expiry_date between today and today + within_days)) as wanted
    where i.sku = any (skus) and i.archived_at is null;
  end;

-- Brings the alerts of `skus` to what their stock says, escalates `escalating`, and gives the entries that tell of it, and of
-- the alerts in `told`; those of the alerts in `raised` come last, in that order. The caller holds the items. Alerts are
-- locked by their number, whatever the order of the items.
create function compare_alerts(
    skus text[], told bigint[], escalating bigint[], out entries log_entry[], out raised bigint[])
  language plpgsql
  as $$
  declare
    moment constant timestamptz := log_now();
    -- Not in the statement: it would work them out for each lot.
    within_days constant integer := alert_expiring_within_days();
    today constant date := (moment at time zone time_zone())::date;
    gone bigint[];
    renamed bigint[];
    missing jsonb[];
    changed bigint[];
    of_raised log_entry[];
  begin
    entries := '{}';
    select array_agg(id) filter (where wanted is null), array_agg(id) filter (where id is not null and wanted is not null),
        array_agg(wanted order by sku, lot_number nulls first) filter (where id is null)
      into gone, renamed, missing
      from (
        select sku, kind, lot_number, max(id) as id, max(name) filter (where id is not null) as name,
          jsonb_agg(wanted) filter (where id is null) -> 0 as wanted
        from (
          select w.*, to_jsonb(w) as wanted, null::bigint as id from alerts_wanted(skus, today, within_days) as w
          union all
          -- Item by item: offset 0 keeps it so.
          select found.*
          from unnest(skus) as asked (sku)
          cross join lateral (
            select a.sku, a.kind, a.lot_number, a.name, null::jsonb, a.id from alerts a
            where a.sku = asked.sku and a.resolved_at is null offset 0) as found) as sides
        group by sku, kind, lot_number) as pairs
      where id is null or wanted is null or wanted ->> 'name' <> name;
    changed := gone || renamed || told;
    if cardinality(changed) > 0 then
      perform from alerts where id = any (changed) order by id for no key update;
      update alerts set resolved_at = moment where id = any (gone);
      update alerts set name = i.name from inventory_items i where i.sku = alerts.sku and id = any (renamed);
      update alerts set escalated_at = moment
        where id = any (escalating) and escalated_at is null and state = 'open';
      delete from due where kind = 'escalation' and key = any (gone::text[]);
      select array_agg(row('alert:changed', audience, jsonb_build_object('alert', alert))::log_entry order by id)
        into entries from alert_view where id = any (changed);
    end if;

    if missing is not null then
      with made as (
        -- A snapshot that does not show the other's row fails here with 40001, as it should.
        insert into alerts (kind, sku, lot_number, name, raised_at)
        select w ->> 'kind', w ->> 'sku', w ->> 'lot_number', w ->> 'name', moment
        from unnest(missing) with ordinality as t (w, position) order by position
        on conflict do nothing returning id)
      select array_agg(id order by id) into raised from made;
      insert into due (kind, key, due_at)
        select 'escalation', id, moment + after from unnest(raised) as id, alert_escalate_after() as after;
      select array_agg(row('alert:raised', audience, jsonb_build_object('alert', alert))::log_entry order by id)
        into of_raised from alert_view where id = any (raised);
      entries := entries || of_raised;
    end if;
  end $$;
drop function log_alert_entries;

-- log_commit knows them.
alter table stock_movements
  alter column user_id drop default, alter column request_key drop default, alter column request_hash drop default;

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
  begin
    if not exists (select from log_pending where txid = mine and position = new.position) then
      return null;
    end if;
    with gone as (delete from log_pending where txid = mine returning *)
    select array_agg(row(kind, key, change)::log_noted order by kind, key, position), array_agg(distinct kind),
        bool_or(kind = 'item' and change ? 'lots')
      into noted, kinds, moves from gone;

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
drop function log_item_entries, item_change_type;

-- What the service does about one request where nothing is in its way, and the answer to it. Null, and nothing done, where
-- anything is: then the service does it alone, with all the rules and refusals. The request is the object
-- { userId, actor, action, sku, body, key, hash } that the service makes; key and hash may be missing.
create function move_one(request jsonb) returns jsonb
  language plpgsql
  as $$
  declare
    item_sku constant text := request ->> 'sku';
    body constant jsonb := request -> 'body';
    units constant integer := (body ->> 'quantity')::integer;
    lot constant text := body ->> 'lotNumber';
    is_active boolean;
    held integer;
    usable bigint;
    first_day date;
    taken jsonb;
    answer jsonb;
  begin
    if request ? 'key' and exists (
      select from stock_movements
      where user_id = request ->> 'userId' and request_key = request ->> 'key')
    then
      return null;
    end if;
    perform set_config('uzima.actor', request ->> 'actor', true),
      set_config('uzima.action', request ->> 'action', true),
      set_config('uzima.reason', coalesce(body ->> 'reason', ''), true),
      set_config('uzima.user_id', request ->> 'userId', true),
      set_config('uzima.request_key', coalesce(request ->> 'key', ''), true),
      set_config('uzima.request_hash', coalesce(request ->> 'hash', ''), true);

    case request ->> 'action'
      when 'consumed' then
        -- Lots before the item, as a plain UPDATE of lots locks them, and read again once the item is held.
        perform from inventory_lots where sku = item_sku and quantity > 0 order by expiry_date, lot_number for update;
        perform from inventory_items where sku = item_sku for no key update;
        select min(expiry_date) filter (where not expired), sum(quantity) filter (where not expired),
            jsonb_agg(jsonb_build_object('lotNumber', lot_number, 'expiryDate', to_char(expiry_date, 'YYYY-MM-DD'),
              'quantity', least(quantity, units - earlier)) order by expiry_date, lot_number)
              filter (where not expired and earlier < units)
          into first_day, usable, taken
          from (
            select *, coalesce(sum(quantity) filter (where not expired) over (
              order by expiry_date, lot_number rows between unbounded preceding and 1 preceding), 0) as earlier
            from inventory_lots where sku = item_sku and quantity > 0) as lots;
        if coalesce(usable, 0) < units or end_of_day(first_day, time_zone()) <= log_now() then
          raise exception 'alone';
        end if;
        update inventory_lots as l set quantity = l.quantity - t.quantity
          from jsonb_to_recordset(taken) as t ("lotNumber" text, quantity integer)
          where l.sku = item_sku and l.lot_number = t."lotNumber";
      when 'lot_added' then
        insert into inventory_lots as l (sku, lot_number, quantity, expiry_date)
          values (item_sku, lot, units, (body ->> 'expiryDate')::date)
          on conflict (sku, lot_number) do update set quantity = l.quantity + excluded.quantity
            where l.expiry_date = excluded.expiry_date;
      when 'adjusted' then
        select quantity into held from inventory_lots where sku = item_sku and lot_number = lot for update;
        -- A count that finds what is there leaves its key elsewhere.
        update inventory_lots set quantity = units
          where sku = item_sku and lot_number = lot and held <> units
            and held = coalesce((body ->> 'expected')::integer, held);
      when 'disposed' then
        update inventory_lots set quantity = quantity - units
          where sku = item_sku and lot_number = lot and quantity >= units;
    end case;
    if not found then
      raise exception 'alone';
    end if;
    -- Looked at afterwards: the change has locked the item, so it cannot be archived meanwhile.
    select item, archived_at is null into answer, is_active from inventory_item_view where sku = item_sku;
    if is_active is distinct from true then
      raise exception 'alone';
    end if;
    if taken is not null then
      answer := jsonb_build_object('item', answer, 'lotsConsumed', taken);
    end if;
    if request ? 'key' then
      insert into idempotency_keys (user_id, key, request_hash, answer)
        values (request ->> 'userId', request ->> 'key', decode(request ->> 'hash', 'hex'),
          json_build_object('value', answer))
        on conflict do nothing;
      if not found then
        raise exception 'alone';
      end if;
    end if;
    return answer;
  exception
    -- What it was, the service finds out.
    when others then return null;
  end $$;

-- Carries out `requests`, an array of what move_one takes, each of another item and in the order of the items; gives their
-- answers in that order. It waits for nobody for long: one transaction that is left open must not hold up everybody.
create function move_together(requests jsonb) returns jsonb
  language plpgsql
  set lock_timeout = '20ms' set plan_cache_mode = force_generic_plan set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
  as $$
  declare
    request jsonb;
    answers jsonb[] := '{}';
  begin
    for request in select * from jsonb_array_elements(requests) loop
      answers := array_append(answers, coalesce(move_one(request), 'null'));
    end loop;
    return to_jsonb(answers);
  end $$;
