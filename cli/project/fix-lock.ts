/**
 * `npm run fix-lock`: adds to package-lock.json the optional packages for other platforms that npm leaves out when a registry lacks
 * them, so that `npm ci` accepts the lock file on every machine. Run it after each `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockedPackage {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly cpu?: readonly string[]
  readonly os?: readonly string[]
  readonly optional?: boolean
}

const SYSTEMS: Readonly<Record<string, string>> = {
  darwin: 'darwin',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  windows: 'win32',
  win32: 'win32',
  linux: 'linux',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
}
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'riscv64', 'ppc64', 's390x', 'loong64', 'mips64el', 'wasm32']

/** Where Node would look for a package, from the folder of the one that asks upwards. */
function* places(from: string, name: string): Generator<string> {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    yield `${at ? `${at}/` : ''}node_modules/${name}`
    if (at === '') return
    if (!at.includes('node_modules/')) at = ''
  }
}

function entryFor(name: string, version: string): LockedPackage | undefined {
  const words = name.split(/[/@-]/)
  const system = words.map((word) => SYSTEMS[word]).find(Boolean)
  const processor = PROCESSORS.find((word) => words.includes(word))
  if (!/^\d/.test(version) || (!system && !processor)) return undefined
  return { version, ...(processor && { cpu: [processor] }), optional: true, ...(system && { os: [system] }) }
}

function missing(packages: Readonly<Record<string, LockedPackage>>): [string, LockedPackage][] {
  const found: [string, LockedPackage][] = []
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages))
    for (const [name, version] of path === '' ? [] : Object.entries(optionalDependencies)) {
      if ([...places(path, name)].some((place) => packages[place])) continue
      const entry = entryFor(name, version)
      if (entry) found.push([`node_modules/${name}`, entry])
      else console.error(`cannot add ${name} ${version}: its name tells no platform`)
    }
  return found
}

const file = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> }
const added = missing(lock.packages)
const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) })
lock.packages = Object.fromEntries(packages.sort(([one], [other]) => (one < other ? -1 : 1)))
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`fix-lock: ${added.length} packages added`)
