/** What a line of the log means, and what to do; by its message as the source has it. */
export interface LogMeaning {
  readonly meaning: string
  /** Where the source chooses it as it runs. */
  readonly level?: string
  /** Where the source has no text but a call. */
  readonly message?: string
}

export const LOG_MEANINGS: Readonly<Record<string, LogMeaning>> = {
  Listening: { meaning: 'The node serves, at `url`.' },
  request: {
    level: 'info; debug for health and metrics',
    meaning:
      'A request was answered: `requestId`, `method`, `route`, `status`, `code` of a refusal, `ms`, `ip`, `userId`; `traceId` where somebody traces. Never the path, the query or a header.',
  },
  delivered: {
    meaning:
      'The entry `seq` of the log was written to the sockets of this node, `ms` after its COMMIT. At info where a request to this node asked for it, whose `requestId` stands on its line, too; at debug for all others.',
  },
  'request failed': {
    level: 'error; warn for what passes by itself',
    meaning:
      'A request ran into something that is not its fault. `requestId` leads to its line. A 500 is a defect; a 503 is a database that is away.',
  },
  'request aborted by the caller': { meaning: 'The caller hung up before the answer.' },
  'Connection …': {
    level: 'info; warn or error as in [errors](errors.md)',
    meaning:
      'A handshake was accepted, refused or aborted, or a socket was closed: `connection` is the row of the connection log.',
  },
  'The connection log cannot be written; rows are kept in memory and tried again': {
    meaning: 'Look at the database. At `maxQueued` rows nobody is admitted any more.',
  },
  'The connection log is being written again': { meaning: 'It is over; nothing was lost.' },
  'The connection log was closed with attempts that have no row; their log lines are all there is':
    { meaning: 'The database did not answer while the node stopped. Keep the log.' },
  'The heartbeat of this node fails': {
    meaning: 'Told once. Others may take it for dead; look at its way to the database.',
  },
  'The heartbeat of this node is back': { meaning: 'It is over.' },
  'The other nodes took this one for dead and closed its sockets in the log': {
    meaning: 'It stood still for too long. Those sockets are closed and come back.',
  },
  'A node died; its sockets are closed in the log': {
    meaning: 'Another node ended without a word. Look why.',
  },
  'Dead nodes could not be looked for': { meaning: 'Tried again with the next heartbeat.' },
  'What is due could not be written; it is tried again': {
    meaning: 'Expiries and escalations wait for the database.',
  },
  'Wrote what was due': { meaning: 'At the start: what came due while nothing ran.' },
  'Nobody is admitted. …': {
    meaning: 'Changes do not come out of the log. The line says which trigger, and what to do.',
  },
  'Changes come out of the log again: callers are admitted': { meaning: 'It is over.' },
  'Whether changes come out of the log could not be proven': {
    meaning: 'A table is held, or the database is away. Tried again within 5 s.',
  },
  'The log could not be read; it is tried again': {
    meaning: 'The database does not answer. After `AUTH_STALE_AFTER_MS` nobody is admitted.',
  },
  'A part failed at entries of the log and begins again': {
    meaning: 'A defect: keep the line. Sockets of this node come back and resume.',
  },
  Checkpoint: {
    meaning:
      'Each minute, from whichever node came first: `checkpoint` is the signed head of the evidence. Kept elsewhere, it is what [an auditor](audit.md) needs.',
  },
  'Checkpoints are being signed again': { meaning: 'It is over.' },
  'No checkpoint could be signed; it is tried again each minute. Look at the key and at CHECKPOINT_FILE':
    {
      meaning:
        'Told once. The evidence waits in its tables and nothing is lost, but what happens now is proven later. See [UzimaNoCheckpoint](operations.md#uzimanocheckpoint).',
    },
  'A copy of the data was made': {
    meaning: 'In `BACKUP_DIR`, opened and read as a whole; `copy` is its name there.',
  },
  'Copies of the data are not kept as BACKUP_DIR says; it is tried again. Look at that folder and its disk; uzima doctor says more':
    {
      meaning:
        'The newest copy gets older: `reason` says what is wrong with `folder`. Tried again within ten minutes.',
    },
  'A disk fills up: make room before nothing more can be written. uzima doctor says more': {
    meaning:
      'Once a day while fewer than 28 days are left: `disk` is `data` (that of `DATA_DIR`) or `copies` (that of `BACKUP_DIR`). See [UzimaDiskFilling](operations.md#uzimadiskfilling).',
  },
  'What the disks had free could not be kept for the next start': {
    meaning:
      '`DATA_DIR` is missing or cannot be written, as it may be beside PostgreSQL. A start then begins to measure anew.',
  },
  'Dead rows of the embedded database stay; the next run tries again': {
    meaning:
      'Its files may grow for a minute longer. If it comes again and again, look at the disk.',
  },
  'The upkeep of … failed; the next run tries again': {
    meaning: 'Old rows stay for ten minutes longer.',
  },
  'The view of a client is not what the database says; it reads it anew': {
    meaning: 'See [UzimaDivergence](operations.md#uzimadivergence).',
  },
  'The digest of the stock could not be read; it is tried again': {
    meaning: 'Clients compare their view later.',
  },
  'describeRedis(redis)': {
    message: 'Redis is …',
    meaning: 'Told when it changes, with the reason and [what to do](operations.md#redis).',
  },
  'A message of another node was not understood': {
    meaning: 'A node of another version, or a stranger on the same channel.',
  },
  'Failed: …': { meaning: 'A defect: keep the line. The socket that it was about was closed.' },
  'What was written to the sockets cannot be put on record; it is kept and tried again': {
    meaning:
      'The database does not answer. Deliveries go on; sessions that come and go for so long that they cannot be kept are counted in `uzima_deliveries_dropped_total`.',
  },
  'What was written to the sockets is put on record again': {
    meaning: 'After `failures` tries; nothing that was kept is missing.',
  },
  'Acknowledgements of revocations could not be written': {
    meaning: 'The right has ended all the same; `uzima revocation` shows no proof of this node.',
  },
  'The name of the service could not be read; it is tried again': {
    meaning: 'After a restore; until then messages go under the old name.',
  },
  'Days end in another time zone now': { meaning: 'This node has another `TIME_ZONE`.' },
  'Alerts go by other settings now': {
    meaning: 'This node has other `ALERT_` settings than the last one that started.',
  },
  'Somebody took a role in an emergency': {
    meaning:
      'See [UzimaBreakGlass](operations.md#uzimabreakglass). `userId` has `role` until `validUntil`; why, and what was done, stands with `grant` in `uzima reviews`. Every node says it.',
  },
  'Mended: …': { meaning: 'Rows that came in past the triggers; the line says what differed.' },
  'Run uzima stock mend as the owner: …': {
    meaning: 'The same, and the role of the service may not mend it.',
  },
  'A database connection failed': { meaning: 'One of the pool; a new one takes its place.' },
  'the state of this node cannot be told': {
    meaning: '`/health/ready` answers 503: keep the line.',
  },
  'clockSentence(aheadMs)': {
    message: 'The clock of this machine is …',
    meaning: 'More than a minute between the two clocks, `aheadMs`; the sentence says what to do.',
  },
  says: {
    message: 'about the host of JWT_JWKS_URL',
    meaning:
      'The key set cannot be had, or its certificate ends soon: the sentence says which, and what to do.',
  },
  'otherKeysSentence(others)': {
    message: 'JWT_SECRET: … sign with another secret on this database …',
    meaning:
      '`nodes` of this service have another `JWT_SECRET`: who is logged in here is refused there. Give all of them one.',
  },
  'The keys of the other nodes could not be compared': {
    meaning: 'The database did not answer at the start; `uzima doctor` compares them when it does.',
  },
  'The certificate has not all names: its authority is older than they are': {
    meaning:
      'Devices that open `leftOut` are warned of the certificate. `uzima https` says how to have them in it.',
  },
  'The certificate of this server is renewed': {
    meaning: 'Nothing to do: what is open stays, new connections get the new one.',
  },
  'The certificate of this server could not be looked at': {
    meaning: 'The old one is served until it ends. Look at the folder `tls` in DATA_DIR.',
  },
}
