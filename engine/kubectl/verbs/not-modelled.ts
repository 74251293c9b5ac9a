/**
 * Commands whose work lies outside of the simulation. They know their flags, refuse wrong arguments as the real ones do, find
 * the objects they are about, and then say in one line what is not there.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/{attach,cp,debug,portforward,proxy,certificates,kuberc}
 */
import { goQuote } from '../../std/go-text.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { objectNames } from '../complete-values.ts'
import type { Flags } from '../flags.ts'
import { buildKustomization } from '../kustomize.ts'
import { readFile } from '../paths.ts'
import { PRINT_FLAGS } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, usageRefusal } from '../refusal.ts'
import { complain, say } from '../session.ts'
import { FILENAME_FLAGS, findObjects } from '../targets.ts'
import { isImageName } from './run.ts'

const POD_TIMEOUT: Flags = {
  'pod-running-timeout': { kind: 'duration', default: '1m0s', help: 'How long to wait for a Pod to run.' },
}

const completePods = (invocation: Invocation): readonly string[] =>
  invocation.args.length === 0 ? objectNames(invocation, 'pods') : []

const timeoutProblem = ({ flags, path }: Invocation): Refusal | undefined =>
  flags.number('pod-running-timeout') <= 0
    ? usageRefusal(path, '--pod-running-timeout must be higher than zero')
    : undefined

/** The Pod must be there, before anything else is said. */
function findThenRefuse(
  { session }: Invocation,
  what: string,
  names: readonly string[],
  filenames: readonly string[] = [],
): Ending {
  const found = findObjects(session, { args: names, defaultType: 'pods', filenames })
  if (isRefusal(found)) return found
  return found.refusals[0] ?? refuse(`${what} is not modelled`)
}

function runAttach(invocation: Invocation): Ending {
  const { args } = invocation
  if (args.length === 0) return refuse('at least 1 argument is required for attach')
  return timeoutProblem(invocation) ?? findThenRefuse(invocation, 'attaching to a container', args)
}

export const attachCommand: Command = {
  name: 'attach',
  usage: '(POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  group: 'Troubleshooting and Debugging Commands',
  examples: ['kubectl attach web'],
  flags: {
    container: { kind: 'string', short: 'c', help: 'The container; the first one when absent.' },
    'detach-keys': { kind: 'string', help: 'The keys that detach.' },
    ...POD_TIMEOUT,
    quiet: { kind: 'bool', short: 'q', help: 'Only what the session prints.' },
    stdin: { kind: 'bool', short: 'i', help: 'Pass standard input on.' },
    tty: { kind: 'bool', short: 't', help: 'Standard input is a terminal.' },
  },
  run: runAttach,
  complete: completePods,
}

function runPortForward(invocation: Invocation): Ending {
  const { args, path } = invocation
  const timeout = timeoutProblem(invocation)
  if (args.length < 2) return usageRefusal(path, 'TYPE/NAME and list of ports are required for port-forward')
  return timeout ?? findThenRefuse(invocation, 'port-forward', args.slice(0, 1))
}

export const portForwardCommand: Command = {
  name: 'port-forward',
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  short: 'Forward one or more local ports to a pod',
  group: 'Troubleshooting and Debugging Commands',
  examples: ['kubectl port-forward pod/web 8080:80'],
  flags: {
    address: { kind: 'stringSlice', default: '[localhost]', help: 'The addresses to listen on.' },
    ...POD_TIMEOUT,
  },
  run: runPortForward,
  complete: completePods,
}

