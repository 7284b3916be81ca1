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
