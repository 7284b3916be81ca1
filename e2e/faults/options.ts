import { parseArgs } from 'node:util'
import { FAULT_KINDS, type FaultKind } from './nemesis/schedule.js'
import type { CrowdSize } from './workload/crowd.js'

/** What the command line asked for. */
export interface Options {
  readonly form: 'short' | 'soak' | 'sabotage' | 'chaos'
  readonly seed: number
  readonly faults: number
  /** How long the chaos lasts. */
  readonly minutes: number
  readonly size: CrowdSize
  readonly only: readonly FaultKind[] | undefined
  /** Kinds that are left out. */
  readonly without: readonly FaultKind[]
  readonly calmMs: number
  /** Writes the figures of all kept runs into docs, after this one. */
  readonly publish: boolean
  /** Does only that. */
  readonly publishOnly: boolean
  /** Name of a kept run below reports/faults to decide again, with today's checker. */
  readonly recheck: string | undefined
  /** Names of the sabotaged builds to try; all by default. */
  readonly builds: readonly string[]
}

const SIZES: Readonly<Record<Options['form'], CrowdSize>> = {
  short: {
    raw: 14,
    stock: 4,
    slow: 2,
    ghosts: 6,
    writers: 6,
    sqlWriters: 2,
    subjects: 10,
    listeners: 8,
    items: 40,
    perSecond: 30,
    revokeEveryMs: 2_500,
    racing: 0.5,
  },
  soak: {
    raw: 40,
    stock: 6,
    slow: 4,
    ghosts: 20,
    writers: 8,
    sqlWriters: 2,
    subjects: 30,
    listeners: 20,
    items: 40,
    perSecond: 60,
    revokeEveryMs: 5_000,
    racing: 0.5,
  },
  chaos: {
    raw: 36,
    stock: 10,
    slow: 4,
    packaged: 14,
    ghosts: 8,
    writers: 6,
    sqlWriters: 2,
    subjects: 20,
    members: 8,
    listeners: 16,
    newcomers: 6,
    items: 30,
    // As much as two cores carry beside three nodes, two PostgreSQL and everybody who follows.
    perSecond: 14,
    revokeEveryMs: 4_000,
    racing: 0.5,
    bySql: 0.4,
  },
  sabotage: {
    raw: 6,
    stock: 0,
    slow: 0,
    ghosts: 2,
    writers: 8,
    sqlWriters: 2,
    subjects: 8,
    listeners: 2,
    items: 8,
    perSecond: 50,
    revokeEveryMs: 60_000,
    racing: 0,
  },
}

/** Reads the arguments; throws with what is wrong with them. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      sabotage: { type: 'boolean', default: false },
      chaos: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      publish: { type: 'boolean', default: false },
      'publish-only': { type: 'boolean', default: false },
      seed: { type: 'string' },
      faults: { type: 'string' },
      rate: { type: 'string' },
      only: { type: 'string' },
      'no-clock-skew': { type: 'boolean', default: false },
      recheck: { type: 'string' },
      build: { type: 'string', multiple: true, default: [] },
    },
  })
  const form = formOf(values)
  const size = SIZES[form]
  return {
    form,
    seed: wholeNumber('seed', values.seed, Math.floor(Math.random() * 1e9)),
    faults: wholeNumber(
      'faults',
      values.faults,
      { short: 6, soak: 50, sabotage: 0, chaos: 0 }[form],
    ),
    minutes: wholeNumber('minutes', values.minutes, 60),
    size: { ...size, perSecond: wholeNumber('rate', values.rate, size.perSecond) },
    only: values.only?.split(',').map(faultKind),
    without: values['no-clock-skew'] ? ['clock-skew'] : [],
    calmMs: form === 'soak' || form === 'chaos' ? 10_000 : 4_000,
    publish: values.publish,
    publishOnly: values['publish-only'],
    recheck: values.recheck,
    builds: values.build,
  }
}

const formOf = (values: {
  readonly sabotage: boolean
  readonly short: boolean
  readonly chaos: boolean
}): Options['form'] => {
  if (values.sabotage) return 'sabotage'
  if (values.chaos) return 'chaos'
  return values.short ? 'short' : 'soak'
}

const wholeNumber = (name: string, text: string | undefined, byDefault: number): number => {
  if (text === undefined) return byDefault
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is a whole number.`)
  return value
}

const faultKind = (name: string): FaultKind => {
  if (!Object.hasOwn(FAULT_KINDS, name)) {
    throw new Error(`--only ${name}: the faults are ${Object.keys(FAULT_KINDS).join(', ')}.`)
  }
  // Just seen to be a key.
  return name as FaultKind
}
