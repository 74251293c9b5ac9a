/** `kubectl version`. */
import { goJsonOf } from '../../std/go-value.ts'
import { isMap, type TreeMap } from '../../std/tree.ts'
import { formatYaml } from '../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { isRefusal, refuse, usageRefusal } from '../refusal.ts'
import { ask, say } from '../session.ts'

const CLIENT_VERSION: TreeMap = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const KUSTOMIZE_VERSION = 'v5.8.1'

function run({ args, flags, path, session }: Invocation): Ending {
  const output = flags.text('output')
  if (args.length > 0) return usageRefusal(path, `unexpected arguments: [${args.join(' ')}]`)
  if (output !== '' && output !== 'yaml' && output !== 'json') return refuse("--output must be 'yaml' or 'json'")
  const server = flags.on('client')
    ? undefined
    : ask(session, { method: 'GET', path: '/version', query: { timeout: '32s' }, accept: 'application/json, */*' })
  const known = isMap(server) && !isRefusal(server) ? (server as TreeMap) : undefined
  const versions = {
    clientVersion: CLIENT_VERSION,
    kustomizeVersion: KUSTOMIZE_VERSION,
    ...(known && { serverVersion: known }),
  }
  if (output === 'yaml') say(session, `${formatYaml(versions)}\n`)
  else if (output === 'json') say(session, `${goJsonOf(versions, { indent: '  ', keepOrder: true })}\n`)
  else {
    say(session, `Client Version: ${String(CLIENT_VERSION.gitVersion)}\nKustomize Version: ${KUSTOMIZE_VERSION}\n`)
    if (known) say(session, `Server Version: ${String(known.gitVersion)}\n`)
  }
  return isRefusal(server) ? server : undefined
}

export const versionCommand: Command = {
  name: 'version',
  usage: '[--client] [--output=json|yaml]',
  short: 'Print the client and server version information',
  examples: ['kubectl version', 'kubectl version --client'],
  flags: {
    client: { kind: 'bool', help: 'Only the version of kubectl, and ask no server.' },
    output: { kind: 'string', short: 'o', help: "Print as 'yaml' or 'json'." },
  },
  run,
}
