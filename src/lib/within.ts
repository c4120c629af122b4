/** Waits for an answer so long and no longer; one that comes later is not heard. @throws Error when it is late */
export const within = async <Result>(
  milliseconds: number,
  answer: Promise<Result>,
): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
