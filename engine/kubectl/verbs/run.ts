/**
 * `kubectl run`: one Pod from flags.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/run
 * Left out: attaching to the Pod (-i, -t, --attach, --rm); use kubectl exec or kubectl logs.
 */
import { mergePatch } from '../../api/merge-patch.ts'
import { goQuote } from '../../std/go-text.ts'
import { isMap, type Tree, type TreeMap } from '../../std/tree.ts'
import { parseYaml } from '../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { discover } from '../discovery.ts'
import { changeFlags, RECORD_FLAG } from '../flag-groups.ts'
import { applyPatch } from '../local-patch.ts'
import { type DryRun, dryRunOf, dryRunSuffix, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals, usageRefusal } from '../refusal.ts'
import { ask } from '../session.ts'
import { namespaceOf } from '../targets.ts'
import { typedObject } from '../typed.ts'
import { managerOf, SAVE_CONFIG_FLAG, withLastApplied } from './create/generator.ts'

const IMAGE =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][\w]*(?:[-_+.][A-Za-z][\w]*)*:[0-9a-fA-F]{32,})?$/

export const isImageName = (image: string): boolean => IMAGE.test(image)

const PULL_POLICIES = ['', 'Always', 'IfNotPresent', 'Never']
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']

function problemWith(invocation: Invocation, dryRun: DryRun): Refusal | undefined {
  const { args, dashAt, flags, path } = invocation
  const usage = (message: string): Refusal => usageRefusal(path, message)
  const attaches = flags.on('attach') || (!flags.given('attach') && (flags.on('stdin') || flags.on('tty')))
  if (args.length === 0 || dashAt === 0) return usage('NAME is required for run')
  if (flags.number('pod-running-timeout') <= 0) return usage('--pod-running-timeout must be higher than zero')
  if (flags.text('image') === '') return refuse('--image is required')
  if (!isImageName(flags.text('image')))
    return refuse(`Invalid image name ${goQuote(flags.text('image'))}: invalid reference format`)
  if (flags.on('tty') && !flags.on('stdin')) return usage('-i/--stdin is required for containers with -t/--tty=true')
  if (flags.on('expose') && flags.text('port') === '') return usage('--port must be set when exposing a service')
  if (!PULL_POLICIES.includes(flags.text('image-pull-policy')))
    return usage(`invalid image pull policy: ${flags.text('image-pull-policy')}`)
  if (!RESTART_POLICIES.includes(flags.text('restart')))
    return usage(`invalid restart policy: ${flags.text('restart')}`)
  if (!attaches && flags.on('rm')) return usage('--rm should only be used for attached containers')
  if (attaches && dryRun !== 'none')
    return usage(
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    )
  return attaches
    ? refuse(
        'attaching to a Pod is not modelled: start it without -i, -t and --attach, then use kubectl exec or kubectl logs',
      )
    : undefined
}

/** `a=b,c=d` */
export function parseLabelList(text: string): TreeMap | Refusal {
  if (text === '') return refuse('no label spec passed')
  const labels: Record<string, Tree> = {}
  for (const spec of text.split(',')) {
    const parts = spec.split('=')
    if (parts.length !== 2 || parts[0] === '') return refuse(`unexpected label spec: ${spec}`)
    labels[parts[0]!] = parts[1]!
  }
  return labels
}

function envOf(pairs: readonly string[]): Tree[] | Refusal {
  const env: Tree[] = []
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0 || !/^[A-Za-z_.-][A-Za-z0-9_.-]*$/.test(pair.slice(0, at))) return refuse(`invalid env: ${pair}`)
    env.push({ name: pair.slice(0, at), value: pair.slice(at + 1) })
  }
  return env
}

const annotationsFrom = (pairs: readonly string[]): TreeMap =>
  Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))

function podOf({ args, flags }: Invocation, labels: TreeMap): TreeMap | Refusal {
  const [name = '', ...words] = args
  const env = envOf(flags.list('env'))
  if (isRefusal(env)) return env
  const port = flags.text('port')
  if (port && !/^[+-]?\d+$/.test(port)) return refuse(`strconv.Atoi: parsing ${goQuote(port)}: invalid syntax`)
  const asCommand = flags.on('command')
  const container: TreeMap = {
    name,
    image: flags.text('image'),
    ...(words.length > 0 && { [asCommand ? 'command' : 'args']: words }),
    ...(port && { ports: [{ containerPort: Number(port) }] }),
    env,
    imagePullPolicy: flags.text('image-pull-policy'),
    ...(flags.given('privileged') && { securityContext: { privileged: flags.on('privileged') } }),
  }
  return typedObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations: annotationsFrom(flags.list('annotations')) },
    spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: flags.text('restart') },
  })
}

