/** A NestJS gateway on Socket.IO that verifies the token of each connection with `@nestjs/jwt`; decorators as plain calls. */
import 'reflect-metadata'
import process from 'node:process'
import { Inject, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets'
import { takeOrders } from './orders.js'

class StockGateway {
  constructor(jwt) {
    this.jwt = jwt
  }

  async handleConnection(client) {
    try {
      client.data.user = await this.jwt.verifyAsync(client.handshake.auth.token)
      client.emit('connected', { userId: client.data.user.id })
    } catch {
      // Whatever is wrong with the token, its bearer is nobody.
      client.disconnect(true)
    }
  }

  publish(payload) {
    this.server.emit('inventory:update', payload)
  }
}
WebSocketGateway()(StockGateway)
WebSocketServer()(StockGateway.prototype, 'server')
Inject(JwtService)(StockGateway, undefined, 0)

class AppModule {}
Module({
  imports: [JwtModule.register({ secret: process.env.JWT_SECRET })],
  providers: [StockGateway],
})(AppModule)

const app = await NestFactory.create(AppModule, { logger: false })
const gateway = app.get(StockGateway)
const answer = takeOrders((payload) => gateway.publish(payload))
app.use('/order', (request, response) => answer(request, response))
await app.listen(0, '127.0.0.1')
process.stdout.write(`Listening at ${await app.getUrl()}\n`)
