import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** One of our own metrics, as a document tells of it. */
export interface MetricLine {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

type Make<M> = (name: string, help: string, labels?: readonly string[]) => M

/** Makes metrics of one registry; each has at most the labels that are named. */
export interface MakeMetrics {
  readonly gauge: Make<Gauge>
  readonly counter: Make<Counter>
  /** Of seconds, from 1 ms to 10 s. */
  readonly latency: Make<Histogram>
  /** What was made so far. */
  readonly list: () => readonly MetricLine[]
}

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export const makeMetricsOf = (registry: Registry): MakeMetrics => {
  const made: MetricLine[] = []
  const note = (
    type: MetricLine['type'],
    name: string,
    help: string,
    labels: readonly string[],
  ) => {
    made.push({ name, type, help, labels })
    return { name, help, labelNames: labels, registers: [registry] }
  }
  return {
    gauge: (name, help, labels = []) => new Gauge(note('gauge', name, help, labels)),
    counter: (name, help, labels = []) => new Counter(note('counter', name, help, labels)),
    latency: (name, help, labels = []) =>
      new Histogram({ ...note('histogram', name, help, labels), buckets: LATENCY_BUCKETS }),
    list: () => made,
  }
}
