/** One of a pool: held by one caller at a time. */
export type Member = {
  /** It broke, or was broken. */
  isLost(): boolean
  /** Says goodbye. Never throws. */
  end(): Promise<void>
}

export type Pool<Each extends Member> = {
  /** @throws what opening threw, or an Error when none became free in time */
  take(): Promise<Each>
  giveBack(member: Each): void
  /** Takes nobody more, and resolves when the last one is given back. */
  close(): Promise<void>
}

type Options<Each> = {
  open(): Promise<Each>
  most: number
  waitMilliseconds: number
  /** Whoever rested longer is not trusted any more: the server, or something on the way, ends what is silent. */
  restMilliseconds: number
}

type Waiter<Each> = { since: number; resolve(member: Each): void; reject(error: unknown): void }

/** A bounded pool. What is opened belongs to whoever waits longest, and to the pool when nobody waits any more. */
export const createPool = <Each extends Member>(options: Options<Each>): Pool<Each> => {
  const resting: { member: Each; since: number }[] = []
  const waiting = new Set<Waiter<Each>>()
  let size = 0
  let opening = 0
  let isClosed = false
  let closed = (): void => {}

  const drop = (member: Each): void => {
    void member.end().then(() => {
      size -= 1
      settle()
    })
  }

  const rested = (): Each | undefined => {
    for (;;) {
      const last = resting.pop()
      if (last === undefined) return undefined
      const isFresh = performance.now() - last.since < options.restMilliseconds
      if (isFresh && !last.member.isLost()) return last.member
      drop(last.member)
    }
  }

  /** Who waits longest, and did already at that time. */
  const shift = (begun = performance.now()): Waiter<Each> | undefined => {
    const [first] = waiting
    if (first === undefined || first.since > begun) return undefined
    waiting.delete(first)
    return first
  }

  /** Opens what is waited for; while anybody waits, none is at rest. */
  const settle = (): void => {
    while (opening < waiting.size && size < options.most) open()
    if (isClosed && size === 0) closed()
  }

  const open = (): void => {
    const begun = performance.now()
    size += 1
    opening += 1
    options.open().then(
      (member) => {
        opening -= 1
        giveBack(member)
      },
      (error: unknown) => {
        opening -= 1
        size -= 1
        shift(begun)?.reject(error) // whoever came later deserves an attempt of their own
        settle()
      },
    )
  }

  const giveBack = (member: Each): void => {
    if (isClosed || member.isLost()) return void drop(member)
    const waiter = shift()
    if (waiter !== undefined) waiter.resolve(member)
    else resting.push({ member, since: performance.now() })
  }

  return {
    take: async () => {
      if (isClosed) throw late('The pool is closed')
      return rested() ?? queue(waiting, settle, options.waitMilliseconds)
    },
    giveBack,
    close: async () => {
      isClosed = true
      for (const waiter of waiting) waiter.reject(late('The pool is closed'))
      waiting.clear()
      const gone = new Promise<void>((resolve) => {
        closed = resolve
      })
      for (const { member } of resting.splice(0)) drop(member)
      settle()
      await gone
    },
  }
}

const queue = <Each>(
  waiting: Set<Waiter<Each>>,
  settle: () => void,
  milliseconds: number,
): Promise<Each> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      waiting.delete(waiter)
      reject(late('No connection became free in time'))
    }
    const timer = setTimeout(giveUp, milliseconds)
    const waiter: Waiter<Each> = {
      since: performance.now(),
      resolve: (member) => {
        clearTimeout(timer)
        resolve(member)
      },
      reject: (error) => {
        clearTimeout(timer)
        reject(error)
      },
    }
    waiting.add(waiter)
    settle()
  })

const late = (message: string): Error => Object.assign(new Error(message), { code: 'ETIMEDOUT' })
