/** `kubectl create ingress`: rules of the form host/path=service:port[,tls[=secret]]. */
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { type Refusal, refuse } from '../../refusal.ts'
import { generatorCommand } from './generator.ts'

const RULE = /^(([\w*.-]*)(\/[^=,]*))=([\w.-]+:[\w-]+)(,.*)?$/

const portOf = (port: string): TreeMap => (/^\d+$/.test(port) ? { number: Number(port) } : { name: port })

function backendOf(text: string): TreeMap {
  const [name = '', port = ''] = text.split(':')
  return { service: { name, port: portOf(port) } }
}

interface Rule {
  readonly host: string
  readonly path: string
  readonly backend: string
  /** Undefined: no TLS asked for. */
  readonly secret: string | undefined
}

function parseRule(text: string): Rule {
  const [place = '', ...options] = text.split(',')
  const [where = '', backend = ''] = place.split('=')
  const slash = where.indexOf('/')
  const tls = options.length === 1 ? options[0]! : undefined
  return {
    host: where.slice(0, slash),
    path: where.slice(slash),
    backend,
    secret: tls === undefined ? undefined : (tls.split('=')[1] ?? ''),
  }
}

const pathOf = ({ path, backend }: Rule): TreeMap =>
  path.endsWith('*')
    ? { path: path.slice(0, -1), pathType: 'Prefix', backend: backendOf(backend) }
    : { path, pathType: 'Exact', backend: backendOf(backend) }

function rulesOf(rules: readonly Rule[]): Tree[] {
  const hosts = [...new Set(rules.map(({ host }) => host))]
  return hosts.map((host) => ({ host, http: { paths: rules.filter((rule) => rule.host === host).map(pathOf) } }))
}

/** One entry a secret; a host appears once. */
function tlsOf(rules: readonly Rule[]): Tree[] {
  const seen = new Set<string>()
  const entries: { hosts: string[]; secretName: string }[] = []
  for (const { host, secret } of rules) {
    if (secret === undefined || seen.has(host)) continue
    seen.add(host)
    const known = entries.find(({ secretName }) => secretName === secret)
    if (known) known.hosts.push(host)
    else if (host || secret) entries.push({ hosts: host ? [host] : [], secretName: secret })
  }
  return entries
}

function ingressOf({ flags }: Invocation, name: string): TreeMap | Refusal {
  const [rules, annotations, backend] = [flags.list('rule'), flags.list('annotation'), flags.text('default-backend')]
  if (!backend && rules.length === 0)
    return refuse(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    )
  const wrong = rules.find((rule) => !RULE.test(rule))
  if (wrong !== undefined)
    return refuse(`rule ${wrong} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
  const odd = annotations.find((annotation) => !annotation.includes('='))
  if (odd !== undefined) return refuse(`annotation ${odd} is invalid and should be in format key=[value]`)
  if (backend && backend.split(':').length !== 2)
    return refuse('default-backend should be in format servicename:serviceport')
  const parsed = rules.map(parseRule)
  const pairs = annotations.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
  return {
    metadata: { name, annotations: Object.fromEntries(pairs) },
    spec: {
      ingressClassName: flags.text('class') || null,
      ...(backend && { defaultBackend: backendOf(backend) }),
      tls: tlsOf(parsed),
      rules: rulesOf(parsed),
    },
  }
}

export const createIngress = generatorCommand({
  name: 'ingress',
  aliases: ['ing'],
  usage: 'NAME --rule=host/path=service:port[,tls[=secret]]',
  short: 'Create an ingress with the specified name',
  examples: ['kubectl create ingress shop --rule="shop.example/*=shop:80"'],
  flags: {
    annotation: { kind: 'stringArray', help: 'An annotation key=value; may be given several times.' },
    class: { kind: 'string', help: 'The class of controller that should serve it.' },
    'default-backend': { kind: 'string', help: 'The service:port for all that no rule catches.' },
    rule: { kind: 'stringArray', help: 'host/path=service:port[,tls[=secret]]; a path that ends in * is a prefix.' },
  },
  generator: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    plural: 'ingresses',
    namespaced: true,
    failure: 'failed to create ingress: ',
    object: ingressOf,
  },
})
