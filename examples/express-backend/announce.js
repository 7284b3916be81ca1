import { sendToAll, sendToUser } from './services/realtime.service.js'

/** Tells everybody of a change of stock, and one user something of his own. */
export const announce = (userId) => {
  // Send to all connected users
  sendToAll('inventory:update', {
    item: 'medicine-x',
    quantity: 100,
  })

  // Send to specific user
  sendToUser(userId, 'private:notification', {
    message: 'This is a private message',
  })
}
