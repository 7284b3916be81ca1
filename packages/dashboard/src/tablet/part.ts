import type { Part } from '../shell/part.js'
import { LockGuard } from './lock-guard.js'
import { LockMenu } from './lock-menu.js'
import { SessionNotice } from './session-notice.js'

export const tabletPart: Part = {
  guard: LockGuard,
  notices: [SessionNotice],
  menu: [LockMenu],
}
