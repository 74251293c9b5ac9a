/** Generators whose object is a few fields: service accounts, quotas, priority classes, disruption budgets. */
import { isMistake, parseSelector } from '../../../api/selector.ts'
import { goQuote } from '../../../std/go-text.ts'
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { generatorCommand, intOrText } from './generator.ts'

export const createServiceAccount = generatorCommand({
  name: 'serviceaccount',
  aliases: ['sa'],
  usage: 'NAME [--dry-run=server|client|none]',
  short: 'Create a service account with the specified name',
  examples: ['kubectl create serviceaccount robot'],
  flags: {},
  generator: {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced: true,
    failure: 'failed to create serviceaccount: ',
    object: (_invocation, name) => ({ metadata: { name } }),
  },
})

/** `cpu=1,memory=2Gi` */
export function parseResources(text: string): TreeMap | Refusal {
  const resources: Record<string, Tree> = {}
  for (const statement of text === '' ? [] : text.split(',')) {
    const parts = statement.split('=')
    if (parts.length !== 2) return refuse(`Invalid argument syntax ${statement}, expected <resource>=<value>`)
    if (!QUANTITY.test(parts[1]!)) return refuse(QUANTITY_RULE)
    resources[parts[0]!] = parts[1]!
  }
  return resources
}

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/
const QUANTITY_RULE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function quotaOf({ flags }: Invocation, name: string): TreeMap | Refusal {
  const hard = parseResources(flags.text('hard'))
  if (isRefusal(hard)) return hard
  const scopes = flags.text('scopes') === '' ? [] : flags.text('scopes').split(',')
  if (scopes.includes('')) return refuse('invalid resource quota scope ""')
  return { metadata: { name }, spec: { hard, scopes } }
}

export const createQuota = generatorCommand({
  name: 'quota',
  aliases: ['resourcequota'],
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  short: 'Create a quota with the specified name',
  examples: ['kubectl create quota small --hard=pods=5,requests.cpu=1'],
  flags: {
    hard: { kind: 'string', help: 'Resources and how much of each at most, separated by commas.' },
    scopes: { kind: 'string', help: 'Which objects count: scopes that must all hold, separated by commas.' },
  },
  generator: {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    namespaced: true,
    failure: 'failed to create quota: ',
    object: quotaOf,
  },
})

export const createPriorityClass = generatorCommand({
  name: 'priorityclass',
  aliases: ['pc'],
  usage: 'NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  short: 'Create a priority class with the specified name',
  examples: ['kubectl create priorityclass high --value=1000'],
  flags: {
    description: { kind: 'string', help: 'What it is for, in words.' },
    'global-default': { kind: 'bool', help: 'Pods that name no class get this one.' },
    'preemption-policy': {
      kind: 'string',
      default: 'PreemptLowerPriority',
      help: 'Whether its Pods may take the place of others.',
    },
    value: { kind: 'int32', help: 'The priority, as a number.' },
  },
  generator: {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    namespaced: false,
    failure: 'failed to create priorityclass: ',
    object: ({ flags }, name) => ({
      metadata: { name },
      value: flags.number('value'),
      globalDefault: flags.on('global-default'),
      description: flags.text('description'),
      preemptionPolicy: flags.text('preemption-policy'),
    }),
  },
})

const COUNT_OR_PERCENT = /^[0-9]+%?$/

/** A LabelSelector of a text that names only equalities and sets. */
export function labelSelectorOf(text: string): TreeMap | Refusal {
  const parsed = parseSelector(text)
  if (isMistake(parsed)) return refuse(parsed.mistake)
  const matchLabels: Record<string, Tree> = {}
  const matchExpressions: Tree[] = []
  for (const { key, operator, values } of parsed as readonly {
    key: string
    operator: string
    values: readonly string[]
  }[]) {
    if (operator === '=' || operator === '==') matchLabels[key] = values[0] ?? ''
    else if (operator === 'in') matchExpressions.push({ key, operator: 'In', values })
    else if (operator === 'notin') matchExpressions.push({ key, operator: 'NotIn', values })
    else if (operator === 'exists') matchExpressions.push({ key, operator: 'Exists' })
    else if (operator === '!') matchExpressions.push({ key, operator: 'DoesNotExist' })
    else return refuse(`${goQuote(operator)} is not a valid label selector operator`)
  }
  return { matchLabels, matchExpressions }
}

function budgetOf({ flags }: Invocation, name: string): TreeMap | Refusal {
  const [least, most] = [flags.text('min-available'), flags.text('max-unavailable')]
  if (flags.text('selector') === '') return refuse('a selector must be specified')
  if (!least && !most) return refuse('one of min-available or max-unavailable must be specified')
  if (least && most) return refuse('min-available and max-unavailable cannot be both specified')
  if (least && !COUNT_OR_PERCENT.test(least)) return refuse('invalid format specified for min-available')
  if (most && !COUNT_OR_PERCENT.test(most)) return refuse('invalid format specified for max-unavailable')
  const selector = labelSelectorOf(flags.text('selector'))
  if (isRefusal(selector)) return selector
  return {
    metadata: { name },
    spec: {
      ...(least && { minAvailable: intOrText(least) }),
      selector,
      ...(most && { maxUnavailable: intOrText(most) }),
    },
  }
}

export const createPodDisruptionBudget = generatorCommand({
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  usage: 'NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  short: 'Create a pod disruption budget with the specified name',
  examples: ['kubectl create poddisruptionbudget web --selector=app=web --min-available=2'],
  flags: {
    'max-unavailable': { kind: 'string', help: 'How many Pods, or what part of them, may be away.' },
    'min-available': { kind: 'string', help: 'How many Pods, or what part of them, must be there.' },
    selector: { kind: 'string', help: 'The labels of the Pods it protects.' },
  },
  generator: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    namespaced: true,
    failure: 'failed to create poddisruptionbudgets: ',
    object: budgetOf,
  },
})
