import type { Results } from './results.js'
import type { Figures } from './sample.js'
import type { Figure } from './statistics.js'

/** The ratios of a run that must not get worse: `bench/budget.json`. Those against peers are not here; they change by themselves. */
export type Budget = {
  latchkey: string
  /** Part of the ratio. Below it is noise. */
  worseByAtMost: number
  ratios: Readonly<Record<string, number>>
}

export const worseByAtMost = 0.15

const titles = {
  me: 'GET /auth/me, of R',
  first: 'GET /auth/me, token seen first, of R',
  refresh: 'POST /auth/refresh, of R',
  login: 'POST /auth/login, of bare argon2id',
  'two.me': 'GET /auth/me, two processes of one, by cpu',
  'two.first': 'token seen first, two processes of one, by cpu',
} as const
const names = ['me', 'first', 'refresh', 'login', 'two.me', 'two.first'] as const

const ratioOf = (figures: Figures, name: (typeof names)[number]): Figure | undefined =>
  figures(name.startsWith('two.') ? `${name}.cpuRatio` : `${name}.ratio`)

export const budgetOf = ({ latchkey }: Pick<Results, 'latchkey'>, figures: Figures): Budget => ({
  latchkey,
  worseByAtMost,
  ratios: Object.fromEntries(
    names.flatMap((name) => {
      const ratio = ratioOf(figures, name)
      return ratio === undefined ? [] : [[name, Number(ratio.median.toFixed(3))]]
    }),
  ),
})

export type Comparison = {
  name: string
  what: string
  budget: number
  /** Undefined when this run did not measure it. */
  now: Figure | undefined
  /** Of the budget; below 1 is worse. */
  part: number | undefined
  outcome: 'kept' | 'worse' | 'not measured'
}

export const compare = (budget: Budget, figures: Figures): Comparison[] =>
  names.flatMap((name) => {
    const allowed = budget.ratios[name]
    if (allowed === undefined) return []
    const now = ratioOf(figures, name)
    const part = now && now.median / allowed
    const outcome =
      part === undefined ? 'not measured' : part < 1 - budget.worseByAtMost ? 'worse' : 'kept'
    return [{ name, what: titles[name], budget: allowed, now, part, outcome }]
  })

export const comparisonTable = (comparisons: readonly Comparison[]): string =>
  comparisons
    .map(({ what, budget, now, part, outcome }) => {
      const measured = now ? now.median.toFixed(3) : '-'
      const percent = part === undefined ? '' : `${Math.round((part - 1) * 100)} %`
      return `${what.padEnd(50)} ${budget.toFixed(3)} → ${measured.padStart(5)}  ${percent.padStart(6)}  ${outcome}`
    })
    .join('\n')
