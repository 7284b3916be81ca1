import { describeEvents, type DescribedMessage } from './asyncapi.js'

/** The Socket.IO interface for people to read, from the same schemas as `asyncapi.json`. Needs no script. */
export const eventsPage = (): string => {
  const { server, client } = describeEvents()
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Uzima Realtime: events</title>
<style>
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif }
pre { overflow: auto; padding: 1rem; background: #f2f5f4; font-size: 0.85rem }
</style>
<h1>Events over Socket.IO</h1>
<p><a href="../docs">REST</a> · <a href="asyncapi.json">asyncapi.json</a>, the same for machines · <a href="openapi.json">openapi.json</a></p>
<h2>From the server</h2>
${server.map(section).join('\n')}
<h2>From a client</h2>
${client.map(section).join('\n')}
</html>
`
}

const section = ({ id, name, summary, payload }: DescribedMessage): string =>
  `<h3 id="${id}"><code>${escaped(name)}</code></h3>
<p>${escaped(summary)}</p>
<details><summary>Schema of the payload</summary><pre>${escaped(JSON.stringify(payload, undefined, 2))}</pre></details>`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
