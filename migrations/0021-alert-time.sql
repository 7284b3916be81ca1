-- What time does about alerts: a lot comes within the days of notice, and what nobody has acknowledged goes to more roles.

-- The one row of an item in `due` says when time changes something about it next: that, or a lot's last day is over.
create function next_moment(item_sku text) returns timestamptz
  language plpgsql stable
  as $$
  declare
    zone constant text := time_zone();
    within_days constant integer := alert_expiring_within_days();
    noticed constant date := (log_now() at time zone zone)::date + within_days;
  begin
    -- By lot number of the item: else the smallest is looked for in the index of all lots by date, past those of every other.
    return (
      select end_of_day(min(case when expiry_date > noticed then expiry_date - within_days - 1 else expiry_date end), zone)
      from inventory_lots where sku = item_sku and not expired);
  end $$;

create or replace function schedule_expiry(item_sku text) returns void
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    moment constant timestamptz := next_moment(item_sku);
  begin
    if moment is null then
      delete from due where kind = 'item' and key = item_sku;
    else
      insert into due (kind, key, due_at) values ('item', item_sku, moment)
        on conflict (kind, key) do update set due_at = excluded.due_at where due.due_at <> excluded.due_at;
    end if;
  end $$;

-- Those of `skus` whose alerts nobody else holds, now locked: an acknowledgement that is left open keeps its item waiting,
-- nobody else's.
create function without_held_alerts(skus text[]) returns text[]
  language plpgsql
  as $$
  declare
    free constant bigint[] := array(
      select id from alerts where sku = any (skus) and resolved_at is null for no key update skip locked);
  begin
    return array(
      select one from unnest(skus) as one
      where not exists (select from alerts where sku = one and resolved_at is null and id <> all (free)));
  end $$;

create or replace function write_due_items(moment timestamptz, max_items integer) returns integer
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    skus constant text[] := without_held_alerts(array(
      select i.sku from due d join inventory_items i on i.sku = d.key
      where d.kind = 'item' and d.due_at = moment
      order by i.sku limit max_items for no key update of i skip locked));
    -- The same as the end of a lot's last day at `moment`, without working it out for each lot.
    today constant date := (moment at time zone time_zone())::date;
    left_over text;
    undone integer := 0;
  begin
    update inventory_lots set expired = true
      where (sku, lot_number) in (
        select sku, lot_number from inventory_lots
        where sku in (select unnest(skus)) and not expired and expiry_date < today
        order by sku, lot_number for update skip locked);
    -- A lot has come within the days of notice; or it is held by somebody, or noted for another time zone.
    for left_over in
      select key from due where kind = 'item' and key in (select unnest(skus)) and due_at = moment order by key
    loop
      perform schedule_expiry(left_over);
      perform log_touch('alerts', left_over, '{}')
        where not exists (select from due where kind = 'item' and key = left_over and due_at = moment);
    end loop;
    select count(*) into undone from due
      where kind = 'item' and key in (select unnest(skus)) and due_at = moment;
    return cardinality(skus) - undone;
  end $$;

-- Escalates at most max_alerts that nobody has acknowledged in time; returns how many. It waits for nobody either.
create function write_due_escalations(until timestamptz, max_alerts integer) returns integer
  language plpgsql
  as $$
  declare
    ids constant bigint[] := array(
      select a.id from due d join alerts a on a.id = case when d.kind = 'escalation' then d.key::bigint end
      where d.kind = 'escalation' and d.due_at <= until and a.state = 'open'
      order by a.id limit max_alerts for no key update of a skip locked);
  begin
    delete from due where kind = 'escalation' and key = any (ids::text[]);
    perform log_touch('alert', id::text, '{"op": "escalated"}') from unnest(ids) as id;
    return cardinality(ids);
  end $$;
revoke execute on function write_due_escalations from public;

