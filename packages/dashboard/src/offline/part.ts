import type { Part } from '../shell/part.js'
import { KeepPage, NewerNotice, OfflineUse } from './newer-notice.js'
import { WritesNotice } from './writes-notice.js'

export const offlinePart: Part = {
  companions: [KeepPage],
  notices: [WritesNotice, NewerNotice],
  menu: [OfflineUse],
}
