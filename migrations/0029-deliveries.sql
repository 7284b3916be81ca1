-- What was written to whom, on record by exception: no row for each delivery, none for each idle session either.
--
-- The rule, for an entry `n` that the user of a session was allowed to see (delivery_written_at says it in SQL):
-- * A node hands the log to its sockets in order. Once a second, while the log moves, it notes how far (node_progress).
--   All of its sessions had everything up to there in the hands of the kernel at that time, except those for which something
--   waited in the process: these have a row in delivery_lags, written in the same statement as that progress.
-- * `joined_seq` null: still being replayed, nothing is known to have been written.
-- * n <= joined_seq: where how = 'replay', what is in (asked_seq, joined_seq] was written by written_at, or by the end of the
--   lag that holds it; where how = 'live' (came without a position) or 'snapshot' (was told to reset), it is in the snapshot that
--   the client reads.
-- * n > joined_seq: written at the first progress of the run, made since the session connected, that is not below n; or at the
--   end of the lag that holds n. Never beyond written_seq once the session is closed, nor beyond the beginning of a lag that has
--   not ended.
-- What is not on record was perhaps written: a killed node takes its last second along, and a connection without a row came and
-- went while the database was away for so long that the node could not hold it. Times are the latest by which it was done.
create table deliveries (
  id bigint generated always as identity primary key,
  epoch uuid not null,
  node_run uuid not null,
  node text not null,
  socket_id text not null,
  user_id text not null,
  connected_at timestamptz not null,
  how text not null check (how in ('live', 'replay', 'snapshot')),
  -- Where the client said that it was.
  asked_seq bigint,
  joined_seq bigint,
  reset_reason text,
  -- While the session is open: at least so far, see above. Once it is closed: so far. What is below asked_seq (replay) or
  -- joined_seq is not meant by it.
  written_seq bigint not null,
  -- When nothing waited for it for the first time; null where something did when the row was made.
  written_at timestamptz,
  -- What the client says to have applied, never beyond what was written to it.
  applied_seq bigint,
  applied_at timestamptz,
  -- When the newest of applied_marks was made.
  marked_at timestamptz,
  closed_at timestamptz,
  code text,
  unique (node_run, socket_id)
) with (fillfactor = 50);
create index deliveries_user on deliveries (user_id, connected_at);

-- Sessions for which something waited when their node noted its progress: what follows from_seq had not all been written.
create table delivery_lags (
  delivery_id bigint not null references deliveries (id) on delete cascade,
  from_seq bigint not null,
  until_seq bigint,
  until_at timestamptz,
  primary key (delivery_id, from_seq)
) with (fillfactor = 50);

create table node_progress (
  node_run uuid not null,
  seq bigint not null,
  at timestamptz not null,
  primary key (node_run, seq)
);
create index node_progress_at on node_progress using brin (at);

-- What a session had applied when, one in a minute; deliveries has the newest.
create table applied_marks (
  delivery_id bigint not null references deliveries (id) on delete cascade,
  seq bigint not null,
  at timestamptz not null,
  primary key (delivery_id, seq)
);
create index applied_marks_at on applied_marks using brin (at);

-- Who sees which feed is a setting of the node: { inventoryUpdateRoles, lowStockRoles, alertEscalateTo } of the run.
alter table nodes add column rules jsonb;

-- Up to which number the record says that everything was written to the session.
create function delivery_written_up_to(d deliveries) returns bigint
  language sql stable set search_path = public, pg_temp
  as $$
    select case
      when d.closed_at is not null or d.joined_seq is null then d.written_seq
      else coalesce(
        (select min(from_seq) from delivery_lags where delivery_id = d.id and until_seq is null),
        greatest(d.written_seq, (
          select seq from node_progress where node_run = d.node_run and at >= d.connected_at order by seq desc limit 1)))
    end
  $$;

-- By when everything up to the number was written to the session at the latest; null where the record does not say that it was.
-- Not to be asked of what is in the client's snapshot.
create function delivery_written_at(d deliveries, n bigint) returns timestamptz
  language sql stable set search_path = public, pg_temp
  as $$
    select case
      when d.joined_seq is null or n > delivery_written_up_to(d) then null
      else least(
        coalesce(
          (select max(coalesce(until_at, d.closed_at)) from delivery_lags
            where delivery_id = d.id and from_seq < n and (until_seq is null or until_seq >= n)),
          case
            when n <= d.joined_seq then d.written_at
            else (select at from node_progress
              where node_run = d.node_run and seq >= n and at >= d.connected_at order by seq limit 1)
          end,
          -- It joined, or left, between two notes of the node.
          case when n <= d.written_seq then coalesce(d.closed_at, d.written_at) end),
        d.closed_at)
    end
  $$;

-- Closes what a run that is no more has left open, as far as its record goes.
create function close_deliveries(run uuid, closing_code text, moment timestamptz) returns integer
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    closed integer;
  begin
    update deliveries d
      set written_seq = delivery_written_up_to(d), closed_at = greatest(moment, d.connected_at), code = closing_code
      where node_run = run and closed_at is null;
    get diagnostics closed = row_count;
    return closed;
  end $$;

-- Removes at most max_rows rows of each table: sessions that closed before older_than, details before details_older_than.
-- Returns how many; call it until it returns 0.
create function prune_deliveries(older_than timestamptz, details_older_than timestamptz, max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    removed integer;
    removed_here integer;
  begin
    if greatest(older_than, details_older_than) > connection_log_youngest_prunable() then
      raise exception 'deliveries are kept for at least 30 days.' using hint = 'Give an earlier time.';
    end if;
    -- One at a time; the others have nothing to do.
    if not pg_try_advisory_xact_lock(7241993029) then
      return 0;
    end if;
    delete from deliveries
      where id in (select id from deliveries order by id limit max_rows) and closed_at < older_than;
    get diagnostics removed = row_count;
    delete from applied_marks where ctid = any (array(
      select ctid from applied_marks where at < details_older_than limit max_rows));
    get diagnostics removed_here = row_count;
    removed := removed + removed_here;
    -- Before the lags: a lag without progress says nothing wrong, progress without the lag would.
    delete from node_progress where ctid = any (array(
      select ctid from node_progress where at < details_older_than limit max_rows));
    get diagnostics removed_here = row_count;
    removed := removed + removed_here;
    if removed_here = 0 then
      delete from delivery_lags where ctid = any (array(
        select ctid from delivery_lags where until_at < details_older_than limit max_rows));
      get diagnostics removed_here = row_count;
      removed := removed + removed_here;
    end if;
    return removed;
  end $$;
-- A service that connects as another role than the owner needs: grant execute on function prune_deliveries to it.
revoke execute on function prune_deliveries from public;
