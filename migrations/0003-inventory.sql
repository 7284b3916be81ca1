-- Stock: items, their lots, and the history of every movement. Totals, versions, history and alerts are kept by the
-- database, whoever writes.

create table inventory_items (
  -- Byte order everywhere: pages, locks and lots are in one order, whatever the locale of the server.
  sku text collate "C" primary key check (sku <> ''),
  name text not null check (name <> ''),
  category text,
  unit text,
  threshold integer not null default 0 check (threshold >= 0),
  -- Sum of the lots, kept by their triggers.
  total_quantity integer not null default 0 check (total_quantity >= 0),
  version integer not null default 1,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Whether the item counts as low and somebody was told. A new item starts so: it must rise above its threshold
  -- before it can fall below it.
  low_stock_announced boolean not null default true,
  -- Counts the changes of the item's lots. Only their triggers write it; by it they may write the total.
  stock_version integer not null default 0
);
create index inventory_items_category on inventory_items (category);

create table inventory_lots (
  sku text collate "C" not null references inventory_items (sku) on update cascade,
  lot_number text collate "C" not null check (lot_number <> ''),
  quantity integer not null check (quantity >= 0),
  -- What four digits of a year can tell: events carry it as text.
  expiry_date date not null check (expiry_date between '0001-01-01' and '9999-12-31'),
  received_at timestamptz not null default now()
    check (received_at >= '0001-01-01 00:00Z' and received_at < '10000-01-01 00:00Z'),
  primary key (sku, lot_number)
);
create index inventory_lots_expiry on inventory_lots (expiry_date);

create table stock_movements (
  id bigint generated always as identity primary key,
  sku text not null,
  type text not null,
  delta integer not null,
  before integer not null,
  after integer not null,
  -- [{ lotNumber, expiryDate, delta, before, after }]
  lots jsonb not null,
  actor text not null,
  reason text,
  at timestamptz not null,
  seq bigint not null
);
create index stock_movements_sku on stock_movements (sku, id desc);

-- An item as REST answers it and as events carry it: one definition for both.
create view inventory_item_view as
  select i.sku, i.name, i.category, i.threshold, i.total_quantity, i.archived_at,
    jsonb_build_object(
      'sku', i.sku,
      'name', i.name,
      'category', i.category,
      'unit', i.unit,
      'threshold', i.threshold,
      'totalQuantity', i.total_quantity,
      'lowStock', i.total_quantity <= i.threshold,
      'version', i.version,
      'lots', coalesce(l.lots, '[]'),
      'metadata', i.metadata,
      'updatedAt', iso_time(i.updated_at)) as item,
    coalesce(l.lots, '[]') as lots
  from inventory_items i
  left join lateral (
    select jsonb_agg(jsonb_build_object(
        'lotNumber', lot_number,
        'quantity', quantity,
        'expiryDate', to_char(expiry_date, 'YYYY-MM-DD'),
        'receivedAt', iso_time(received_at))
      order by expiry_date, lot_number) as lots
    from inventory_lots where sku = i.sku) l on true;

create function items_before_write() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'INSERT' then
      if new.total_quantity <> 0 then
        raise exception 'total_quantity is kept by the database.'
          using hint = 'Insert the item without it, then its lots into inventory_lots.';
      end if;
      return new;
    end if;
    if new.stock_version = old.stock_version and new.total_quantity is distinct from old.total_quantity then
      raise exception 'total_quantity is kept by the database.' using hint = 'Change inventory_lots.';
    end if;
    -- A version without an entry of the log would be news that no client hears of.
    if (new.sku, new.name, new.category, new.unit, new.threshold, new.metadata, new.archived_at, new.stock_version)
      is not distinct from
      (old.sku, old.name, old.category, old.unit, old.threshold, old.metadata, old.archived_at, old.stock_version)
    then
      new.version := old.version;
      new.updated_at := old.updated_at;
    else
      new.version := old.version + 1;
      new.updated_at := clock_timestamp();
    end if;
    return new;
  end $$;
create trigger items_before_insert before insert on inventory_items
  for each row execute function items_before_write();
-- Not for a change of low_stock_announced alone, which is ours.
create trigger items_before_update
  before update of sku, name, category, unit, threshold, total_quantity, metadata, archived_at, version, updated_at,
    stock_version
  on inventory_items for each row execute function items_before_write();

