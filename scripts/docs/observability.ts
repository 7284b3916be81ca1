import { createMetrics } from '../../src/observability/metrics.js'
import { readLogLines, type LogLine } from './log-lines.js'
import { LOG_MEANINGS } from './log-meanings.js'
import { row } from './table.js'

/** All of our metrics, as the server makes them. */
export const metricsDocument = (): string => `# Metrics

What \`GET /metrics\` tells, in Prometheus' text format, beside the process metrics of
[prom-client](https://github.com/siimon/prom-client#default-metrics). Labels have values of fixed lists, so the number of series
does not grow with users or callers. A board and alert rules are in \`ops\`; [operations](operations.md#alerts) says what to do.
Source: \`src/observability\`. Histograms are in seconds, with buckets from 1 ms to 10 s.

| metric | kind | labels | what it tells |
| --- | --- | --- | --- |
${[...createMetrics().list()]
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ name, type, labels, help }) =>
    row(`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help),
  )
  .join('\n')}
`

/** All lines of the log, as the source writes them. Throws where one has no meaning, or a meaning no line. */
export const logsDocument = (): string => {
  const lines = readLogLines('src')
  const unknown = lines.filter(({ message }) => LOG_MEANINGS[message] === undefined)
  const gone = Object.keys(LOG_MEANINGS).filter((key) =>
    lines.every(({ message }) => message !== key),
  )
  if (unknown.length > 0 || gone.length > 0) {
    throw new Error(
      [
        'scripts/docs/log-meanings.ts has to say what each line of the log means.',
        ...unknown.map(({ file, message }) => `Missing: "${message}" (${file})`),
        ...gone.map((message) => `No line: "${message}"`),
      ].join('\n'),
    )
  }
  return `# The lines of the log

One event, one line: JSON on standard output, text where that is a terminal. Each has \`level\`, \`time\` (ISO 8601, UTC), \`name\`
(the node) and \`msg\`; an error stands in \`err\` with its chain of causes. \`LOG_LEVEL\` says from which level on. Tokens and
secrets are replaced by \`[redacted]\`, whatever wrote them.

A request has an id: the caller's \`X-Request-Id\` where that is 1 to 64 letters, digits, \`-\` and \`_\`, else one is made. It goes
back in the answer and stands as \`requestId\` on the lines of the request and of the delivery of what it changed; from there
\`seq\` leads to the same entry on the other nodes (at debug), in \`GET /api/events\`, in the history of the item and in the traces.

| message | level | members | what it means |
| --- | --- | --- | --- |
${lines.map(lineRow).join('\n')}
`
}

const lineRow = ({ message, levels, members }: LogLine): string => {
  const { meaning, level, message: shown } = LOG_MEANINGS[message] ?? { meaning: '' }
  return row(
    shown ?? message,
    level ?? levels.join(', '),
    members.map((name) => `\`${name}\``).join(', '),
    meaning,
  )
}
