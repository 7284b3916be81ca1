-- Proof of a revocation: what ended when, and for each node that was live when it had acted on it. It outlives the log's
-- retention.

create table revocations (
  seq bigint primary key,
  user_id text not null,
  -- What ended: deleted, deactivated, password, revoked, role, logout (one session), or several of them.
  ended text not null,
  actor text not null,
  committed_at timestamptz not null
);
create index revocations_user on revocations (user_id, seq desc);

create table revocation_acks (
  seq bigint not null,
  node_run uuid not null references nodes (id),
  -- Sockets of the user on this node that were closed, and that went on in other rooms.
  sockets_closed integer not null,
  sockets_moved integer not null,
  -- Clock of the database, like committed_at: their difference is free of any node's clock. It is when the row was
  -- written, a little after the sockets were closed.
  acked_at timestamptz not null default clock_timestamp(),
  -- From the commit to the closing, by the clock of the node.
  applied_after_ms double precision not null,
  primary key (seq, node_run)
);

create function note_revocation() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    insert into revocations (seq, user_id, ended, actor, committed_at)
    values (new.seq, new.payload ->> 'userId', coalesce(new.payload ->> 'ended', 'logout'),
      new.payload ->> 'actor', new.at);
    return null;
  end $$;
create trigger note_revocation after insert on event_log
  for each row
  when (new.name = 'session:ended' or (new.name = 'user:changed' and new.payload ->> 'ended' is not null))
  execute function note_revocation();

create function revocations_is_history() returns trigger
  language plpgsql
  as $$
  begin
    raise exception '% is evidence: rows are never changed.', tg_table_name;
  end $$;
create trigger revocations_is_history before update or delete on revocations
  for each row execute function revocations_is_history();
create trigger revocation_acks_is_history before update or delete on revocation_acks
  for each row execute function revocations_is_history();
create trigger revocations_truncate before truncate on revocations execute function refuse_truncate();
create trigger revocation_acks_truncate before truncate on revocation_acks execute function refuse_truncate();

-- Every run of a node that was live at the commit, with its answer. A run that gave none for 5 s is silent: it is cut
-- off, and closes its sockets by itself when it cannot confirm the log.
create view revocation_nodes as
  select r.seq, n.id as node_run, n.name as node,
    case
      when a.acked_at is not null then 'acknowledged'
      when n.ended_at is not null then 'ended'
      when clock_timestamp() - r.committed_at > interval '5 seconds' then 'silent'
      else 'waiting'
    end as state,
    a.acked_at, a.applied_after_ms, a.sockets_closed, a.sockets_moved
  from revocations r
  join nodes n on n.started_at <= r.committed_at and (n.ended_at is null or n.ended_at > r.committed_at)
  left join revocation_acks a on a.seq = r.seq and a.node_run = n.id;
