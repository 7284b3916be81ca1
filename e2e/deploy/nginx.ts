import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { librariesOf, unpackDebianPackage } from '../../test/support/debian-package.js'
import { startProgram } from '../../test/support/program.js'
import { freePort, serverTmpDir } from '../../test/support/server-process.js'

const run = promisify(execFile)

/** nginx with the configuration of deploy/nginx in front of two nodes, by TLS with a certificate of its own. */
export interface Proxy extends AsyncDisposable {
  readonly url: string
  readonly plainUrl: string
  /** The file with its certificate, for whoever is to trust it (NODE_EXTRA_CA_CERTS). */
  readonly certificate: string
  /** What it wrote into both of its logs. */
  readonly logs: () => Promise<string>
}

/** Starts it on free ports; only addresses and paths of the configuration are replaced. */
export const startProxy = async (nodes: readonly [number, number]): Promise<Proxy> => {
  const { command, env } = await findNginx()
  const folder = await mkdtemp(join(serverTmpDir, 'uzima-nginx-'))
  // Its workers run as nobody where we are root.
  await chmod(folder, 0o755)
  for (const name of ['logs', 'temp']) await mkdir(join(folder, name))
  if (process.getuid?.() === 0) await chown(join(folder, 'temp'), 65_534, 65_534)
  const [plain, secure] = [await freePort(), await freePort()]
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')]
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
  ])
  const replaced: readonly (readonly [string, string])[] = [
    ['node-1:3000', `127.0.0.1:${nodes[0].toString()}`],
    ['node-2:3000', `127.0.0.1:${nodes[1].toString()}`],
    ['listen 80;', `listen 127.0.0.1:${plain.toString()};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${secure.toString()} ssl;`],
    ['/etc/nginx/certificates/', `${folder}/`],
    ['/var/log/nginx/', `${folder}/logs/`],
  ]
  let text = await readFile('deploy/nginx/uzima.conf', 'utf8')
  for (const [from, to] of replaced) {
    if (!text.includes(from)) throw new Error(`deploy/nginx/uzima.conf has no ${from}`)
    text = text.replaceAll(from, to)
  }
  await writeFile(join(folder, 'uzima.conf'), text)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temp/${name};`,
  )
  const main = `pid ${folder}/nginx.pid; daemon off; worker_processes 2; error_log ${folder}/logs/error.log crit;
    events {} http { ${temporary.join(' ')} include ${folder}/uzima.conf; }`
  await writeFile(join(folder, 'nginx.conf'), main)
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf')]
  await run(command, [...args, '-t'], { env: { ...process.env, ...env } })
  const program = await startProgram(args, { command, folder, env })
  return {
    url: `https://127.0.0.1:${secure.toString()}`,
    plainUrl: `http://127.0.0.1:${plain.toString()}`,
    certificate,
    logs: async () => {
      const names = ['access.log', 'error.log']
      const texts = await Promise.all(
        names.map((name) => readFile(join(folder, 'logs', name), 'utf8').catch(() => '')),
      )
      return texts.join('\n')
    },
    [Symbol.asyncDispose]: program.stop,
  }
}

const findNginx = async (): Promise<{ command: string; env: Record<string, string> }> => {
  const installed = await run('nginx', ['-v']).catch(() => undefined)
  if (installed !== undefined) return { command: 'nginx', env: {} }
  try {
    const root = await unpackDebianPackage('nginx', 'nginx')
    return { command: join(root, 'usr', 'sbin', 'nginx'), env: await librariesOf(root) }
  } catch (cause) {
    throw new Error('nginx is missing: install it with `apt-get install nginx`.', { cause })
  }
}
