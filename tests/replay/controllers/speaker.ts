/**
 * Who is told apart in a recording: identities. Several controllers may speak under one, and are followed as if they were one
 * controller with all their keys.
 */

import type { Key } from '../../../engine/api/object.ts'
import type { Change, Controller, View } from '../../../engine/client/controller.ts'

export interface Speaker extends Controller {
  /** `source.component` of the Events that come from looking at a key. */
  readonly sourceFor: (key: Key) => string
}

const identityOf = ({ identity, name }: Controller): string => identity ?? name

const sourceOf = (controller: Controller): string => controller.eventSource ?? identityOf(controller)

const alone = (controller: Controller): Speaker => ({
  ...controller,
  name: identityOf(controller),
  sourceFor: () => sourceOf(controller),
})

/** A key with the number of the controller whose it is: `1 demo-b`. */
const split = (key: Key): readonly [number, Key] => {
  const space = key.indexOf(' ')
  return [Number(key.slice(0, space)), key.slice(space + 1)]
}

function watching(controllers: readonly Controller[], resource: string) {
  return (change: Change, view: View): readonly Key[] =>
    controllers.flatMap(({ watches }, number) =>
      (watches[resource]?.(change, view) ?? []).map((key) => `${number} ${key}`),
    )
}

function together(controllers: readonly Controller[]): Speaker {
  const resources = new Set(controllers.flatMap(({ watches }) => Object.keys(watches)))
  return {
    name: identityOf(controllers[0]!),
    workers: 1,
    watches: Object.fromEntries([...resources].map((resource) => [resource, watching(controllers, resource)])),
    reconcile: (view, key, memory) => {
      const [number, own] = split(key)
      return controllers[number]!.reconcile(view, own, memory)
    },
    sourceFor: (key) => sourceOf(controllers[split(key)[0]]!),
  }
}

export function speakersOf(controllers: readonly Controller[]): readonly Speaker[] {
  const byIdentity = new Map<string, Controller[]>()
  for (const controller of controllers)
    byIdentity.set(identityOf(controller), [...(byIdentity.get(identityOf(controller)) ?? []), controller])
  return [...byIdentity.values()].map((group) => (group.length === 1 ? alone(group[0]!) : together(group)))
}
