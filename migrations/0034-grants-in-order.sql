-- The numbering at COMMIT of what concerns rights: what time has brought about since the last commit, then what a transaction did.

-- `roles` is everything that he may act as at this number, and `grants` what of it is for a time only. Of the edges alone: while
-- what was due is numbered moment by moment, the head is ahead of the moment.
create or replace function log_user_entries(user_key text, changes jsonb) returns setof log_entry
  language sql set search_path = public, pg_temp
  as $$
    select 'user:changed', 'user:' || user_key, jsonb_build_object(
      'userId', user_key,
      'username', u.username,
      'role', u.role,
      'roles', coalesce((
        select jsonb_agg(distinct role order by role) from (
          select u.role collate "C" as role
          union all
          select one ->> 'role' collate "C" from jsonb_array_elements(granted.list) as one) as all_of_them), '[]'),
      'grants', granted.list,
      'isActive', coalesce(u.is_active, false),
      'deleted', u.id is null,
      'authVersion', u.auth_version,
      'tokensNotBefore', iso_time(u.tokens_not_before),
      'ended', (select string_agg(distinct change ->> 'ended', ', ' order by change ->> 'ended')
        from jsonb_array_elements(changes) as change),
      'actor', changes -> -1 ->> 'actor')
    from (select user_key::uuid as id) as touched left join users u on u.id = touched.id
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'kind', g.kind,
          'from', iso_time(g.valid_from), 'until', iso_time(g.valid_until), 'by', g.granted_by)
        order by g.valid_from, g.id), '[]') as list
      from role_grants g
      where g.user_id = u.id
        and exists (select from grant_edges e where e.grant_id = g.id and e.edge = 'begin')
        and not exists (select from grant_edges e where e.grant_id = g.id and e.edge <> 'begin')) as granted
  $$;

-- The first edge after `moment`, and the first that is an end, of all that is committed or written by this transaction.
create function edges_after(moment timestamptz, out next_edge timestamptz, out next_end timestamptz)
  language sql stable
  begin atomic
    select least((select min(valid_from) from role_grants where revoked_at is null and valid_from > moment), ends.first), ends.first
    from (select min(valid_until) as first from role_grants where revoked_at is null and valid_until > moment) as ends;
  end;

