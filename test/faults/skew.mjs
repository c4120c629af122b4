// Loaded with NODE_OPTIONS="--import …": the clock of the process is off by SKEW_MILLISECONDS.
const offset = Number(process.env.SKEW_MILLISECONDS)
const TrueDate = Date

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    super(...(given.length === 0 ? [TrueDate.now() + offset] : given))
  }

  static now() {
    return TrueDate.now() + offset
  }
}
