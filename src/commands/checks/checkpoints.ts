import { readCheckpointAge } from '../../audit/evidence/checkpoints.js'
import { readLivingNodes } from '../../audit/node-marks.js'
import type { Queryable } from '../../storage/database.js'
import { ok, warn, type Finding } from './finding.js'

/** One comes each minute while a node runs; after ten nobody can call it chance. */
const LATE_S = 600

/** Whether the evidence is being signed. */
export const checkCheckpoints = async (database: Queryable): Promise<Finding[]> => {
  const age = await readCheckpointAge(database)
  const told =
    age === null ? 'none was signed yet' : `the newest is ${Math.round(age).toString()} s old`
  if ((age ?? Infinity) <= LATE_S) return [ok('checkpoints', told)]
  const nodes = await readLivingNodes(database, 1)
  return [
    nodes.length === 0
      ? ok('checkpoints', `${told}; no node runs`)
      : warn(
          'checkpoints',
          `${told}, and nodes run. Their log says why: look for the key in DATA_DIR or CHECKPOINT_KEY_FILE, and at CHECKPOINT_FILE.`,
        ),
  ]
}
