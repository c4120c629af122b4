import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** what is installed with us, as the lock file tells it. */
type Locked = {
  version?: string
  resolved?: string
  integrity?: string
  hasInstallScript?: boolean
  dev?: boolean
  optional?: boolean
  cpu?: string[]
  link?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
type Group = 'dependencies' | 'optionalDependencies' | 'devDependencies'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))
const manifest: Record<Group, Record<string, string>> = read('package.json')
const packages: Record<string, Locked> = read('package-lock.json').packages
const installed = Object.entries(packages).filter(([path]) => path !== '')
const groups = ['dependencies', 'optionalDependencies', 'devDependencies'] as const

/** Their scripts build what a prebuilt file replaces, or say hello; each was read, and none is needed. */
const scripted = {
  withUs: ['node_modules/@photostructure/sqlite'],
  forTests: ['node_modules/@scarf/scarf', 'node_modules/core-js', 'node_modules/esbuild'],
}

describe('the lock file', () => {
  test('says what package.json says: nothing has drifted', () => {
    for (const group of groups)
      expect([group, packages['']?.[group]]).toEqual([group, manifest[group]])
  })

  test('every dependency is one version and not a range', () => {
    const wanted = groups.flatMap((group) => Object.entries(manifest[group]))
    for (const [name, version] of wanted) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
      expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version])
    }
  })

  test('nothing runs at the installation but what is known', () => {
    const found = installed.filter(([, { hasInstallScript }]) => hasInstallScript)
    const of = (isDev: boolean) =>
      found.filter(([, { dev }]) => Boolean(dev) === isDev).map(([path]) => path)
    expect(of(false)).toEqual(scripted.withUs)
    expect(of(true)).toEqual(scripted.forTests)
  })

  test('everything comes from the registry of whoever installs, and has a strong digest', () => {
    for (const [path, { resolved, integrity, link, cpu, optional }] of installed) {
      expect([path, resolved, link]).toEqual([path, undefined, undefined])
      // native packages of other machines: nobody here could download them (scripts/lockfile.mjs)
      if (integrity === undefined)
        expect([path, optional, cpu]).toEqual([path, true, [expect.any(String)]])
      else expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-[\w+/]{86}==$/)])
    }
  })

  test('few packages come with us', () => {
    const withUs = installed.filter(([, { dev, optional }]) => !dev && !optional)
    expect(withUs.length).toBeLessThan(50)
  })
})
