import { useStock, useUzima } from '@uzima/client/react'
import { useState, type ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { Button } from '../../ui/button.js'
import { AdminFrame } from '../admin-frame.js'
import { DiffView } from './diff-view.js'
import { FileButtons } from './file-buttons.js'
import type { SettingsDiff } from './settings-file.js'
import { settingsWords } from './settings-words.js'
import { changesOf, ThresholdList, type Drafts } from './threshold-list.js'

/** Names, categories, units and thresholds of many items at once: by file, or typed; always shown before it is done. */
export const SettingsView = (): ReactElement => {
  const words = useWords(settingsWords)
  const [drafts, setDrafts] = useState<Drafts>({})
  const [looked, setLooked] = useState<{ readonly diff: SettingsDiff; readonly n: number } | null>(
    null,
  )
  const look = (diff: SettingsDiff): void => {
    setLooked((before) => ({ diff, n: (before?.n ?? 0) + 1 }))
  }
  const forget = (saved: ReadonlySet<string>): void => {
    setDrafts((before) =>
      Object.fromEntries(Object.entries(before).filter(([sku]) => !saved.has(sku))),
    )
  }
  if (looked !== null) {
    return (
      <AdminFrame view="settings">
        <DiffView
          key={looked.n}
          diff={looked.diff}
          onClose={(saved) => {
            forget(saved)
            setLooked(null)
          }}
          onAgain={(changes, saved) => {
            forget(saved)
            look({ changes, refused: [], unchanged: 0 })
          }}
        />
      </AdminFrame>
    )
  }
  return (
    <AdminFrame view="settings">
      <p className="muted">{words.intro}</p>
      <FileButtons onDiff={look} />
      <ThresholdList
        drafts={drafts}
        onDraft={(sku, text) => {
          setDrafts((before) => ({ ...before, [sku]: text }))
        }}
      />
      <EditedBar
        drafts={drafts}
        onDiff={look}
        onDiscard={() => {
          setDrafts({})
        }}
      />
    </AdminFrame>
  )
}

interface EditedBarProps {
  readonly drafts: Drafts
  readonly onDiff: (diff: SettingsDiff) => void
  readonly onDiscard: () => void
}

/** What has been typed and not saved, as long as there is any; what the stock has by now is not counted. */
const EditedBar = ({ drafts, onDiff, onDiscard }: EditedBarProps): ReactElement | null => {
  const words = useWords(settingsWords)
  const { inventory } = useUzima()
  useStock()
  const changes = changesOf(drafts, inventory.get)
  if (changes.length === 0) return null
  return (
    <div className="settings-bar">
      <span className="strong" role="status">
        {words.edited(changes.length)}
      </span>
      <Button
        kind="primary"
        onClick={() => {
          onDiff({ changes, refused: [], unchanged: 0 })
        }}
      >
        {words.review}
      </Button>
      <Button onClick={onDiscard}>{words.discard}</Button>
    </div>
  )
}
