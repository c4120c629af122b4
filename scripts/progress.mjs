/**
 * Says what is being waited for, and afterwards how long it took: one line a step.
 * On a terminal the line is there from the start and counts seconds; in a pipe it appears once, at the end.
 */
export const createProgress = ({ stream, quiet = false }) => {
  const isTerminal = Boolean(stream.isTTY)

  const step = async (title, work) => {
    const started = performance.now()
    const stopTicking = quiet || !isTerminal ? () => {} : tick(stream, title, started)
    try {
      const note = await work()
      finish({
        mark: '✓',
        title: typeof note === 'string' ? `${title} (${note})` : title,
        started,
        stopTicking,
      })
    } catch (error) {
      finish({ mark: '✗', title, started, stopTicking })
      throw error
    }
  }

  const finish = ({ mark, title, started, stopTicking }) => {
    stopTicking()
    if (!quiet) stream.write(`${mark} ${title}  ${seconds(started)}\n`)
  }

  return { step }
}

const tick = (stream, title, started) => {
  const draw = () => stream.write(`\r\x1b[2K… ${title}  ${seconds(started)}`)
  draw()
  const timer = setInterval(draw, 500)
  return () => {
    clearInterval(timer)
    stream.write('\r\x1b[2K')
  }
}

const seconds = (started) => `${((performance.now() - started) / 1000).toFixed(1)} s`
