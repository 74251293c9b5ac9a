/** `kubectl create deployment`: one Pod template for all images that are named. */

import type { TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { isRefusal, type Refusal, refuse, usageRefusal } from '../../refusal.ts'
import { generatorCommand } from './generator.ts'

/** The last part of an image's name, without registry, tag and digest, as the container's name. */
export function containerNameOf(image: string): string {
  const last = image.split('/').at(-1)!
  return last.split('@')[0]!.split(':')[0]!
}

const shortened = (image: string): string => containerNameOf(image)

function nameOf({ args, dashAt, path }: Invocation): string | Refusal {
  const names = dashAt < 0 ? args : args.slice(0, dashAt)
  return names.length === 1 ? names[0]! : usageRefusal(path, `exactly one NAME is required, got ${names.length}`)
}

export const commandAfterName = ({ args, dashAt }: Invocation): readonly string[] =>
  dashAt < 0 ? args.slice(1) : args.slice(dashAt)

function deploymentOf(invocation: Invocation, name: string): TreeMap | Refusal {
  const { flags } = invocation
  const images = flags.list('image')
  const command = commandAfterName(invocation)
  if (images.length > 1 && command.length > 0) return refuse('cannot specify multiple --image options and command')
  const labels = { app: name }
  const port = flags.number('port')
  const containers = images.map((image, index) => ({
    name: shortened(image),
    image,
    ...(command.length > 0 && { command }),
    ...(port > 0 && index === 0 && { ports: [{ containerPort: port }] }),
  }))
  return {
    metadata: { name, labels },
    spec: {
      replicas: flags.number('replicas'),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}

export const createDeployment = generatorCommand({
  name: 'deployment',
  aliases: ['deploy'],
  usage: 'NAME --image=image -- [COMMAND] [args...]',
  short: 'Create a deployment with the specified name',
  examples: [
    'kubectl create deployment web --image=nginx:1.27 --replicas=3',
    'kubectl create deployment box --image=busybox -- sleep 3600',
  ],
  flags: {
    image: { kind: 'stringSlice', required: true, help: 'The image to run; several make several containers.' },
    port: { kind: 'int32', default: '-1', help: 'The port that the container serves.' },
    replicas: { kind: 'int32', short: 'r', default: '1', help: 'How many Pods there are to be.' },
  },
  generator: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    namespaced: true,
    failure: 'failed to create deployment: ',
    name: nameOf,
    object: (invocation, name) => {
      const replicas = invocation.flags.number('replicas')
      const deployment = replicas < 0 ? refuse('replicas must be non-negative') : deploymentOf(invocation, name)
      return isRefusal(deployment) ? deployment : deployment
    },
  },
})
