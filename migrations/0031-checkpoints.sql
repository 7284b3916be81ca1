-- A chain that its owner cannot bend: a Merkle tree (RFC 9162, section 2.1) over what counts as evidence, whose heads are signed
-- and given out. Nothing is hashed at COMMIT: a checkpointer takes what has committed since, in the order in which it arrives.

-- One tree for each epoch of the log: after a restore the numbers begin anew, and leaf 0 holds the head of the tree before.
create table evidence_trees (
  tree integer primary key,
  epoch uuid not null unique,
  -- Leaves, and the hashes of the full subtrees that they make, the largest first: enough to go on with and for the head.
  size bigint not null default 0,
  frontier bytea not null default ''
);

-- What was hashed, not what was said: the row itself stays where it is, and when retention removes it the leaf stays.
create table evidence (
  tree integer not null references evidence_trees (tree),
  n bigint not null,
  kind text not null,
  -- Which row of the table that the kind names.
  ref text not null,
  leaf bytea not null,
  -- SHA-256 of salt and personal texts, which stands for them in the leaf; null where the row has none.
  texts_hash bytea,
  -- 16 random bytes. Null where there are no texts, or where their person was erased: then they are withheld for good.
  salt bytea,
  primary key (tree, n)
);
create index evidence_salted on evidence (kind, ref) where salt is not null;

-- Rows that were written and have no leaf yet. Their ids are given before the COMMIT, so no number says which are new: this does.
create table evidence_pending (
  id bigint generated always as identity primary key,
  kind text not null,
  ref text not null
);
-- How far rows are in the tree whose numbers are given with the head of the log locked, or by a chain.
create table evidence_marks (
  kind text not null,
  ref text not null,
  position bigint not null,
  primary key (kind, ref)
);

-- The newest signed head of each size. Never two roots of one size.
create table checkpoints (
  tree integer not null references evidence_trees (tree),
  size bigint not null,
  root bytea not null,
  at timestamptz not null,
  note text not null,
  primary key (tree, size)
);
create index checkpoints_at on checkpoints (at);
-- Public keys that have signed, as C2SP signed-note writes them; kept for good.
create table checkpoint_keys (
  id text primary key,
  vkey text not null,
  first_at timestamptz not null
);

create function note_evidence() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    insert into evidence_pending (kind, ref) values (tg_argv[0], case tg_argv[0]
      when 'grant_edge' then (to_jsonb(new) ->> 'grant_id') || ':' || (to_jsonb(new) ->> 'edge')
      when 'revocation_ack' then (to_jsonb(new) ->> 'seq') || ':' || (to_jsonb(new) ->> 'node_run')
      when 'right_change' then (to_jsonb(new) ->> 'seq') || ':' || (to_jsonb(new) ->> 'user_id')
      else to_jsonb(new) ->> tg_argv[1] end);
    return null;
  end $$;
create trigger note_evidence after insert on record_changes for each row execute function note_evidence('record_change', 'id');
create trigger note_evidence after insert on role_grants for each row execute function note_evidence('grant', 'id');
create trigger note_evidence after insert on grant_edges for each row execute function note_evidence('grant_edge');
create trigger note_evidence after insert on revocations for each row execute function note_evidence('revocation', 'seq');
create trigger note_evidence after insert on revocation_acks for each row execute function note_evidence('revocation_ack');
create trigger note_evidence after insert on nodes for each row execute function note_evidence('node', 'id');
create trigger note_evidence after insert on right_changes for each row execute function note_evidence('right_change');
create trigger note_evidence_rules after update of rules on nodes
  for each row when (old.rules is null and new.rules is not null) execute function note_evidence('node_rules', 'id');

-- A run that comes back takes its end back: what was said stays said. A dead one's last sign of life is older than its end.
create function node_end_ref(n nodes, is_lost boolean) returns text
  language sql stable set search_path = public, pg_temp
  as $$
    select n.id::text || ':' || to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      || '/' || to_char(n.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from (select case when is_lost then coalesce(n.last_sign_at, n.ended_at) else n.ended_at end as moment) as sign
  $$;
create function note_node_end() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    insert into evidence_pending (kind, ref)
    values ('node_end', node_end_ref(new, new.lost_count > old.lost_count));
    return null;
  end $$;
create trigger note_node_end after update of ended_at on nodes
  for each row when (new.ended_at is not null and new.ended_at is distinct from old.ended_at)
  execute function note_node_end();

-- What is there already, in the order in which it was written as far as that is known. Movements come by their mark.
insert into evidence_pending (kind, ref) select 'record_change', id::text from record_changes order by id;
insert into evidence_pending (kind, ref) select 'node', id::text from nodes order by started_at;
insert into evidence_pending (kind, ref) select 'grant', id::text from role_grants order by created_at;
insert into evidence_pending (kind, ref) select 'grant_edge', grant_id::text || ':' || edge from grant_edges order by seq;
insert into evidence_pending (kind, ref) select 'revocation', seq::text from revocations order by seq;
insert into evidence_pending (kind, ref)
  select 'revocation_ack', seq::text || ':' || node_run::text from revocation_acks order by acked_at;
insert into evidence_pending (kind, ref) select 'right_change', seq::text || ':' || user_id from right_changes order by seq;
insert into evidence_pending (kind, ref) select 'node_rules', id::text from nodes where rules is not null order by started_at;
insert into evidence_pending (kind, ref)
  select 'node_end', node_end_ref(nodes, lost_count > 0) from nodes where ended_at is not null order by ended_at;

-- A leaf stays as it is; only the salt may go, with its person.
create function evidence_stays() returns trigger
  language plpgsql
  as $$
  begin
    if tg_op = 'UPDATE' and new.salt is null
      and (new.tree, new.n, new.kind, new.ref, new.leaf) = (old.tree, old.n, old.kind, old.ref, old.leaf)
      and new.texts_hash is not distinct from old.texts_hash
    then
      return new;
    end if;
    raise exception '% is evidence: leaves and signed heads stay.', tg_table_name;
  end $$;
create trigger evidence_stays before update or delete on evidence for each row execute function evidence_stays();
create trigger evidence_truncate before truncate on evidence execute function refuse_truncate();
create trigger checkpoints_truncate before truncate on checkpoints execute function refuse_truncate();

create function checkpoint_stays() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'A head that was signed keeps its size and its root.';
  end $$;
create trigger checkpoint_stays before update on checkpoints
  for each row when ((new.tree, new.size, new.root) is distinct from (old.tree, old.size, old.root))
  execute function checkpoint_stays();
create trigger checkpoint_keys_stay before update or delete on checkpoint_keys for each row execute function refuse_rewrite();

-- Not of evidence: as in 0025, but the total moves by the difference. The total and the new quantity of a lot that holds more than
-- half of what an item can count have a sum that no integer holds, so that nobody could take a unit from it.
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
