// Writes the block list from the dictionary of zxcvbn-ts (MIT): what is at least as long as the shortest policy allows.
import { writeFileSync } from 'node:fs'
import { dictionary } from '@zxcvbn-ts/language-common'

const shortest = 8
const file = new URL('../src/features/passwords/common-passwords.txt', import.meta.url)
const list = dictionary['passwords-common']
  .map((word) => word.toLowerCase())
  .filter((word) => word.length >= shortest)
writeFileSync(file, `${[...new Set(list)].sort().join('\n')}\n`)
console.log(`${list.length} passwords`)
