import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureCertificates, type Certificates } from '../../src/tls/certificates.js'
import {
  authorityExtensions,
  serverExtensions,
  signCertificate,
} from '../../src/tls/certificate.js'

const DAY_MS = 86_400_000
const NOW = new Date('2026-11-27T12:00:00Z')
const after = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS)
const MACHINE = {
  names: ['localhost', 'clinic', 'clinic.local'],
  addresses: ['127.0.0.1', '192.168.1.5', '::1', 'fd12:3456::9'],
}

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-tls-'))
})
afterEach(() => rm(folder, { recursive: true }))

const serverOf = ({ server }: Certificates): X509Certificate =>
  new X509Certificate(server.certificate)

/** What a TLS client that trusts `ca` alone says of the server: an error's code, or that it is fine. */
const judge = async (
  served: { readonly key: string; readonly certificate: string },
  ca: X509Certificate,
  servername: string,
): Promise<string> => {
  const server = createServer({ key: served.key, cert: served.certificate })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', servername, ca: ca.toString() }, () => {
        resolve('trusted')
        socket.destroy()
      })
      socket.on('error', (error: Error) => {
        resolve(error.message)
      })
    })
  } finally {
    server.close()
  }
}

describe('the certificates of a machine', () => {
  it('have its names and addresses, are short enough for phones, and their keys are for their owner alone', async () => {
    const made = await ensureCertificates(folder, MACHINE, NOW)
    const server = serverOf(made)
    for (const name of MACHINE.names) expect(server.checkHost(name)).toBe(name)
    for (const address of MACHINE.addresses) expect(server.checkIP(address)).toBe(address)
    expect(server.checkHost('bank.example')).toBeUndefined()
    expect(server.ca).toBe(false)
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(made.authority.ca).toBe(true)
    expect(server.checkIssued(made.authority)).toBe(true)
    expect(server.verify(made.authority.publicKey)).toBe(true)
    const days = (Date.parse(server.validTo) - Date.parse(server.validFrom)) / DAY_MS
    expect(days).toBeLessThanOrEqual(398)
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
    }
  })

  it('stay as they are until 30 days before their end, then the server gets a new one of the same authority', async () => {
    const first = await ensureCertificates(folder, MACHINE, NOW)
    expect((await ensureCertificates(folder, MACHINE, after(360))).server).toEqual(first.server)
    const second = await ensureCertificates(folder, MACHINE, after(370))
    expect(second.authority.fingerprint256).toBe(first.authority.fingerprint256)
    expect(Date.parse(serverOf(second).validTo)).toBe(after(370 + 397).getTime())
    // The clock of a machine without a battery, after a power cut.
    expect((await ensureCertificates(folder, MACHINE, new Date(0))).server).toEqual(second.server)
  })

  it('get an address that the machine has got since, and no name that the authority was not made for', async () => {
    const first = await ensureCertificates(folder, MACHINE, NOW)
    const moved = {
      names: [...MACHINE.names, 'other.local', 'clinic.example'],
      addresses: ['10.0.0.7'],
    }
    const second = await ensureCertificates(folder, moved, NOW)
    expect(second.authority.fingerprint256).toBe(first.authority.fingerprint256)
    expect(serverOf(second).checkIP('10.0.0.7')).toBe('10.0.0.7')
    expect(serverOf(second).checkHost('other.local')).toBe('other.local')
    expect(second.leftOut).toEqual(['clinic.example'])
    expect(serverOf(second).checkHost('clinic.example')).toBeUndefined()
  })

  it('are not made while the clock is surely wrong, and a damaged authority is never replaced', async () => {
    await expect(ensureCertificates(folder, MACHINE, new Date(0))).rejects.toThrow(/Set the clock/)
    await writeFile(join(folder, 'authority.json'), '{')
    await expect(ensureCertificates(folder, MACHINE, NOW)).rejects.toThrow(/is damaged/)
    expect(await readFile(join(folder, 'authority.json'), 'utf8')).toBe('{')
  })

  it('are trusted by who trusts the authority, which can sign for no site of the internet', async () => {
    const made = await ensureCertificates(folder, MACHINE)
    expect(await judge(made.server, made.authority, 'clinic.local')).toBe('trusted')
    const stranger = await ensureCertificates(join(folder, 'other'), MACHINE)
    expect(await judge(made.server, stranger.authority, 'clinic.local')).not.toBe('trusted')

    const { key } = JSON.parse(await readFile(join(folder, 'authority.json'), 'utf8')) as {
      key: string
    }
    const forge = (name: string) => ({
      key: made.server.key,
      certificate: signCertificate(
        {
          subject: 'Uzima server',
          issuer: made.authority.subject.replace('CN=', ''),
          notBefore: new Date(Date.now() - DAY_MS),
          notAfter: new Date(Date.now() + DAY_MS),
          publicKey: serverOf(made).publicKey,
          issuerPublicKey: made.authority.publicKey,
          extensions: serverExtensions([name], []),
        },
        createPrivateKey(key),
      ),
    })
    expect(await judge(forge('bank.local'), made.authority, 'bank.local')).toBe('trusted')
    expect(await judge(forge('bank.example'), made.authority, 'bank.example')).toMatch(
      /permitted subtree violation/,
    )
  })

  it('are read by others as they were meant, whatever the names and addresses', async () => {
    const { server, authority } = await ensureCertificates(folder, MACHINE, NOW)
    const key = createPrivateKey(server.key)
    const { publicKey } = new X509Certificate(server.certificate)
    expect(authorityExtensions(['a'], [{ address: '10.0.0.0', prefix: 8 }])).toHaveLength(3)
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.domain(), { maxLength: 20 }),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 20 }),
        fc.date({ min: new Date(0), max: new Date('2199-01-01'), noInvalidDate: true }),
        (names, addresses, at) => {
          const certificate = new X509Certificate(
            signCertificate(
              {
                subject: 'Uzima server',
                issuer: authority.subject,
                notBefore: at,
                notAfter: at,
                publicKey,
                issuerPublicKey: publicKey,
                extensions: serverExtensions(names, addresses),
              },
              key,
            ),
          )
          for (const name of names) expect(certificate.checkHost(name)).toBe(name)
          for (const address of addresses) expect(certificate.checkIP(address)).toBe(address)
          expect(Date.parse(certificate.validTo)).toBe(Math.floor(at.getTime() / 1_000) * 1_000)
          expect(certificate.verify(publicKey)).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })
})
