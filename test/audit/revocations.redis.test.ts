import { createRestClient } from '@uzima/client'
import type { Revocation } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { setupCluster } from '../support/cluster.js'

describe('the proof of a revocation', () => {
  it('tells for each live node when it had closed how many sockets', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const admin = await one.addUser('admin')
    const user = await one.addUser('pharmacist')
    await one.connect(user)
    await one.connect(user)
    await two.connect(user)
    await two.database.query('update users set is_active = false where id = $1', [user.id])
    const restOf = ({ url }: { readonly url: string }) =>
      createRestClient({ baseUrl: url, getToken: () => admin.token })
    const proof = async () => (await restOf(one).revocations({ userId: user.id })).revocations[0]

    await expect
      .poll(async () => (await proof())?.nodes)
      .toMatchObject([
        { node: 'one', state: 'acknowledged', socketsClosed: 2, socketsMoved: 0 },
        { node: 'two', state: 'acknowledged', socketsClosed: 1, socketsMoved: 0 },
      ])
    const revocation = await proof()
    expect(revocation).toMatchObject({ userId: user.id, ended: 'deactivated' })
    for (const node of revocation?.nodes ?? []) {
      expect(Date.parse(node.acknowledgedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(revocation?.committedAt ?? ''),
      )
    }
    expect(await restOf(two).revocation(revocation?.seq ?? 0)).toEqual(revocation)
  })

  it('names within five seconds a node that does not answer', async () => {
    await using cluster = await setupCluster()
    const { one } = cluster
    const admin = await one.addUser('admin')
    const user = await one.addUser('doctor')
    // A node that lives, by its heartbeat, and never acknowledges.
    await one.database.query(
      `insert into nodes (id, name, last_hash) values (gen_random_uuid(), 'mute', '')`,
    )
    await one.database.query(`update users set role = 'patient' where id = $1`, [user.id])
    const states = async (): Promise<unknown> => {
      const { body } = await one.api(admin.token, 'GET', `/api/revocations?userId=${user.id}`)
      return (body['revocations'] as Revocation[])[0]?.nodes.map(({ node, state }) => [node, state])
    }

    await expect.poll(states).toContainEqual(['mute', 'waiting'])
    await expect.poll(states).toContainEqual(['mute', 'silent'])
  })

  it('is kept: no one rewrites it', async () => {
    await using cluster = await setupCluster()
    const { one } = cluster
    const user = await one.addUser('doctor')
    await one.database.query('delete from users where id = $1', [user.id])

    for (const sql of [
      `update revocations set ended = 'nothing'`,
      'delete from revocations',
      'truncate revocations',
      'truncate revocation_acks',
    ]) {
      await expect(one.database.query(sql)).rejects.toThrow(/evidence|TRUNCATE/)
    }
  })
})