export const proxyCommand: Command = {
  name: 'proxy',
  usage: '[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  group: 'Troubleshooting and Debugging Commands',
  examples: ['kubectl proxy --port=8080'],
  flags: {
    'accept-hosts': {
      kind: 'string',
      default: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
      help: 'Hosts that may ask.',
    },
    'accept-paths': { kind: 'string', default: '^.*', help: 'Paths that may be asked for.' },
    address: { kind: 'string', default: '127.0.0.1', help: 'The address to listen on.' },
    'api-prefix': { kind: 'string', default: '/', help: 'Where the API begins.' },
    'append-server-path': { kind: 'bool', help: "Put the server's own path in front." },
    'disable-filter': { kind: 'bool', help: 'Let everything through.' },
    keepalive: { kind: 'duration', help: 'How long a connection is kept.' },
    port: { kind: 'int', short: 'p', default: '8001', help: 'The port to listen on; 0 for any.' },
    'reject-methods': { kind: 'string', default: '^$', help: 'Methods that are turned away.' },
    'reject-paths': {
      kind: 'string',
      default: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
      help: 'Paths that are turned away.',
    },
    'unix-socket': { kind: 'string', short: 'u', help: 'A socket to listen on.' },
    www: { kind: 'string', short: 'w', help: 'A directory of files to serve.' },
    'www-prefix': { kind: 'string', short: 'P', default: '/static/', help: 'Where those files are.' },
  },
  run: () => refuse('proxy is not modelled: kubectl reaches the API server by itself'),
}

const isRemote = (spec: string): boolean => spec.includes(':')

const WRONG_SPEC = 'filespec must match the canonical format: [[namespace/]pod:]file/path'

/** `ns/pod:/path`, `pod:/path` or a path here. */
function specProblem(spec: string): Refusal | undefined {
  const colon = spec.indexOf(':')
  if (colon === 0) return refuse(WRONG_SPEC)
  return colon > 0 && spec.slice(0, colon).split('/').length > 2 ? refuse(WRONG_SPEC) : undefined
}

function runCp({ args, session }: Invocation): Ending {
  if (args.length !== 2) return refuse('source and destination are required')
  const [source, target] = args as [string, string]
  const wrong = specProblem(source) ?? specProblem(target)
  if (wrong) return wrong
  if (isRemote(source) && isRemote(target)) return refuse('one of src or dest must be a local file specification')
  if (!isRemote(source) && !isRemote(target)) return refuse('one of src or dest must be a remote file specification')
  if (
    !isRemote(source) &&
    readFile(session.client, source) === undefined &&
    session.client.files.list(source) === undefined
  )
    return refuse(`${source} doesn't exist in local filesystem`)
  return refuse('copying files to and from containers is not modelled; try kubectl exec with cat')
}

export const cpCommand: Command = {
  name: 'cp',
  usage: '<file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  group: 'Troubleshooting and Debugging Commands',
  examples: ['kubectl cp notes.txt web:/tmp/notes.txt'],
  flags: {
    container: { kind: 'string', short: 'c', help: 'The container; the first one when absent.' },
    'no-preserve': { kind: 'bool', help: 'Do not keep owners and modes.' },
    retries: { kind: 'int', help: 'How often to try again; negative for ever.' },
  },
  run: runCp,
}

const PROFILES = ['legacy', 'general', 'baseline', 'netadmin', 'restricted', 'sysadmin']

function copyProblem({ flags }: Invocation): Refusal | undefined {
  const copies = flags.text('copy-to') !== ''
  if (!copies && flags.text('image') === '') return refuse('you must specify --image when not using --copy-to.')
  if (copies && flags.text('target'))
    return refuse('--target is incompatible with --copy-to. Use --share-processes instead.')
  if (!copies && flags.on('replace')) return refuse('--replace may only be used with --copy-to.')
  if (!copies && flags.on('same-node')) return refuse('--same-node may only be used with --copy-to.')
  return !copies && flags.list('set-image').length > 0
    ? refuse('--set-image may only be used with --copy-to.')
    : undefined
}

function debugProblem(invocation: Invocation): Refusal | undefined {
  const { flags } = invocation
  const image = flags.text('image')
  const policy = flags.text('image-pull-policy')
  const copy = copyProblem(invocation)
  if (copy) return copy
  if (image && !isImageName(image)) return refuse(`invalid image name ${goQuote(image)}: invalid reference format`)
  if (policy && !['Always', 'IfNotPresent', 'Never'].includes(policy))
    return refuse(`invalid image pull policy: ${policy}`)
  if (flags.on('tty') && !flags.on('stdin')) return refuse('-i/--stdin is required for containers with -t/--tty=true')
  return PROFILES.includes(flags.text('profile')) ? undefined : refuse(`unknown profile: ${flags.text('profile')}`)
}

