/** The start failed for a reason that the operator can mend; the message names the setting and says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

const LISTEN: Readonly<Record<string, (at: Address) => string>> = {
  EADDRINUSE: ({ host, port, variable = 'PORT' }) =>
    `${variable}: ${port.toString()} is taken on ${host} by another process. Stop that one, or set ${variable} to a free port; 0 takes any.`,
  EACCES: ({ port, variable = 'PORT' }) =>
    `${variable}: this user may not listen on port ${port.toString()}. Set ${variable} to one above 1023.`,
  EADDRNOTAVAIL: ({ host }) =>
    `HOST: ${host} is no address of this machine. Set HOST to one of its own, or to 0.0.0.0 for all of them.`,
  ENOTFOUND: ({ host }) =>
    `HOST: the name ${host} is not known. Set HOST to an address of this machine, or to 0.0.0.0 for all of them.`,
}
const LISTEN_ALIASES: Readonly<Record<string, string>> = {
  EPERM: 'EACCES',
  EAI_AGAIN: 'ENOTFOUND',
  EINVAL: 'EADDRNOTAVAIL',
  EAFNOSUPPORT: 'EADDRNOTAVAIL',
}

interface Address {
  readonly host: string
  readonly port: number
  /** The setting that names the port; default `PORT`. */
  readonly variable?: string
}

/** What a failed `listen` means for PORT or HOST; any other error as it is. */
export const explainListenError = (error: unknown, address: Address): unknown => {
  const code = codeOf(error)
  const explain = LISTEN[LISTEN_ALIASES[code] ?? code]
  return explain === undefined ? error : new StartError(explain(address), { cause: error })
}

const FOLDER: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there. Give it the folder (chown)',
  EROFS: 'it is on a disk that is mounted read-only. Mount it writable',
  ENOTDIR: 'a part of the path is a file, not a folder. Move the file',
  ENOENT: 'it cannot be made there. Make the folder',
  ENOSPC: 'the disk is full. Free some space',
}
const FOLDER_ALIASES: Readonly<Record<string, string>> = {
  EPERM: 'EACCES',
  EEXIST: 'ENOTDIR',
  EDQUOT: 'ENOSPC',
}

/** What a failed access to a folder means for the setting that names it; any other error as it is. */
export const explainFolderError = (
  error: unknown,
  folder: string,
  variable = 'DATA_DIR',
): unknown => {
  const code = codeOf(error)
  const reason = FOLDER[FOLDER_ALIASES[code] ?? code]
  return reason === undefined
    ? error
    : new StartError(
        `${variable}: ${folder} cannot be used: ${reason}, or set ${variable} to another.`,
        { cause: error },
      )
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
