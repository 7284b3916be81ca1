// A caller in the back end. It imports what it has always imported, and does not change at all.
import { sendToAll, sendToUser } from './services/realtime.service.js'

export const announce = (userId) => {
  sendToAll('inventory:update', { item: 'medicine-x', quantity: 100 })
  sendToUser(userId, 'private:notification', { message: 'This is a private message' })
}
