// The generator: a process of its own, kept off the core of the server it measures.
import { trusted } from '../../src/lib/trusted.js'
import { applyLoad, type Load } from './load.js'

process.on('message', async (message: unknown) => {
  process.send?.(await applyLoad(trusted<Load>(message)))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
