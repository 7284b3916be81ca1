import 'reflect-metadata'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Controller,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Post,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common'
import { HttpAdapterHost, NestFactory } from '@nestjs/core'
import { createRealtime, type Publisher, type Realtime } from 'uzima-realtime'

/** The back end's own check of tokens and its own users; here a token is a user's name. */
const users = new Map([['amina', { id: 'u-1', username: 'amina', role: 'pharmacist' }]])
const verifyAccessToken = (token: string): { userId: string } => {
  const user = users.get(token)
  if (user === undefined) throw new Error('Nobody has this token.')
  return { userId: user.id }
}

/** Real time on Nest's own HTTP server: a provider, so that others get it by injection and it ends with the application. */
@Injectable()
class RealtimeService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #realtime?: Realtime

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    this.#realtime = createRealtime(this.host.httpAdapter.getHttpServer() as Server, {
      verifyAccessToken,
      findUser: (userId) => [...users.values()].find(({ id }) => id === userId),
      clientUrl: process.env['CLIENT_URL'] ?? 'http://localhost:3000',
    })
  }

  get publisher(): Publisher {
    if (this.#realtime === undefined) throw new Error('The application has not started.')
    return this.#realtime.publisher
  }

  /** Before Nest closes the server, which waits for every open connection. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#realtime?.close()
  }
}

@Controller('announcements')
class Announcements {
  constructor(@Inject(RealtimeService) private readonly realtime: RealtimeService) {}

  @Post()
  @HttpCode(202)
  announce(): { sent: true } {
    this.realtime.publisher.sendToAll('inventory:update', { item: 'medicine-x', quantity: 100 })
    return { sent: true }
  }
}

@Module({ controllers: [Announcements], providers: [RealtimeService] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false })
app.enableShutdownHooks()
await app.listen(Number(process.env['PORT'] ?? 3001), '127.0.0.1')
const { port } = (app.getHttpServer() as Server).address() as AddressInfo
console.log(`Example back end at http://127.0.0.1:${String(port)}`)
