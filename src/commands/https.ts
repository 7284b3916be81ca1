import { Command } from 'commander'
import { join } from 'node:path'
import { loadConfig } from '../config/load.js'
import { ensureCertificates } from '../tls/certificates.js'
import { readMachineNames } from '../tls/machine-names.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'

const USUAL_PORT = 3_443

/** `uzima https`: makes the certificates of this machine, or renews what is due, and says where tablets go. */
export const httpsCommand = (): Command =>
  new Command('https')
    .description('make the certificates of HTTPS_PORT, and print the addresses and the fingerprint')
    .addHelpText('after', examples(['uzima https', 'then docs/clinic.md, tablet by tablet']))
    .action(async (flags: JsonFlag) => {
      const { dataDir, port, httpsPort, httpsNames = [] } = loadConfig()
      const folder = join(dataDir, 'tls')
      const machine = readMachineNames(httpsNames)
      const { authority, leftOut } = await ensureCertificates(folder, machine)
      const secure = (httpsPort ?? USUAL_PORT).toString()
      const addresses = [...machine.names, ...machine.addresses].filter(isForOthers).map((at) => {
        const host = at.includes(':') ? `[${at}]` : at
        return { http: `http://${host}:${port.toString()}`, https: `https://${host}:${secure}` }
      })
      const { fingerprint256: sha256, fingerprint: sha1 } = authority
      const lines = [
        ...(httpsPort === undefined
          ? [`Set HTTPS_PORT=${secure} and HOST=0.0.0.0, and start the server again.`]
          : []),
        'On each tablet, once, open one of:',
        ...addresses.map(({ http, https }) => `  ${http}  leads to  ${https}`),
        'The page there shows these letters; write them down and compare:',
        `  SHA-256 ${sha256}`,
        `  SHA-1   ${sha1}`,
        ...(leftOut.length > 0
          ? [
              `Not in the certificate: ${leftOut.join(', ')}. To have them, remove ${folder}, run this again, and let every tablet trust the new one.`,
            ]
          : []),
      ]
      say(flags, { addresses, fingerprints: { sha256, sha1 }, leftOut }, lines.join('\n'))
    })

const isForOthers = (at: string): boolean => !/^(?:localhost|127\.|::1$)/.test(at)