function runDebug(invocation: Invocation): Ending {
  const { args, dashAt } = invocation
  const problem = debugProblem(invocation)
  if (problem) return problem
  return findThenRefuse(
    invocation,
    'debugging with ephemeral containers and copies',
    dashAt < 0 ? args : args.slice(0, dashAt),
    invocation.flags.list('filename'),
  )
}

export const debugCommand: Command = {
  name: 'debug',
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  group: 'Troubleshooting and Debugging Commands',
  examples: ['kubectl debug web -it --image=busybox'],
  flags: {
    'arguments-only': { kind: 'bool', help: 'What follows -- are arguments, not a command.' },
    attach: { kind: 'bool', help: 'Attach to the new container.' },
    container: { kind: 'string', short: 'c', help: 'The name of the new container.' },
    'copy-to': { kind: 'string', help: 'Copy the Pod under this name.' },
    custom: { kind: 'string', help: 'A file with more fields of the container.' },
    env: { kind: 'pairs', help: 'Variables of the container.' },
    filename: { kind: 'stringSlice', short: 'f', help: 'A file that names the object.' },
    image: { kind: 'string', help: 'The image of the container.' },
    'image-pull-policy': { kind: 'string', help: 'When to pull the image.' },
    'keep-annotations': { kind: 'bool', help: 'Copy annotations.' },
    'keep-init-containers': { kind: 'bool', default: 'true', help: 'Copy init containers.' },
    'keep-labels': { kind: 'bool', help: 'Copy labels.' },
    'keep-liveness': { kind: 'bool', help: 'Copy liveness probes.' },
    'keep-readiness': { kind: 'bool', help: 'Copy readiness probes.' },
    'keep-startup': { kind: 'bool', help: 'Copy startup probes.' },
    profile: { kind: 'string', default: 'general', help: `What the container may do: ${PROFILES.join(', ')}.` },
    quiet: { kind: 'bool', short: 'q', help: 'Say less.' },
    replace: { kind: 'bool', help: 'Delete the original, with --copy-to.' },
    'same-node': { kind: 'bool', help: 'Put the copy on the same node.' },
    'set-image': { kind: 'pairs', help: 'Other images for the copy.' },
    'share-processes': { kind: 'bool', default: 'true', help: 'Containers of the copy see each other.' },
    stdin: { kind: 'bool', short: 'i', help: 'Pass standard input on.' },
    target: { kind: 'string', help: 'The container whose processes to see.' },
    tty: { kind: 'bool', short: 't', help: 'Give the container a terminal.' },
  },
  run: runDebug,
  complete: completePods,
}

const NO_REQUESTS = 'one or more CSRs must be specified as <name> or -f <filename>'

const certificateVerb = (name: string): Command => ({
  name,
  usage: '(-f FILENAME | NAME)',
  short: `${name === 'deny' ? 'Deny' : 'Approve'} a certificate signing request`,
  examples: [`kubectl certificate ${name} request`],
  flags: {
    ...PRINT_FLAGS,
    ...FILENAME_FLAGS('Files that name the requests.'),
    force: { kind: 'bool', help: 'Even if it was decided before.' },
  },
  run: ({ args, flags }) =>
    refuse(
      args.length === 0 && flags.list('filename').length === 0 && !flags.text('kustomize')
        ? NO_REQUESTS
        : 'certificate signing requests are not modelled',
    ),
})

export const certificateCommand: Command = {
  name: 'certificate',
  usage: 'SUBCOMMAND',
  short: 'Modify certificate resources',
  group: 'Cluster Management Commands',
  flags: {},
  commands: [certificateVerb('approve'), certificateVerb('deny')],
  helpIsEnough: true,
}

