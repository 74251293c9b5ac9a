/**
 * nslookup and `nc -z` in a container: is there such a name, does anybody listen. What people try first when a Service does not
 * answer.
 *
 * Upstream: busybox 1.36, and its nc with `-z` as larger images have it
 * Left out: other record types than addresses, and any talk over the connection that nc opens.
 */
import type { Answer, Query } from '../../dns/message.ts'
import { nslookup, nslookupExitCode, nslookupText, parseResolvConf } from '../../dns/resolver.ts'
import type { Finished } from '../../shell/command.ts'
import { isProblem } from '../runtime/file-tree.ts'
import { isFetchFailure, type ProgramHost } from './program.ts'

/** Asks the server that is named, or the one in /etc/resolv.conf. */
export function lookUpName(
  host: Pick<ProgramHost, 'ask'> & { readonly files: Pick<ProgramHost['files'], 'read'> },
  argv: readonly string[],
): Finished {
  const [name, server] = argv.slice(1).filter((arg) => !arg.startsWith('-'))
  if (name === undefined) return { err: 'Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n', code: 1 }
  const file = host.files.read('/etc/resolv.conf')
  const config = parseResolvConf(isProblem(file) ? '' : file)
  const nameserver = server ?? config.nameservers[0] ?? '127.0.0.1'
  let silent = false
  const ask = (query: Query): Answer => {
    const answer = host.ask?.(nameserver, query)
    silent ||= answer === undefined
    return answer ?? { rcode: 'SERVFAIL', flags: [], answer: [], authority: [], additional: [] }
  }
  const { asked } = nslookup(name, config, ask)
  if (silent) return { out: ';; connection timed out; no servers could be reached\n\n', code: 1 }
  return { out: nslookupText(nameserver, asked), code: nslookupExitCode(asked) }
}

const KNOCK = { method: 'GET', path: '/', headers: [], body: '', remote: '127.0.0.1:50000', local: '' } as const

const NO_CONNECTION = {
  refused: 'Connection refused',
  unreachable: 'Host is unreachable',
  timeout: 'Connection timed out',
  'no-such-host': 'bad address',
} as const

/** `nc -z HOST PORT`: connects and says nothing. */
export function knockAt(host: Pick<ProgramHost, 'fetch'>, argv: readonly string[]): Finished {
  const options = argv.filter((arg) => /^-[a-z]+$/.test(arg)).join('')
  const [name, port] = argv
    .slice(1)
    .filter((arg, at, all) => !arg.startsWith('-') && !/^-\w*w$/.test(all[at - 1] ?? ''))
  if (!options.includes('z')) return { err: 'nc: only -z, which tries a port, is modelled here\n', code: 1 }
  if (name === undefined || port === undefined) return { err: 'Usage: nc -z [-v] [-w SEC] HOST PORT\n', code: 1 }
  const answer = host.fetch(name, Number(port), KNOCK)
  const speaks = options.includes('v')
  if (!isFetchFailure(answer)) return speaks ? { err: `${name} (${name}:${port}) open\n` } : {}
  const { error } = answer
  if (error === 'no-such-host') return { err: `nc: bad address '${name}'\n`, code: 1 }
  return speaks ? { err: `nc: ${name} (${name}:${port}): ${NO_CONNECTION[error]}\n`, code: 1 } : { code: 1 }
}
