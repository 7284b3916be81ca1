import { useUzima } from '@uzima/client/react'
import { useEffect, useRef, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useWords } from '../../i18n/use-words.js'
import { Banner } from '../../ui/banner.js'
import { Button } from '../../ui/button.js'
import { EmptyState } from '../../ui/surfaces.js'
import { ChangeTable } from './change-table.js'
import { rebase, type ItemChange } from './fields.js'
import { RefusedRows } from './refused-rows.js'
import type { SettingsDiff } from './settings-file.js'
import { settingsWords } from './settings-words.js'
import { useApply } from './use-apply.js'

interface DiffViewProps {
  readonly diff: SettingsDiff
  /** Back to the list; `saved` names the items that are saved. */
  readonly onClose: (saved: ReadonlySet<string>) => void
  /** Shows what is left anew, for the stock as it is now. */
  readonly onAgain: (changes: readonly ItemChange[], saved: ReadonlySet<string>) => void
}

/** What would change, shown before it does; then how it goes. */
export const DiffView = ({ diff, onClose, onAgain }: DiffViewProps): ReactElement => {
  const { changes, refused, unchanged } = diff
  const words = useWords(settingsWords)
  const { cancel } = useWords(commonWords)
  const { inventory } = useUzima()
  const { phase, outcomes, start, stop } = useApply(changes)
  const heading = useRef<HTMLHeadingElement>(null)
  // The list that was looked at is gone: the focus goes to what has come in its place, also at the end.
  useEffect(() => {
    if (phase !== 'running') heading.current?.focus()
  }, [phase])
  const left = changes.filter(({ sku }) => outcomes.get(sku)?.state !== 'saved')
  const saved = new Set(changes.filter((change) => !left.includes(change)).map(({ sku }) => sku))
  return (
    <section className="stack" aria-labelledby="settings-diff">
      <h2 id="settings-diff" ref={heading} tabIndex={-1}>
        {phase === 'done'
          ? words.saved(saved.size)
          : changes.length === 0
            ? words.nothing
            : words.changes(changes.length)}
      </h2>
      {phase === 'done' && left.length > 0 && (
        <Banner kind="warn" title={words.notSaved(left.length)} role="status" />
      )}
      {phase === 'ready' && <RefusedRows refused={refused} />}
      {unchanged > 0 && phase === 'ready' && (
        <p className="muted small">{words.unchanged(unchanged)}</p>
      )}
      {changes.length === 0 && refused.length === 0 && (
        <EmptyState sign="✓" title={words.nothing} detail={words.nothingDetail} />
      )}
      <div className="settings-bar">
        {phase === 'ready' && (
          <>
            {changes.length > 0 && (
              <Button kind="primary" onClick={start}>
                {words.save(changes.length)}
              </Button>
            )}
            <Button
              onClick={() => {
                onClose(saved)
              }}
            >
              {cancel}
            </Button>
          </>
        )}
        {phase === 'running' && (
          <>
            <label className="settings-progress">
              <span className="strong">{words.saving(outcomes.size, changes.length)}</span>
              <progress max={changes.length} value={outcomes.size} />
            </label>
            <Button onClick={stop}>{words.stop}</Button>
          </>
        )}
        {phase === 'done' && (
          <>
            {left.length > 0 && (
              <Button
                kind="primary"
                onClick={() => {
                  onAgain(
                    left.flatMap((change) => {
                      const item = inventory.get(change.sku)
                      return (item === undefined ? undefined : rebase(change, item)) ?? []
                    }),
                    saved,
                  )
                }}
              >
                {words.lookAgain}
              </Button>
            )}
            <Button
              onClick={() => {
                onClose(saved)
              }}
            >
              {words.done}
            </Button>
          </>
        )}
      </div>
      {changes.length > 0 && (
        // What did not go through stands first.
        <ChangeTable
          changes={
            phase === 'done' ? [...left, ...changes.filter((one) => !left.includes(one))] : changes
          }
          outcomes={outcomes}
        />
      )}
    </section>
  )
}
