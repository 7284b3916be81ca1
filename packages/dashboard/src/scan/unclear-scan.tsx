import { useUzima } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { describeError } from '../i18n/describe-refusal.js'
import { useFormat, useSpeech, useWords } from '../i18n/use-words.js'
import { useMay } from '../session/use-session.js'
import { Banner } from '../ui/banner.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { CheckField, TextField } from '../ui/field.js'
import type { Match } from './match.js'
import { scanWords } from './scan-words.js'

interface UnclearScanProps {
  readonly match: Exclude<Match, { kind: 'item' }>
  readonly items: readonly Item[]
  readonly onChoose: (item: Item) => void
  readonly onClose: () => void
}

/** Asks which item a code means: several have it, or none. Who may change items can tell it the item for good. */
export const UnclearScan = ({
  match,
  items,
  onChoose,
  onClose,
}: UnclearScanProps): ReactElement => {
  const words = useWords(scanWords)
  const speech = useSpeech()
  const { rest } = useUzima()
  const mayRemember = useMay('items:write')
  const [search, setSearch] = useState('')
  const [remember, setRemember] = useState(true)
  const [error, setError] = useState<unknown>(null)
  const { label, text } = match.code
  const gtin = match.kind === 'unknown' ? (label?.gtin ?? null) : null
  const found = match.kind === 'several' ? match.items : findItems(items, search)

  const choose = async (item: Item): Promise<void> => {
    if (gtin !== null && mayRemember && remember) {
      try {
        await rest.inventory.update(item.sku, { metadata: withGtin(item, gtin) }, item.version)
      } catch (thrown) {
        setError(thrown)
        return
      }
    }
    onChoose(item)
  }

  return (
    <Dialog title={match.kind === 'several' ? words.several : words.unknown} onClose={onClose}>
      <div className="stack">
        <LabelLines match={match} />
        {match.kind === 'unknown' && (
          <TextField
            label={words.whichItem}
            type="search"
            value={search}
            onValue={setSearch}
            data-autofocus
          />
        )}
        <ul className="scan-choices">
          {found.map((item) => (
            <li key={item.sku}>
              <Button wide className="scan-choice" onClick={() => void choose(item)}>
                {item.name} <span className="muted small">{item.sku}</span>
              </Button>
            </li>
          ))}
        </ul>
        {gtin !== null && mayRemember && (
          <CheckField label={words.remember} checked={remember} onValue={setRemember} />
        )}
        {gtin !== null && !mayRemember && <p className="small muted">{words.askManager}</p>}
        {label === null && <p className="small muted">{words.typed(text)}</p>}
        {error !== null && (
          <Banner kind="error" role="alert">
            {describeError(speech, error)}
          </Banner>
        )}
      </div>
    </Dialog>
  )
}

const LabelLines = ({ match }: { readonly match: UnclearScanProps['match'] }): ReactElement => {
  const words = useWords(scanWords)
  const format = useFormat()
  const { label, text } = match.code
  const lines = [
    [words.gtin, label?.gtin],
    [words.lot, label?.lot],
    [words.expiry, label?.expiry == null ? undefined : format.day(label.expiry)],
    [words.code, label === null ? text : undefined],
  ].filter(([, value]) => value != null)
  return (
    <dl className="scan-label">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt className="small muted">{name}</dt>
          <dd className="strong">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A dialog shows what a thumb can choose from. */
const MOST_CHOICES = 6

const findItems = (items: readonly Item[], search: string): readonly Item[] => {
  const wanted = folded(search).split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return []
  return items
    .filter(({ name, sku }) => wanted.every((word) => folded(`${name} ${sku}`).includes(word)))
    .slice(0, MOST_CHOICES)
}

const folded = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The item's metadata with one more GTIN; what else is in there stays. */
const withGtin = ({ metadata }: Item, gtin: string): Record<string, unknown> => {
  const { gtins } = metadata
  return { ...metadata, gtins: [...(Array.isArray(gtins) ? (gtins as unknown[]) : []), gtin] }
}
