import { it } from 'vitest'
import { walk } from './audit-walk/walk.js'

it('an auditor without the database answers from three files, and sees whatever was changed', async () => {
  await walk(20)
})
