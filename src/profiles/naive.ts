/** As Python writes a datetime without zone: six digits behind the point, none when all are zero. */
export const naive = (instant: Date): string =>
  instant.toISOString().replace(/Z$/, '000').replace(/\.0+$/, '')
