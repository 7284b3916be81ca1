import { hostName, listOf, wholeNumber } from './parsers.js'
import type { Setting } from './setting.js'

/** Settings of HTTPS without a proxy. */
export const HTTPS_SETTINGS = {
  httpsPort: {
    variable: 'HTTPS_PORT',
    parse: wholeNumber(0, 65_535),
    example: '3443',
    meaning:
      'Left out, the server speaks plain HTTP, to put a proxy with TLS before it. Set, it serves HTTPS there with a certificate of its own, which it keeps in DATA_DIR/tls and renews; on PORT other machines then get a page alone that says how to trust it. See docs/clinic.md.',
  },
  httpsNames: {
    variable: 'HTTPS_NAMES',
    parse: listOf(hostName),
    example: 'clinic.local,stock.clinic.lan',
    meaning:
      'Left out, that certificate is for the name of this machine, that name with .local, localhost, and its private addresses.',
  },
} as const satisfies Record<string, Setting>
