/** `kubectl auth`: who one is, and what one may do. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/auth */
import { goValue } from '../../std/go-value.ts'
import { alignRows } from '../../std/table.ts'
import { sortedKeysOf, type TreeMap } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { listAt, mapAt, textAt } from '../describe/text.ts'
import { resourceFor } from '../discovery.ts'
import { ALL_NAMESPACES_FLAG } from '../flag-groups.ts'
import { DRY_RUN_FLAG, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { fallSilent, isRefusal, type Refusal, refuse, usageRefusal } from '../refusal.ts'
import { ACCEPT_TYPED, ask, complain, type Session, say } from '../session.ts'
import { FILENAME_FLAGS, namespaceOf, planTargets } from '../targets.ts'
import { filenameProblem } from './apply.ts'

const review = (session: Session, group: string, plural: string, body: TreeMap): TreeMap | Refusal =>
  ask(session, {
    method: 'POST',
    path: `/apis/${group}/v1/${plural}`,
    accept: ACCEPT_TYPED,
    contentType: 'application/json',
    body,
  })

// ---- whoami --------------------------------------------------------------------------------------------------

const listText = (items: readonly unknown[]): string => `[${items.map(goValue).join(' ')}]`

function userRows(user: TreeMap): readonly (readonly string[])[] {
  const groups = listAt(user, 'groups')
  const extra = mapAt(user, 'extra')
  return [
    ['ATTRIBUTE', 'VALUE'],
    ...(user.username ? [['Username', textAt(user, 'username')]] : []),
    ...(user.uid ? [['UID', textAt(user, 'uid')]] : []),
    ...(groups.length > 0 ? [['Groups', listText(groups)]] : []),
    ...sortedKeysOf(extra).map((key) => [`Extra: ${key}`, listText(extra[key] as readonly unknown[])]),
  ]
}

function runWhoami({ args, flags, path, session }: Invocation): Ending {
  if (args.length > 0) return usageRefusal(path, `unexpected arguments: [${args.join(' ')}]`)
  const printer = printerFor(session, flags, { keepOrder: true })
  if (isRefusal(printer)) return printer
  const answer = review(session, 'authentication.k8s.io', 'selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: {},
    status: { userInfo: {} },
  })
  if (isRefusal(answer)) return answer
  if (flags.text('output') || flags.text('template')) return printer.print(answer)
  say(session, alignRows(userRows(mapAt(answer, 'status', 'userInfo'))))
  return undefined
}

const whoami: Command = {
  name: 'whoami',
  usage: '',
  short: 'Experimental: Check self subject attributes',
  help: 'Show under which name, and in which groups, the server knows you.',
  examples: ['kubectl auth whoami'],
  flags: PRINT_FLAGS,
  run: runWhoami,
}

// ---- can-i ---------------------------------------------------------------------------------------------------

const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
  '*',
  'approve',
  'sign',
  'proxy',
  'attest',
]
const URL_VERBS = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*']
const NOT_IN_DISCOVERY = ['users', 'groups']

interface Asked {
  readonly group: string
  readonly resource: string
  readonly version: string
  readonly namespaced: boolean
  readonly known: boolean
}

const warning = (session: Session, text: string): void => complain(session, `Warning: ${text}\n\n`)

function askedResource(session: Session, type: string): Asked {
  if (type === '*') return { group: '', version: '', resource: '*', namespaced: true, known: true }
  const resource = resourceFor(session, type, 1)
  if (!isRefusal(resource))
    return {
      group: resource.group,
      version: resource.version,
      resource: resource.plural,
      namespaced: resource.namespaced,
      known: true,
    }
  const [name, ...group] = type.toLowerCase().split('.')
  if (!NOT_IN_DISCOVERY.includes(type.toLowerCase()))
    warning(
      session,
      `the server doesn't have a resource type '${name}'${group.length > 0 ? ` in group '${group.join('.')}'` : ''}`,
    )
  return { group: '', version: '', resource: type, namespaced: true, known: false }
}

const WRONG_ARGUMENTS =
  "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples."

/** The kinds of a group, asked for again, tell whether the resource lives in namespaces. */
function warnOfScope({ flags, session }: Invocation, verb: string, asked: Asked): void {
  if (flags.on('all-namespaces') || !asked.known) return
  if (asked.resource !== '*')
    ask(session, {
      method: 'GET',
      path: asked.group ? `/apis/${asked.group}/${asked.version}` : `/api/${asked.version}`,
      accept: 'application/json, */*',
    })
  if (!asked.namespaced)
    warning(
      session,
      `resource '${asked.resource}' is not namespace scoped${asked.group ? ` in group '${asked.group}'` : ''}`,
    )
  if (!VERBS.includes(verb)) warning(session, `verb '${verb}' is not a known verb`)
}

function specFor(invocation: Invocation): TreeMap {
  const { args, flags, session } = invocation
  const [verb = '', what = ''] = args
  if (what.startsWith('/')) {
    if (!URL_VERBS.includes(verb)) warning(session, `verb '${verb}' is not a known verb`)
    return { nonResourceAttributes: { path: what, verb } }
  }
  const slash = what.indexOf('/')
  const asked = askedResource(session, slash < 0 ? what : what.slice(0, slash))
  warnOfScope(invocation, verb, asked)
  const name = slash < 0 ? '' : what.slice(slash + 1)
  const namespace = flags.on('all-namespaces') ? '' : namespaceOf(session)
  const subresource = flags.text('subresource')
  return {
    resourceAttributes: {
      ...(namespace && { namespace }),
      verb,
      ...(asked.group && { group: asked.group }),
      resource: asked.resource,
      ...(subresource && { subresource }),
      ...(name && { name }),
    },
  }
}

