import { passwordSchema, usernameSchema } from '@uzima/contracts'
import { hostname } from 'node:os'
import { ACCESS_SETTINGS } from './access-settings.js'
import { BACKUP_SETTINGS } from './backup-settings.js'
import { CHECKPOINT_SETTINGS } from './checkpoint-settings.js'
import { LOG_LEVELS } from './choices.js'
import { COMMAND_SETTINGS } from './command-settings.js'
import { databaseUrl } from './database-url.js'
import { HTTPS_SETTINGS } from './https-settings.js'
import {
  duration,
  flag,
  folder,
  httpOrigin,
  listOf,
  matching,
  networks,
  oneOf,
  textOf,
  timeZone,
  wholeNumber,
} from './parsers.js'
import { redisUrl } from './redis-url.js'
import type { Setting, SettingValue } from './setting.js'
import { STOCK_SETTINGS } from './stock-settings.js'
import { TOKEN_SETTINGS } from './token-settings.js'

const defaultNodeName = (): string => `${hostname()}-${process.pid.toString()}`

/** Every setting of the server. The reference, docs/configuration.md, is made from this table. */
export const SETTINGS = {
  environment: {
    variable: 'NODE_ENV',
    parse: oneOf(['production', 'development', 'test']),
    default: 'development',
    example: 'production',
    meaning:
      'Left out, the server starts for trying out: a key of its own, demo data, reachable from this machine only.',
  },
  port: {
    variable: 'PORT',
    parse: wholeNumber(0, 65_535),
    default: '3000',
    example: '3000',
    meaning: 'Left out, everything is served on port 3000; 0 takes any free port.',
  },
  host: {
    variable: 'HOST',
    parse: textOf(1),
    default: '127.0.0.1',
    production: '0.0.0.0',
    example: '0.0.0.0',
    meaning:
      'Left out, only this machine reaches the server, in production every network interface does.',
  },
  ...HTTPS_SETTINGS,
  clientUrls: {
    variable: 'CLIENT_URL',
    parse: listOf(httpOrigin),
    default: 'http://localhost:3000',
    example: 'https://clinic.example,http://localhost:5173',
    refuseEmpty: true,
    meaning:
      "Left out, browsers may connect from http://localhost:3000 and from the server's own origin only; callers without an Origin header are no browsers and always pass.",
  },
  trustProxy: {
    variable: 'TRUST_PROXY',
    parse: networks,
    default: 'none',
    example: '10.0.0.0/8,192.168.1.7',
    meaning:
      'Left out, X-Forwarded-For is ignored and the address of a caller is that of its TCP connection; behind a proxy all callers then share its address and its limits.',
  },
  ...TOKEN_SETTINGS,
  databaseUrl: {
    variable: 'DATABASE_URL',
    parse: databaseUrl,
    example: 'postgres://uzima:password@localhost:5432/uzima',
    secret: true,
    meaning: 'Left out, the data lives in an embedded PostgreSQL in DATA_DIR, for one process.',
  },
  dataDir: {
    variable: 'DATA_DIR',
    parse: folder,
    default: './data',
    example: '/var/lib/uzima',
    meaning: 'Left out, the embedded database and the generated key live in ./data.',
  },
  ...BACKUP_SETTINGS,
  ...CHECKPOINT_SETTINGS,
  redisUrl: {
    variable: 'REDIS_URL',
    parse: redisUrl,
    example: 'redis://localhost:6379',
    secret: true,
    meaning:
      'Left out, this node is alone: presence and messages between nodes are its own, stock events reach every node all the same.',
  },
  nodeName: {
    variable: 'NODE_NAME',
    parse: textOf(1),
    computed: { text: 'host name and process id', value: defaultNodeName },
    example: 'ward-3-a',
    meaning:
      'How presence and the connection log call this node; left out, by host name and process id.',
  },
  adminUsername: {
    variable: 'ADMIN_USERNAME',
    parse: matching(usernameSchema),
    default: 'admin',
    example: 'admin',
    meaning: 'Left out, the account made when there is no user at all is called admin.',
  },
  adminPassword: {
    variable: 'ADMIN_PASSWORD',
    parse: matching(passwordSchema),
    example: 'a sentence that only you know',
    secret: true,
    meaning: 'Left out, the password of that account is generated and printed once.',
  },
  demoData: {
    variable: 'DEMO_DATA',
    parse: flag,
    default: 'true',
    production: 'false',
    example: 'false',
    meaning:
      "Left out, an empty database outside production gets a clinic's formulary and a user of each role.",
  },
  allowQueryToken: {
    variable: 'ALLOW_QUERY_TOKEN',
    parse: flag,
    default: 'true',
    example: 'false',
    refuseEmpty: true,
    meaning:
      'Left out, a token is also taken from the query of the handshake, where proxies may log it.',
  },
  ...ACCESS_SETTINGS,
  ...STOCK_SETTINGS,
  transports: {
    variable: 'TRANSPORTS',
    parse: listOf(oneOf(['polling', 'websocket'])),
    default: 'polling,websocket',
    example: 'websocket',
    refuseEmpty: true,
    meaning: 'Left out, clients may connect by HTTP long-polling and by WebSocket.',
  },
  maxConnectionsPerUser: {
    variable: 'MAX_CONNECTIONS_PER_USER',
    parse: wholeNumber(1, 1_000_000),
    default: '20',
    example: '20',
    meaning: 'Left out, the 21st socket of a user over the whole cluster is refused.',
  },
  maxRequestsPerUser: {
    variable: 'MAX_REQUESTS_PER_USER',
    parse: wholeNumber(1, 1_000_000),
    default: '4',
    example: '4',
    meaning:
      "Left out, 4 requests of a user go on at a time on each node; 32 more wait, and the rest is told to come back. More than 4 lets requests take the database's connections from admissions and log-ins.",
  },
  authFailuresPerMinute: {
    variable: 'AUTH_FAILURES_PER_MINUTE',
    parse: wholeNumber(1, 1_000_000),
    default: '60',
    example: '60',
    meaning:
      'Left out, an address that failed to authenticate 60 times in a minute is refused unseen for a while; and an account is guessed at no more than 60 times in a minute from all addresses together at which its password was never right.',
  },
  authStaleAfterMs: {
    variable: 'AUTH_STALE_AFTER_MS',
    parse: wholeNumber(100, 3_600_000),
    default: '5000',
    example: '5000',
    unit: 'ms',
    meaning:
      'Left out, a node that could not confirm the head of the log for 5 s admits nobody and sends no messages.',
  },
  authCloseAfterMs: {
    variable: 'AUTH_CLOSE_AFTER_MS',
    parse: wholeNumber(200, 86_400_000),
    default: '60000',
    example: '60000',
    unit: 'ms',
    meaning: 'Left out, such a node closes its sockets after 60 s; they may reconnect elsewhere.',
  },
  connectAttemptsPerConnection: {
    variable: 'CONNECT_ATTEMPTS_PER_CONNECTION',
    parse: wholeNumber(1, 100),
    default: '3',
    example: '3',
    meaning:
      'Left out, one connection may try to authenticate 3 times, one after the other, before it is closed.',
  },
  authenticateWithinMs: {
    variable: 'AUTHENTICATE_WITHIN_MS',
    parse: wholeNumber(100, 60_000),
    default: '5000',
    example: '5000',
    unit: 'milliseconds',
    meaning: 'Left out, a connection that has not authenticated within 5 seconds is closed.',
  },
  eventsPerSecond: {
    variable: 'EVENTS_PER_SECOND',
    parse: wholeNumber(1, 100_000),
    default: '50',
    example: '50',
    meaning:
      'Left out, a connection that sends more than 50 packets a second, or 100 at once, is closed.',
  },
  maxPayloadBytes: {
    variable: 'MAX_PAYLOAD_BYTES',
    parse: wholeNumber(16_384, 16_777_216),
    default: '65536',
    example: '65536',
    unit: 'bytes',
    meaning: 'Left out, a client that sends a packet of more than 64 KiB is cut off.',
  },
  directWrites: {
    variable: 'DIRECT_WRITES',
    parse: flag,
    default: 'true',
    example: 'false',
    meaning:
      'Left out, events of the log are encoded once for each role and written past Socket.IO to the sockets that are idle, and who begins as a WebSocket is served by a connection of our own; switched off, everything takes the way of engine.io and Socket.IO.',
  },
  maxBufferedBytes: {
    variable: 'MAX_BUFFERED_BYTES',
    parse: wholeNumber(1_024, 1_073_741_824),
    default: '1048576',
    example: '1048576',
    unit: 'bytes',
    meaning:
      'Left out, a socket for which more than 1 MiB waits for a second, or 8 MiB at any time, is closed.',
  },
  digestEveryMs: {
    variable: 'DIGEST_EVERY_MS',
    parse: wholeNumber(0, 3_600_000),
    default: '15000',
    example: '15000',
    unit: 'ms',
    meaning:
      'Left out, each node asks the database every 15 s for the digest of the stock and tells its sockets, so that a client knows when its view is wrong; 0 turns it off.',
  },
  eventRetentionMs: {
    variable: 'EVENT_RETENTION',
    parse: duration('1s', '36600d'),
    default: '7d',
    example: '7d',
    unit: 'duration',
    meaning:
      'Left out, a client that was away for at most 7 days can resume; an older one reads the snapshot.',
  },
  auditRetentionYears: {
    variable: 'AUDIT_RETENTION_YEARS',
    parse: wholeNumber(1, 100),
    default: '6',
    example: '6',
    unit: 'years',
    meaning: 'Left out, rows of the connection log are removed after 6 years, as HIPAA asks for.',
  },
  timeZone: {
    variable: 'TIME_ZONE',
    parse: timeZone,
    example: 'Africa/Nairobi',
    meaning:
      "Left out, a lot's last day ends by the time zone that the database keeps, which is that of the machine that started first; set, it changes that of the whole cluster.",
  },
  metricsToken: {
    variable: 'METRICS_TOKEN',
    parse: textOf(1),
    example: 'the output of `openssl rand -base64 48`',
    secret: true,
    refuseEmpty: true,
    meaning: 'Left out, /metrics answers whoever can reach the port.',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    parse: oneOf(LOG_LEVELS),
    default: 'info',
    example: 'debug',
    meaning: 'Left out, every log line but debug and trace is written.',
  },
  ...COMMAND_SETTINGS,
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS

/** The settings of one process; made by `loadConfig`, then handed to whoever needs some of them. */
export type Config = {
  readonly [Name in SettingName]: SettingValue<(typeof SETTINGS)[Name]>
}
