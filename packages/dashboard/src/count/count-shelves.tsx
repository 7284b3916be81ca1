import { useStock } from '@uzima/client/react'
import { useEffect, useState, type ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useDrafts } from '../movements/use-draft.js'
import { useUser } from '../session/use-session.js'
import { hrefOf } from '../shell/address.js'
import { Mark } from '../ui/mark.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { countWords } from './count-words.js'
import { shelvesOf } from './shelf.js'
import { COUNT_DRAFT } from './use-count.js'

/** The shelves to count, those that were begun marked. */
export const CountShelves = (): ReactElement => {
  const items = useStock()
  const words = useWords(countWords)
  const { compare } = useFormat()
  const begun = useBegunShelves()
  const shelves = shelvesOf(items, compare)
  return (
    <div className="stack">
      <ViewTitle>{words.title}</ViewTitle>
      {shelves.length === 0 ? (
        <EmptyState title={words.nothing} detail={words.nothingDetail} />
      ) : (
        <>
          <p className="muted">{words.lead}</p>
          <ul className="shelves">
            {shelves.map(({ name, lots }) => (
              <li key={name}>
                <a className="shelf" href={hrefOf(['count', 'lots'], { shelf: name })}>
                  <span className="strong">{name === '' ? words.noShelf : name}</span>
                  {begun.has(name) && <Mark kind="pending">{words.begun}</Mark>}
                  <span className="muted small">{words.lots(lots)}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

const useBegunShelves = (): ReadonlySet<string> => {
  const drafts = useDrafts()
  const { userId } = useUser()
  const [begun, setBegun] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    let wanted = true
    void drafts.names(userId).then((names) => {
      const counts = names.filter((name) => name.startsWith(COUNT_DRAFT))
      if (wanted) setBegun(new Set(counts.map((name) => name.slice(COUNT_DRAFT.length))))
    })
    return () => {
      wanted = false
    }
  }, [drafts, userId])
  return begun
}
