import { context, propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node'

export interface SpanRecorder extends AsyncDisposable {
  /** Spans that ended, of one trace. */
  readonly spansOf: (traceId: string) => ReadableSpan[]
  /** Spans that tell of an entry of the log. */
  readonly spansAt: (seq: number) => ReadableSpan[]
}

/** Registers a real provider for this process, as an operator does before the service starts. */
export const recordSpans = (): SpanRecorder => {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  return {
    spansOf: (traceId) =>
      exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId),
    spansAt: (seq) =>
      exporter.getFinishedSpans().filter(({ attributes }) => attributes['uzima.log.seq'] === seq),
    [Symbol.asyncDispose]: async () => {
      for (const api of [trace, context, propagation]) api.disable()
      await provider.shutdown()
    },
  }
}
