import { Command } from 'commander'
import { join } from 'node:path'
import { loadConfig } from '../config/load.js'
import { ensureCertificates } from '../tls/certificates.js'
import { readMachineNames } from '../tls/machine-names.js'

const USUAL_PORT = 3_443

/** `uzima https`: makes the certificates of this machine, or renews what is due, and says where tablets go. */
export const httpsCommand = (): Command =>
  new Command('https')
    .description('make the certificates of HTTPS_PORT, and print the addresses and the fingerprint')
    .action(async () => {
      const { dataDir, port, httpsPort, httpsNames = [] } = loadConfig()
      const folder = join(dataDir, 'tls')
      const machine = readMachineNames(httpsNames)
      const { authority, leftOut } = await ensureCertificates(folder, machine)
      const secure = (httpsPort ?? USUAL_PORT).toString()
      if (httpsPort === undefined) {
        console.log(`Set HTTPS_PORT=${secure} and HOST=0.0.0.0, and start the server again.`)
      }
      console.log('On each tablet, once, open one of:')
      for (const at of [...machine.names, ...machine.addresses].filter(isForOthers)) {
        const host = at.includes(':') ? `[${at}]` : at
        console.log(`  http://${host}:${port.toString()}  leads to  https://${host}:${secure}`)
      }
      console.log('The page there shows these letters; write them down and compare:')
      console.log(`  SHA-256 ${authority.fingerprint256}`)
      console.log(`  SHA-1   ${authority.fingerprint}`)
      if (leftOut.length > 0) {
        console.log(
          `Not in the certificate: ${leftOut.join(', ')}. To have them, remove ${folder}, run this again, and let every tablet trust the new one.`,
        )
      }
    })

const isForOthers = (at: string): boolean => !/^(?:localhost|127\.|::1$)/.test(at)
