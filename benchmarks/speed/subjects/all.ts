import { DIALECTS } from '../load/dialect.js'
import { startCentrifugo } from './centrifugo.js'
import { WRITE_PATH } from '../install.js'
import { startNodePeer, startPeer } from './node-peer.js'
import { startSeed } from './seed.js'
import type { Subject, SubjectName } from './subject.js'
import { startUzima } from './uzima.js'

/** Everything that is measured, and what each does with whoever connects. */
export const SUBJECTS: Readonly<Record<SubjectName, Subject>> = {
  uzima: {
    title: 'this service',
    checks: 'JWT, user and rights, limits; each attempt in a chained log; PostgreSQL',
    start: (world) => startUzima(world),
  },
  'socket.io': {
    title: 'Socket.IO, bare',
    checks: 'nothing',
    start: (world) => startNodePeer(world, 'socket.io', DIALECTS.socketIo),
  },
  seed: {
    title: "the seed's design",
    checks: 'JWT, a query of the user, a line in a file; PostgreSQL',
    start: startSeed,
  },
  ws: {
    title: 'ws',
    checks: 'nothing',
    start: (world) => startNodePeer(world, 'ws', DIALECTS.ws),
  },
  nestjs: {
    title: 'NestJS gateway',
    checks: 'JWT',
    start: (world) => startNodePeer(world, 'nestjs', DIALECTS.socketIoConnected),
  },
  socketcluster: {
    title: 'SocketCluster',
    checks: 'JWT',
    start: (world) => startNodePeer(world, 'socketcluster', DIALECTS.socketCluster),
  },
  centrifugo: {
    title: 'Centrifugo',
    checks: 'JWT; a history of the channel in memory; Go, one core',
    start: startCentrifugo,
  },
  tcp: {
    title: 'TCP from Node',
    checks: 'nothing; no protocol but the upgrade: the least of any Node program',
    start: (world) => startNodePeer(world, 'tcp', DIALECTS.ws),
  },
  write: {
    title: 'write(2) from C',
    checks: 'nothing; no protocol but the upgrade: the least of any program',
    start: (world) => startPeer(world, 'write', [WRITE_PATH], DIALECTS.ws),
  },
}
