/**
 * With which account an image is fetched: the pull secrets a pod names hold accounts by registry.
 *
 * Upstream: pkg/credentialprovider, pkg/kubelet/kubelet_pods.go (getPullSecretsForPod)
 * Left out: credential provider plugins, wildcards in registry names.
 */
import type { KubeObject } from '../../api/object.ts'
import type { Pod } from '../../api/types.generated.ts'
import { textOfBase64 } from '../../std/base64.ts'
import type { ImageReference } from '../runtime/image-reference.ts'
import type { Credentials } from '../runtime/registry.ts'
import { record as recordEvent, type Turn } from '../turn.ts'

interface PullSecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

interface Account {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
}

/** `https://index.docker.io/v1/` names docker.io. */
const registryOf = (key: string): string => {
  const host = key.replace(/^https?:\/\//, '').split('/', 1)[0]!
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

function accountIn(text: string, registry: string): Credentials | undefined {
  const config = parsed(text)
  const accounts = (config?.auths ?? config) as Readonly<Record<string, Account>> | undefined
  for (const [key, account] of Object.entries(accounts ?? {})) {
    if (registryOf(key) !== registry) continue
    const [username = '', password = ''] = textOfBase64(account.auth ?? '').split(':')
    return { username: account.username ?? username, password: account.password ?? password }
  }
  return undefined
}

function parsed(text: string): { readonly auths?: unknown } | undefined {
  try {
    return JSON.parse(text) as { readonly auths?: unknown }
  } catch {
    return undefined
  }
}

export function pullCredentials({ at }: Turn, pod: Pod, { registry }: ImageReference): Credentials | undefined {
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    const secret = at.view.get<PullSecret>('secrets', `${pod.metadata.namespace}/${name}`)
    const text = secret?.data?.['.dockerconfigjson'] ?? secret?.data?.['.dockercfg']
    const found = text === undefined ? undefined : accountIn(textOfBase64(text), registry)
    if (found) return found
  }
  return undefined
}

/** Says which pull secrets are missing; the pull is tried all the same. */
export function complainAboutPullSecrets(turn: Turn, pod: Pod): void {
  const names = (pod.spec.imagePullSecrets ?? []).map(({ name }) => name)
  const missing = names.filter((name) => !turn.at.view.get('secrets', `${pod.metadata.namespace}/${name}`))
  if (missing.length === 0) return
  const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
  recordEvent(turn, pod, 'Warning', 'FailedToRetrieveImagePullSecret', message)
}