create function items_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    op text := case
      when tg_op = 'INSERT' then 'created'
      when old.archived_at is null and new.archived_at is not null then 'archived'
      else 'updated'
    end;
  begin
    if tg_op = 'UPDATE' and new.sku is distinct from old.sku then
      raise exception 'A sku is never changed, its history hangs on it.'
        using hint = 'Archive the item and insert one with the new sku.';
    end if;
    perform log_touch('item', new.sku, jsonb_build_object('op', op));
    return null;
  end $$;
create trigger items_inserted after insert on inventory_items
  for each row execute function items_touched();
create trigger items_updated
  after update of sku, name, category, unit, threshold, metadata, archived_at on inventory_items
  for each row
  when ((old.sku, old.name, old.category, old.unit, old.threshold, old.metadata, old.archived_at)
    is distinct from (new.sku, new.name, new.category, new.unit, new.threshold, new.metadata, new.archived_at))
  execute function items_touched();

-- History hangs on an item, so a DELETE archives it, as it does over REST.
create function items_archive_instead() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    update inventory_items set archived_at = clock_timestamp() where sku = old.sku and archived_at is null;
    return null;
  end $$;
create trigger items_archive_instead before delete on inventory_items
  for each row execute function items_archive_instead();

-- One movement per item and statement. `before_rows` and `after_rows` are the statement's rows of inventory_lots.
create function lots_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    moved record;
    total_after integer;
    action text := coalesce(
      nullif(current_setting('uzima.action', true), ''),
      case tg_op when 'INSERT' then 'lot_added' else 'adjusted' end);
  begin
    if action not in ('lot_added', 'consumed', 'adjusted') then
      raise exception 'uzima.action is %, but a change of lots is lot_added, consumed or adjusted.', action;
    end if;
    -- Two items are always locked in the same order, whatever the order of the rows. The total moves by what this
    -- trigger saw, because one statement may fire several (on conflict do update, merge): each has its own movement.
    for moved in execute lots_changed_sql(tg_op) loop
      update inventory_items
        set total_quantity = total_quantity + moved.delta, stock_version = stock_version + 1
        where sku = moved.sku returning total_quantity into total_after;
      perform log_touch('item', moved.sku, jsonb_build_object(
        'op', action, 'delta', moved.delta, 'before', total_after - moved.delta, 'after', total_after,
        'lots', moved.lots, 'actor', log_actor(), 'reason', nullif(current_setting('uzima.reason', true), '')));
    end loop;
    return null;
  end $$;

-- The lots that the statement really changed, by item. An insert has no rows before it, a delete none after.
create function lots_changed_sql(op text) returns text
  language sql immutable
  as $$
    select format($sql$
      select sku, sum(now_quantity - was_quantity) as delta, jsonb_agg(jsonb_build_object(
          'lotNumber', lot_number, 'expiryDate', to_char(expiry, 'YYYY-MM-DD'),
          'delta', now_quantity - was_quantity, 'before', was_quantity, 'after', now_quantity)
        order by expiry, lot_number) as lots
      from (
        select sku, lot_number, coalesce(n.expiry_date, o.expiry_date) as expiry,
          coalesce(o.quantity, 0) as was_quantity, coalesce(n.quantity, 0) as now_quantity
        from (%s) as o full join (%s) as n using (sku, lot_number)
        where (o.quantity, o.expiry_date, o.received_at)
          is distinct from (n.quantity, n.expiry_date, n.received_at)) as changed
      group by sku order by sku$sql$,
      case when op = 'INSERT' then 'select * from inventory_lots where false' else 'select * from before_rows' end,
      case when op = 'DELETE' then 'select * from inventory_lots where false' else 'select * from after_rows' end)
  $$;

create trigger lots_inserted after insert on inventory_lots
  referencing new table as after_rows for each statement execute function lots_touched();
create trigger lots_updated after update on inventory_lots
  referencing old table as before_rows new table as after_rows for each statement execute function lots_touched();
create trigger lots_deleted after delete on inventory_lots
  referencing old table as before_rows for each statement execute function lots_touched();
create trigger items_truncate before truncate on inventory_items execute function refuse_truncate();
create trigger lots_truncate before truncate on inventory_lots execute function refuse_truncate();
