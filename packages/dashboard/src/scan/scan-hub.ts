import { createContext, use, useEffect, useRef } from 'react'
import type { Label } from './gs1-elements.js'
import type { Match } from './match.js'

/** Takes a scan and says whether it was meant for it. */
export type TakeScan = (match: Match) => boolean

/** What a label said of the item that was opened by it. */
export interface ScannedLabel {
  readonly sku: string
  readonly label: Label
  readonly otherwise: readonly Label[]
}

/** Hands scans to what is open, and remembers what the last label said of its item. */
export interface ScanHub {
  /** Asked before all that listened earlier. Returns the end of it. */
  readonly listen: (take: TakeScan) => () => void
  readonly deliver: TakeScan
  readonly scanned: ScannedLabel | null
  readonly remember: (scanned: ScannedLabel | null) => void
}

export const ScanContext = createContext<ScanHub | null>(null)

/** Gives the scanner's hub; only below `ScanContext`. */
export const useScanHub = (): ScanHub => {
  const hub = use(ScanContext)
  if (hub === null) throw new TypeError('useScanHub needs a ScanContext above it')
  return hub
}

/** Takes scans while the component is drawn; undefined lets them pass. */
export const useScans = (take: TakeScan | undefined): void => {
  const { listen } = useScanHub()
  const latest = useRef(take)
  useEffect(() => {
    latest.current = take
  })
  useEffect(() => listen((match) => latest.current?.(match) ?? false), [listen])
}
