/** As Python writes a datetime without zone: six digits behind the point, none when all are zero. */
export const naive = (instant: Date): string =>
  instant.toISOString().replace(/Z$/, '000').replace(/\.0+$/, '')

/** Ids that count are numbers there; accounts that were made under another profile may have other ids. */
export const numeric = (id: string): number | string => (/^\d{1,15}$/.test(id) ? Number(id) : id)
