import { expect, it } from 'vitest'
import { createMetrics } from '../../src/observability/metrics.js'

it('renders every series of the service and of the process', async () => {
  const metrics = createMetrics()
  const socket = { role: 'doctor', transport: 'websocket' } as const
  metrics.sawSockets([
    { ...socket, queuedBytes: 10 },
    { ...socket, queuedBytes: 30 },
  ])
  metrics.attempted('refused', 'AUTH_TOKEN_EXPIRED')
  metrics.attempted('accepted', null)
  metrics.answered({ method: 'GET', route: '/api/inventory', status: 200, seconds: 0.002 })
  const text = await metrics.render()
  for (const line of [
    'uzima_connections{role="doctor",transport="websocket"} 2',
    'uzima_connections{role="doctor",transport="polling"} 0',
    'uzima_queued_bytes 40',
    'uzima_queued_bytes_max 30',
    'uzima_connection_attempts_total{outcome="closed",code="SLOW_CONSUMER"} 0',
    'uzima_authentications_total{via="socket",result="refused",code="AUTH_TOKEN_EXPIRED"} 1',
    'uzima_authentications_total{via="socket",result="accepted",code="none"} 1',
    'uzima_connection_attempts_total{outcome="refused",code="AUTH_TOKEN_EXPIRED"} 1',
    'uzima_connection_attempts_total{outcome="accepted",code="none"} 1',
    'uzima_http_requests_total{method="GET",route="/api/inventory",status="200"} 1',
    'uzima_http_request_seconds_bucket{le="0.0025",method="GET",route="/api/inventory"} 1',
    'uzima_log_position_seq 0',
    'uzima_log_confirmed_age_seconds 0',
    'uzima_commit_to_delivery_seconds_count 0',
    'uzima_revocation_seconds_count 0',
    'uzima_adhoc_dropped_total{direction="out"} 0',
    'uzima_movements_total{type="consumed"} 0',
    'uzima_log_resets_total{reason="epoch_changed"} 0',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).toContain('process_cpu_user_seconds_total')
})

it('makes no series of what callers send', async () => {
  const metrics = createMetrics()
  for (let i = 0; i < 100; i += 1) {
    metrics.attempted('refused', `CODE_${i.toString()}`)
    metrics.answered({ method: `M${i.toString()}`, route: '*', status: 404, seconds: 0 })
  }
  const text = await metrics.render()
  expect(text).toContain('uzima_connection_attempts_total{outcome="refused",code="other"} 100')
  expect(text).toContain('uzima_http_requests_total{method="other",route="*",status="404"} 100')
})

it('says in which state Redis is, and why, for as long as that is so', async () => {
  const metrics = createMetrics()
  const node = { ready: true, databaseUp: true, databaseWritable: true }
  metrics.sawNode({ ...node, redis: { state: 'down', reason: 'no_answer' } })
  expect(await metrics.render()).toContain('uzima_redis_trouble{reason="no_answer"} 1')
  metrics.sawNode({ ...node, redis: { state: 'up' } })
  const text = await metrics.render()
  expect(text).toContain('uzima_redis_state{state="up"} 1')
  expect(text).toContain('uzima_redis_state{state="down"} 0')
  expect(text).not.toContain('uzima_redis_trouble{')
})

it('reads gauges anew before each scrape', async () => {
  const metrics = createMetrics()
  let seq = 0
  metrics.beforeScrape(async () => metrics.logPositionSeq.set(seq))
  seq = 7
  expect(await metrics.render()).toContain('uzima_log_position_seq 7')
  seq = 8
  expect(await metrics.render()).toContain('uzima_log_position_seq 8')
})

it('renders once for all who ask at the same time, and anew for the next', async () => {
  const metrics = createMetrics()
  let renderings = 0
  metrics.beforeScrape(async () => {
    renderings += 1
  })
  const texts = await Promise.all(Array.from({ length: 50 }, () => metrics.render()))
  expect(renderings).toBe(1)
  expect(new Set(texts).size).toBe(1)
  await metrics.render()
  expect(renderings).toBe(2)
})

it('keeps two servers in one process apart', async () => {
  const [first, second] = [createMetrics(), createMetrics()]
  first.replayed.inc()
  expect(await second.render()).toContain('uzima_replayed_events_total 0')
})
