#!/usr/bin/env node
// The `kubefold` command. It must start on any Node from 20 on, so it is plain JavaScript: it finds a Node that runs TypeScript (the
// project's own, or this one) and hands over to cli/main.ts, or to dist/cli.js where that was built.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const source = join(root, 'cli', 'main.ts')
const built = join(root, 'dist', 'cli.js')

/** From 22.18 on, Node runs TypeScript without being asked. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

const binary = process.platform === 'win32' ? 'node.exe' : 'node'

/** The project's own Node, which `npm ci` installs: the link in .bin, or the package it leads to. */
const own = [
  join(root, 'node_modules', '.bin', binary),
  join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', binary),
].find((path) => existsSync(path))

function commandLine() {
  if (!existsSync(source)) return existsSync(built) ? [process.execPath, built] : undefined
  if (runsTypeScript(process.versions.node)) return [process.execPath, source]
  if (own) return [own, source]
  return existsSync(built) ? [process.execPath, built] : undefined
}

const found = commandLine()
if (!found) {
  console.error(
    `kubefold needs Node 22.18 or newer; this is ${process.versions.node}. Run \`npm ci\` in ${root}, which brings one along.`,
  )
  process.exit(3)
}

const [node, ...script] = found
const child = spawn(node, [...script, ...process.argv.slice(2)], { stdio: 'inherit' })

// The terminal sends its interrupt to both; the child decides what to do about it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal)
  })

child.on('error', (error) => {
  console.error(`kubefold could not be started: ${error.message}`)
  process.exit(3)
})
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  } else process.exit(code ?? 3)
})
