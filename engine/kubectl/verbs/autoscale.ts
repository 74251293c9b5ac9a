/**
 * `kubectl autoscale`: a HorizontalPodAutoscaler for a workload.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/autoscale
 */

import { readQuantity } from '../../std/quantity.ts'
import type { Tree, TreeMap } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { groupVersion } from '../discovery.ts'
import { RECORD_FLAG } from '../flag-groups.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { canonicalQuantity } from '../quantities.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ACCEPT_TYPED, ask } from '../session.ts'
import { FILENAME_FLAGS, findObjects, namespaceOf, type Target } from '../targets.ts'
import { fieldManagerFlag, managerOf, SAVE_CONFIG_FLAG, withLastApplied } from './create/generator.ts'

type Amount = { readonly percent: number } | { readonly quantity: string }

const UNIT: Readonly<Record<string, string>> = { cpu: 'm', memory: 'Mi' }

/** `70%`, `500m`, `500` */
function amountOf(text: string, name: string): Amount | Refusal {
  const wrong = refuse(`invalid resource ${name} value: ${text}`)
  if (/^[+-]?\d+%$/.test(text)) return { percent: Number(text.slice(0, -1)) }
  if (/^[+-]?\d+$/.test(text)) return { quantity: canonicalQuantity(`${text}${UNIT[name]}`) }
  return typeof readQuantity(text) === 'string' ? wrong : { quantity: canonicalQuantity(text) }
}

const metric = (name: string, amount: Amount): Tree => ({
  type: 'Resource',
  resource: {
    name,
    target:
      'percent' in amount
        ? { type: 'Utilization', averageUtilization: amount.percent }
        : { type: 'AverageValue', averageValue: amount.quantity },
  },
})

function metricsOf({ flags }: Invocation): readonly Tree[] | Refusal {
  const metrics: Tree[] = []
  if (flags.number('cpu-percent') > 0) metrics.push(metric('cpu', { percent: flags.number('cpu-percent') }))
  for (const name of ['cpu', 'memory']) {
    const text = flags.text(name)
    const amount = text ? amountOf(text, name) : undefined
    if (isRefusal(amount)) return amount
    if (amount) metrics.push(metric(name, amount))
  }
  return metrics
}

function problemWith({ flags }: Invocation): Refusal | undefined {
  const [max, min] = [flags.number('max'), flags.number('min')]
  if (max < 1) return refuse(`--max=MAXPODS is required and must be at least 1, max: ${max}`)
  if (max < min) return refuse(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`)
  return flags.number('cpu-percent') > 0 && flags.text('cpu')
    ? refuse('--cpu-percent and --cpu are mutually exclusive')
    : undefined
}

function scalerFor({ flags, session }: Invocation, target: Target, metrics: readonly Tree[]): TreeMap {
  const min = flags.number('min')
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: flags.text('name') || target.name,
      ...(flags.given('namespace') && { namespace: namespaceOf(session) }),
    },
    spec: {
      scaleTargetRef: { kind: target.resource.kind, name: target.name, apiVersion: groupVersion(target.resource) },
      ...(min > 0 && { minReplicas: min }),
      maxReplicas: flags.number('max'),
      ...(metrics.length > 0 && { metrics }),
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  }
}

const post = ({ flags, session }: Invocation, version: string, body: TreeMap, dryRun: DryRun): TreeMap | Refusal =>
  ask(session, {
    method: 'POST',
    path: `/apis/autoscaling/${version}/namespaces/${namespaceOf(session)}/horizontalpodautoscalers`,
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    accept: ACCEPT_TYPED,
    contentType: 'application/json',
    body,
  })

/** When the present version is refused, the old one is tried, as far as it can say the same. */
function postOld(invocation: Invocation, scaler: TreeMap, dryRun: DryRun): TreeMap | Refusal {
  const { flags } = invocation
  const cpu = amountOf(flags.text('cpu'), 'cpu')
  const incompatible = 'failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: '
  if (isRefusal(cpu))
    return refuse(`${incompatible}${flags.text('cpu') === '' ? 'empty input' : (cpu as { message: string }).message}`)
  if (!('percent' in cpu) || flags.text('memory')) return refuse(`${incompatible}%!w(<nil>)`)
  const { metrics: _metrics, ...spec } = scaler.spec as TreeMap
  const old = {
    ...scaler,
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, targetCPUUtilizationPercentage: cpu.percent },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  }
  return post(invocation, 'v1', old, dryRun)
}

function autoscaleOne(
  invocation: Invocation,
  target: Target,
  metrics: readonly Tree[],
  dryRun: DryRun,
): Refusal | undefined {
  const { flags, session } = invocation
  const { group, version, plural, kind, subresources } = target.resource
  if (!subresources.some(({ name }) => name === 'scale'))
    return refuse(
      `cannot autoscale a ${kind}: could not find scale subresource for ${group}/${version}, Resource=${plural} in discovery information`,
    )
  const scaler = scalerFor(invocation, target, metrics)
  const operation = (word: string) =>
    printerFor(session, flags, { keepOrder: true, operation: `${word}${dryRunSuffix(dryRun)}` })
  const printer = operation(dryRun === 'client' ? 'created' : 'autoscaled')
  if (isRefusal(printer)) return printer
  if (dryRun === 'client') return printer.print(scaler)
  const body = flags.on('save-config') ? withLastApplied(scaler, true) : scaler
  const made = post(invocation, 'v2', body, dryRun)
  const created = isRefusal(made) ? postOld(invocation, body, dryRun) : made
  return isRefusal(created) ? created : printer.print(created)
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const problem = problemWith(invocation)
  if (problem) return problem
  const metrics = metricsOf(invocation)
  if (isRefusal(metrics)) return metrics
  const found = findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
  })
  if (isRefusal(found)) return found
  const refusals = found.targets
    .map((target) => autoscaleOne(invocation, target, metrics, dryRun))
    .filter((refusal) => refusal !== undefined)
  return severalRefusals([...found.refusals, ...refusals])
}

export const autoscaleCommand: Command = {
  name: 'autoscale',
  usage: '(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY] [flags]',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  group: 'Deploy Commands',
  help: 'Make an autoscaler that keeps the number of Pods between two limits.',
  examples: ['kubectl autoscale deployment web --min=2 --max=10', 'kubectl autoscale deployment web --max=5 --cpu=80%'],
  flags: {
    ...PRINT_FLAGS,
    cpu: { kind: 'string', help: 'The CPU to aim at: a share of the requests (70%) or an amount for each Pod (500m).' },
    'cpu-percent': {
      kind: 'int32',
      default: '-1',
      help: 'The CPU to aim at, as a share of the requests.',
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    },
    ...DRY_RUN_FLAG,
    ...fieldManagerFlag('kubectl-autoscale'),
    ...FILENAME_FLAGS('Files, directories or addresses that name what to autoscale.'),
    max: { kind: 'int32', default: '-1', required: true, help: 'The most Pods there may be.' },
    memory: {
      kind: 'string',
      help: 'The memory to aim at: a share of the requests (60%) or an amount for each Pod (200Mi).',
    },
    min: { kind: 'int32', default: '-1', help: 'The fewest Pods there may be; the server decides when negative.' },
    name: { kind: 'string', help: 'The name of the autoscaler; the one of what it scales when absent.' },
    ...RECORD_FLAG,
    ...SAVE_CONFIG_FLAG,
  },
  run,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
