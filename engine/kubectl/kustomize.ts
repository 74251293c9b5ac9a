/**
 * `-k`: a directory whose kustomization.yaml says what to gather and what to change.
 *
 * Left out: building kustomizations; it is refused in so many words.
 */
import type { Client } from './client.ts'
import type { Manifests } from './manifests.ts'
import { absolutePath, listFiles } from './paths.ts'
import { type Refusal, refuse } from './refusal.ts'

export function buildKustomization(client: Client, directory: string): Manifests | Refusal {
  if (!listFiles(client, directory))
    return refuse(
      `must build at directory: not a valid directory: evalsymlink failure on '${directory}' : lstat ${absolutePath(client, directory)}: no such file or directory`,
    )
  return refuse(`building the kustomization ${directory} is not modelled yet; use -f with plain manifests`)
}
