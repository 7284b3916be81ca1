import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '../../e2e/rig/timing.js'
import type { Rig } from '../frame/rig.js'
import { fileOf, TELL, type NodeMoments } from './moments.js'

/** Settings that put a probe into a node, and what reads it. */
export interface Probes extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>
  /** Of each node, in their order. */
  readonly read: (rig: Rig) => Promise<NodeMoments[]>
}

const TELLS_WITHIN_MS = 10_000

export const createProbes = async (): Promise<Probes> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-probe-'))
  const readOf = async (file: string): Promise<NodeMoments | undefined> => {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    // Written by our own probe, whole or not at all.
    return text === undefined ? undefined : (JSON.parse(text) as NodeMoments)
  }
  return {
    settings: {
      NODE_OPTIONS: `--import tsx --import ${new URL('node-probe.ts', import.meta.url).href}`,
      PROBE_FOLDER: folder,
    },
    read: (rig) =>
      Promise.all(
        rig.nodes.map(async (node, index) => {
          const file = fileOf(folder, rig.nodeNameOf(index))
          let moments: NodeMoments | undefined
          await rm(file, { force: true })
          node.signal(TELL)
          await waitUntil(async () => (moments = await readOf(file)) !== undefined, TELLS_WITHIN_MS)
          if (moments === undefined) throw new Error(`The probe in ${file} says nothing.`)
          return moments
        }),
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
