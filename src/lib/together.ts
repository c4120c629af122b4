/** Whoever asks while somebody is being answered is given the same answer, so that no crowd asks more than one. */
export const together = <Result>(ask: () => Promise<Result>): (() => Promise<Result>) => {
  let asking: Promise<Result> | undefined
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}
