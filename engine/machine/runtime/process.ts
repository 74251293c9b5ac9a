/**
 * A running program: the state it is in, what it has printed, which ports it serves, and when it wants to go on. A container has one
 * process of its own; an exec probe, a hook and a `kubectl exec` are further processes in the same container.
 */

import type { Millis } from '../../std/time.ts'
import type { SignalName } from '../images/program.ts'
import type { Files } from './file-tree.ts'

export type ProcessPurpose =
  | { readonly is: 'main' }
  | { readonly is: 'probe'; readonly probe: 'liveness' | 'readiness' | 'startup'; readonly deadline: Millis }
  | { readonly is: 'hook'; readonly hook: 'postStart' | 'preStop' }
  | { readonly is: 'session'; readonly session: string }

export interface Process {
  readonly id: string
  readonly container: string
  readonly purpose: ProcessPurpose
  /** A key of the catalogue of programs. */
  readonly program: string
  readonly argv: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly workingDirectory: string
  readonly state: unknown
  readonly wakeAt?: Millis
  readonly ports: readonly number[]
  readonly memory: number
  /** Printed so far; the container's log, for its first process. */
  readonly output: Output
  /** What it does depends on what time it is. */
  readonly askedTime?: boolean
  /** Decided already, told the world a moment later. */
  readonly exiting?: number
  readonly killedBy?: SignalName | 'OOM'
}

/** The container's own layer over its image: what it wrote outside volumes. */
export type Layers = Readonly<Record<string, Files>>

/** Lines that were printed, oldest first, in pieces that are shared between versions. */
export interface Output {
  readonly pieces: readonly OutputPiece[]
  readonly length: number
}

export interface OutputPiece {
  readonly at: Millis
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export const NO_OUTPUT: Output = { pieces: [], length: 0 }

/** A log file is rotated at 10 MiB; here the oldest pieces go when there are too many. */
const MOST_PIECES = 2000

export function printed(output: Output, at: Millis, stream: 'stdout' | 'stderr', text: string | undefined): Output {
  if (!text) return output
  const kept = output.pieces.length >= MOST_PIECES ? output.pieces.slice(MOST_PIECES >> 1) : output.pieces
  return { pieces: [...kept, { at, stream, text }], length: output.length + text.length }
}

export const textOf = (output: Output, stream?: 'stdout' | 'stderr'): string => {
  let text = ''
  for (const piece of output.pieces) if (!stream || piece.stream === stream) text += piece.text
  return text
}
