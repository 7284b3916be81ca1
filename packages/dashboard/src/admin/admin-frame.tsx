import { rolesAllow } from '@uzima/contracts/values'
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { useUser } from '../session/use-session.js'
import { hrefOf } from '../shell/address.js'
import { ViewTitle } from '../ui/surfaces.js'
import { ADMIN_VIEWS, type AdminViewName } from './admin-views.js'
import { adminWords } from './admin-words.js'
import './admin.css'
import './rows.css'

interface AdminFrameProps {
  readonly view: AdminViewName
  /** Default: the name of the view. */
  readonly title?: ReactNode
  /** What one can do here, beside the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A view of the administration: the way to the others, its title, what it is for. */
export const AdminFrame = ({ view, title, actions, children }: AdminFrameProps): ReactElement => {
  const words = useWords(adminWords)
  return (
    <div className="stack admin">
      <AdminLinks current={view} />
      <div className="row-apart">
        <ViewTitle>{title ?? words[view]}</ViewTitle>
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

const AdminLinks = ({ current }: { readonly current: AdminViewName }): ReactElement | null => {
  const words = useWords(adminWords)
  const { roles } = useUser()
  const list = useRef<HTMLElement>(null)
  // On a phone the links are wider than the screen.
  useEffect(() => {
    list.current
      ?.querySelector('[aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [current])
  const views = ADMIN_VIEWS.filter(({ allows }) => rolesAllow(roles, allows))
  if (views.length < 2) return null
  return (
    <nav ref={list} className="admin-links" aria-label={words.administration}>
      {views.map(({ name }) => (
        <a
          key={name}
          href={hrefOf(['admin', name])}
          aria-current={name === current ? 'page' : undefined}
        >
          {words[name]}
        </a>
      ))}
    </nav>
  )
}
