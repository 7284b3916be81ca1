import { createHash } from 'node:crypto'
import { TRUST_WORDS, type TrustLanguage } from './words.js'

const STYLE = `
:root{color-scheme:light dark}
body{margin:0 auto;max-width:40rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:#16212b;background:#fff;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25}
a.button{display:block;box-sizing:border-box;min-height:44px;padding:.6rem 1rem;margin:1rem 0;border-radius:8px;background:#0b6b63;color:#fff;text-align:center;text-decoration:none;font-weight:600}
a{color:#0b6b63}
a.other{display:inline-block;min-height:44px;line-height:44px;min-width:44px}
code{display:block;padding:.75rem;border:1px solid #7c8894;border-radius:8px;font:14px/1.6 ui-monospace,monospace;overflow-wrap:anywhere}
summary{min-height:44px;line-height:44px;font-weight:600}
@media (prefers-color-scheme:dark){body{color:#e7edf2;background:#11181e}a{color:#5fd0c3}a.button{background:#5fd0c3;color:#06231f}}
`

/** A browser that trusts the server gets an answer of it, which it may not read; any other gets none. */
const SCRIPT = `
const port = document.documentElement.dataset.port
const secure = 'https://' + location.hostname + ':' + port
const look = () => fetch(secure + '/health/live', { mode: 'no-cors', cache: 'no-store', credentials: 'omit' })
  .then(() => { location.replace(secure + '/' + location.hash) }, () => { setTimeout(look, 3000) })
look()
`

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The policy of the page: its own two texts, and questions to the same machine by HTTPS. */
export const TRUST_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  'connect-src https:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const AUTHORITY_PATH = '/uzima-authority.crt'

/** @param secureUrl where the stock is, such as `https://clinic.local:3443` */
export const trustPage = (options: {
  readonly language: TrustLanguage
  readonly secureUrl: string
  readonly securePort: number
  readonly fingerprints: { readonly sha256: string; readonly sha1: string }
}): string => {
  const { language, secureUrl, securePort, fingerprints } = options
  const words = TRUST_WORDS[language]
  const other = language === 'en' ? 'sw' : 'en'
  const steps = words.steps.map(
    ({ device, lines }) =>
      `<details><summary>${device}</summary><ol>${lines.map((line) => `<li>${line}</li>`).join('')}</ol></details>`,
  )
  return `<!doctype html>
<html lang="${language}" data-port="${securePort.toString()}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title><style>${STYLE}</style>
<main>
<a class="other" href="?lang=${other}" lang="${other}">${words.other}</a>
<h1>${words.title}</h1><p>${words.why}</p>
<a class="button" href="${AUTHORITY_PATH}">${words.download}</a>
<p>${words.compare}</p>
<code>SHA-256 ${fingerprints.sha256}</code><p></p><code>SHA-1 ${fingerprints.sha1}</code>
${steps.join('\n')}
<a class="button" href="${secureUrl}">${words.open}</a><p>${words.opensItself}</p>
</main><script>${SCRIPT}</script>
</html>
`
}
