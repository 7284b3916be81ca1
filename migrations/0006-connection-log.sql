-- The connection log: one row per attempt to connect and per end of a connection, kept as evidence. The rows of one run
-- of a node form a hash chain, so that whoever edits, removes or swaps rows as a superuser or the table's owner (whom no
-- trigger can stop) leaves a broken link behind: see verifyChain.

-- One row per run of a node: from the start of the process to its end. It also keeps the end of the run's chain, so that
-- rows missing at the end of a chain are found as well, and so that others can append what a killed node could not.
create table nodes (
  id uuid primary key,
  name text not null,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- How often others took the run for dead. A node that was only paused sees by it that its sockets were given up.
  lost_count integer not null default 0,
  last_seq bigint not null default 0,
  last_hash bytea not null
);
create index nodes_running on nodes (heartbeat_at) where ended_at is null;

create table connection_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  outcome text not null check (outcome in ('accepted', 'refused', 'aborted', 'closed')),
  code text,
  user_id text,
  ip text,
  user_agent text,
  origin text,
  transport text,
  node text not null,
  socket_id text,
  -- Attempts that this row stands for. More than 1 only where a flood met a database that was down.
  count integer not null default 1 check (count > 0),
  node_run uuid not null references nodes (id),
  node_seq bigint not null check (node_seq > 0),
  prev_hash bytea not null,
  hash bytea not null,
  unique (node_run, node_seq)
);
create index connection_log_at on connection_log (at desc, id desc);
create index connection_log_user on connection_log (user_id, at desc, id desc) where user_id is not null;
create index connection_log_outcome on connection_log (outcome, at desc, id desc);
create index connection_log_socket on connection_log (node_run, socket_id) where socket_id is not null;

-- Where retention has cut a chain: the last row that it removed. The oldest kept row links to it.
create table connection_log_anchors (
  node_run uuid primary key references nodes (id),
  node_seq bigint not null,
  hash bytea not null,
  pruned_at timestamptz not null default clock_timestamp()
);

-- No setting can be so low that today's evidence goes.
create function connection_log_youngest_prunable() returns timestamptz
  language sql stable
  return now() - interval '30 days';

-- A row may go only with retention: old enough, and cut off by an anchor that the chain continues from.
create function connection_log_append_only() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'DELETE' then
      if old.at < connection_log_youngest_prunable() and exists (
        select from connection_log_anchors where node_run = old.node_run and node_seq >= old.node_seq)
      then
        return old;
      end if;
    end if;
    raise exception 'connection_log is append-only: % is refused.', tg_op
      using hint = 'Old rows are removed by prune_connection_log().';
  end $$;
create trigger connection_log_append_only before update or delete on connection_log
  for each row execute function connection_log_append_only();
create trigger connection_log_truncate before truncate on connection_log
  for each statement execute function connection_log_append_only();

-- An anchor is a true row that is old enough, or nothing.
create function connection_log_anchor_is_a_row() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if not exists (
      select from connection_log
      where node_run = new.node_run and node_seq = new.node_seq and hash = new.hash
        and at < connection_log_youngest_prunable())
    then
      raise exception 'An anchor names a row of connection_log that is at least 30 days old.';
    end if;
    return new;
  end $$;
create trigger connection_log_anchor_is_a_row before insert or update on connection_log_anchors
  for each row execute function connection_log_anchor_is_a_row();

create function nodes_chain_grows() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'The chain of a node only grows.';
  end $$;
create trigger nodes_chain_grows before update on nodes
  for each row when (new.id <> old.id or new.last_seq < old.last_seq) execute function nodes_chain_grows();

-- Removes at most max_rows rows from the old ends of the chains; returns how many. Call it until it returns 0.
-- A chain is cut from its beginning only, so a row is kept as long as one before it is.
create function prune_connection_log(older_than timestamptz, max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    run uuid;
    cut bigint;
    removed integer := 0;
    removed_here integer;
  begin
    if older_than > connection_log_youngest_prunable() then
      raise exception 'connection_log keeps at least 30 days.' using hint = 'Give an earlier time.';
    end if;
    -- One pruner at a time; the others have nothing to do.
    if not pg_try_advisory_xact_lock(7241993006) then
      return 0;
    end if;
    for run in select id from nodes where started_at < older_than order by started_at loop
      exit when removed >= max_rows;
      with oldest as (
        select node_seq, at from connection_log where node_run = run order by node_seq limit max_rows - removed)
      select max(node_seq) into cut from oldest
        where node_seq < coalesce((select min(node_seq) from oldest where at >= older_than), node_seq + 1);
      if cut is not null then
        insert into connection_log_anchors (node_run, node_seq, hash)
          select node_run, node_seq, hash from connection_log where node_run = run and node_seq = cut
          on conflict (node_run) do update
          set node_seq = excluded.node_seq, hash = excluded.hash, pruned_at = excluded.pruned_at;
        delete from connection_log where node_run = run and node_seq <= cut;
        get diagnostics removed_here = row_count;
        removed := removed + removed_here;
      end if;
    end loop;
    -- Runs of which nothing is left.
    delete from connection_log_anchors a using nodes n
      where n.id = a.node_run and n.ended_at < older_than
        and not exists (select from connection_log where node_run = n.id);
    delete from nodes n where ended_at < older_than
      and not exists (select from connection_log where node_run = n.id)
      and not exists (select from connection_log_anchors where node_run = n.id);
    return removed;
  end $$;
-- A service that connects as another role than the owner needs: grant execute on function prune_connection_log to it.
revoke execute on function prune_connection_log from public;
