/**
 * As whom a container's processes run: what the spec says, else what the image says, with the groups that the image's
 * /etc/group adds for that user.
 *
 * Upstream: containerd's WithUser and WithAdditionalGIDs
 * Left out: accounts of an image other than root, nobody and app.
 */
import type { Container, Pod } from '../../api/types.generated.ts'
import type { ImageContent } from '../runtime/image-content.ts'

export interface User {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

interface Account {
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly groups: readonly number[]
}

const ACCOUNTS: Readonly<Record<string, Account>> = {
  root: { uid: 0, gid: 0, home: '/root', groups: [] },
  nobody: { uid: 65534, gid: 65534, home: '/', groups: [] },
  app: { uid: 1000, gid: 1000, home: '/', groups: [2000] },
}

const accountOf = (user: string): Account | undefined =>
  ACCOUNTS[user] ?? Object.values(ACCOUNTS).find(({ uid }) => String(uid) === user)

const ROOT: User = { uid: 0, gid: 0, groups: [0] }

const sorted = (groups: Iterable<number>): readonly number[] => [...new Set(groups)].sort((one, other) => one - other)

export function userOf({ spec }: Pod, container: Container, content: ImageContent): User {
  const own = container.securityContext
  const shared = spec.securityContext
  const user = String(own?.runAsUser ?? shared?.runAsUser ?? content.user ?? '0')
  const [name = '0', group] = user.split(':')
  const account = accountOf(name)
  const uid = account?.uid ?? Number(name)
  const gid = own?.runAsGroup ?? shared?.runAsGroup ?? (group === undefined ? (account?.gid ?? 0) : Number(group))
  const strict = shared?.supplementalGroupsPolicy === 'Strict'
  const extra = [...(shared?.supplementalGroups ?? []), ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup])]
  if (uid === 0 && gid === 0 && extra.length === 0) return ROOT
  return { uid, gid, groups: sorted([gid, ...(strict ? [] : (account?.groups ?? [])), ...extra]) }
}

export const homeOf = (uid: number): string => accountOf(String(uid))?.home ?? '/'