/** The object with what --overrides says. */
export function overridden(object: TreeMap, overrides: string, kind: string): TreeMap | Refusal {
  if (overrides === '') return object
  const parsed = parseYaml(overrides)
  if (!parsed.ok || !isMap(parsed.value)) return refuse(`Invalid JSON Patch`)
  const result =
    kind === 'strategic' || kind === 'json'
      ? applyPatch(object, parsed.value, kind)
      : (mergePatch(object, parsed.value) as Tree)
  if (isRefusal(result)) return result
  const map = result as TreeMap
  if (map.apiVersion !== object.apiVersion)
    return refuse(
      `no kind ${goQuote(String(map.kind))} is registered for version ${goQuote(String(map.apiVersion))} in scheme "pkg/runtime/scheme.go:111"`,
    )
  return typedObject(map)
}

const serviceFor = (name: string, port: string, labels: TreeMap): TreeMap =>
  typedObject({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: Number(port), protocol: 'TCP', targetPort: Number(port) }], selector: labels },
  })

function send({ flags, session }: Invocation, object: TreeMap, plural: string, dryRun: DryRun): TreeMap | Refusal {
  if (dryRun === 'client') return object
  const body = flags.on('save-config') ? withLastApplied(object, false) : object
  return ask(session, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespaceOf(session)}/${plural}`,
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    accept: 'application/json, */*',
    contentType: 'application/json',
    body,
  })
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags, { keepOrder: true, operation: `created${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const problem = problemWith(invocation, dryRun)
  if (problem) return problem
  const labels = flags.given('labels') ? parseLabelList(flags.text('labels')) : { run: args[0]! }
  if (isRefusal(labels)) return labels
  const pod = podOf(invocation, labels)
  if (isRefusal(pod)) return pod
  const known = discover(session)
  if (isRefusal(known)) return known
  const changed = overridden(pod, flags.text('overrides'), flags.text('override-type'))
  if (isRefusal(changed)) return changed
  const created = send(invocation, changed, 'pods', dryRun)
  if (isRefusal(created)) return created
  const service = flags.on('expose')
    ? send(invocation, serviceFor(args[0]!, flags.text('port'), labels), 'services', dryRun)
    : undefined
  const refusals: (Refusal | undefined)[] = isRefusal(service) ? [service] : []
  if (service && !isRefusal(service)) refusals.push(printer.print(typedObject(service)))
  refusals.push(printer.print(typedObject(created)))
  return severalRefusals(refusals.filter(isRefusal))
}

export const runCommand: Command = {
  name: 'run',
  usage:
    'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: 'Run a particular image on the cluster',
  group: 'Basic Commands (Beginner)',
  help: 'Create a Pod that runs an image.',
  examples: ['kubectl run web --image=nginx:1.27', 'kubectl run box --image=busybox --restart=Never -- sleep 3600'],
  flags: {
    annotations: { kind: 'stringArray', help: 'An annotation key=value; may be given several times.' },
    attach: { kind: 'bool', help: 'Wait until the Pod runs, then attach to it.' },
    command: { kind: 'bool', help: 'Take the words after -- as the command, not as its arguments.' },
    ...changeFlags('kubectl-run'),
    'detach-keys': { kind: 'string', help: 'The keys that detach.' },
    env: { kind: 'stringArray', help: 'An environment variable key=value; may be given several times.' },
    expose: { kind: 'bool', help: 'Create a Service for the Pod too. Needs --port.' },
    image: { kind: 'string', required: true, help: 'The image to run.' },
    'image-pull-policy': { kind: 'string', help: 'When to pull the image: Always, IfNotPresent or Never.' },
    labels: { kind: 'string', short: 'l', help: 'Labels, separated by commas.' },
    'leave-stdin-open': { kind: 'bool', help: 'Leave standard input open when the first attachment ends.' },
    'override-type': { kind: 'string', default: 'merge', help: 'How to apply --overrides: json, merge or strategic.' },
    overrides: { kind: 'string', help: 'JSON with which to change the object that is made.' },
    'pod-running-timeout': { kind: 'duration', default: '1m0s', help: 'How long to wait for the Pod to run.' },
    port: { kind: 'string', help: 'The port that the container serves.' },
    privileged: { kind: 'bool', help: 'Run the container privileged.' },
    quiet: { kind: 'bool', short: 'q', help: 'Say nothing of starting and deleting.' },
    ...RECORD_FLAG,
    restart: { kind: 'string', default: 'Always', help: "The Pod's restart policy: Always, OnFailure or Never." },
    rm: { kind: 'bool', help: 'Delete the Pod when the attachment ends.' },
    ...SAVE_CONFIG_FLAG,
    stdin: { kind: 'bool', short: 'i', help: 'Keep standard input open.' },
    tty: { kind: 'bool', short: 't', help: 'Give the container a terminal.' },
  },
  run,
}
