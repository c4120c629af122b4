import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import type { Account } from './account.js'
import { removeFolder } from './place.js'
import { runToEnd } from './program.js'

type Model = {
  /** Where it lies, for as long as the run. */
  place: string
  account: Account | undefined
  make(folder: string): Promise<void>
}

/**
 * Fills a folder with a copy of a model, which is made when a run first asks for it: to set up a database takes a second
 * of hard work, to copy its files next to nothing.
 */
export const copyModel = async (model: Model, folder: string): Promise<void> => {
  if (!existsSync(model.place)) await makeModel(model)
  await runToEnd(['cp', '-a', `${model.place}/.`, folder])
}

/** Made under another name, so that it is there when it is complete, whoever else is making one. */
const makeModel = async ({ place, account, make }: Model): Promise<void> => {
  const making = `${place}-${process.pid}-${performance.now()}`
  mkdirSync(making)
  chmodSync(making, 0o700)
  if (account !== undefined) chownSync(making, account.uid, account.gid)
  try {
    await make(making)
    renameSync(making, place)
  } catch (error) {
    removeFolder(making)
    if (!existsSync(place)) throw error
  }
}
