import { it } from 'vitest'
import { walk } from './walk.js'

it('an auditor without the database answers from three files, and sees any of a thousand changed bytes', async () => {
  await walk(1_000)
})
