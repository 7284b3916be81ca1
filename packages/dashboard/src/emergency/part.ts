import type { Part } from '../shell/part.js'
import { OwnNotice, ReviewsNotice } from './notices.js'
import { TakeRoleEntry } from './take-role-entry.js'

/** A role in an emergency: the way to it, the sign of it, and what administrators hear of it. */
export const emergencyPart: Part = {
  notices: [OwnNotice, ReviewsNotice],
  menu: [TakeRoleEntry],
}
