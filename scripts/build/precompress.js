import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TEXT = /\.(?:js|mjs|css|html|svg|json|webmanifest|txt)$/
/** A shorter file fits into one packet of the network either way. */
const MIN_BYTES = 1_024

/** Puts a packed one beside each text in `folder`, as small as it gets: the server hands them out as they are. */
export const precompress = async (folder) => {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
  for (const file of files) if (/\.(?:br|gz)$/.test(file)) rmSync(file)
  await Promise.all(files.filter((file) => TEXT.test(file)).map(packBeside))
}

const packBeside = async (file) => {
  const bytes = readFileSync(file)
  if (bytes.length < MIN_BYTES) return
  writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  const { BROTLI_PARAM_SIZE_HINT: hint, BROTLI_PARAM_QUALITY: quality } = constants
  const params = { [quality]: 11, [hint]: bytes.length }
  writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, { params }))
}
