import { folder } from './parsers.js'
import type { Setting } from './setting.js'

/** The signed heads of the evidence; part of SETTINGS. */
export const CHECKPOINT_SETTINGS = {
  checkpointKeyFile: {
    variable: 'CHECKPOINT_KEY_FILE',
    parse: folder,
    example: '/etc/uzima/checkpoint-key.pem',
    meaning:
      'Left out, the key that signs checkpoints is checkpoint-key.pem in DATA_DIR, made once. Nodes without a lasting DATA_DIR need this: a PKCS#8 file with an Ed25519 key.',
  },
  checkpointFile: {
    variable: 'CHECKPOINT_FILE',
    parse: folder,
    example: '/mnt/elsewhere/uzima-checkpoints.txt',
    meaning:
      'Left out, checkpoints are in the database, in the log and at GET /api/checkpoints only. Set, each is appended to this file, too, which belongs where the owner of the database cannot write.',
  },
} as const satisfies Record<string, Setting>
