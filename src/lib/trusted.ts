/** Says that a value from a driver has the shape its schema promises. The one place where the compiler is told, not asked. */
export const trusted = <Type>(value: unknown): Type => value as Type
