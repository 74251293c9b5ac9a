/** `kubectl create job` and `kubectl create cronjob`. */
import { isMap, type TreeMap, treeAt } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { findObjects } from '../../targets.ts'
import { commandAfterName } from './deployment.ts'
import { generatorCommand, nameOf } from './generator.ts'

const podTemplate = (name: string, image: string, command: readonly string[], restartPolicy: string): TreeMap => ({
  spec: { containers: [{ name, image, ...(command.length > 0 && { command }) }], restartPolicy },
})

function jobOf(invocation: Invocation, name: string): TreeMap | Refusal {
  const { flags } = invocation
  const [image, from] = [flags.text('image'), flags.text('from')]
  const command = commandAfterName(invocation)
  if (Boolean(image) === Boolean(from)) return refuse('either --image or --from must be specified')
  if (from && command.length > 0) return refuse('cannot specify --from and command')
  if (from) return jobFromCronJob(invocation, name, from)
  return { metadata: { name }, spec: { template: podTemplate(name, image, command, 'Never') } }
}

/** A Job that is what a CronJob would have started now. */
function jobFromCronJob({ session }: Invocation, name: string, from: string): TreeMap | Refusal {
  const found = findObjects(session, { args: [from], latest: true })
  if (isRefusal(found)) return found
  const [refusal] = found.refusals
  if (refusal) return refusal
  const target = found.targets[0]
  if (found.targets.length !== 1 || !target) return refuse('from must be an existing cronjob')
  if (target.object.kind !== 'CronJob') return refuse(`unknown object type *v1.${String(target.object.kind)}`)
  const template = treeAt(target.object, 'spec', 'jobTemplate')
  const annotations = treeAt(template, 'metadata', 'annotations')
  const labels = treeAt(template, 'metadata', 'labels')
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: target.name,
    uid: String(treeAt(target.object, 'metadata', 'uid')),
    controller: true,
  }
  return {
    metadata: {
      name,
      annotations: { ...(isMap(annotations) ? annotations : {}), 'cronjob.kubernetes.io/instantiate': 'manual' },
      ...(isMap(labels) && { labels }),
      ownerReferences: [owner],
    },
    spec: treeAt(template, 'spec') ?? {},
  }
}

export const createJob = generatorCommand({
  name: 'job',
  usage: 'NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  short: 'Create a job with the specified name',
  examples: ['kubectl create job today --image=busybox -- date', 'kubectl create job now --from=cronjob/tick'],
  flags: {
    from: { kind: 'string', help: 'A CronJob to make the Job from.' },
    image: { kind: 'string', help: 'The image to run.' },
  },
  generator: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    namespaced: true,
    failure: 'failed to create job: ',
    name: nameOf,
    object: jobOf,
  },
})

function cronJobOf(invocation: Invocation, name: string): TreeMap {
  const { flags } = invocation
  const template = podTemplate(
    name,
    flags.text('image'),
    commandAfterName(invocation),
    flags.text('restart') || 'OnFailure',
  )
  return {
    metadata: { name },
    spec: { schedule: flags.text('schedule'), jobTemplate: { metadata: { name }, spec: { template } } },
  }
}

export const createCronJob = generatorCommand({
  name: 'cronjob',
  aliases: ['cj'],
  usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  short: 'Create a cron job with the specified name',
  examples: ['kubectl create cronjob tick --image=busybox --schedule="*/5 * * * *" -- date'],
  flags: {
    image: { kind: 'string', required: true, help: 'The image to run.' },
    restart: { kind: 'string', help: "The Pods' restart policy: OnFailure or Never." },
    schedule: { kind: 'string', required: true, help: 'When to run, as cron writes it.' },
  },
  generator: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    namespaced: true,
    failure: 'failed to create cronjob: ',
    name: nameOf,
    object: cronJobOf,
  },
})
