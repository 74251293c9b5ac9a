/** `kubectl create`: objects from files, and the generators below it. */
import { parseJson } from '../../std/json.ts'
import type { TreeMap } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { pathOf } from '../discovery.ts'
import { helpText } from '../help.ts'
import { readFile } from '../paths.ts'
import { DRY_RUN_FLAG, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { fallSilent, isRefusal, type Refusal, refuse, severalRefusals, usageRefusal, withContext } from '../refusal.ts'
import { ask, complain } from '../session.ts'
import { FILENAME_FLAGS, planTargets, type Target } from '../targets.ts'
import { validator } from '../validation.ts'
import { createConfigMap } from './create/config-map.ts'
import { createDeployment } from './create/deployment.ts'
import {
  fieldManagerFlag,
  fieldValidationOf,
  managerOf,
  SAVE_CONFIG_FLAG,
  VALIDATE_FLAG,
  withLastApplied,
} from './create/generator.ts'
import { createIngress } from './create/ingress.ts'
import { createCronJob, createJob } from './create/job.ts'
import { createNamespace } from './create/namespace.ts'
import { createClusterRole, createRole } from './create/role.ts'
import { createClusterRoleBinding, createRoleBinding } from './create/role-binding.ts'
import { createSecret } from './create/secret.ts'
import { createService } from './create/service.ts'
import { createPodDisruptionBudget, createPriorityClass, createQuota, createServiceAccount } from './create/small.ts'
import { createToken } from './create/token.ts'
import { rawRequest } from './raw.ts'

function createOne({ session, flags }: Invocation, target: Target, query: Record<string, string>) {
  const object = flags.on('save-config') ? withLastApplied(target.object, false) : target.object
  const created = ask(session, {
    method: 'POST',
    path: pathOf(target.resource, target.namespace || undefined),
    query,
    contentType: 'application/json',
    body: object,
  })
  return isRefusal(created) ? withContext(created, `error when creating "${target.source}": `) : created
}

function createRaw(invocation: Invocation): Ending {
  const { session, flags } = invocation
  const [file = '-'] = flags.list('filename')
  const text = file === '-' ? session.client.stdin : readFile(session.client, file)
  if (text === undefined) return refuse(`open ${file}: no such file or directory`)
  const parsed = parseJson(String(text))
  return 'problem' in parsed
    ? refuse(parsed.problem)
    : rawRequest(invocation, 'POST', flags.text('raw'), parsed.value as TreeMap)
}

function run(invocation: Invocation): Ending {
  const { args, flags, path, session } = invocation
  const filenames = flags.list('filename')
  if (args.length > 0) return usageRefusal(path, `Unexpected args: [${args.join(' ')}]`)
  if (filenames.length === 0 && !flags.text('kustomize')) {
    complain(session, `error: must specify one of -f and -k\n\n${helpText(path, createCommand)}`)
    return fallSilent()
  }
  if (flags.text('raw')) return createRaw(invocation)
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags, { operation: `created${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  if (flags.on('edit')) return refuse('--edit is not modelled for create; use kubectl edit afterwards')
  const plan = planTargets(session, {
    args: [],
    filenames,
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: '',
    check: validator(session, fieldValidation),
  })
  if (isRefusal(plan)) return plan
  if (plan.is !== 'targets') return refuse('no objects passed to create')
  const query = { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags), fieldValidation }
  const refusals: Refusal[] = [...plan.refusals]
  for (const target of plan.targets) {
    const object =
      dryRun === 'client'
        ? flags.on('save-config')
          ? withLastApplied(target.object, false)
          : target.object
        : createOne(invocation, target, query)
    const refusal = isRefusal(object) ? object : printer.print(object)
    if (refusal) refusals.push(refusal)
  }
  if (refusals.length === 0 && plan.targets.length === 0) return refuse('no objects passed to create')
  return severalRefusals(refusals)
}

export const createCommand: Command = {
  name: 'create',
  usage: '-f FILENAME',
  short: 'Create a resource from a file or from stdin',
  group: 'Basic Commands (Beginner)',
  help: 'Create objects from files or from standard input, as JSON or YAML; or one object from flags, with a sub-command.',
  examples: ['kubectl create -f pod.yaml', 'cat pod.yaml | kubectl create -f -'],
  flags: {
    ...DRY_RUN_FLAG,
    edit: { kind: 'bool', help: 'Open the objects in an editor before they are sent.' },
    ...fieldManagerFlag('kubectl-create'),
    ...FILENAME_FLAGS('A file, directory or - with the objects to create.'),
    ...PRINT_FLAGS,
    raw: { kind: 'string', help: 'A path of the API to post the file to.' },
    ...SAVE_CONFIG_FLAG,
    selector: { kind: 'string', short: 'l', help: 'Only objects with these labels.' },
    ...VALIDATE_FLAG,
  },
  commands: [
    createClusterRole,
    createClusterRoleBinding,
    createConfigMap,
    createCronJob,
    createDeployment,
    createIngress,
    createJob,
    createNamespace,
    createPodDisruptionBudget,
    createPriorityClass,
    createQuota,
    createRole,
    createRoleBinding,
    createSecret,
    createService,
    createServiceAccount,
    createToken,
  ],
  run,
}
