import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { MOVEMENT_KINDS, type MovementKind } from '../movements/draft.js'
import { movementWords } from '../movements/movement-words.js'
import { ButtonLink } from '../ui/button.js'
import { itemWords } from './item-words.js'

interface MovementLinksProps {
  readonly hrefOf: (kind: MovementKind) => string
}

/** The four things one does with an item; links, so that the way back closes the form. */
export const MovementLinks = ({ hrefOf }: MovementLinksProps): ReactElement => {
  const words = useWords(movementWords)
  const { actions } = useWords(itemWords)
  return (
    <nav className="item-actions" aria-label={actions}>
      {MOVEMENT_KINDS.map((kind) => (
        <ButtonLink key={kind} kind={kind === 'consume' ? 'primary' : 'plain'} href={hrefOf(kind)}>
          {words.kinds[kind]}
        </ButtonLink>
      ))}
    </nav>
  )
}
