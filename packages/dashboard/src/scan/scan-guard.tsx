import { useUzima } from '@uzima/client/react'
import { useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useMay } from '../session/use-session.js'
import { go } from '../shell/address.js'
import { itemHref } from '../stock/item-href.js'
import { useAnnouncer } from '../ui/announcer.js'
import { catchScans } from './catch-scans.js'
import { matchScan, type Match } from './match.js'
import { ScanContext, type ScanHub, type ScannedLabel, type TakeScan } from './scan-hub.js'
import { scanWords } from './scan-words.js'
import { UnclearScan } from './unclear-scan.js'

/** Listens to a scanner on every view: what is open may take the code, else its item opens. */
export const ScanGuard = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const { inventory } = useUzima()
  const mayRead = useMay('stock:read')
  const words = useWords(scanWords)
  const { compare } = useFormat()
  const announcer = useAnnouncer()
  const [scanned, setScanned] = useState<ScannedLabel | null>(null)
  const [unclear, setUnclear] = useState<Match | null>(null)
  const listeners = useRef<TakeScan[]>([])

  const hub = useMemo<ScanHub>(
    () => ({
      listen: (take) => {
        listeners.current = [take, ...listeners.current]
        return () => {
          listeners.current = listeners.current.filter((other) => other !== take)
        }
      },
      deliver: (match) => listeners.current.some((take) => take(match)),
      scanned,
      remember: setScanned,
    }),
    [scanned],
  )

  const open = (match: Match): void => {
    if (match.kind !== 'item') {
      setUnclear(match)
      return
    }
    const { item, code } = match
    setUnclear(null)
    setScanned(
      code.label === null ? null : { sku: item.sku, label: code.label, otherwise: code.otherwise },
    )
    announcer.say(words.opened(item.name))
    if (!hub.deliver(match)) go(itemHref(item.sku))
  }
  const latest = useRef(open)
  useEffect(() => {
    latest.current = open
  })
  useEffect(() => {
    if (!mayRead) return undefined
    return catchScans(document, (scan) => {
      latest.current(matchScan(scan, inventory.list()))
    })
  }, [inventory, mayRead])

  return (
    <ScanContext value={hub}>
      {children}
      {unclear !== null && unclear.kind !== 'item' && (
        <UnclearScan
          match={unclear}
          items={inventory.list().toSorted((a, b) => compare(a.name, b.name))}
          onChoose={(item) => {
            open({ kind: 'item', item, lot: null, code: unclear.code, unknownGtin: null })
          }}
          onClose={() => {
            setUnclear(null)
          }}
        />
      )}
    </ScanContext>
  )
}
