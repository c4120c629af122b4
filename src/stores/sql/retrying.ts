import { AuthError } from '../../errors.js'

const tries = 10
const patienceMilliseconds = 3000

/** Runs the work again, for a while, if another one was in its way: a deadlock, or two that could not be put in an order. */
export const retrying = async <Result>(
  run: () => Promise<Result>,
  isConflict: (error: unknown) => boolean,
  left = tries,
  until = performance.now() + patienceMilliseconds,
): Promise<Result> => {
  try {
    return await run()
  } catch (error) {
    if (!isConflict(error)) throw error
    if (left === 1 || performance.now() > until)
      throw new AuthError('store_unavailable', { cause: error })
  }
  await unevenPause(tries - left)
  return retrying(run, isConflict, left - 1, until)
}

/** Uneven, and soon wider than a work is long, so that two do not meet again in step. */
const unevenPause = (tried: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** Math.min(tried, 4)))
