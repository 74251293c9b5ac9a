/** Paths inside a volume: they must not lead out of it. */
import { all, type Check, FINE, must } from './check.ts'
import { invalid } from './problems.ts'

export const noBacksteps: Check<string> = must((path) => !path.split('/').includes('..'), "must not contain '..'")

const relative: Check<string> = must((path) => !path.startsWith('/'), 'must be a relative path')

/** A path below the place where it begins. */
export const localPath: Check<string> = all(relative, noBacksteps)

/** Names that begin with two dots are the kubelet's own. */
export const localUnreservedPath: Check<string> = all(localPath, (path, field) =>
  path.startsWith('..') && !path.startsWith('../') && !path.split('/').includes('..')
    ? [invalid(field, path, "must not start with '..'")]
    : FINE,
)