function runCanI(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  if (flags.on('list')) return listAccess(invocation)
  if (args.length !== 2) return refuse(WRONG_ARGUMENTS)
  if (args[1]!.startsWith('/') && flags.text('subresource'))
    return refuse('--subresource can not be used with NonResourceURL')
  const spec = specFor(invocation)
  if (flags.on('no-headers')) return refuse('--no-headers cannot be set without --list specified')
  const answer = review(session, 'authorization.k8s.io', 'selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    metadata: {},
    spec,
    status: { allowed: false },
  })
  if (isRefusal(answer)) return answer
  const allowed = mapAt(answer, 'status').allowed === true
  const why = [textAt(answer, 'status', 'reason'), textAt(answer, 'status', 'evaluationError')]
    .filter((text) => text !== '')
    .map((text) => ` - ${text}`)
  if (!flags.on('quiet')) say(session, allowed ? 'yes\n' : `no${why.join('')}\n`)
  return allowed ? undefined : fallSilent(1)
}

/** A rule of one resource, or of one path. */
interface Rule {
  readonly resource: string
  readonly urls: readonly string[]
  readonly names: readonly string[]
  verbs: readonly string[]
}

const textsAt = (object: TreeMap, name: string): readonly string[] =>
  listAt(object, name) as unknown as readonly string[]

function rulesIn(status: TreeMap): readonly Rule[] {
  const rules: Rule[] = []
  for (const rule of listAt(status, 'resourceRules'))
    for (const group of textsAt(rule, 'apiGroups'))
      for (const resource of textsAt(rule, 'resources'))
        addRule(
          rules,
          group ? `${resource}.${group}` : resource,
          textsAt(rule, 'resourceNames'),
          textsAt(rule, 'verbs'),
        )
  for (const rule of listAt(status, 'nonResourceRules'))
    for (const url of textsAt(rule, 'nonResourceURLs'))
      rules.push({ resource: '', urls: [url], names: [], verbs: textsAt(rule, 'verbs') })
  return rules
}

/** Rules about the same names of the same resource are one. */
function addRule(rules: Rule[], resource: string, names: readonly string[], verbs: readonly string[]): void {
  const each = names.length === 0 ? [[]] : names.map((name) => [name])
  for (const one of each) {
    const same = rules.find((rule) => rule.resource === resource && rule.names.join() === one.join())
    if (same) same.verbs = [...new Set([...same.verbs, ...verbs])]
    else rules.push({ resource, urls: [], names: one, verbs })
  }
}

const ruleOrder = ({ resource, urls, names, verbs }: Rule): string => {
  const [plural = '', ...group] = resource.split('.')
  return [verbs, resource ? [group.join('.')] : [], resource ? [plural] : [], names, urls].map(listText).join()
}

function listAccess({ args, flags, session }: Invocation): Ending {
  if (args.length > 0) return refuse('list option must be specified with no arguments')
  if (flags.on('quiet') || flags.on('all-namespaces') || flags.text('subresource'))
    return refuse("list option can't be specified with neither quiet, all-namespaces nor subresource options")
  const answer = review(session, 'authorization.k8s.io', 'selfsubjectrulesreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    metadata: {},
    spec: { namespace: namespaceOf(session) },
    status: { resourceRules: null, nonResourceRules: null, incomplete: false },
  })
  if (isRefusal(answer)) return answer
  const rules = rulesIn(mapAt(answer, 'status'))
  const rows = rules
    .toSorted((a, b) => (ruleOrder(a) < ruleOrder(b) ? -1 : 1))
    .map((rule) => [rule.resource, listText(rule.urls), listText(rule.names), listText(rule.verbs)])
  say(
    session,
    alignRows(flags.on('no-headers') ? rows : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'], ...rows]),
  )
  return undefined
}

const canI: Command = {
  name: 'can-i',
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  short: 'Check whether an action is allowed',
  help: 'Ask the server whether you may do something. The exit code is 0 for yes and 1 for no.',
  examples: [
    'kubectl auth can-i create pods',
    'kubectl auth can-i --list',
    'kubectl auth can-i get pods --as=system:serviceaccount:default:robot',
  ],
  flags: {
    ...ALL_NAMESPACES_FLAG,
    list: { kind: 'bool', help: 'List all that is allowed.' },
    'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
    quiet: { kind: 'bool', short: 'q', help: 'Say nothing; the exit code is the answer.' },
    subresource: { kind: 'string', help: 'A part of the resource: log, scale.' },
  },
  run: runCanI,
}

// ---- reconcile -----------------------------------------------------------------------------------------------

function runReconcile(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const problem = filenameProblem(invocation)
  if (problem) return problem
  const plan = planTargets(session, {
    args: [],
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
  })
  if (isRefusal(plan)) return plan
  const roles =
    plan.is === 'targets' && plan.targets.some(({ resource }) => resource.group === 'rbac.authorization.k8s.io')
  return roles ? refuse('auth reconcile is not modelled; use kubectl apply') : undefined
}

const reconcile: Command = {
  name: 'reconcile',
  usage: '-f FILENAME',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  examples: ['kubectl auth reconcile -f roles.yaml'],
  flags: {
    ...PRINT_FLAGS,
    ...DRY_RUN_FLAG,
    ...FILENAME_FLAGS('The files with roles and bindings.'),
    'remove-extra-permissions': { kind: 'bool', help: 'Remove what the file does not grant.' },
    'remove-extra-subjects': { kind: 'bool', help: 'Remove whom the file does not bind.' },
  },
  run: runReconcile,
}

export const authCommand: Command = {
  name: 'auth',
  usage: '[flags]',
  short: 'Inspect authorization',
  group: 'Troubleshooting and Debugging Commands',
  flags: {},
  commands: [canI, reconcile, whoami],
}
