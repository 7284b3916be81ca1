import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { copyName } from '../../src/storage/kept-copies.js'
import { setupApp, type TestApp } from '../support/app.js'
import { filledIn, misplaced, readBoard } from './board.js'
import { parseQuery, readExposition } from './promql.js'
import { readRules } from './rule-file.js'

/** What Prometheus adds by itself. */
const OF_THE_SCRAPE = ['instance', 'job']

let text = ''
let series: ReturnType<typeof readExposition>
let app: TestApp
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-operating-'))
  const BACKUP_DIR = join(folder, 'copies')
  await mkdir(join(BACKUP_DIR, copyName(new Date())), { recursive: true })
  await writeFile(join(folder, 'disks.json'), JSON.stringify({ data: fillingDisk() }))
  const env = { ADMIN_PASSWORD: 'a password of this test', DATA_DIR: folder, BACKUP_DIR }
  app = await setupApp({ env })
  await traffic(app)
  text = await (await fetch(`${app.url}/metrics`)).text()
  series = readExposition(text)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

/** What a server that ran here for four days has measured. */
const fillingDisk = () =>
  Array.from({ length: 96 }, (_, hoursAgo) => ({
    at: Date.now() - hoursAgo * 3_600_000,
    free: (10_000 + hoursAgo) * 1e9,
    spare: (10_000 + hoursAgo) * 1e9,
  }))

/** A little of everything. */
const traffic = async ({
  addUser,
  api,
  client,
  connect,
  database,
  url,
}: TestApp): Promise<void> => {
  const [pharmacist, leaver, admin] = [
    await addUser('pharmacist'),
    await addUser('doctor'),
    await addUser('admin'),
  ]
  await database.query(`insert into inventory_items (sku, name, threshold) values ('A', 'a', 90)`)
  await database.query(`insert into inventory_lots values ('A', '1', 100, '2099-01-01')`)
  const seen = await connect(pharmacist)
  await connect(leaver, { transports: ['polling'] })
  const [connected] = seen.of('connected')
  seen.socket.disconnect()
  await api(pharmacist.token, 'POST', '/api/inventory/A/consume', { quantity: 20 })
  await api(admin.token, 'POST', `/api/users/${leaver.id}/revoke`)
  await api('no token', 'GET', '/api/inventory')
  const login = { username: 'admin', password: 'wrong' }
  await api(undefined, 'POST', '/api/auth/login', login)
  const password = 'a password of this test'
  const { body } = await api(undefined, 'POST', '/api/auth/login', { ...login, password })
  await api(undefined, 'POST', '/api/auth/refresh', { refreshToken: body['refreshToken'] })
  const refused = client('no token')
  const resumed = await connect(pharmacist, {
    auth: { token: pharmacist.token, position: connected?.['position'] },
  })
  await connect(pharmacist, { auth: { token: pharmacist.token, position: 'nowhere' } })
  await until(async () => {
    expect(refused.socket.active).toBe(false)
    expect(resumed.of('inventory:update')).toHaveLength(1)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/uzima_revocation_seconds_count 1\n/)
    expect(metrics).toMatch(/uzima_disk_days_left\{/)
    expect(metrics).toMatch(/uzima_copy_age_seconds \d/)
  })
}

const until = (condition: () => Promise<void>): Promise<void> =>
  vi.waitFor(condition, { timeout: 30_000 })

/** What is wrong with an expression: each metric and label that it names must be in what the server says. */
const faultsOf = (expression: string, legend = ''): string[] => {
  const { selectors, groupings } = parseQuery(expression)
  const known = new Set([...OF_THE_SCRAPE])
  const faults: string[] = []
  for (const { metric, labels } of selectors) {
    // Prometheus' own.
    const own: Record<string, string>[] = metric === 'up' ? [{}] : (series.get(metric) ?? [])
    if (own.length === 0) faults.push(metric)
    for (const one of own) for (const name of Object.keys(one)) known.add(name)
    for (const { name, op, value } of labels) {
      if (OF_THE_SCRAPE.includes(name)) continue
      if (!own.some((one) => name in one)) faults.push(`${metric}: ${name}`)
      else if (op === '=' && !own.some((one) => one[name] === value)) {
        faults.push(`${metric}: ${name}="${value}"`)
      }
    }
  }
  const shown = [...legend.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, name]) => name)
  return [...faults, ...[...groupings, ...shown].filter((name) => !known.has(name ?? ''))].map(
    String,
  )
}

