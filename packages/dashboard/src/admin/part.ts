import type { Part } from '../shell/part.js'

export const adminPart: Part = {}
