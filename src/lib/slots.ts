const slot = Symbol('slot')

/** An object that stands for values not known yet: each of its members is a marker that `fillSlots` replaces. */
export const slots = <Values extends object>(names: readonly (keyof Values & string)[]): Values =>
  Object.fromEntries(names.map((name) => [name, { [slot]: name }])) as Values

/** The parameters with every marker replaced by the value of its name. */
export const fillSlots = (parameters: readonly unknown[], values: object): unknown[] => {
  const byName = values as Readonly<Record<string, unknown>>
  return parameters.map((parameter) => (isSlot(parameter) ? byName[parameter[slot]] : parameter))
}

const isSlot = (value: unknown): value is { [slot]: string } =>
  typeof value === 'object' && value !== null && slot in value