describe('the metrics of a server under traffic', () => {
  it.each([
    'uzima_ready 1',
    'uzima_database_up 1',
    'uzima_database_writable 1',
    'uzima_redis_state{state="unused"} 1',
    'uzima_connections{role="pharmacist",transport="websocket"} 2',
    'uzima_authentications_total{via="login",result="accepted",code="none"} 1',
    'uzima_authentications_total{via="login",result="refused",code="AUTH_CREDENTIALS_INVALID"} 1',
    'uzima_authentications_total{via="refresh",result="accepted",code="none"} 1',
    'uzima_authentications_total{via="request",result="refused",code="AUTH_TOKEN_INVALID"} 1',
    'uzima_authentications_total{via="socket",result="refused",code="AUTH_TOKEN_INVALID"} 1',
    // The movement, its announcement and the alert.
    'uzima_replayed_events_total 3',
    'uzima_log_resets_total{reason="position_invalid"} 1',
    'uzima_movements_total{type="consumed"} 1',
    'uzima_alerts{kind="low_stock",state="open"} 1',
    'uzima_alerts{kind="expired",state="open"} 0',
    'uzima_log_tail_lag_entries 0',
  ])('say %s', (line) => {
    expect(text.split('\n')).toContain(line)
  })

  it('say the same number for what is delivered as for the head of the log', () => {
    const valueOf = (name: string) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    expect(Number(valueOf('uzima_log_head_seq'))).toBeGreaterThan(0)
    expect(valueOf('uzima_log_position_seq')).toBe(valueOf('uzima_log_head_seq'))
  })

  it('say what is free on the disk, for how many days, and how old the newest copy is', () => {
    const valueOf = (name: string) =>
      Number(new RegExp(`^${name}(?:\\{disk="data"\\})? (\\d\\S*)$`, 'm').exec(text)?.[1])
    expect(valueOf('uzima_disk_free_bytes')).toBeGreaterThan(0)
    expect(valueOf('uzima_disk_days_left')).toBeLessThan(1_000)
    expect(valueOf('uzima_copy_age_seconds')).toBeLessThan(86_400)
  })

  it('have few series, whoever calls', () => {
    for (const [name, own] of series) expect(own.length, name).toBeLessThan(400)
  })
})

describe('the check of expressions', () => {
  it.each([
    ['uzima_redy == 0', ['uzima_redy']],
    ['uzima_ready{mode="x"} == 0', ['uzima_ready: mode']],
    ['uzima_redis_state{state="lost"}', ['uzima_redis_state: state="lost"']],
    ['sum by (role) (uzima_ready)', ['role']],
  ])('finds what is wrong with %s', (expression, faults) => {
    expect(faultsOf(expression)).toEqual(faults)
  })

  it.each(['uzima_ready ==', 'rat(uzima_ready[5m])', 'rate(uzima_ready[5])x'])(
    'refuses %s',
    (expression) => {
      expect(() => faultsOf(expression)).toThrow('is no PromQL')
    },
  )
})

describe('ops/prometheus/alerts.yml', () => {
  it('asks only for what the server says, and has something to do for each alert', async () => {
    const rules = readRules(await readFile('ops/prometheus/alerts.yml', 'utf8'))
    const operations = await readFile('docs/operations.md', 'utf8')
    expect(rules.length).toBeGreaterThan(10)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { alert, expr, summary, runbook } of rules) {
      expect(faultsOf(expr, summary), alert).toEqual([])
      expect(runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`)
      const [, todo = ''] = operations.split(`\n### ${alert}\n`)
      expect(todo.split('\n#')[0]?.trim().length, alert).toBeGreaterThan(80)
    }
  })
})

describe('ops/grafana/uzima.json', () => {
  it('shows only what the server says, each panel in a place of its own', async () => {
    const { panels, templating } = readBoard(await readFile('ops/grafana/uzima.json', 'utf8'))
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance'])
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(misplaced(panels)).toEqual([])
    for (const { title, type, description, targets = [] } of panels) {
      if (type === 'row') continue
      expect(description, title).toBeDefined()
      expect(targets.length, title).toBeGreaterThan(0)
      for (const { expr, legendFormat } of targets) {
        expect(faultsOf(filledIn(expr), legendFormat), title).toEqual([])
      }
    }
  })
})
