import type { SpeedContext } from './figure.js'
import { SUBJECTS } from './subjects/all.js'
import type { Running, SubjectName } from './subjects/subject.js'
import type { World } from './world.js'

/** Makes what starts subjects in a world, without those that cannot be had here. */
export const createStart =
  (world: World, missing: readonly SubjectName[]): SpeedContext['start'] =>
  async (names) => {
    const all: Running[] = []
    const stop = async (): Promise<void> => {
      for (const running of all) await running[Symbol.asyncDispose]()
    }
    try {
      for (const name of names) {
        if (!missing.includes(name)) all.push(await SUBJECTS[name].start(world))
      }
    } catch (error) {
      await stop()
      throw error
    }
    return { all, [Symbol.asyncDispose]: stop }
  }
