import type { FastifyInstance } from 'fastify'
import { join } from 'node:path'
import { explainListenError } from '../config/start-errors.js'
import { createSecureDoor, guardPlainDoor } from '../http/secure-door.js'
import { createTrustAnswer } from '../http/trust/answer.js'
import { ensureCertificates } from '../tls/certificates.js'
import { readMachineNames } from '../tls/machine-names.js'
import type { Base } from './base.js'
import { repeat } from './repeat.js'

/** A machine gets another address when its router says so, and phones ask within the minute. */
const LOOK_EVERY_MS = 60_000

/**
 * Serves `api` over HTTPS on `HTTPS_PORT`, with a certificate that is renewed by itself; over plain HTTP other machines are then
 * told how to trust it, and get nothing else. Resolves to the port, or to undefined where the setting is left out.
 */
export const listenSecurely = async (
  { config, logger, releases }: Base,
  api: FastifyInstance,
): Promise<number | undefined> => {
  const { host, httpsPort, httpsNames = [], dataDir } = config
  if (httpsPort === undefined) return undefined
  const look = () => ensureCertificates(join(dataDir, 'tls'), readMachineNames(httpsNames))
  const first = await look()
  const { leftOut } = first
  let { authority, server } = first
  if (leftOut.length > 0) {
    logger.warn(
      { leftOut },
      'The certificate has not all names: its authority is older than they are',
    )
  }
  const door = createSecureDoor(api.server, server)
  const portOf = (): number => {
    const address = door.address()
    return typeof address === 'object' && address !== null ? address.port : httpsPort
  }
  guardPlainDoor(api.server, createTrustAnswer({ authority: () => authority, securePort: portOf }))
  api.addHook('onClose', () => {
    door.closeAllConnections()
  })
  await new Promise<void>((resolve, reject) => {
    door.once('error', (error) => {
      reject(asError(explainListenError(error, { host, port: httpsPort, variable: 'HTTPS_PORT' })))
    })
    door.listen(httpsPort, host, resolve)
  })
  releases.add('https', () => {
    door.close()
  })

  const renew = async (): Promise<void> => {
    try {
      const next = await look()
      authority = next.authority
      if (next.server.certificate === server.certificate) return
      server = next.server
      door.setSecureContext({ key: server.key, cert: server.certificate, minVersion: 'TLSv1.2' })
      logger.info('The certificate of this server is renewed')
    } catch (error) {
      logger.error({ err: error }, 'The certificate of this server could not be looked at')
    }
  }
  releases.add('certificate', repeat(renew, LOOK_EVERY_MS).stop)
  return portOf()
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))
