/** Findings: what is wrong with a trail, each at the first place where it shows. */
const sentences = {
  changed: 'this event is not what was recorded',
  missing: 'events before this one are gone, or stand elsewhere now',
  repeated: 'this event stands where another one of its chain had been',
  cut_off: 'the chain ends before its checkpoint: its newest events are gone',
  foreign: 'this event stands in a chain of a recorder that does not exist',
  unchained: 'this event stands in no chain, and should: latchkey did not record it',
  unreadable: 'the event behind this sequence cannot be read',
  recorder_missing: 'recorders before this one are gone',
  recorder_changed: 'this recorder is not what was registered, or another root secret is needed',
  checkpoint_changed: 'the checkpoint of this recorder is not what was signed',
  checkpoint_older: 'the checkpoint of this recorder is older than one that was given',
  bases_changed: 'what is signed about the pruned events of this recorder was changed',
} as const
export type What = keyof typeof sentences

/** Where something is wrong: an event, a chain or a recorder, whichever is known. */
export type Finding = {
  what: What
  /** One sentence for people. */
  detail: string
  sequence: number | null
  id: string | null
  chain: string | null
  recorder: string | null
  /** The number in its chain from which on something is missing, or at which it was last seen. */
  number: number | null
}

export type Tell = (what: Partial<Omit<Finding, 'detail'>> & { what: What }) => void

export const findingOf = ({ what, ...place }: Parameters<Tell>[0]): Finding => ({
  what,
  detail: sentences[what],
  sequence: null,
  id: null,
  chain: null,
  recorder: null,
  number: null,
  ...place,
})
