import type { Part } from '../shell/part.js'

export const offlinePart: Part = {}
