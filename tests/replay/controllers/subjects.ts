/**
 * What a family of recordings is about. The writes of its own controllers must be ours; what other controllers wrote besides, which we
 * do not have, is given like what users wrote. A family that is not named here is about everyone who wrote in it.
 */
import type { Line } from './recording.ts'

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  deploy: ['deployment-controller', 'replicaset-controller'],
  rs: ['replicaset-controller'],
  scaledown: ['replicaset-controller'],
  eps: ['endpointslice-controller', 'endpoint-controller', 'endpointslicemirroring-controller'],
  gc: ['generic-garbage-collector'],
  namespace: ['namespace-controller', 'service-account-controller', 'root-ca-cert-publisher'],
  node: ['node-controller', 'pod-garbage-collector', 'ttl-controller'],
}

/** Nobody's controller: people, machines, and what the API server does by itself. */
const isController = (who: string): boolean =>
  who.endsWith('-controller') || who.endsWith('-collector') || who.endsWith('-publisher') || who.endsWith('-binder')

/** The controllers that a recording is about and that we do not have. */
export function missingSubjects(area: string, lines: readonly Line[], known: ReadonlySet<string>): readonly string[] {
  const writers = new Set(lines.flatMap((line) => (line.is === 'step' ? [] : [line.who])))
  const subjects = SUBJECTS[area]
  return [...writers].filter((who) => !known.has(who) && (subjects?.includes(who) ?? isController(who)))
}

/** Whether anything is compared: a write of ours, or, in a family that is ours, that nothing more is written. */
export const isCompared = (area: string, lines: readonly Line[], known: ReadonlySet<string>): boolean =>
  area in SUBJECTS || lines.some((line) => line.is === 'write' && known.has(line.who))
