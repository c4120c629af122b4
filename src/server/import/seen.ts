/**
 * Remembers texts by 64 bits of each: twenty bytes for one, so that a million of them need not stand in memory. Two texts
 * share a mark once in some ten million files of a million rows.
 */
export const createSeen = () => {
  let slots = new Uint32Array(2 * 65_536)
  let count = 0

  const place = (marks: Uint32Array, low: number, high: number): number => {
    const most = marks.length / 2
    let at = low % most
    while (marks[2 * at] !== 0 || marks[2 * at + 1] !== 0) {
      if (marks[2 * at] === low && marks[2 * at + 1] === high) break
      at = (at + 1) % most
    }
    return 2 * at
  }

  const grow = (): void => {
    const larger = new Uint32Array(slots.length * 2)
    for (let at = 0; at < slots.length; at += 2) {
      const [low = 0, high = 0] = [slots[at], slots[at + 1]]
      if (low !== 0 || high !== 0) larger.set([low, high], place(larger, low, high))
    }
    slots = larger
  }

  return {
    has: (text: string): boolean => slots[place(slots, ...marksOf(text))] !== 0,
    add: (text: string): void => {
      const [low, high] = marksOf(text)
      const at = place(slots, low, high)
      if (slots[at] !== 0) return
      slots[at] = low
      slots[at + 1] = high
      count += 1
      if (count * 3 > slots.length) grow() // two thirds of the places are taken
    },
  }
}
export type Seen = ReturnType<typeof createSeen>

/** Two runs of FNV-1a with a last mixing; the first is never 0, which stands for a free place. */
const marksOf = (text: string): [number, number] => {
  let low = 0x811c9dc5
  let high = 0x9e3779b9
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 13)
  }
  return [mixed(low) || 1, mixed(high)]
}

const mixed = (bits: number): number => {
  const one = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  const two = Math.imul(one ^ (one >>> 13), 0xc2b2ae35)
  return (two ^ (two >>> 16)) >>> 0
}
