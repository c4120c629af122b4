import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { main } from '../contenders.js'
import { type Filled, manyRoles, olderSessions, strangers } from '../filling.js'

/** What may grow, and how a place gets so much of it. */
export type Axis = {
  name: AxisName
  title: string
  points: readonly number[]
  deeds: readonly Deed[]
  fill(filled: Filled, place: Place, point: number): Promise<void>
}
export type AxisName = 'users' | 'sessions' | 'roles' | 'keys'
type Place = { name: string; folder: string; environment: Readonly<Record<string, string>> }

/** What is asked at each point. The list of all keys grows with them, as it must. */
const hot = ['me', 'first', 'refresh', 'login'] as const
export const judged = [...hot, 'list'] as const
export type Deed = (typeof judged)[number] | 'jwks'

export const axesOf = (users: readonly number[]): Axis[] => [
  {
    ...{ name: 'users', title: 'users, with five sessions each', points: users },
    deeds: hot,
    fill: (filled, { name }, point) => filled.fill(name, strangers(point)),
  },
  {
    ...{ name: 'sessions', title: 'sessions of each user', points: [1, 10, 100, 1000, 10_000] },
    deeds: [...hot, 'list'],
    fill: (filled, { name }, point) => filled.fill(name, olderSessions(point)),
  },
  {
    ...{ name: 'roles', title: 'roles of each user', points: [1, 10, 100] },
    deeds: hot,
    fill: (filled, { name }, point) => filled.fill(name, manyRoles(point)),
  },
  {
    ...{ name: 'keys', title: 'signing keys', points: [1, 10, 50] },
    deeds: ['me', 'first', 'refresh', 'jwks'],
    fill: async (_, { folder, environment }, point) => {
      const { PATH } = process.env
      for (let made = 1; made < point; made += 1)
        execFileSync(process.execPath, [main, 'keys', 'rotate', '--now'], {
          ...{ cwd: folder, env: { PATH, ...environment }, stdio: 'ignore' },
        })
    },
  },
]

/** In the folder of a run. */
export const placeOf = (folder: string, axis: AxisName, point: number) => {
  const name = `${axis}-${point}`
  return { name, folder: join(folder, name) }
}
