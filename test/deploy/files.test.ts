import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import {
  commandOf,
  environmentOf,
  readCopy,
  readDockerfile,
  textsOf,
} from '../../e2e/deploy/dockerfile.js'
import { loadConfig } from '../../src/config/load.js'
import { SETTINGS } from '../../src/config/schema.js'
import type { Setting } from '../../src/config/setting.js'

const read = (name: string): string => readFileSync(`deploy/${name}`, 'utf8')

const VARIABLES = Object.values<Setting>(SETTINGS).map(({ variable }) => variable)
/** Longer than any process takes to end, see `STOP_WITHIN_MS` of src/main.ts. */
const ENDS_WITHIN_S = 10
const GIVEN = {
  JWT_SECRET: 'q7Rk2vX9mB4tY8wE1uP6sD3fG5hJ0kLzNcVbMxQaWsE',
  METRICS_TOKEN: 'd41f0e7a9b2c4d6e8f1a3b5c7d9e0f2a4b6c8d0e2f4a6b8c',
  DATABASE_URL: 'postgres://uzima:secret@db/uzima',
  REDIS_URL: 'redis://redis:6379',
}

/** Lines `NAME=value`, those that a comment offers included. */
const linesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )

const expectSettings = (env: Readonly<Record<string, string>>): void => {
  expect(VARIABLES).toEqual(expect.arrayContaining(Object.keys(env)))
  expect(loadConfig({ NODE_ENV: 'production', ...env })).toMatchObject({
    timeZone: 'Africa/Nairobi',
  })
}

const port = environmentOf(readDockerfile().at(-1))['PORT'] ?? ''

describe('the container file', () => {
  const stages = readDockerfile()
  const last = stages.at(-1)

  it('copies what is there, and the manifest of every package', () => {
    const copied: string[] = []
    for (const stage of stages) {
      for (const text of textsOf(stage, 'COPY')) {
        const { from, sources, target } = readCopy(text)
        expect(target).toMatch(/^\.\//)
        if (from === undefined) {
          for (const source of sources) expect(existsSync(source)).toBe(true)
          copied.push(...sources)
        } else expect(stages.map(({ name }) => name)).toContain(from)
      }
    }
    const manifests = readdirSync('packages').map((name) => `packages/${name}/package.json`)
    expect(copied).toEqual(expect.arrayContaining(manifests))
  })

  it('runs without root, gets the signal itself, and knows its settings', () => {
    expect(textsOf(last, 'USER')).toEqual(['node'])
    expect(commandOf(textsOf(last, 'CMD')[0])[0]).toBe('node')
    expect(textsOf(last, 'EXPOSE')).toEqual([port])
    expect(VARIABLES).toEqual(expect.arrayContaining(Object.keys(environmentOf(last))))
    expect(textsOf(last, 'HEALTHCHECK')[0]).toContain('/health/ready')
  })

  it('leaves out what a build makes', () => {
    expect(read('Dockerfile.dockerignore')).toMatch(/^\*\*\/node_modules$/m)
  })
})

describe('the compose file', () => {
  interface Service {
    readonly environment?: Readonly<Record<string, string>>
    readonly read_only?: boolean
    readonly stop_grace_period?: string
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
    readonly healthcheck?: unknown
    readonly volumes?: readonly string[]
  }
  const { services } = parse(read('compose.yaml'), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>
  }
  const nodes = ['node-1', 'node-2'].map((name) => services[name])

  it('has two nodes that differ by their names alone, with settings that are some', () => {
    const given: Readonly<Record<string, string>> = {
      ...linesOf(read('compose.env.example')),
      ...GIVEN,
    }
    for (const node of nodes) {
      const env = Object.entries(node?.environment ?? {}).map(([name, text]) => {
        const filled = text.replaceAll(/\$\{(\w+):[?-][^}]*\}/g, (_, variable: string) => {
          expect(Object.keys(given).concat('POSTGRES_PASSWORD')).toContain(variable)
          return given[variable] ?? 'secret'
        })
        return [name, filled] as const
      })
      expectSettings(Object.fromEntries(env))
      expect(node?.read_only).toBe(true)
      expect(node?.environment?.['CHECKPOINT_KEY_FILE']).toMatch(/^\/etc\/uzima\//)
      expect(node?.volumes?.join()).toMatch(/:\/etc\/uzima:ro$/)
      expect(Number.parseInt(node?.stop_grace_period ?? '', 10)).toBeGreaterThan(ENDS_WITHIN_S)
    }
    const [one, two] = nodes
    expect({ ...one, environment: { ...one?.environment, NODE_NAME: 'node-2' } }).toEqual(two)
  })

  it('waits for services that tell of their health, mounts what is there, and holds no secret', () => {
    for (const { depends_on: needs = {}, volumes = [] } of Object.values(services)) {
      for (const name of Object.keys(needs)) {
        expect(services).toHaveProperty(name)
        // The nodes bring theirs in the container file.
        if (!name.startsWith('node-')) expect(services[name]?.healthcheck).toBeDefined()
      }
      for (const volume of volumes.filter((text) => text.startsWith('./nginx'))) {
        expect(existsSync(`deploy/${volume.split(':')[0] ?? ''}`)).toBe(true)
      }
    }
    for (const name of ['JWT_SECRET', 'POSTGRES_PASSWORD', 'METRICS_TOKEN', 'ADMIN_PASSWORD']) {
      expect(linesOf(read('compose.env.example'))[name]).toBe('')
    }
  })
})

it('nginx knows the nodes by the names and the port that they have', () => {
  const servers = [...read('nginx/uzima.conf').matchAll(/^\s*server (\S+) /gm)].map(([, at]) => at)
  expect([...new Set(servers)]).toEqual([`node-1:${port}`, `node-2:${port}`])
})

it('the unit gives a node the time to end, and the example of its settings has settings only', () => {
  const unit = read('systemd/uzima.service')
  const env = { ...linesOf(read('systemd/uzima.env')), ...GIVEN }
  expectSettings(env)
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(ENDS_WITHIN_S)
  expect(VARIABLES).toEqual(
    expect.arrayContaining(
      [...(/^Environment=(.*)$/m.exec(unit)?.[1] ?? '').matchAll(/(\w+)=/g)].map(
        ([, name]) => name,
      ),
    ),
  )
  expect(/^ExecStart=\S+ \S*\/(dist\/\S+) serve$/m.exec(unit)?.[1]).toBe('dist/cli.js')
})

describe('the files of a clinic', () => {
  it('are scripts without an error of syntax, and a unit that gives a node the time to end', () => {
    for (const name of readdirSync('deploy/clinic').filter((file) => file.endsWith('.sh'))) {
      execFileSync('sh', ['-n', `deploy/clinic/${name}`])
    }
    const unit = read('clinic/uzima.service')
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(2 * ENDS_WITHIN_S)
    // Else it would give up while an update goes back.
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m)
    expect(unit).toMatch(/^Restart=always$/m)
  })

  it('begin with settings that are some', () => {
    const [, settings = ''] = /<<SETTINGS\n(.*)\nSETTINGS/s.exec(read('clinic/install.sh')) ?? []
    const env = linesOf(settings)
    expect(VARIABLES).toEqual(expect.arrayContaining(Object.keys(env)))
    expect(loadConfig(env)).toMatchObject({ httpsPort: 3_443, demoData: false })
  })
})

