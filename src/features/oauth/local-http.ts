/** An address of this machine without TLS: for trying things out, and nothing on the way to read it. */
export const isLocalHttp = (address: string): boolean =>
  /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/.test(address)
