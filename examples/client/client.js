// The client of docs/seed.md. Usage: node examples/client/client.js <url> <token>
import io from 'socket.io-client'

const [url, token] = process.argv.slice(2)

// Connect with JWT token in auth object
const socket = io(url, {
  auth: {
    token,
  },
})

socket.on('connected', (data) => {
  console.log('Connected as:', data.username)
})

socket.on('inventory:update', (data) => {
  console.log('Inventory updated:', data)
})
