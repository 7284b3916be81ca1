import type { Part } from '../shell/part.js'
import { ScanGuard } from './scan-guard.js'

export const scanPart: Part = { guard: ScanGuard }
