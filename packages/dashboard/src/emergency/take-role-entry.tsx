import { lazy, Suspense, useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { Button } from '../ui/button.js'
import { emergencyWords } from './emergency-words.js'
import { useOwn } from './use-own.js'

const TakeRole = lazy(() =>
  import('./take-role.js').then((loaded) => ({ default: loaded.TakeRole })),
)

/** In the menu of who may: the way to a role in an emergency. */
export const TakeRoleEntry = (): ReactElement | null => {
  const words = useWords(emergencyWords)
  const mayTake = useOwn(true)?.mayTake ?? []
  const [isOpen, setOpen] = useState(false)
  if (mayTake.length === 0) return null
  return (
    <>
      <Button
        wide
        onClick={() => {
          setOpen(true)
        }}
      >
        {words.take}
      </Button>
      {isOpen && (
        <Suspense>
          <TakeRole
            roles={mayTake}
            onClose={() => {
              setOpen(false)
            }}
          />
        </Suspense>
      )}
    </>
  )
}