create or replace function write_due(max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    -- Read once: the index serves a comparison with a value, not with a clock.
    until constant timestamptz := log_now();
    moment timestamptz;
    written integer;
  begin
    if not pg_try_advisory_xact_lock(7241993007) then
      return 0;
    end if;
    for moment in select distinct due_at from due where due_at <= until and kind = 'item' order by due_at loop
      written := write_due_items(moment, max_rows);
      if written > 0 then
        return written;
      end if;
    end loop;
    -- Each has a moment of its own, and none depends on another.
    return write_due_escalations(until, max_rows);
  end $$;

create or replace function reschedule_expiries(max_items integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    zone constant text := time_zone();
    at_this_moment constant timestamptz := log_now();
    item_sku text;
    done integer := 0;
  begin
    for item_sku in
      select coalesce(l.sku, d.key)
      from (
        select sku, next_moment(sku) as due_at,
          coalesce(end_of_day(max(expiry_date) filter (where expired), zone) > at_this_moment, false) as is_usable_again
        from inventory_lots join inventory_items using (sku) group by sku) as l
      full join (select key, due_at from due where kind = 'item') as d on d.key = l.sku
      where l.due_at is distinct from d.due_at or l.is_usable_again
      order by 1 limit max_items
    loop
      perform from inventory_lots where sku = item_sku order by expiry_date, lot_number for update;
      update inventory_lots set expired = false
        where sku = item_sku and expired and end_of_day(expiry_date, zone) > at_this_moment;
      perform from inventory_items where sku = item_sku for no key update;
      perform schedule_expiry(item_sku);
      -- Other lots may be within the days of notice now.
      perform log_touch('alerts', item_sku, '{}');
      done := done + 1;
    end loop;
    return done;
  end $$;

create function settings_of_alerts() returns trigger
  language plpgsql
  as $$
  declare
    most constant bigint := case new.name when 'alert_expiring_within_days' then 3650 else 36600::bigint * 86400000 end;
  begin
    if new.value !~ '^\d{1,13}$' or new.value::bigint > most then
      raise exception '% is %, which is no whole number from 0 to %.', new.name, new.value, most
        using errcode = 'invalid_parameter_value';
    end if;
    return new;
  end $$;
create trigger settings_of_alerts before insert or update on settings
  for each row when (new.name in ('alert_expiring_within_days', 'alert_escalate_after_ms'))
  execute function settings_of_alerts();

create trigger settings_notice_changed after insert or update on settings
  for each row when (new.name = 'alert_expiring_within_days') execute function settings_zone_changed();

create function settings_escalation_changed() returns trigger
  language plpgsql security definer
  as $$
  begin
    update due set due_at = a.raised_at + alert_escalate_after()
      from alerts a where due.kind = 'escalation' and due.key = a.id::text and a.state = 'open' and a.resolved_at is null;
    -- So that a node looks at what is due by now.
    perform pg_notify('uzima_log', '');
    return null;
  end $$;
create trigger settings_escalation_changed after insert or update on settings
  for each row when (new.name = 'alert_escalate_after_ms') execute function settings_escalation_changed();

-- The alerts are compared with the stock as well.
create or replace function check_stock(skus text[] default null)
  returns table (sku text, what text, "is" text, should text)
  language sql volatile set search_path = public, pg_temp
  as $$
    select asked.sku, difference.*
    from (
      select unnest(coalesce(skus, array(select sku from inventory_items union select sku from inventory_lots)))
        collate "C" as sku) as asked
    left join inventory_items i on i.sku = asked.sku
    left join due d on d.kind = 'item' and d.key = asked.sku
    cross join lateral (
      select coalesce(sum(quantity), 0) as total, coalesce(sum(quantity) filter (where expired), 0) as expired,
        end_of_day(max(expiry_date) filter (where expired), time_zone()) > log_now() as is_early
      from inventory_lots where inventory_lots.sku = asked.sku) as lots
    left join lateral (
      -- Collated as the index of the movements is: else each item would walk over everybody's.
      select after from stock_movements m where m.sku = asked.sku collate "default" order by id desc limit 1) as told on true
    cross join lateral (
      select
        (select string_agg(concat_ws(' ', kind, lot_number), ', ' order by lot_number nulls first)
          from alerts a where a.sku = asked.sku and resolved_at is null) as found,
        (select string_agg(concat_ws(' ', kind, lot_number), ', ' order by lot_number nulls first)
          from alerts_wanted(array[asked.sku], (log_now() at time zone time_zone())::date, alert_expiring_within_days()))
          as wanted) as alerts
    cross join lateral (values
      ('item', case when i.sku is not null then 'there' end, 'there'),
      ('total_quantity', i.total_quantity::text, lots.total::text),
      ('expired_quantity', i.expired_quantity::text, lots.expired::text),
      -- An item without a movement may have come with any stock.
      ('last movement', told.after::text, case when told.after is not null then lots.total::text end),
      ('low_stock_announced', i.low_stock_announced::text, (lots.total - lots.expired <= i.threshold)::text),
      ('expired lots', case when lots.is_early then 'some before their time' end, null),
      -- What is due is written next, and tells both anew.
      ('next expiry', iso_time(d.due_at),
        iso_time(case when d.due_at <= log_now() then d.due_at else next_moment(asked.sku) end)),
      ('alerts', alerts.found, case when d.due_at <= log_now() then alerts.found else alerts.wanted end))
      as difference (what, "is", should)
    where difference."is" is distinct from difference.should
    order by 1, 2
  $$;

create or replace function mend_stock() returns table (sku text, what text, "is" text, should text)
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  #variable_conflict use_column
  declare
    item_sku text;
    whats text[];
    found record;
    told integer;
  begin
    perform set_config('uzima.actor', 'doctor', true), set_config('uzima.reason', 'compared with its lots', true);
    for item_sku in select distinct c.sku from check_stock() c order by 1 loop
      perform from inventory_lots l where l.sku = item_sku order by expiry_date, lot_number for update;
      perform from inventory_items i where i.sku = item_sku for no key update;
      -- Again, now that nobody can change it.
      whats := array(select c.what from check_stock(array[item_sku]) c);
      return query select * from check_stock(array[item_sku]);
      if 'item' = any (whats) then
        insert into inventory_items (sku, name) values (item_sku, item_sku);
      end if;
      select coalesce(sum(quantity), 0) as total, coalesce(sum(quantity) filter (where expired), 0) as expired
        into found from inventory_lots l where l.sku = item_sku;
      if whats && array['item', 'total_quantity', 'expired_quantity', 'last movement', 'low_stock_announced'] then
        update inventory_items i
          set total_quantity = found.total, expired_quantity = found.expired, stock_version = stock_version + 1
          where i.sku = item_sku;
        select after into told from stock_movements m where m.sku = item_sku order by id desc limit 1;
        perform log_touch('item', item_sku, case
          when told <> found.total then jsonb_build_object(
            'op', 'adjusted', 'delta', found.total - told, 'before', told, 'after', found.total,
            'lots', lots_unaccounted(item_sku), 'actor', log_actor(), 'reason', current_setting('uzima.reason'))
          else jsonb_build_object('op', 'updated') end);
      end if;
      update inventory_lots l set expired = false
        where l.sku = item_sku and expired and end_of_day(expiry_date, time_zone()) > log_now();
      perform schedule_expiry(item_sku);
      perform log_touch('alerts', item_sku, '{}');
    end loop;
  end $$;

-- What was low, out or expired before anybody looked.
select schedule_expiry(sku), log_touch('alerts', sku, '{}')
  from (select sku from inventory_items order by sku for no key update) as items;
