/** The instant that a column holds; none that could be mistaken for one where somebody else has written there. */
export const instantOf = (milliseconds: number): Date =>
  new Date(Number.isInteger(milliseconds) ? milliseconds : Number.NaN)