-- Numbers, from `first_seq` on, what concerns rights: what time has brought about since the last commit, moment by moment, then what
-- this transaction did, and of it what administrators hear. Returns how many entries that were. The head is locked, so every grant
-- that was committed is seen here, and nobody numbers the same edge. `next_edge` is what the head says; no edge before it is left.
create function write_rights(noted log_noted[], first_seq bigint, moment timestamptz, next_edge timestamptz) returns integer
  language plpgsql
  as $$
  declare
    own constant uuid[] := array(
      select distinct (change ->> 'grant')::uuid from unnest(noted) where kind = 'grant' and change ? 'grant');
    moves_edge constant boolean := next_edge <= moment or cardinality(own) > 0;
    last_seq bigint := first_seq - 1;
    begun uuid[] := '{}';
    told record;
  begin
    if next_edge <= moment then
      for told in
        select due_at, user_id, bool_or(edge = 'end') as has_end, array_agg(id) as ids, array_agg(edge) as edges
        from (
          select id, user_id, 'begin' as edge, valid_from as due_at from role_grants
          where revoked_at is null and valid_from >= next_edge and valid_from <= moment
          union all
          select id, user_id, 'end', valid_until from role_grants
          where revoked_at is null and valid_until >= next_edge and valid_until <= moment) as due
        where id <> all (own)
          and not exists (select from grant_edges e where e.grant_id = due.id and e.edge = due.edge)
        group by due_at, user_id order by due_at, user_id
      loop
        last_seq := last_seq + 1;
        insert into grant_edges select id, edge, told.due_at, last_seq, moment from unnest(told.ids, told.edges) as e (id, edge);
        begun := begun || array(select id from unnest(told.ids, told.edges) as e (id, edge) where edge = 'begin');
        insert into event_log (seq, name, audience, payload, at)
          select last_seq, name, audience, payload || jsonb_build_object(
            'seq', last_seq, 'timestamp', iso_time(moment), 'dueAt', iso_time(told.due_at)), moment
          from log_user_entries(told.user_id::text, jsonb_build_array(
            jsonb_build_object('actor', 'time', 'ended', case when told.has_end then 'grant' end)));
      end loop;
    end if;

    -- One entry of each user, whatever was done to him and to his grants. One that is over before it was in force is none.
    for told in
      select key, jsonb_agg(change order by position) as changes,
        array_agg(id) filter (where id is not null) as ids, array_agg(edge) filter (where id is not null) as edges
      from (
        select key, change, position, null::uuid as id, null as edge
        from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'user'
        union all
        select g.user_id::text, jsonb_build_object('actor', n.actor, 'ended', case when e.edge <> 'begin' then 'grant' end),
          n.position, g.id, e.edge
        from role_grants g
        join (
          select (change ->> 'grant')::uuid as id, max(position) as position, (array_agg(change ->> 'actor' order by position desc))[1] as actor
          from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'grant' and change ? 'grant'
          group by 1) as n on n.id = g.id
        cross join lateral (
          select exists (select from grant_edges where grant_id = g.id and edge = 'begin') as has_begun,
            exists (select from grant_edges where grant_id = g.id and edge <> 'begin') as has_ended,
            g.revoked_at is not null or g.valid_until <= moment as is_over) as s
        cross join lateral (
          select case
            when has_ended and not is_over then refuse_ended_grant(g.id)
            when has_begun and not has_ended and is_over then case when g.revoked_at is null then 'end' else 'revoked' end
            when not has_begun and not is_over and g.valid_from <= moment then 'begin'
          end as edge) as e
        where g.id = any (own) and e.edge is not null) as changed
      group by key order by key
    loop
      last_seq := last_seq + 1;
      insert into grant_edges select id, edge, moment, last_seq, moment from unnest(told.ids, told.edges) as e (id, edge);
      begun := begun || array(select id from unnest(told.ids, told.edges) as e (id, edge) where edge = 'begin');
      insert into event_log (seq, name, audience, payload, at)
        select last_seq, name, audience,
          payload || jsonb_build_object('seq', last_seq, 'timestamp', iso_time(moment)), moment
        from log_user_entries(told.key, told.changes);
    end loop;

    insert into event_log (seq, name, audience, payload, at)
      select last_seq + number, name, audience,
        payload || jsonb_build_object('seq', last_seq + number, 'timestamp', iso_time(moment)), moment
      from (
        select row_number() over (order by key) as number, told_of.*
        from (
          select key, jsonb_agg(change order by position) as changes
          from unnest(noted) with ordinality as n (kind, key, change, position)
          where kind = 'session' group by key) as ended
        cross join lateral log_session_entries(ended.key, ended.changes) as told_of) as sessions;
    last_seq := last_seq + (select count(distinct key) from unnest(noted) where kind = 'session');

    -- Of an emergency the administrators hear at once: right behind what it did to the rights.
    for told in
      select 'break_glass:opened' as name, id from unnest(begun) as id
      union
      select 'break_glass:reviewed', (change ->> 'grant')::uuid from unnest(noted) where kind = 'grant' and change @> '{"reviewed": true}'
      order by name, id
    loop
      insert into event_log (seq, name, audience, payload, at)
        select last_seq + 1, told.name, 'access',
          jsonb_build_object('seq', last_seq + 1, 'grant', b.told, 'timestamp', iso_time(moment)), moment
        from break_glass b where b.id = told.id;
      if found then
        last_seq := last_seq + 1;
      end if;
    end loop;

    update log_head set seq = seq + last_seq - first_seq + 1 where singleton;
    if moves_edge then
      update log_head set next_edge_at = e.next_edge, next_end_at = e.next_end from edges_after(moment) as e where singleton;
    end if;
    return last_seq - first_seq + 1;
  end $$;
revoke execute on function write_rights from public;

-- Somebody has made it longer while it ended.
create function refuse_ended_grant(grant_id uuid) returns text
  language plpgsql
  as $$
  begin
    raise exception 'The grant % has ended meanwhile.', grant_id
      using errcode = 'check_violation', hint = 'Make another one.';
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
    has_rights boolean;
    of_items record;
    of_alerts record;
    entries log_entry[];
    first_seq bigint;
    committed_at timestamptz;
    next_edge timestamptz;
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
        update log_head set seq = seq + 1, last_at = greatest(last_at, log_now()) where singleton
          returning seq, last_at, next_edge_at into first_seq, committed_at, next_edge;
        if next_edge <= committed_at then
          first_seq := first_seq + write_rights('{}', first_seq, committed_at, next_edge);
        end if;
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
    -- Alerts last: by then the stock is what they say.
    entries := of_items.entries || of_alerts.entries;
    has_rights := kinds && array['user', 'session', 'grant'];
    -- Alerts that were looked at and left as they are.
    if cardinality(entries) = 0 and not has_rights then
      return null;
    end if;

    update log_head set seq = seq + cardinality(entries), last_at = greatest(last_at, log_now()) where singleton
      returning seq - cardinality(entries) + 1, last_at, next_edge_at into first_seq, committed_at, next_edge;
    -- Rights before data: who loses a right in this transaction, or by now, does not see its stock changes.
    if has_rights or next_edge <= committed_at then
      first_seq := first_seq + write_rights(noted, first_seq, committed_at, next_edge);
    end if;
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
        first_seq + of_items.starts[item] - 1,
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