const KUBERC_FILE: Flags = { kuberc: { kind: 'string', help: 'The file with the preferences.' } }

const kubercView: Command = {
  name: 'view',
  usage: '',
  short: 'Display the current kuberc configuration',
  flags: {
    ...PRINT_FLAGS,
    ...KUBERC_FILE,
    output: { kind: 'string', short: 'o', default: 'yaml', help: 'How to print.' },
  },
  run: ({ session }) => {
    say(
      session,
      `kuberc file not found at ${session.client.env.HOME ?? ''}/.kube/kuberc\nWould you like to generate a default kuberc file with recommended options? (y/N): `,
    )
    return undefined
  },
}

const kubercSet: Command = {
  name: 'set',
  usage: '--section (defaults|aliases) --command COMMAND',
  short: 'Set values in the kuberc configuration',
  flags: {
    'allowlist-entry': { kind: 'stringArray', help: 'Programs that may fetch credentials.' },
    appendarg: { kind: 'stringArray', help: 'Arguments put at the end.' },
    command: { kind: 'string', help: 'The command that is meant.' },
    ...KUBERC_FILE,
    name: { kind: 'string', help: 'The name of an alias.' },
    option: { kind: 'stringArray', help: 'A flag with its value.' },
    overwrite: { kind: 'bool', help: 'Even if it is set already.' },
    policy: { kind: 'string', help: 'Which programs may fetch credentials.' },
    prependarg: { kind: 'stringArray', help: 'Arguments put in front.' },
    section: { kind: 'string', help: 'defaults or aliases.' },
  },
  run: () => refuse('kuberc is not modelled'),
}

export const kubercCommand: Command = {
  name: 'kuberc',
  usage: 'SUBCOMMAND',
  short: 'Manage kuberc configuration files',
  group: 'Other Commands',
  help: 'Preferences of kubectl itself: defaults of flags, and aliases.',
  flags: {},
  commands: [kubercSet, kubercView],
}

function runKustomize({ args, session }: Invocation): Ending {
  if (args.length > 1) return refuse('specify one path to kustomization.yaml')
  const built = buildKustomization(session.client, args[0] ?? '.')
  return isRefusal(built) ? built : undefined
}

export const kustomizeCommand: Command = {
  name: 'kustomize',
  usage: 'DIR',
  short: 'Build a kustomization target from a directory or URL',
  group: 'Advanced Commands',
  examples: ['kubectl kustomize overlays/production'],
  flags: {
    'as-current-user': { kind: 'bool', help: 'Run functions as the present user.' },
    'enable-alpha-plugins': { kind: 'bool', help: 'Allow plugins.' },
    'enable-helm': { kind: 'bool', help: 'Allow charts.' },
    env: { kind: 'stringArray', short: 'e', help: 'Variables for functions.' },
    'helm-api-versions': { kind: 'stringArray', help: 'Versions to tell charts of.' },
    'helm-command': { kind: 'string', default: 'helm', help: 'The program for charts.' },
    'helm-debug': { kind: 'bool', help: 'Let it tell more.' },
    'helm-kube-version': { kind: 'string', help: 'The version to tell charts of.' },
    'load-restrictor': {
      kind: 'string',
      default: 'LoadRestrictionsRootOnly',
      help: 'Whether files outside may be read.',
    },
    mount: { kind: 'stringArray', help: 'Volumes for functions.' },
    network: { kind: 'bool', help: 'Let functions use the network.' },
    'network-name': { kind: 'string', default: 'bridge', help: 'The network of functions.' },
    output: { kind: 'string', short: 'o', help: 'Where to write instead of standard output.' },
  },
  run: runKustomize,
}

export const alphaCommand: Command = {
  name: 'alpha',
  usage: '',
  short: 'Commands for features in alpha',
  hidden: true,
  flags: {},
  run: ({ session }) => {
    complain(session, 'No alpha commands are available in this version of kubectl\n')
    return undefined
  },
}