describe('the Kubernetes manifest', () => {
  interface Probe {
    readonly httpGet: { readonly path: string; readonly port: string }
  }
  interface Manifest {
    readonly kind: string
    readonly metadata: { readonly name: string }
    // The rest is another one in each kind.
    readonly spec: never
  }
  const manifests = parseAllDocuments(read('kubernetes/uzima.yaml')).map(
    (document) => document.toJS() as Manifest,
  )
  const specOf = <T>(kind: string): T => {
    const found = manifests.find((manifest) => manifest.kind === kind)
    if (found === undefined) throw new Error(`There is no ${kind}.`)
    return found.spec
  }
  type Labels = Readonly<Record<string, string>>
  const { selector, template } = specOf<{
    readonly selector: { readonly matchLabels: Labels }
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly [
          {
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
            readonly env: readonly { readonly name: string; readonly value?: string }[]
            readonly startupProbe: Probe
            readonly readinessProbe: Probe
            readonly livenessProbe: Probe
            readonly lifecycle: {
              readonly preStop: { readonly exec: { readonly command: string[] } }
            }
          },
        ]
      }
    }
  }>('Deployment')
  const [container] = template.spec.containers

  it('sets what are settings, and takes its secrets by reference', () => {
    const env = container.env.map(({ name, value }) => [name, value ?? 'uzima-7c9d'] as const)
    expectSettings({ ...Object.fromEntries(env), ...GIVEN })
    for (const secret of Object.keys(GIVEN)) expect(env.map(([name]) => name)).not.toContain(secret)
    const told = [...read('kubernetes/uzima.yaml').matchAll(/--from-literal=(\w+)=/g)]
    expect(told.map(([, name]) => name)).toEqual(expect.arrayContaining(Object.keys(GIVEN)))
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret')
  })

  it('asks for the right health, at a port that is there', () => {
    expect(container.ports).toEqual([{ name: 'http', containerPort: Number(port) }])
    const { startupProbe, readinessProbe, livenessProbe } = container
    expect(readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http' })
    // A restart would not bring the database back.
    for (const { httpGet } of [startupProbe, livenessProbe]) {
      expect(httpGet).toEqual({ path: '/health/live', port: 'http' })
    }
  })

  it('gives a pod the time to end, and its parts find each other', () => {
    const [, seconds] = container.lifecycle.preStop.exec.command
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      Number(seconds) + ENDS_WITHIN_S,
    )
    const labels = selector.matchLabels
    expect(template.metadata.labels).toEqual(labels)
    expect(specOf<{ selector: unknown }>('PodDisruptionBudget').selector).toEqual({
      matchLabels: labels,
    })
    expect(specOf('Service')).toEqual({
      selector: labels,
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    })
    expect(JSON.stringify(specOf('Ingress'))).toContain(
      '"backend":{"service":{"name":"uzima","port":{"name":"http"}}}',
    )
  })
})
