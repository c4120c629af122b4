import type { Outcome } from '../client/load.js'
import type { Script } from '../client/scripts.js'
import type { Server } from '../contenders.js'

/** Somebody else's way to do the same work, written and set up as its own documents advise. */
export type Peer = {
  /** In the names of figures. */
  name: string
  /** In the table. */
  label: string
  /** Its password hash and what that costs, by name: no login figure stands without it. */
  hash: string
  /** Why it cannot be measured on this machine, in a few words; undefined when it can. */
  missing(): string | undefined
  /** Resolves with the first 200 it gives. */
  start(place: PeerPlace): Promise<Server>
  /** Registers so many people on a server that was started in this place. */
  meet(server: Server, place: PeerPlace, people: number): Promise<Met>
  /** Its password hash alone, on every core it can use. */
  bareHashRate(seconds: number, folder: string): Promise<number>
}

export type PeerPlace = { folder: string; core: string | undefined }

/** A peer that knows some people. */
export type Met = {
  deeds: readonly Deed[]
  /** Each of them signs in again and again: one script for each. */
  logins: readonly Script[]
  /** Ends what was started besides the server. */
  stop(): Promise<void>
}

/** One kind of request, asked again and again on a connection for each person. */
export type Deed = {
  /** In the names of figures. */
  name: string
  /** In the table, after the label of the peer. */
  what: string
  /** The figure of latchkey that stands for the same work; undefined where the peer does less. */
  equals: 'me' | 'refresh' | undefined
  server: Server
  scripts(): Promise<Script[]>
  /** Asks the same server for me. */
  reader(): Script
  /** To be told after each measurement: refresh tokens move on. */
  remember(outcome: Outcome): void
}
